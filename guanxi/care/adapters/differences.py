"""What the classes of a scheme are compared in, measured for the customers that a person sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.core.cache import caches
from ibis.expr.types import Table

from guanxi.care.adapters.rhythms import standing_facts
from guanxi.care.analyses.differences import LEAST_MEMBERS, Floats, RankTest, rank_test, strength_of
from guanxi.care.choices import Measure, Strength
from guanxi.customers.facade import account_grant, class_members, schemes
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.ledger.facade import BUYING, touches
from guanxi.platform.lake.reading import open_engine
from guanxi.value.facade import year_values

KEPT_SECONDS = 300
YEAR_DAYS = 365
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure of one class: of how many customers it is known, their mean and median; None where of none.

    Index in points, contacts a month, revenue in company currency a year, retention 0 to 1.
    """

    count: int
    mean: float | None
    median: float | None


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class with its customers and what is known of each measure."""

    key: str
    customers: int
    summaries: Mapping[Measure, Summary]


@dataclass(frozen=True, slots=True)
class Difference:
    """Whether the classes differ in one measure; `left_out` are the keys of classes that are too small for the test."""

    measure: Measure
    test: RankTest | None
    strength: Strength
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All classes of a scheme in their order, and in what they differ."""

    scheme_id: int
    classes: tuple[ClassFigures, ...]
    differences: tuple[Difference, ...]

    @property
    def customers(self) -> int:
        """How many customers are sorted by the scheme."""
        return sum(found.customers for found in self.classes)


def compared_classes(scheme_id: int, *, today: date, actor: Actor) -> Comparison:
    """How the classes of a scheme differ, among the customers that the actor sees. Raises: NotFound.

    Kept for five minutes for each person: it reads the facts of two years.
    """
    if scheme_id not in schemes():
        raise no_such_record()
    key = f"care.differences:{scheme_id}:{actor.user_id}:{actor.policy_version}:{today}"
    found: Comparison | None = caches["process"].get(key)
    if found is None:
        found = _compared(scheme_id, today=today, actor=actor)
        caches["process"].set(key, found, KEPT_SECONDS)
    return found


def _compared(scheme_id: int, *, today: date, actor: Actor) -> Comparison:
    """Measure each customer, then compare the classes measure by measure."""
    members = class_members(scheme_id, actor)
    measured = _measured(members, today=today, actor=actor)
    order = [item.key for item in schemes()[scheme_id].classes]
    groups: dict[str, list[int]] = {key: [] for key in order}
    for account_id, key in members.items():
        groups.setdefault(key, []).append(account_id)
    values = {measure: {key: _known(measured[measure], ids) for key, ids in groups.items()} for measure in Measure}
    classes = tuple(
        ClassFigures(key, len(ids), {measure: _summary(values[measure][key]) for measure in Measure})
        for key, ids in groups.items()
    )
    return Comparison(scheme_id, classes, tuple(_difference(measure, values[measure]) for measure in Measure))


def _known(measured: Mapping[int, float], account_ids: Sequence[int]) -> Floats:
    """What is known of one measure among some accounts. Shape: (known,)."""
    return np.array([measured[pk] for pk in account_ids if pk in measured], dtype=np.float64)


def _summary(values: Floats) -> Summary:
    if not len(values):
        return Summary(0, None, None)
    return Summary(len(values), float(values.mean()), float(np.median(values)))


def _difference(measure: Measure, by_class: Mapping[str, Floats]) -> Difference:
    test = rank_test(list(by_class.values()))
    left_out = tuple(key for key, values in by_class.items() if 0 < len(values) < LEAST_MEMBERS)
    return Difference(measure, test, strength_of(test, measures=len(Measure)), left_out)


def _measured(members: Mapping[int, str], *, today: date, actor: Actor) -> dict[Measure, dict[int, float]]:
    """Each measure by account id, as far as it is known.

    Contacts and purchases are those of the lake, a quarter of an hour old at most. Who had no contact in the year had
    0 of them; retention is known of who bought in the year before.
    """
    found = year_values(members, actor)
    contacts: dict[int, float] = dict.fromkeys(members, 0.0)
    stayed: dict[int, float] = {}
    for account_id, touched, before, since in _facts_of_two_years(today, actor):
        if account_id not in members:
            continue
        contacts[account_id] = touched / MONTHS
        if before:
            stayed[account_id] = 1.0 if since else 0.0
    return {
        Measure.INDEX: {pk: value.index for pk, value in found.items()},
        Measure.CONTACTS: contacts,
        Measure.REVENUE: {pk: value.amount_12_months for pk, value in found.items()},
        Measure.RETENTION: stayed,
    }


def _facts_of_two_years(today: date, actor: Actor) -> Sequence[tuple[int, int, int, int]]:
    """By account that the actor sees: contacts of a year, purchases of the year before and of the last one."""
    engine = open_engine()
    try:
        facts = standing_facts(engine, permission=account_grant(actor))
        rows = counted_years(facts, today=today).to_pyarrow()
    finally:
        engine.disconnect()
    columns = (rows.column(name).to_pylist() for name in ("account_id", "contacts", "before", "since"))
    return list(zip(*columns, strict=True))


def counted_years(facts: Table, *, today: date) -> Table:
    """Contacts and purchases by account.

    Columns: account_id; contacts and since: of the last 365 days; before: purchases of the 365 days before those.
    """
    turn, start = today - timedelta(days=YEAR_DAYS), today - timedelta(days=2 * YEAR_DAYS)
    recent = facts.filter(facts.occurred_on > start, facts.occurred_on <= today)
    pair = recent.kind + ":" + recent.sub_kind
    is_late = recent.occurred_on > turn
    is_touch = pair.isin(sorted(f"{kind}:{sub_kind}" for kind, sub_kind in touches()))
    is_deal = pair.isin(sorted(f"{kind}:{sub_kind}" for kind, sub_kind in BUYING))
    return recent.group_by("account_id").aggregate(
        contacts=(is_touch & is_late).sum().fill_null(0),
        before=(is_deal & ~is_late).sum().fill_null(0),
        since=(is_deal & is_late).sum().fill_null(0),
    )
