"""Making units and roles."""

from collections.abc import Mapping

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.accounts.models import OrgUnit, Role, UnitKind
from guanxi.platform.audit.commands import begin_entry


@transaction.atomic
def create_unit(name: str, *, kind: UnitKind, parent: OrgUnit | None = None, actor: Actor) -> OrgUnit:
    """Add a unit to the org tree below `parent`."""
    unit = OrgUnit.objects.create(name=name, kind=kind, parent=parent)
    unit.path = [*(parent.path if parent else []), unit.pk]
    unit.save(update_fields=["path"])
    begin_entry(actor, action="create", object_key="unit", record_id=unit.pk)
    return unit


@transaction.atomic
def define_role(
    key: str,
    *,
    name: str,
    rows: Mapping[tuple[str, str], object],
    fields: Mapping[tuple[str, str], int],
    actor: Actor,
) -> Role:
    """Create a role or replace its rules; in force for the next request. Raises: RuleViolation("access.rule")."""
    role, _ = Role.objects.update_or_create(key=key, defaults={"name": name})
    set_role_policy(key, rows=rows, fields=fields)
    begin_entry(actor, action="define_role", object_key="role", record_id=role.pk)
    return role
