"""The pages of classifications and of outside sources: usable wide and on a phone, light and dark."""

from collections.abc import Callable

import pytest
from django.core.cache import caches
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from guanxi.customers.commands import ClassWords, SchemeWords, add_class, make_scheme
from guanxi.customers.models import Account
from guanxi.ledger.commands.enriching import begin_question, keep_answer
from guanxi.ledger.commands.enrichment_sources import create_source
from tests.cast import Cast
from tests.journeys.conftest import Visit, faults_of


@pytest.fixture
def places(cast: Cast, new_account: Callable[..., Account]) -> tuple[str, str, int, int]:
    """A scheme, one of its classes, a source, and a firm for which the source proposes something."""
    scheme_id = make_scheme(SchemeWords("购买方式", "Way of buying", "Whom to visit when", ("staff",)), actor=cast.dora)
    add_class(scheme_id, ClassWords("零买", "Spot"), actor=cast.dora)
    key = add_class(scheme_id, ClassWords("招标", "Tender", "Buys once a year by tender", "prim"), actor=cast.dora)
    account = new_account("岚川精密仪器", city="苏州")
    values = {"name": "Register", "address": "https://register.example/{value}", "asked_by": "name"}
    mapping = [["city", "city", False], ["industry", "industry", False]]
    source = create_source({**values, "mapping": mapping, "terms": "For own use"}, actor=cast.dora)
    begun = begin_question(source.pk, account.pk, run_id=None, actor=cast.dora)
    assert begun is not None
    keep_answer(begun[0], {"city": "昆山", "industry": "精密仪器"}, actor=cast.dora)
    caches["process"].clear()
    scheme = f"/settings/classifications/{scheme_id}/"
    return scheme, f"{scheme}classes/{key}/", source.pk, account.pk


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_axe_finds_nothing_grave(
    width: int, theme: str, visit: Visit, live_server: LiveServer, places: tuple[str, str, int, int]
) -> None:
    scheme, one_class, source_id, account_id = places
    page = visit(who="dora", width=width)
    found: list[str] = []
    for address in (
        "/settings/classifications/",
        scheme,
        f"{scheme}edit/",
        one_class,
        "/settings/enrichment/",
        f"/settings/enrichment/{source_id}/",
        f"/settings/enrichment/{source_id}/questions/",
        f"/accounts/look-up/?id={account_id}",
        f"/accounts/{account_id}/",
    ):
        page.goto(live_server.url + address)
        page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        found += [f"{address}: {fault}" for fault in faults_of(page)]
    assert found == []


def test_a_connection_asks_for_what_its_kind_needs(visit: Visit, live_server: LiveServer, cast: Cast) -> None:
    page = visit(who="dora", width=1440)
    page.goto(f"{live_server.url}{reverse('connection_new')}")
    wanted = {
        "postgresql": {"port", "database", "user_name", "secret"},
        "sqlite": set(),
        "rest": {"secret", "header"},
    }
    for kind, fields in wanted.items():
        page.select_option("[name=kind]", kind)
        asked = {
            name for name in ("port", "database", "user_name", "secret", "header") if page.is_visible(f"[name={name}]")
        }
        assert asked == fields, kind
