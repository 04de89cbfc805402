"""Which item weighs how much for whom, what may be done with a version, and what differs between two."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning.choices import MOST_REMIND_DAYS, BindingKind, Importance, PlanState, Purpose, SignoffState

WEIGHTS: Mapping[str, int] = {Importance.MUST: 2, Importance.NEEDED: 1}
"""How much an item counts in the scores; what nobody needs counts nothing."""
NEXT_IMPORTANCE: Mapping[str, str] = {"": Importance.MUST, Importance.MUST: Importance.NEEDED, Importance.NEEDED: ""}
"""What a cell of the matrix becomes when it is pressed."""
LONGEST_NEEDS = 400
SECONDS_PER_ENTRY = 12


class NeedKey(NamedTuple):
    """Whose need it is: an audience, about an external party ("" = any), in a market phase ("" = any)."""

    audience: str
    party: str = ""
    stage: str = ""

    @property
    def text(self) -> str:
        """The key as an item keeps it."""
        return "|".join(self)


class Asked(NamedTuple):
    """One thing that is asked of accounts: where it stands, its weight, and for how many days it is fresh."""

    binding_id: int
    weight: int
    limit_days: int | None
    needs_purchase: bool


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """What the rules need of an item."""

    key: str
    binding_id: int | None
    needs: Mapping[str, str]
    limit_days: int | None
    needs_purchase: bool
    account_kind: str
    relations: tuple[str, ...]
    is_retired: bool = False


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of accounts that owe the same: kind, relation and market phase."""

    kind: str
    relation: str
    stage: str


@dataclass(frozen=True, slots=True)
class VersionItem:
    """An item as it stands in a version, for comparing: key and what can differ, by name."""

    key: str
    values: Mapping[str, object]
    is_retired: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """How an item differs from the former version: "added", "removed" or "changed", and in what."""

    key: str
    change: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UseRow:
    """Whether an item is used: its reads in the period, and how many values were typed in it."""

    key: str
    reads: int
    typed: int


def read_need(text: str) -> NeedKey:
    """The key of a need as an item keeps it. Raises: RuleViolation("need.key")."""
    parts = text.split("|")
    if len(parts) != 3 or not parts[0]:
        raise RuleViolation("need.key", "“%(text)s” names no audience.", text=text[:60])
    return NeedKey(*parts)


def importance(needs: Mapping[str, str], audience: str, *, party: str, stage: str) -> str:
    """What an item is to an audience: of the needs that fit, that which names party and phase most closely."""
    for key in (
        NeedKey(audience, party, stage),
        NeedKey(audience, party),
        NeedKey(audience, "", stage),
        NeedKey(audience),
    ):
        if key.text in needs:
            return needs[key.text]
    return ""


def weight(needs: Mapping[str, str], *, party: str, stage: str) -> int:
    """The weight of an item for a party in a phase: that of the audience that needs it most."""
    audiences = {text.partition("|")[0] for text in needs}
    return max((WEIGHTS.get(importance(needs, name, party=party, stage=stage), 0) for name in audiences), default=0)


def asked_of(items: Iterable[PlannedItem], sort: Sort) -> tuple[Asked, ...]:
    """What accounts of a sort are asked for, once for each place, by place; what nobody needs weighs 0."""
    found: dict[int, Asked] = {}
    for item in items:
        if item.is_retired or item.binding_id is None or not _is_asked_of(item, sort):
            continue
        points = weight(item.needs, party=sort.relation, stage=sort.stage)
        known = found.get(item.binding_id)
        if known is None or points > known.weight:
            found[item.binding_id] = Asked(item.binding_id, points, item.limit_days, item.needs_purchase)
    return tuple(found[key] for key in sorted(found))


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the market: of a product line ("" = all) and a unit (none = the whole house), from a day on."""

    product_line: str
    unit_id: int | None
    stage: str
    from_on: date


@dataclass(frozen=True, slots=True)
class PlanInForce:
    """A published version: for which line and unit it counts, its own market phase, and its items."""

    product_line: str
    unit_id: int | None
    stage: str
    items: tuple[PlannedItem, ...]


def stage_on(phases: Iterable[Phase], day: date, *, plan: PlanInForce, unit_path: Sequence[int]) -> str:
    """The market phase of a plan's line in a unit on a day: that of the nearest unit above, else the plan's own.

    A phase of the very line goes before one of all lines of the same unit; of those, the latest counts.
    """
    depth = {unit_id: place for place, unit_id in enumerate(unit_path, 1)}
    fitting = [
        item
        for item in phases
        if item.from_on <= day
        and item.product_line in ("", plan.product_line)
        and (item.unit_id is None or item.unit_id in depth)
    ]
    best = max(
        fitting, key=lambda item: (depth.get(item.unit_id or 0, 0), bool(item.product_line), item.from_on), default=None
    )
    return best.stage if best else plan.stage


def asked_in_unit(
    plans: Iterable[PlanInForce],
    phases: Sequence[Phase],
    day: date,
    *,
    kind: str,
    relation: str,
    unit_path: Sequence[int],
) -> tuple[Asked, ...]:
    """What accounts of a kind and relation owe in a unit by all versions that count there: the weightiest each."""
    found: dict[int, Asked] = {}
    for plan in plans:
        if plan.unit_id is not None and plan.unit_id not in unit_path:
            continue
        stage = stage_on(phases, day, plan=plan, unit_path=unit_path)
        for asked in asked_of(plan.items, Sort(kind, relation, stage)):
            known = found.get(asked.binding_id)
            if known is None or asked.weight > known.weight:
                found[asked.binding_id] = asked
    return tuple(found[key] for key in sorted(found))


def _is_asked_of(item: PlannedItem, sort: Sort) -> bool:
    return item.account_kind in ("", sort.kind) and (not item.relations or sort.relation in item.relations)


def require_needs(needs: Mapping[str, str], *, audiences: Collection[str]) -> None:
    """Check the needs of an item. Raises: RuleViolation("need.key" | "need.audience" | "need.importance")."""
    if len(needs) > LONGEST_NEEDS:
        raise RuleViolation("need.key", "An item has at most %(most)s needs.", most=LONGEST_NEEDS)
    for text, value in needs.items():
        key = read_need(text)
        if key.audience not in audiences:
            raise RuleViolation("need.audience", "There is no audience “%(audience)s”.", audience=key.audience)
        if value not in WEIGHTS and not (value == "" and (key.party or key.stage)):
            raise RuleViolation("need.importance", "“%(value)s” is neither must nor needed.", value=value)


def with_need(needs: Mapping[str, str], key: NeedKey, value: str) -> dict[str, str]:
    """The needs with one of them set; a general one without importance is left out."""
    kept = {text: known for text, known in needs.items() if text != key.text}
    is_general = not key.party and not key.stage
    hides_general = not value and not is_general and importance(kept, key.audience, party=key.party, stage=key.stage)
    if value or hides_general:
        kept[key.text] = value
    return kept


def pressed_key(
    needs: Mapping[str, str], audience: str, *, party: str, stage: str, for_party: bool, for_stage: bool
) -> NeedKey:
    """The need that a cell of the matrix sets: as general as the page that shows it, as close as it must be to be seen.

    `for_party` and `for_stage` say whether the page shows a party or a phase that somebody chose. A closer need that
    decides already is set in its place; one that holds for other phases too is left alone.
    """
    ways = (NeedKey(audience, party, stage), NeedKey(audience, party), NeedKey(audience, "", stage), NeedKey(audience))
    wanted = {(True, True): 0, (True, False): 1, (False, True): 2, (False, False): 3}[for_party, for_stage]
    decided = next((place for place, key in enumerate(ways) if key.text in needs), len(ways))
    if wanted <= decided:
        return ways[wanted]
    return ways[0] if for_stage else ways[decided]


def varies(needs: Mapping[str, str], audience: str) -> bool:
    """Whether an audience needs an item differently by external party or market phase."""
    return any(key.audience == audience and (key.party or key.stage) for key in map(read_need, needs))


def deciding_key(needs: Mapping[str, str], audience: str, *, party: str, stage: str) -> NeedKey:
    """The need to set so that another importance holds for a party in a phase.

    It is that of the very phase where there is one already, because nothing else would be seen; else that of the party.
    """
    closest = NeedKey(audience, party, stage)
    return closest if closest.text in needs else NeedKey(audience, party)


def with_importance(needs: Mapping[str, str], key: NeedKey, value: str, *, stage: str) -> dict[str, str]:
    """The needs with one of them set so that `value` holds in a phase; what would hold without it is left out."""
    kept = {text: known for text, known in needs.items() if text != key.text}
    if importance(kept, key.audience, party=key.party, stage=stage) != value:
        kept[key.text] = value
    return kept


def is_round_open(plan_state: str, *, closes_on: date, is_closed: bool, today: date) -> bool:
    """Whether a round of the needs questionnaire takes answers: nobody closed it, its day has not passed, and the plan
    is still a draft."""
    return plan_state == PlanState.DRAFT and not is_closed and today <= closes_on


def require_round_open(is_open: bool) -> None:
    """Check that a round takes answers. Raises: Conflict("round.closed")."""
    if not is_open:
        raise Conflict("round.closed", "This round is closed; its answers can still be read.")


def require_closing(closes_on: date, *, today: date) -> None:
    """Check until when a round is open. Raises: RuleViolation("round.closes_on")."""
    if closes_on < today:
        raise RuleViolation("round.closes_on", "Choose today or a later day.", field="closes_on")


def require_remind_days(days: int | None) -> None:
    """Check how many days before its end a round reminds; None = never. Raises: RuleViolation("round.remind_days")."""
    if days is not None and not 1 <= days <= MOST_REMIND_DAYS:
        raise RuleViolation(
            "round.remind_days", "Choose 1 to %(most)s days, or none.", most=MOST_REMIND_DAYS, field="remind_days"
        )


def is_reminder_due(
    *, closes_on: date, remind_days: int | None, opened_on: date, last_on: date | None, today: date
) -> bool:
    """Whether a round reminds by itself on a day: once from so many days before its end on, and once on its last day.

    `last_on` is when somebody or something last reminded. Nobody is reminded on the day on which the round began, and a
    round that began within those days reminds on its last day alone.
    """
    if remind_days is None or not opened_on < today <= closes_on:
        return False
    first = closes_on - timedelta(days=remind_days)
    since = closes_on if today == closes_on or opened_on >= first else first
    return today >= since and (last_on is None or last_on < since)


def with_grid(needs: Mapping[str, str], grid: Mapping[NeedKey, str | None]) -> dict[str, str]:
    """The needs with some of them set: to must or needed, to "" for not needed, to None where what is more general
    holds."""
    told = {key.text for key in grid}
    kept = {text: value for text, value in needs.items() if text not in told}
    for key, value in grid.items():
        if value is not None and (value or key.party or key.stage):
            kept[key.text] = value
    return kept


def require_purposes(purposes: Collection[str]) -> None:
    """Check purposes. Raises: RuleViolation("item.purposes")."""
    if not set(purposes) <= set(Purpose.values):
        raise RuleViolation("item.purposes", "An item serves known purposes only.", field="purposes")


def purposes_in_order(purposes: Collection[str]) -> tuple[str, ...]:
    """Purposes in words, in their usual order."""
    return tuple(str(purpose.label) for purpose in Purpose if purpose in purposes)


def require_draft(state: str) -> None:
    """Check that a version may be changed. Raises: Conflict("plan.not_draft")."""
    if state != PlanState.DRAFT:
        raise Conflict("plan.not_draft", "Only a draft can be changed. Begin the next version first.")


def require_submittable(state: str, *, live_items: int, without_purpose: int) -> None:
    """Check that a draft may go into sign-off.

    Raises: Conflict("plan.not_draft"), RuleViolation("plan.empty" | "plan.purpose").
    """
    require_draft(state)
    if not live_items:
        raise RuleViolation("plan.empty", "The draft has no items yet.")
    if without_purpose:
        raise RuleViolation(
            "plan.purpose",
            "Items without a purpose: %(count)s. Give them one, or stop collecting them.",
            count=without_purpose,
        )


def require_publishable(state: str, *, signoffs: Sequence[str]) -> None:
    """Check that a version may be published: it is in sign-off and every unit agreed.

    Raises: Conflict("plan.not_in_sign_off"), RuleViolation("plan.unsigned").
    """
    if state != PlanState.SIGN_OFF:
        raise Conflict("plan.not_in_sign_off", "Only a version in sign-off can be published.")
    open_ones = sum(1 for item in signoffs if item != SignoffState.AGREED)
    if open_ones:
        raise RuleViolation("plan.unsigned", "Departments that have not agreed yet: %(count)s.", count=open_ones)


def compared(former: Sequence[VersionItem], present: Sequence[VersionItem]) -> tuple[Difference, ...]:
    """How a version differs from the former one, item by item in the order of the new one, then what is gone.

    What is collected no more counts as removed, what is taken up again as added.
    """
    before = {item.key: item for item in former if not item.is_retired}
    now = {item.key: item for item in present if not item.is_retired}
    found = []
    for key, item in now.items():
        known = before.get(key)
        if known is None:
            found.append(Difference(key, "added"))
            continue
        fields = tuple(name for name, value in item.values.items() if known.values.get(name) != value)
        if fields:
            found.append(Difference(key, "changed", fields))
    return (*found, *(Difference(key, "removed") for key in before if key not in now))


def unused(rows: Iterable[UseRow]) -> tuple[str, ...]:
    """The items that nothing read in the period, by key."""
    return tuple(row.key for row in rows if not row.reads)


def hours_a_month(typed_values: int, *, days: int, seconds: int = SECONDS_PER_ENTRY) -> float:
    """What typing so many values in so many days costs in 30 days, in hours."""
    return typed_values * seconds / 3600 * 30 / days


def is_known_binding(kind: str, object_key: str, name: str) -> bool:
    """Whether a place is of a known kind and named at all."""
    return kind in BindingKind.values and bool(object_key) and bool(name)
