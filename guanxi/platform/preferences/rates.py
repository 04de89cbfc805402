"""Currencies: that of the house, and what the others are worth in it on a day.

A rate holds on its day and, because banks name none on days off, on the seven days after it. Where there is none, an
amount is not converted: nothing is guessed.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.cache import caches

from guanxi.platform.preferences.models import ExchangeRate
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference

CURRENCIES = ("CNY", "USD", "EUR", "GBP", "HKD", "JPY", "TWD")
LONGEST_DAYS = 7
CACHE_SECONDS = 30
MOST_SHOWN = 100
HOUSE_CURRENCY = declare(
    PreferenceSpec(
        "preferences.house_currency",
        "CNY",
        "Currency of the house",
        "All amounts are kept in it.",
        choices=CURRENCIES,
    )
)


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `currency` was worth in the currency of the house on a day."""

    currency: str
    day: date
    value: Decimal


def house_currency() -> str:
    """The currency in which the house keeps its amounts, at most half a minute old."""
    kept: str | None = caches["process"].get(HOUSE_CURRENCY.key)
    if kept is None:
        kept = preference(HOUSE_CURRENCY)
        caches["process"].set(HOUSE_CURRENCY.key, kept, CACHE_SECONDS)
    return kept


def rate_on(currency: str, day: date) -> Rate | None:
    """The rate that holds on a day, at most half a minute old; None where it is missing."""
    house = house_currency()
    key = f"rate:{house}:{currency}:{day.isoformat()}"
    kept: tuple[Rate | None] | None = caches["process"].get(key)
    if kept is None:
        rows = ExchangeRate.objects.filter(
            house=house, currency=currency, day__lte=day, day__gte=day - timedelta(days=LONGEST_DAYS)
        )
        row = rows.order_by("-day").first()
        kept = (Rate(currency, row.day, row.value) if row is not None else None,)
        caches["process"].set(key, kept, CACHE_SECONDS)
    return kept[0]


def latest_rates() -> tuple[ExchangeRate, ...]:
    """The latest rates in the currency of the house, the newest day first."""
    rows = ExchangeRate.objects.filter(house=house_currency()).order_by("-day", "currency")
    return tuple(rows[:MOST_SHOWN])


def forget_rates() -> None:
    """Let this process read rates and the currency of the house anew."""
    caches["process"].clear()
