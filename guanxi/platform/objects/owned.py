"""What goes along when records are handed from one person to another: a registry that every room may add to.

Whoever hands over records of an object asks each kind how much of it there is, and lets it go to the new owner in the
same transaction. Records of other objects that lead to the one handed over, those of objects that people made too,
need no word of their own: `linked_kinds` finds them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.registry import fields_of, object_specs
from guanxi.platform.objects.spec import Label, ObjectSpec, WrittenBlock
from guanxi.platform.records.bulk import changed_ids, write_rows


@dataclass(frozen=True, slots=True)
class Passing:
    """Records `ids` of one object pass from one person to another, in the transaction of the audit entry `entry_id`.

    `undone` are the entries that this takes back, () when it takes nothing back.
    """

    ids: tuple[int, ...]
    from_id: int
    to_id: int
    to_unit_id: int | None
    entry_id: UUID
    undone: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnedKind:
    """One kind of thing that a person has because of the records of an object.

    `count` says how many belong to a person of those about some records, as far as the actor may hand them over;
    `move` lets them go along and returns how many went. Doing it again changes nothing.
    """

    key: str
    label: Label
    icon: str
    count: Callable[[int, Sequence[int], Actor], int]
    move: Callable[[Passing, Actor], int]
    position: int = 100


_kinds: dict[str, dict[str, OwnedKind]] = defaultdict(dict)


def register_owned(object_key: str, *kinds: OwnedKind) -> None:
    """Say what goes along with records of an object. Raises: ValueError for a key in use."""
    for kind in kinds:
        if kind.key in _kinds[object_key]:
            raise ValueError(f"What goes along as {kind.key} is said twice.")
        _kinds[object_key][kind.key] = kind


def owned_kinds(object_key: str, actor: Actor) -> tuple[OwnedKind, ...]:
    """What goes along with records of an object and may be handed over by the actor, in its order."""
    registered = sorted(_kinds[object_key].values(), key=lambda kind: kind.position)
    return (*registered, *linked_kinds(object_key, actor))


def linked_kinds(object_key: str, actor: Actor) -> tuple[OwnedKind, ...]:
    """The records of other objects that have owners of their own and lead to this object."""
    found = []
    for spec in object_specs():
        columns = tuple(item.column for item in fields_of(spec) if item.target == object_key)
        if columns and spec.key not in _kinds[object_key] and _has_owners(spec) and may(*_asked(spec, actor)):
            count, move = partial(_count_linked, spec, columns), partial(_move_linked, spec, columns)
            found.append(OwnedKind(f"linked.{spec.key}", spec.plural, spec.icon, count, move))
    return tuple(found)


def _has_owners(spec: ObjectSpec) -> bool:
    protection = protection_of(spec.model)
    return bool(protection.owner_field and "__" not in protection.owner_field and spec.verbs is not None)


def _asked(spec: ObjectSpec, actor: Actor) -> tuple[Actor, Any, Action]:
    return actor, spec.model, Action.TRANSFER


def _linked_ids(
    permission: Grant[Any], columns: Sequence[str], *, owner_id: int, ids: Sequence[int], among: Sequence[int] | None
) -> list[int]:
    """The records in use of an owner that lead to one of these by any of the columns."""
    rows = permission.queryset().filter(trashed_at__isnull=True)
    rows = rows.filter(**{protection_of(permission.model).owner_field: owner_id})
    if among is not None:
        rows = rows.filter(Among("pk", among))
    found: set[int] = set()
    for column in columns:
        found.update(rows.filter(**{f"{column}__in": list(ids)}).values_list("pk", flat=True))
    return sorted(found)


def _count_linked(spec: ObjectSpec, columns: Sequence[str], owner_id: int, ids: Sequence[int], actor: Actor) -> int:
    permission = grant(actor, spec.model, Action.TRANSFER)
    return len(_linked_ids(permission, columns, owner_id=owner_id, ids=ids, among=None)) if ids else 0


def _move_linked(spec: ObjectSpec, columns: Sequence[str], passing: Passing, actor: Actor) -> int:
    """Give the records that lead to those that pass to their new owner; of an undo, those that came with them."""
    permission = grant(actor, spec.model, Action.TRANSFER)
    among = None
    if passing.undone:
        among = [pk for entry in passing.undone for pk in changed_ids(spec.model, entry)]  # type: ignore[arg-type]  # what has verbs is a Record
    ids = _linked_ids(permission, columns, owner_id=passing.from_id, ids=passing.ids, among=among)
    if not ids:
        return 0
    protection = protection_of(spec.model)
    written: dict[str, object] = {protection.owner_field: passing.to_id}
    if protection.unit_field:
        written[protection.unit_field] = passing.to_unit_id
    count = write_rows(permission, ids, columns=written, is_trashed=False, entry_id=passing.entry_id)
    if spec.follow is not None:
        names = tuple(name.removesuffix("_id") for name in written)
        spec.follow(WrittenBlock(tuple(ids), names, actor, is_undo=bool(passing.undone)))
    return count
