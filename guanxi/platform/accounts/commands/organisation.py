"""Verbs about the org tree: who stands below whom decides what people see, so each holds with the next request."""

from django.core.cache import caches
from django.db import connection, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import OrgUnit, UnitKind, User
from guanxi.platform.accounts.queries import UNIT_NAMES
from guanxi.platform.audit.commands import begin_entry

_MOVE = "UPDATE accounts_orgunit SET path = %s::bigint[] || path[%s:] WHERE path @> ARRAY[%s]::bigint[]"


@transaction.atomic
def create_unit(name: str, *, kind: UnitKind, parent: OrgUnit | None = None, actor: Actor) -> OrgUnit:
    """Add a unit to the org tree below `parent`.

    Raises: AccessDenied("unit.above") where the actor does not administer the parent; Conflict("unit.name_taken").
    """
    _require_administration(parent.pk if parent else None, actor=actor)
    _lock_tree()
    _require_free_name(name, parent_id=parent.pk if parent else None)
    unit = OrgUnit.objects.create(name=name, kind=kind, parent=parent)
    unit.path = [*(parent.path if parent else []), unit.pk]
    unit.save(update_fields=["path"])
    begin_entry(actor, action="create", object_key="unit", record_id=unit.pk)
    _forget_names()
    return unit


@transaction.atomic
def rename_unit(unit_id: int, *, name: str, kind: UnitKind, actor: Actor) -> OrgUnit:
    """Give a unit another name and level. Raises: NotFound, AccessDenied("unit.above"), Conflict("unit.name_taken")."""
    _lock_tree()
    unit = _reached(unit_id, actor=actor)
    if name != unit.name:
        _require_free_name(name, parent_id=unit.parent_id)
    before = unit.name
    unit.name, unit.kind = name, kind
    unit.save(update_fields=["name", "kind"])
    begin_entry(actor, action="edit", object_key="unit", record_id=unit_id, reason=f"{before} → {name}"[:500])
    _forget_names()
    return unit


@transaction.atomic
def move_unit(unit_id: int, *, parent_id: int | None, actor: Actor) -> OrgUnit:
    """Hang a unit, with all below it, below another one, or on top with None.

    Raises: NotFound; AccessDenied("unit.above") unless the actor administers the unit, where it stood and where it
    goes; RuleViolation("unit.cycle") for a place below itself; Conflict("unit.name_taken").
    """
    _lock_tree()
    unit = _reached(unit_id, actor=actor)
    if unit.parent_id == parent_id:
        return unit
    _require_administration(unit.parent_id, actor=actor)
    _require_administration(parent_id, actor=actor)
    parent = OrgUnit.objects.filter(pk=parent_id).first() if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise NotFound("unit.not_found", "There is no such department.")
    if parent is not None and unit.pk in parent.path:
        raise RuleViolation("unit.cycle", "A department cannot stand below itself.", field="parent_id")
    _require_free_name(unit.name, parent_id=parent_id)
    before, depth = unit.path, len(unit.path)
    OrgUnit.objects.filter(pk=unit_id).update(parent=parent)
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [list(parent.path) if parent else [], depth, unit_id])
    reason = f"{before[:-1]} → {list(parent.path) if parent else []}"
    begin_entry(actor, action="move", object_key="unit", record_id=unit_id, reason=reason[:500])
    _forget_names()
    return OrgUnit.objects.get(pk=unit_id)


def _reached(unit_id: int, *, actor: Actor) -> OrgUnit:
    unit = OrgUnit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound("unit.not_found", "There is no such department.")
    _require_administration(unit_id, actor=actor)
    return unit


def _require_administration(unit_id: int | None, *, actor: Actor) -> None:
    """Raise unless the actor administers the people of the unit; for the top of the tree, all people."""
    if not may_act_on(actor, User(unit_id=unit_id), Action.ADMINISTER):
        raise AccessDenied("unit.above", "This department is not yours to administer.")


def _require_free_name(name: str, *, parent_id: int | None) -> None:
    if OrgUnit.objects.filter(parent_id=parent_id, name=name).exists():
        raise Conflict("unit.name_taken", "There is a department of this name in the same place.", field="name")


def _lock_tree() -> None:
    """Wait until no other transaction changes the tree: two moves at once could make a circle."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('accounts:units', 0))")


def _forget_names() -> None:
    transaction.on_commit(lambda: caches["process"].delete(UNIT_NAMES))
