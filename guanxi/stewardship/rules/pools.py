"""Pure rules of pools: when a customer leaves, who may claim, who is given whom."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from guanxi.kernel.errors import RuleViolation
from guanxi.stewardship.choices import AssignWay

SOON_DAYS = 3


@dataclass(frozen=True, slots=True)
class RuleTerms:
    """A rule as it is applied. `rule_id` is None for a draft; no relations or grades = all of them."""

    rule_id: int | None
    pool_id: int
    criterion: str
    days: int
    starts_on: date
    grades: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    pool_relations: tuple[str, ...] = ()
    exemptions: tuple[str, ...] = ()
    warn_days: int = 0
    manager_days: int | None = None

    def is_about(self, *, relation: str, grade: str) -> bool:
        """Whether the rule is about customers of a relation and a grade."""
        if self.grades and grade not in self.grades:
            return False
        return all(not known or relation in known for known in (self.relations, self.pool_relations))


@dataclass(frozen=True, slots=True)
class Term:
    """When a customer leaves whom, by which rule."""

    account_id: int
    owner_id: int
    rule_id: int | None
    pool_id: int
    leaves_on: date
    grade: str = ""


def leaving_day(terms: RuleTerms, *, held_on: date, since: date | None, locked_until: date | None) -> date:
    """The day on which a customer leaves by a rule: so many days after the criterion began to count.

    It counts from the day on which the owner got the customer at the earliest, and a lock holds to the end of its day.
    """
    day = max(held_on, since or held_on) + timedelta(days=terms.days)
    day = max(day, terms.starts_on)
    return max(day, locked_until + timedelta(days=1)) if locked_until else day


def earliest(found: Iterable[Term]) -> Term | None:
    """The term that comes first; among those of one day the rule that stands first."""
    return min(found, key=lambda term: term.leaves_on, default=None)


def require_room(*, taken: int, wanted: int, most: int | None) -> None:
    """A person has claims left in a pool today. Raises: RuleViolation("pool.day_limit")."""
    if most is not None and taken + wanted > most:
        raise RuleViolation(
            "pool.day_limit",
            "Today you can still claim %(left)s of %(most)s customers from this pool.",
            left=max(most - taken, 0),
            most=most,
        )


def require_hand(*, held: int, wanted: int, most: int | None) -> None:
    """A person has not too many customers from a pool in hand. Raises: RuleViolation("pool.hand_limit")."""
    if most is not None and held + wanted > most:
        raise RuleViolation(
            "pool.hand_limit",
            "You look after %(held)s customers from this pool; at most %(most)s are allowed. Return some first.",
            held=held,
            most=most,
        )


def require_capacity(*, held: int, wanted: int, most: int | None, name: str) -> None:
    """A person can look after more customers. Raises: RuleViolation("pool.capacity")."""
    if most is not None and held + wanted > most:
        raise RuleViolation(
            "pool.capacity",
            "%(name)s looks after %(held)s customers that count, of at most %(most)s.",
            name=name,
            held=held,
            most=most,
        )


@dataclass(frozen=True, slots=True)
class Taker:
    """A person who can be given customers. `free` is how many more, None = any number."""

    user_id: int
    unit_id: int | None
    unit_name: str
    held: int
    free: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer in a pool as far as giving it to somebody needs. `barred` are ex-owners in their cooling-off."""

    account_id: int
    former_unit_id: int | None
    place: str
    barred: frozenset[int] = frozenset()


def shared_out(
    way: AssignWay, waiting: Sequence[Waiting], takers: Sequence[Taker], *, last: int | None = None
) -> dict[int, int]:
    """Who is given whom, by account id; customers for whom nobody is free are missing.

    `last` is the person who was given the last one before: in turn goes on behind. Among equals the lower id comes
    first, so the same question has the same answer.
    """
    found: dict[int, int] = {}
    given: dict[int, int] = {taker.user_id: 0 for taker in takers}
    ordered = sorted(takers, key=lambda taker: taker.user_id)
    for item in waiting:
        free = [taker for taker in ordered if _is_free(taker, given) and taker.user_id not in item.barred]
        if way is AssignWay.REGION:
            free = [taker for taker in free if is_near(taker, item)] or free
        if not free:
            continue
        chosen = _next_in_turn(free, last) if way is AssignWay.ROUND_ROBIN else _least_loaded(free, given)
        found[item.account_id] = last = chosen.user_id
        given[chosen.user_id] += 1
    return found


def is_near(taker: Taker, item: Waiting) -> bool:
    """Whether a person works where a customer is: in the unit that had it, or in one named after its place."""
    if item.former_unit_id is not None and taker.unit_id == item.former_unit_id:
        return True
    return bool(item.place) and item.place in taker.unit_name


def _is_free(taker: Taker, given: Mapping[int, int]) -> bool:
    return taker.free is None or given[taker.user_id] < taker.free


def _next_in_turn(free: Sequence[Taker], last: int | None) -> Taker:
    return next((taker for taker in free if last is None or taker.user_id > last), free[0])


def _least_loaded(free: Sequence[Taker], given: Mapping[int, int]) -> Taker:
    return min(free, key=lambda taker: (taker.held + given[taker.user_id], taker.user_id))


def is_among(
    *, user_id: int | None, unit_path: Collection[int], member_ids: Collection[int], unit_ids: Collection[int]
) -> bool:
    """Whether a person is named, or one of the units above the person."""
    return user_id in member_ids or any(unit in unit_ids for unit in unit_path)


def masked_name(name: str) -> str:
    """The first character of a name: enough to tell two rows apart, not to know who it is."""
    return f"{name[:1]}****" if name else ""
