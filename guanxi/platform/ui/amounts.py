"""Amounts of the house in the reader's currency, by the rate of the day, with the original beside them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from guanxi.platform.preferences.locale import active_locale
from guanxi.platform.preferences.rates import house_currency, rate_on
from guanxi.platform.ui import format as formats


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as the reader sees it: `text` in words, and `note`, what stands behind it; "" when nothing does."""

    text: str
    note: str = ""

    @property
    def markup(self) -> SafeString:
        """The amount with its note, which shows under the pointer and is read aloud."""
        if not self.note:
            return SafeString(escape(self.text))
        return SafeString(f'<span class="open" title="{escape(self.note)}">{escape(self.text)}</span>')


def amount_of(value: Decimal | float | None, *, today: date, decimals: int | None = None) -> Amount:
    """An amount of the house, short, or with `decimals` whole.

    It is converted by the rate of `today` for a reader with another currency; where that rate is missing it stays as
    it is, and says so.
    """
    if value is None:
        return Amount(formats.MISSING)
    house = house_currency()
    original = _written(Decimal(str(value)), house, decimals)
    chosen = active_locale().currency
    if chosen in ("", house):
        return Amount(original)
    rate = rate_on(chosen, today)
    if rate is None:
        words = gettext("There is no rate of %(currency)s for %(day)s: not converted.")
        return Amount(original, words % {"currency": chosen, "day": formats.full_day(today)})
    words = gettext("%(amount)s, by the rate of %(day)s")
    note = words % {"amount": formats.money_full(value, currency=house), "day": formats.full_day(rate.day)}
    return Amount(_written(Decimal(str(value)) / rate.value, chosen, decimals), note)


def _written(value: Decimal, currency: str, decimals: int | None) -> str:
    if decimals is None:
        return formats.money(value, currency=currency)
    return formats.money_full(value, currency=currency, decimals=decimals)
