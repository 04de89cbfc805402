"""The sentences of the queue in the active language: evidence, topics, hours, what is held back why."""

from collections.abc import Callable, Mapping
from datetime import date, time

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.care.analyses.calendar import lunar_day, lunar_words
from guanxi.care.choices import DATE, FALLING, OVERDUE, REPLENISHMENT
from guanxi.care.models import QueueRow
from guanxi.customers.choices import ContactedBy, DateType
from guanxi.customers.facade import class_name
from guanxi.platform.preferences.locale import is_chinese
from guanxi.platform.ui import format as formats
from guanxi.value.choices import FAMILY_NAMES

Evidence = Mapping[str, object]
FACTS_OF_REASON = {OVERDUE: "interaction", REPLENISHMENT: "purchase"}
FACTS_OF_FAMILY = {
    "steadfastness": "purchase",
    "coverage": "advocacy",
    "business": "purchase",
    "delivery": "interaction",
    "contact": "interaction",
}


def evidence_of(reason: str, evidence: Evidence, *, categories: Mapping[int, str], today: date) -> str:
    """One sentence with the fact behind a reason; a reason of another capability brings its own text."""
    sentence = _SENTENCES.get(reason)
    return sentence(evidence, categories, today) if sentence else str(evidence.get("text", ""))


def topic_of(row: QueueRow, *, categories: Mapping[int, str]) -> str:
    """What to speak about."""
    if row.reason == FALLING:
        return _("Ask what is missing: %(family)s") % {"family": FAMILY_NAMES.get(str(row.evidence.get("family")), "")}
    if row.reason == DATE:
        return _("Best wishes: %(occasion)s") % {"occasion": occasion_name(row.evidence)}
    if row.reason == REPLENISHMENT:
        return _("Refill of %(category)s") % {"category": category_name(row.evidence, categories)}
    if row.reason == OVERDUE:
        return _kept_strategy(row.evidence).get("offer") or _("Ask how things are going")
    return str(row.evidence.get("topic", ""))


def strategy_words(evidence: Evidence) -> str:
    """What the strategy of the customer's class says of the contact; "" where there is none."""
    kept = _kept_strategy(evidence)
    if not kept:
        return ""
    scheme = kept.get("scheme", "")
    name = class_name(int(scheme) if scheme.isdecimal() else 0, kept.get("class", ""))
    manager = _("The manager makes this contact.") if kept.get("by") == ContactedBy.MANAGER else ""
    words = " · ".join(part for part in (kept.get("tone", ""), kept.get("offer", ""), manager) if part)
    return _("Strategy for “%(name)s”: %(words)s") % {"name": name, "words": words or _("keep in touch")}


def _kept_strategy(evidence: Evidence) -> Mapping[str, str]:
    """What the day's plan kept of the strategy, each part as text."""
    kept = evidence.get("strategy")
    return {str(name): str(value) for name, value in kept.items()} if isinstance(kept, dict) else {}


def facts_url(row: QueueRow) -> str:
    """The address of the facts behind a row."""
    family = str(row.evidence.get("family", ""))
    kind = FACTS_OF_FAMILY.get(family, family) if row.reason == FALLING else FACTS_OF_REASON.get(row.reason, "")
    if row.reason == DATE:
        return f"/accounts/{row.account_id}/"
    return f"/accounts/{row.account_id}/facts/" + (f"?kind={kind}" if kind else "")


def occasion_name(evidence: Evidence) -> str:
    """The name of an important date: its own label, or its type."""
    return str(evidence.get("label") or DateType(str(evidence.get("type", DateType.OTHER))).label)


def category_name(evidence: Evidence, categories: Mapping[int, str]) -> str:
    """The name of the category that is due."""
    return categories.get(_whole(evidence, "category_id"), _("what they usually buy"))


def lunar_text(day: date) -> str:
    """The lunar day: 十月十六, or 10/16 where the language is not Chinese."""
    month, day_of_month, is_leap = lunar_day(day)
    return lunar_words(day) if is_chinese() else f"{month}{'+' if is_leap else ''}/{day_of_month}"


def hours_of(row: QueueRow) -> str:
    """The proposed hours: 10:00–11:00."""
    return f"{_clock(row.time_from)}–{_clock(row.time_to)}" if row.time_from and row.time_to else ""


def _clock(value: time) -> str:
    return formats.clock(value)


def _whole(evidence: Evidence, name: str) -> int:
    value = evidence.get(name, 0)
    return int(value) if isinstance(value, int | float) else 0


def _decimal(evidence: Evidence, name: str) -> float:
    value = evidence.get(name, 0.0)
    return float(value) if isinstance(value, int | float) else 0.0


def _overdue(evidence: Evidence, categories: Mapping[int, str], today: date) -> str:  # noqa: ARG001  # one shape
    ideal = _whole(evidence, "ideal")
    if "days" not in evidence:
        return ngettext(
            "No contact on record; wanted every %(ideal)s day",
            "No contact on record; wanted every %(ideal)s days",
            ideal,
        ) % {"ideal": ideal}
    return _("%(days)s; wanted every %(ideal)s, limit %(maximum)s") % {
        "days": formats.day_count(_whole(evidence, "days")),
        "ideal": ideal,
        "maximum": _whole(evidence, "maximum"),
    }


def _falling(evidence: Evidence, categories: Mapping[int, str], today: date) -> str:  # noqa: ARG001  # one shape
    values = {
        "before": formats.number(_decimal(evidence, "before"), decimals=1),
        "index": formats.number(_decimal(evidence, "index"), decimals=1),
        "family": FAMILY_NAMES.get(str(evidence.get("family")), ""),
        "points": formats.points(_decimal(evidence, "family_points")),
    }
    return _("%(before)s → %(index)s in 30 days, mostly %(family)s %(points)s") % values


def _date(evidence: Evidence, categories: Mapping[int, str], today: date) -> str:  # noqa: ARG001  # one shape
    on = date.fromisoformat(str(evidence["on"]))
    values = {"occasion": occasion_name(evidence), "day": formats.relative_day(on, today=today)}
    if evidence.get("calendar") != "lunar":
        return _("%(occasion)s %(day)s") % values
    return _("%(occasion)s %(day)s, lunar %(lunar)s") % {**values, "lunar": lunar_text(on)}


def _replenishment(evidence: Evidence, categories: Mapping[int, str], today: date) -> str:  # noqa: ARG001  # one shape
    return _("%(category)s: usually every %(gap)s, now %(days)s") % {
        "category": category_name(evidence, categories),
        "gap": formats.day_count(_whole(evidence, "gap")),
        "days": _whole(evidence, "days"),
    }


_SENTENCES: Mapping[str, Callable[[Evidence, Mapping[int, str], date], str]] = {
    OVERDUE: _overdue,
    FALLING: _falling,
    DATE: _date,
    REPLENISHMENT: _replenishment,
}
