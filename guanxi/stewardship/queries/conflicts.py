"""Reads of values on which sources disagree."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

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
LEFT_OUT = frozenset({"owner", "unit", "note", "source", "created_at", "updated_at"})
"""Fields whose values are no statement about the customer, or that grow: nobody disagrees on them."""
KINDS_LEFT_OUT = frozenset({FieldType.FILE, FieldType.LINK, FieldType.MULTI_CHOICE, FieldType.LONG_TEXT})


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One conflict of the queue: the customer, the field, and the conflict itself."""

    conflict: FieldConflict
    account_name: str
    owner_id: int | None


def disputable_fields() -> Mapping[str, ObjectField]:
    """The fields of accounts on which sources can disagree, by key; what is encrypted is not held side by side."""
    fields = (item for item in fields_of(object_spec("account")) if item.beside is None and not item.is_tags)
    return {
        item.key: item
        for item in fields
        if item.key not in LEFT_OUT and item.kind not in KINDS_LEFT_OUT and not item.is_sealed
    }


def field_sql(item: ObjectField) -> str:
    """The SQL of a field's value as JSON holds it, with {} for the row."""
    return f'{{0}}."{item.column}"' if item.made is None else f"{{0}}.{CUSTOM} -> '{item.made.stored}'"


def conflict_rows(actor: Actor, *, but: Collection[int], skip: int, limit: int) -> tuple[ConflictRow, ...]:
    """Open conflicts, the latest first, without some of them; one query."""
    rows = _open(actor, but).order_by("-second_at", "-pk")
    named = rows.annotate(account_name=F("account__name"), whose=F("account__owner_id"))
    return tuple(ConflictRow(row, row.account_name, row.whose) for row in named[skip : skip + limit])


def conflict_count(actor: Actor, *, but: Collection[int], most: int) -> int:
    """How many conflicts are open, without some of them; at most so many."""
    return int(_open(actor, but).order_by()[:most].count())


def conflict_of(conflict_id: int, actor: Actor) -> FieldConflict:
    """One open conflict. Raises: NotFound for one that must not be seen, or that is decided."""
    found: FieldConflict | None = _open(actor, ()).filter(pk=conflict_id).first()
    if found is None:
        raise no_such_record()
    return found


def decided_conflicts(actor: Actor, *, limit: int) -> tuple[ConflictRow, ...]:
    """What was decided between sources, the latest first; one query."""
    rows = _seen(actor).filter(state=ConflictState.DECIDED).order_by("-decided_at", "-pk")
    named = rows.annotate(account_name=F("account__name"), whose=F("account__owner_id"))
    return tuple(ConflictRow(row, row.account_name, row.whose) for row in named[:limit])


def decided_conflict_count(actor: Actor, *, most: int) -> int:
    """How much was decided between sources; at most so many."""
    return int(_seen(actor).filter(state=ConflictState.DECIDED)[:most].count())


def disputed_account_ids(actor: Actor | None) -> QuerySet[Any, Any]:
    """The ids of the accounts with an open conflict, as far as a person may know it (None: all)."""
    rows = _everybodys() if actor is None else _open(actor, ())
    return rows.order_by().values_list("account_id", flat=True)


def _everybodys() -> GuardedQuerySet[FieldConflict]:
    return unscoped(FieldConflict, reason=REASON).filter(state=ConflictState.OPEN, account__trashed_at__isnull=True)


def _open(actor: Actor, but: Collection[int]) -> GuardedQuerySet[FieldConflict]:
    rows = _seen(actor).filter(state=ConflictState.OPEN)
    return rows.exclude(Among("pk", list(but))) if but else rows


def _seen(actor: Actor) -> GuardedQuerySet[FieldConflict]:
    """The conflicts of accounts in use that the actor sees, about fields that he may read."""
    fields = [key for key, item in disputable_fields().items() if item.access(actor) >= FieldAccess.READ]
    return grant(actor, FieldConflict).queryset().filter(account__trashed_at__isnull=True, field__in=fields)
