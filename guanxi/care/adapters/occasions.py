"""Occasion providers: each finds the customers whom one reason speaks for. Later capabilities register
theirs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from guanxi.care.analyses.calendar import CalendarDay, celebrated_on
from guanxi.care.choices import DATE, FALLING, OVERDUE, REPLENISHMENT, Tone
from guanxi.care.rules import (
    DATE_AHEAD_DAYS,
    DATE_URGENCY,
    LEAST_RHYTHM_DAYS,
    POINTS_PER_URGENCY,
    URGENCY_CAP,
    Cadence,
    Occasion,
    fall_of,
    relative_hazard,
    tone_of,
)
from guanxi.customers.facade import OwnedAccount, Strategy, yearly_dates
from guanxi.value.facade import PlanningValue

URGENCY_WITHOUT_CONTACT = 1.0
"""Prior: who was never contacted is taken to be at the middle of the usual gap."""


@dataclass(frozen=True, slots=True)
class KnownState:
    """What is known of contact with one account; `last_touch_on` is None when there never was any."""

    last_touch_on: date | None
    cadence: Cadence
    rhythm_days: float
    spread: float


@dataclass(frozen=True, slots=True)
class KnownRhythm:
    """How often one account buys one category."""

    account_id: int
    category_id: int
    gap_days: float
    gaps: int
    spread: float
    last_bought_on: date
    due_on: date
    share: float


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What planning knows on a day: the accounts with an owner, and by account id their values and contact
    state, and the strategy of their class where there is one."""

    day: date
    accounts: Mapping[int, OwnedAccount]
    values: Mapping[int, PlanningValue]
    states: Mapping[int, KnownState]
    rhythms: tuple[KnownRhythm, ...]
    strategies: Mapping[int, Strategy] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OccasionProvider:
    """Where occasions of one reason come from; `find` gives at most one per account and must be
    deterministic."""

    reason: str
    find: Callable[[Knowledge], Iterable[Occasion]]


_providers: dict[str, OccasionProvider] = {}


def register_occasions(provider: OccasionProvider) -> None:
    """Make a provider known. Raises: ValueError when the reason has one already; a defect of the code."""
    if provider.reason in _providers:
        raise ValueError(f"The reason {provider.reason} has a provider already.")
    _providers[provider.reason] = provider


def occasions_by_account(knowledge: Knowledge) -> dict[int, tuple[Occasion, ...]]:
    """All occasions of accounts with an owner, by account id, most urgent first."""
    found: dict[int, list[Occasion]] = {}
    for reason in sorted(_providers):
        for occasion in _providers[reason].find(knowledge):
            if occasion.account_id in knowledge.accounts:
                found.setdefault(occasion.account_id, []).append(occasion)
    return {
        account_id: tuple(sorted(occasions, key=lambda item: (-item.urgency, item.reason)))
        for account_id, occasions in found.items()
    }


def overdue_contacts(knowledge: Knowledge) -> Iterator[Occasion]:
    """Accounts whose ideal interval has passed: by the grade's cadence or their own rhythm."""
    for account_id in knowledge.accounts:
        state = knowledge.states[account_id]
        ideal, maximum = state.cadence.ideal_days, state.cadence.maximum_days
        if state.last_touch_on is None:
            evidence: dict[str, object] = {"ideal": ideal}
            yield Occasion(account_id, OVERDUE, URGENCY_WITHOUT_CONTACT, Tone.PAST_IDEAL, evidence)
            continue
        days = (knowledge.day - state.last_touch_on).days
        if days < ideal:
            continue
        middle = state.rhythm_days if state.rhythm_days >= LEAST_RHYTHM_DAYS else float(ideal)
        urgency = relative_hazard(days, median_days=middle, spread=state.spread)
        evidence = {"days": days, "ideal": ideal, "maximum": maximum}
        yield Occasion(account_id, OVERDUE, urgency, tone_of(days, cadence=state.cadence), evidence)


def falling_indices(knowledge: Knowledge) -> Iterator[Occasion]:
    """Accounts whose index falls more than it usually moves, with the family that lost most."""
    for account_id in knowledge.accounts:
        value = knowledge.values.get(account_id)
        if value is None or value.index_before is None:
            continue
        fall = fall_of(
            value.trend,
            change=value.index - value.index_before,
            effects=value.effects,
            grade=value.grade,
            former_grade=value.grade_30,
        )
        if fall is None:
            continue
        evidence: dict[str, object] = {
            "family": fall.family,
            "family_points": round(fall.family_points, 1),
            "index": round(value.index, 1),
            "before": round(value.index_before, 1),
            "grade_before": value.grade_30 if fall.is_grade_lost else "",
        }
        tone = Tone.PAST_MAXIMUM if fall.is_grade_lost else Tone.PAST_IDEAL
        yield Occasion(account_id, FALLING, min(URGENCY_CAP, 1 + fall.points / POINTS_PER_URGENCY), tone, evidence)


def coming_dates(knowledge: Knowledge) -> Iterator[Occasion]:
    """Birthdays and other important dates within DATE_AHEAD_DAYS, the nearest one of each account."""
    distances: dict[CalendarDay, int] = {}
    for distance in range(DATE_AHEAD_DAYS + 1):
        for calendar_day in celebrated_on(knowledge.day + timedelta(days=distance)):
            distances.setdefault(calendar_day, distance)
    nearest: dict[int, Occasion] = {}
    for row in yearly_dates(distances):
        distance = distances[row.calendar, row.month, row.day]
        known = nearest.get(row.account_id)
        if known is not None and known.urgency >= DATE_URGENCY[distance]:
            continue
        evidence: dict[str, object] = {
            "type": row.type,
            "label": row.label,
            "calendar": row.calendar,
            "on": (knowledge.day + timedelta(days=distance)).isoformat(),
        }
        nearest[row.account_id] = Occasion(row.account_id, DATE, DATE_URGENCY[distance], Tone.PLANNED, evidence)
    yield from nearest.values()


def due_replenishments(knowledge: Knowledge) -> Iterator[Occasion]:
    """Accounts that are about to need a category again; of several the one with the most money behind it."""
    best: dict[int, Occasion] = {}
    for rhythm in knowledge.rhythms:
        days = (knowledge.day - rhythm.last_bought_on).days
        urgency = relative_hazard(days, median_days=rhythm.gap_days, spread=rhythm.spread)
        known = best.get(rhythm.account_id)
        if known is not None and known.urgency * known.share >= urgency * rhythm.share:
            continue
        evidence: dict[str, object] = {
            "category_id": rhythm.category_id,
            "gap": round(rhythm.gap_days),
            "gaps": rhythm.gaps,
            "days": days,
        }
        tone = Tone.PAST_IDEAL if knowledge.day > rhythm.due_on else Tone.PLANNED
        best[rhythm.account_id] = Occasion(
            rhythm.account_id, REPLENISHMENT, urgency, tone, evidence, share=rhythm.share
        )
    yield from best.values()


for _provider in (
    OccasionProvider(OVERDUE, overdue_contacts),
    OccasionProvider(FALLING, falling_indices),
    OccasionProvider(DATE, coming_dates),
    OccasionProvider(REPLENISHMENT, due_replenishments),
):
    register_occasions(_provider)
