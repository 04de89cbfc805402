"""Reads of values on which sources disagree: of customers, of their contacts, and of the ways to reach them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from guanxi.customers.facade import RecordState, record_states, way_field
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.records.values import CUSTOM
from guanxi.stewardship.choices import ConflictState
from guanxi.stewardship.models import FieldConflict

REASON = "stewardship: values on which sources disagree are looked for in all customers"
ACCOUNT, CONTACT, POINT = "account", "contact", "contact_point"
LINKS: Mapping[str, str] = {ACCOUNT: "account_id", CONTACT: "contact_id", POINT: "point_id"}
"""The objects whose fields are looked at, and the column of a conflict that leads to the record."""
LEFT_OUT: Mapping[str, frozenset[str]] = {
    ACCOUNT: frozenset({"owner", "unit", "note", "source", "created_at", "updated_at"}),
    CONTACT: frozenset({"account", "name", "is_main", "created_at", "updated_at"}),
}
"""Fields whose values are no statement about the record, that grow, or that follow from others."""
KINDS_LEFT_OUT = frozenset({FieldType.FILE, FieldType.LINK, FieldType.MULTI_CHOICE, FieldType.LONG_TEXT})
COMPARED_AS = "normalised"


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One conflict of the queue: the customer, whom it is about, the kind of way, and the conflict itself.

    `person` is "" where the customer itself is meant, `way` where it is no way to reach somebody.
    """

    conflict: FieldConflict
    account_name: str
    owner_id: int | None
    person: str
    way: str


def disputable_fields(object_key: str) -> Mapping[str, ObjectField]:
    """The fields of an object on which sources can disagree, by key; what is encrypted is not held side by side."""
    if object_key == POINT:
        return {"value": way_field()}
    fields = (item for item in fields_of(object_spec(object_key)) if item.beside is None and not item.is_tags)
    return {
        item.key: item
        for item in fields
        if item.key not in LEFT_OUT[object_key] and item.kind not in KINDS_LEFT_OUT and not item.is_sealed
    }


def disputed_field(conflict: FieldConflict) -> ObjectField:
    """The field that a conflict is about. Raises: NotFound for one that is not held side by side any more."""
    item = disputable_fields(conflict.object_key).get(conflict.field)
    if item is None:
        raise no_such_record()
    return item


def sealed_fields(object_key: str) -> tuple[str, ...]:
    """The encrypted fields of an object, by key."""
    return () if object_key == POINT else tuple(i.key for i in fields_of(object_spec(object_key)) if i.is_sealed)


def states_of(object_key: str, account_ids: Iterable[int]) -> dict[int, list[RecordState]]:
    """All that accounts, or their contacts or ways to reach them, held in the fields looked at, by record; one query.

    For the system's own notes alone.
    """
    columns = {key: _sql(item) for key, item in disputable_fields(object_key).items()}
    if object_key != POINT:
        return record_states(object_key, account_ids, columns)
    found = record_states(object_key, account_ids, {**columns, COMPARED_AS: f'{{0}}."{COMPARED_AS}"'})
    return {record_id: _in_one_spelling(states) for record_id, states in found.items()}


def _in_one_spelling(states: Sequence[RecordState]) -> list[RecordState]:
    """Numbers that are written otherwise and mean the same are one value: as they were written first."""
    told: list[RecordState] = []
    former: tuple[object, object] = (None, None)
    for state in states:
        meant, value = state.values[COMPARED_AS], state.values["value"]
        former = (meant, former[1] if meant == former[0] else value)
        told.append(replace(state, values={"value": former[1]}))
    return told


def present_value(conflict: FieldConflict) -> object:
    """What stands now in the field of a conflict, as JSON holds it; one query. Raises: NotFound."""
    disputed_field(conflict)
    states = states_of(conflict.object_key, [conflict.account_id]).get(conflict.record_id)
    if not states:
        raise no_such_record()
    return states[-1].values[conflict.field]


def _sql(item: ObjectField) -> str:
    """The SQL of a field's value as JSON holds it, with {} for the row."""
    return f'{{0}}."{item.column}"' if item.made is None else f"{{0}}.{CUSTOM} -> '{item.made.stored}'"


def conflict_rows(actor: Actor, *, but: Collection[int], skip: int, limit: int) -> tuple[ConflictRow, ...]:
    """Open conflicts, the latest first, without some of them; one query."""
    return _named(_open(actor, but).order_by("-second_at", "-pk")[skip : skip + limit])


def conflict_count(actor: Actor, *, but: Collection[int], most: int) -> int:
    """How many conflicts are open, without some of them; at most so many."""
    return int(_open(actor, but).order_by()[:most].count())


def conflict_of(conflict_id: int, actor: Actor) -> ConflictRow:
    """One open conflict. Raises: NotFound for one that must not be seen, or that is decided."""
    found = _named(_open(actor, ()).filter(pk=conflict_id))
    if not found:
        raise no_such_record()
    return found[0]


def may_decide(conflict_id: int, actor: Actor) -> bool:
    """Whether the actor sees a conflict, decided or not, and may read its field."""
    return bool(_seen(actor).filter(pk=conflict_id).exists())


def decided_conflicts(actor: Actor, *, limit: int) -> tuple[ConflictRow, ...]:
    """What was decided between sources, the latest first; one query."""
    return _named(_seen(actor).filter(state=ConflictState.DECIDED).order_by("-decided_at", "-pk")[:limit])


def decided_conflict_count(actor: Actor, *, most: int) -> int:
    """How much was decided between sources; at most so many."""
    return int(_seen(actor).filter(state=ConflictState.DECIDED)[:most].count())


def disputed_account_ids(actor: Actor | None) -> QuerySet[Any, Any]:
    """The ids of the accounts with an open conflict, as far as a person may know it (None: all)."""
    rows = _everybodys() if actor is None else _open(actor, ())
    return rows.order_by().values_list("account_id", flat=True)


def of_object(object_key: str) -> Q:
    """The conflicts about records of an object."""
    return Q(contact__isnull=object_key != CONTACT, point__isnull=object_key != POINT)


def _named(rows: GuardedQuerySet[FieldConflict]) -> tuple[ConflictRow, ...]:
    named = rows.annotate(
        account_name=F("account__name"),
        whose=F("account__owner_id"),
        person=Coalesce("contact__name", "point__contact__name", Value("")),
        way=Coalesce("point__type", Value("")),
    )
    return tuple(ConflictRow(row, row.account_name, row.whose, row.person, row.way) for row in named)


def _everybodys() -> GuardedQuerySet[FieldConflict]:
    return _standing(unscoped(FieldConflict, reason=REASON).filter(state=ConflictState.OPEN))


def _open(actor: Actor, but: Collection[int]) -> GuardedQuerySet[FieldConflict]:
    rows = _seen(actor).filter(state=ConflictState.OPEN)
    return rows.exclude(Among("pk", list(but))) if but else rows


def _seen(actor: Actor) -> GuardedQuerySet[FieldConflict]:
    """The conflicts of accounts in use that the actor sees, about fields that he may read whole."""
    readable = Q(pk__in=[])
    for key in LINKS:
        fields = [name for name, item in disputable_fields(key).items() if item.access(actor) >= FieldAccess.READ]
        readable |= of_object(key) & Q(field__in=fields)
    return _standing(grant(actor, FieldConflict).queryset().filter(readable))


def _standing(rows: GuardedQuerySet[FieldConflict]) -> GuardedQuerySet[FieldConflict]:
    """The conflicts about records in use that still belong to the account by which they are seen."""
    is_at_home = Q(contact__isnull=True) | Q(contact__account=F("account"))
    is_way_at_home = Q(point__isnull=True) | Q(point__account=F("account"))
    return rows.filter(
        is_at_home,
        is_way_at_home,
        account__trashed_at__isnull=True,
        contact__trashed_at__isnull=True,
        point__trashed_at__isnull=True,
        point__contact__trashed_at__isnull=True,
    )
