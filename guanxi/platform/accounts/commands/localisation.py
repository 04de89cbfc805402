"""How a person wants things written, and what currencies are worth."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from zoneinfo import available_timezones

from django.db import transaction

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.preferences.locale import DayFormat, Scale
from guanxi.platform.preferences.models import ExchangeRate
from guanxi.platform.preferences.rates import CURRENCIES, HOUSE_CURRENCY, Rate, forget_rates, house_currency
from guanxi.platform.preferences.registry import set_preference

SMALLEST_RATE, LARGEST_RATE = Decimal("1e-8"), Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class OwnChoices:
    """What a person chooses for all browsers; as the columns of `User`."""

    language: str
    time_zone: str
    day_format: str
    scale: str
    currency: str


@transaction.atomic
def choose_localisation(chosen: OwnChoices, *, languages: Sequence[str], actor: Actor) -> None:
    """Keep how the actor wants things written. Raises: AccessDenied, RuleViolation("locale.unknown")."""
    if actor.user_id is None or actor.read_only:
        raise AccessDenied("access.denied", "Only a person has choices.")
    allowed = {
        "language": languages,
        "time_zone": available_timezones(),
        "day_format": DayFormat.values,
        "scale": Scale.values,
        "currency": ("", *CURRENCIES),
    }
    for name, known in allowed.items():
        if getattr(chosen, name) not in known:
            raise RuleViolation("locale.unknown", "This is none of the choices.", field=name)
    User.objects.filter(pk=actor.user_id).update(**{name: getattr(chosen, name) for name in allowed})
    begin_entry(actor, action="choose_localisation", object_key="user", record_id=actor.user_id)


@transaction.atomic
def keep_rates(rates: Sequence[Rate], *, actor: Actor) -> int:
    """Keep rates of days, in place of those known for the same days. Returns how many.

    Raises: AccessDenied, RuleViolation("rates.currency" | "rates.value").
    """
    _require_keeper(actor)
    house = house_currency()
    for rate in rates:
        if rate.currency not in CURRENCIES or rate.currency == house:
            raise RuleViolation(
                "rates.currency", "%(currency)s has no rate here.", currency=rate.currency[:20], field="currency"
            )
        if not rate.value.is_finite() or not SMALLEST_RATE <= rate.value <= LARGEST_RATE:
            raise RuleViolation("rates.value", "A rate is a number above 0.", field="value")
    by_day = {(rate.currency, rate.day): rate for rate in rates}
    rows = [
        ExchangeRate(house=house, currency=rate.currency, day=rate.day, value=rate.value) for rate in by_day.values()
    ]
    ExchangeRate.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["house", "currency", "day"], update_fields=["value"]
    )
    begin_entry(actor, action="keep_rates", object_key="rate", record_count=len(rows))
    forget_rates()
    return len(rows)


@transaction.atomic
def remove_rate(rate_id: int, *, actor: Actor) -> None:
    """Remove a rate; removing it again changes nothing. Raises: AccessDenied."""
    _require_keeper(actor)
    ExchangeRate.objects.filter(pk=rate_id).delete()
    begin_entry(actor, action="remove_rate", object_key="rate", reason=str(rate_id))
    forget_rates()


@transaction.atomic
def choose_house_currency(currency: str, *, actor: Actor) -> None:
    """Say in which currency the house keeps its amounts; rates in another one wait until it is chosen again.

    Raises: AccessDenied, RuleViolation("preference.value").
    """
    _require_keeper(actor)
    set_preference(HOUSE_CURRENCY, currency)
    begin_entry(actor, action="choose_house_currency", object_key="rate", reason=currency)
    forget_rates()


def read_rates(lines: Iterable[str]) -> list[Rate]:
    """Rates from lines "2026-11-20,USD,7.1234"; a first line of heads is passed over.

    Raises: RuleViolation("rates.line") naming the line.
    """
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            row = next(csv.reader([line]), [])
            if not row or (number == 1 and row[0].lstrip("\ufeff").strip().lower() == "day"):
                continue
            day, currency, value = (part.strip() for part in row)
            found.append(Rate(currency.upper(), date.fromisoformat(day.lstrip("\ufeff")), Decimal(value)))
        except (ValueError, InvalidOperation, csv.Error) as error:
            raise RuleViolation(
                "rates.line", "Line %(number)s is not like “2026-11-20,USD,7.1234”.", number=number
            ) from error
    return found


def _require_keeper(actor: Actor) -> None:
    is_system = actor.user_id is None and actor.surface is Surface.COMMAND_LINE
    if actor.read_only or not (is_system or administers_everybody(actor)):
        raise AccessDenied("access.denied", "Only who administers everybody can change this.")
