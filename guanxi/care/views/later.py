"""The days to which a customer can be put off."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from guanxi.care.analyses.calendar import next_week_start
from guanxi.care.rules import MOST_DAYS_LATER
from guanxi.platform.ui import format as formats

SOON_DAYS, FAR_DAYS = 3, 14


@dataclass(frozen=True, slots=True)
class LaterDay:
    """One day on offer; `until` is the day as a form sends it, `hint` as a person reads it."""

    label: str
    until: str
    hint: str


@dataclass(frozen=True, slots=True)
class LaterMenu:
    """The days on offer, and between which days another one can be picked."""

    days: tuple[LaterDay, ...]
    first: str
    last: str


def later_menu(today: date) -> LaterMenu:
    """Tomorrow, in three days, the start of next week, in two weeks; no day twice."""
    monday = next_week_start(today)
    start = _("Next Monday") if monday.weekday() == 0 else _("First working day of next week")
    offered = {
        monday: start,
        today + timedelta(days=FAR_DAYS): _("In 2 weeks"),
        today + timedelta(days=SOON_DAYS): _("In 3 days"),
        today + timedelta(days=1): _("Tomorrow"),
    }
    return LaterMenu(
        tuple(LaterDay(label, day.isoformat(), formats.long_day(day)) for day, label in sorted(offered.items())),
        first=min(offered).isoformat(),
        last=(today + timedelta(days=MOST_DAYS_LATER)).isoformat(),
    )


def days_until(text: str, *, today: date) -> int:
    """How many days ahead a form's day lies: 1 without a day, 0 (which the rule refuses) for what is no day."""
    if not text:
        return 1
    try:
        return (date.fromisoformat(text) - today).days
    except ValueError:
        return 0
