"""How a person wants things written: days, large amounts, currency; rates of days, and what happens without one."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import translation

from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.accounts.cli import import_rates
from guanxi.platform.accounts.commands import OwnChoices, choose_localisation, keep_rates, read_rates
from guanxi.platform.accounts.models import User
from guanxi.platform.preferences.locale import Locale, activate_locale
from guanxi.platform.preferences.models import ExchangeRate
from guanxi.platform.preferences.rates import Rate
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.amounts import amount_of
from tests.cast import Cast, signed_in

DAY = date(2026, 11, 20)
LANGUAGES = ("zh-hans", "en")


@pytest.fixture(autouse=True)
def own_formats() -> object:
    """Leave no choice of a test to the next one."""
    activate_locale()
    with translation.override("en"):
        yield
    activate_locale()


def test_days_and_large_amounts_are_written_as_chosen() -> None:
    assert formats.full_day(DAY) == "20 Nov 2026"
    assert formats.money(428_000) == "¥428K"
    activate_locale(Locale(day_format="iso", scale="chinese"))
    assert formats.full_day(DAY) == "2026-11-20"
    assert formats.day(DAY, today=DAY) == "11-20"
    assert formats.money(428_000) == "¥42.8 万"
    activate_locale(Locale(day_format="day_first", scale="whole"))
    assert formats.full_day(DAY) == "20/11/2026"
    assert formats.money(428_000) == "¥428,000"
    far = DAY - timedelta(days=60)
    assert formats.relative_day(far, today=DAY) == "21/09"
    activate_locale()
    assert formats.relative_day(far, today=DAY) == "21 Sep"


def test_an_amount_is_converted_by_the_rate_of_the_day_and_shows_the_original(cast: Cast) -> None:
    keep_rates([Rate("USD", DAY, Decimal("7.1")), Rate("USD", DAY - timedelta(days=2), Decimal(8))], actor=cast.dora)
    activate_locale(Locale(currency="USD"))
    assert amount_of(Decimal(710), today=DAY, decimals=2).text == "$100.00"
    assert amount_of(Decimal(710), today=DAY, decimals=2).note == "¥710.00, by the rate of 20 Nov 2026"
    assert amount_of(Decimal(710), today=DAY + timedelta(days=7), decimals=2).text == "$100.00"
    assert amount_of(None, today=DAY).text == "—"


def test_without_a_rate_nothing_is_guessed(cast: Cast) -> None:
    keep_rates([Rate("USD", DAY, Decimal("7.1"))], actor=cast.dora)
    activate_locale(Locale(currency="USD"))
    for day in (DAY - timedelta(days=1), DAY + timedelta(days=8)):
        found = amount_of(Decimal(710), today=day, decimals=2)
        assert found.text == "¥710.00"
        assert "There is no rate of USD" in found.note
    activate_locale(Locale(currency="EUR"))
    assert amount_of(Decimal(710), today=DAY, decimals=2).text == "¥710.00"


def test_an_amount_of_a_reader_with_no_other_currency_is_plain(cast: Cast) -> None:
    assert cast.dora
    assert amount_of(Decimal(5), today=DAY, decimals=0).markup == "¥5"


def test_rates_are_taken_in_from_a_file_and_again_without_a_change(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    file.write_text("﻿day,currency,rate\n2026-11-20,usd,7.1234\n2026-11-20,EUR,8.2\n", encoding="utf-8")
    for _again in range(2):
        import_rates(file)
        assert ExchangeRate.objects.count() == 2
    assert str(ExchangeRate.objects.get(currency="USD").value) == "7.12340000"


@pytest.mark.parametrize("line", ["2026-11-20,USD", "20.11.2026,USD,7", "2026-11-20,USD,seven", "7" * 200_000])
def test_a_line_that_is_no_rate_is_named(line: str) -> None:
    with pytest.raises(RuleViolation) as caught:
        read_rates([line])
    assert caught.value.data["number"] == 1


@pytest.mark.parametrize(("currency", "value"), [("CNY", "1"), ("XXX", "1"), ("USD", "0"), ("USD", "NaN")])
def test_what_is_no_rate_is_refused(currency: str, value: str, cast: Cast) -> None:
    with pytest.raises(RuleViolation):
        keep_rates([Rate(currency, DAY, Decimal(value))], actor=cast.dora)
    assert not ExchangeRate.objects.exists()


def test_only_who_administers_everybody_keeps_rates(cast: Cast) -> None:
    with pytest.raises(AccessDenied):
        keep_rates([Rate("USD", DAY, Decimal(7))], actor=cast.alice)
    posted = {"day": "2026-11-20", "currency": "USD", "value": "7.1"}
    assert signed_in(cast.alice).post("/settings/rates/", posted).status_code == 403
    assert not ExchangeRate.objects.exists()
    client = signed_in(cast.dora)
    assert client.post("/settings/rates/", posted).status_code == 303
    assert "7.1000" in client.get("/settings/rates/").content.decode()
    rate = ExchangeRate.objects.get()
    assert signed_in(cast.alice).post(f"/settings/rates/{rate.pk}/remove/").status_code == 403
    assert client.post(f"/settings/rates/{rate.pk}/remove/").status_code == 303
    assert not ExchangeRate.objects.exists()


def test_a_person_chooses_how_things_are_written(cast: Cast) -> None:
    assert cast.alice.user_id is not None
    client = signed_in(cast.alice)
    chosen = {"language": "en", "time_zone": "Asia/Tokyo", "day_format": "iso", "scale": "whole", "currency": "USD"}
    assert client.post("/settings/me/", chosen).status_code == 303
    user = User.objects.get(pk=cast.alice.user_id)
    assert {name: getattr(user, name) for name in chosen} == chosen
    assert client.post("/settings/me/", {**chosen, "time_zone": "Moon/Base"}).status_code == 422
    with pytest.raises(AccessDenied):
        choose_localisation(OwnChoices("en", "UTC", "", "", ""), languages=LANGUAGES, actor=cast.token)
    with pytest.raises(RuleViolation):
        choose_localisation(OwnChoices("en", "UTC", "", "", "XXX"), languages=LANGUAGES, actor=cast.alice)
    user.refresh_from_db()
    assert user.time_zone == "Asia/Tokyo"
