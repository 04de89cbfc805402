"""Records that hang together by pairs: A may be B and B may be C, so the three are looked at in one sitting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, models

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.merging import mergeable_fields
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.stewardship.choices import TwinState
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.duplicates import MOST_COUNTED, both_seen, names_of, offered_of, waiting_twins

MOST_TOGETHER = 12
"""So many records are decided in one sitting; what hangs together with more waits for the next."""
_REACHED = """
WITH RECURSIVE reached (id, depth) AS (
    SELECT unnest(%(ids)s::bigint[]), 0
    UNION
    SELECT CASE WHEN t.first_id = r.id THEN t.second_id ELSE t.first_id END, r.depth + 1
    FROM reached r
    JOIN stewardship_twin t ON t.object_key = %(object_key)s AND t.state = %(state)s
        AND (t.first_id = r.id OR t.second_id = r.id)
    WHERE r.depth < %(depth)s
)
SELECT DISTINCT id FROM reached LIMIT 500
"""


@dataclass(frozen=True, slots=True)
class TwinGroup:
    """Pairs that hang together, the likeliest first, and the ids of their records in the order in which they come."""

    twins: tuple[Twin, ...]

    @property
    def record_ids(self) -> tuple[int, ...]:
        """The records."""
        return tuple(dict.fromkeys(pk for twin in self.twins for pk in (twin.first_id, twin.second_id)))

    @property
    def twin_ids(self) -> tuple[int, ...]:
        """The pairs."""
        return tuple(twin.pk for twin in self.twins)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One entry of the queue: the group, and what its records are called."""

    group: TwinGroup
    names: tuple[str, ...]

    @property
    def twin(self) -> Twin:
        """The likeliest pair, which stands for the group."""
        return self.group.twins[0]


@dataclass(frozen=True, slots=True)
class GroupField:
    """A field in which the records differ: their values in the order of the records, and whose is offered."""

    item: ObjectField
    records: tuple[models.Model, ...]
    offered_id: int


@dataclass(frozen=True, slots=True)
class GroupDecision:
    """Everything that decides a group: its records, the kept one first, and where they differ."""

    twin: Twin
    spec: ObjectSpec
    group: TwinGroup
    records: tuple[models.Model, ...]
    fields: tuple[GroupField, ...]

    @property
    def kept(self) -> models.Model:
        """The record that is kept."""
        return self.records[0]


def twin_groups(actor: Actor, *, today: date) -> tuple[GroupRow, ...]:
    """What waits, the likeliest first: pairs, and groups of pairs that hang together. Two queries an object.

    Of each object the likeliest `MOST_COUNTED` pairs are looked at; those after them come when these are decided.
    """
    twins = waiting_twins(actor, today=today, limit=MOST_COUNTED)
    names = names_of(actor, twins)
    groups = sorted(_groups(twins), key=lambda group: (-group.twins[0].weight, group.twins[0].pk))
    return tuple(
        GroupRow(group, tuple(names[group.twins[0].object_key].get(pk, "") for pk in group.record_ids))
        for group in groups
    )


def group_of(twin: Twin, actor: Actor) -> TwinGroup:
    """The pairs that hang together with one, as far as the actor sees both records of each; two queries."""
    ends, state = [twin.first_id, twin.second_id], TwinState.OPEN.value
    with connection.cursor() as cursor:
        cursor.execute(_REACHED, {"ids": ends, "object_key": twin.object_key, "state": state, "depth": MOST_TOGETHER})
        ids = [record_id for (record_id,) in cursor.fetchall()]
    rows = both_seen(actor, twin.object_key).filter(state=TwinState.OPEN, first_id__in=ids, second_id__in=ids)
    twins = [found for found in rows.order_by("-weight", "pk") if found.pk != twin.pk]
    return next(group for group in _groups([twin, *twins], most=MOST_TOGETHER) if twin.pk in group.twin_ids)


def group_decision(twin: Twin, group: TwinGroup, actor: Actor, *, keep_id: int | None = None) -> GroupDecision:
    """What there is to decide of a group. One query."""
    spec = listed_object(twin.object_key)
    permission = grant(actor, spec.model)
    found = {row.pk: row for row in permission.queryset().filter(pk__in=group.record_ids)}
    records = [found[pk] for pk in group.record_ids if pk in found]
    owned = [row.pk for row in records if getattr(row, "owner_id", None)]
    kept_id = keep_id if keep_id in found else (owned or [row.pk for row in records])[0]
    records.sort(key=lambda row: row.pk != kept_id)
    offered = mergeable_fields(spec, permission)
    fields = tuple(_field(item, records) for item in offered if len({_mark(item, row) for row in records}) > 1)
    return GroupDecision(twin, spec, group, tuple(records), fields)


def _field(item: ObjectField, records: Sequence[models.Model]) -> GroupField:
    """A field with the value that is offered: of each two, the one that would be offered of a pair."""
    best = records[0]
    for other in records[1:]:
        if _mark(item, best) != _mark(item, other):
            best = other if offered_of(item, best, other).is_taken else best
    return GroupField(item, tuple(records), best.pk)


def _mark(item: ObjectField, record: models.Model) -> str:
    value: Any = item.value_of(record)
    return "" if value is None else str(value)


def _groups(twins: Iterable[Twin], *, most: int = 0) -> list[TwinGroup]:
    """The pairs that hang together, in the order of their first pairs; with `most`, of so many records at most."""
    group_by_record: dict[tuple[str, int], int] = {}
    members: dict[int, list[Twin]] = {}
    for place, twin in enumerate(twins):
        ends = [(twin.object_key, pk) for pk in (twin.first_id, twin.second_id)]
        joined = sorted({group_by_record[end] for end in ends if end in group_by_record})
        if most and _size(members, joined, ends) > most:
            continue
        target = joined[0] if joined else place
        for other in joined[1:]:
            members[target] += members.pop(other)
        members.setdefault(target, []).append(twin)
        for found in members[target]:
            group_by_record |= {(found.object_key, pk): target for pk in (found.first_id, found.second_id)}
    ordered = (sorted(group, key=lambda twin: (-twin.weight, twin.pk)) for group in members.values())
    return [TwinGroup(tuple(group)) for group in ordered]


def _size(members: Mapping[int, Sequence[Twin]], joined: Iterable[int], ends: Iterable[tuple[str, int]]) -> int:
    """How many records a group would have."""
    known = {
        (found.object_key, pk) for key in joined for found in members[key] for pk in (found.first_id, found.second_id)
    }
    return len(known | set(ends))
