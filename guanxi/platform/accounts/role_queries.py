"""Reads about roles: what each may do, who has it."""

from dataclasses import dataclass

from django.db.models import Count

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import grant
from guanxi.platform.access.limits import limits_of_role
from guanxi.platform.access.models import FieldRule, RoleRule
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.commands import RoleTerms
from guanxi.platform.accounts.models import Role, User


@dataclass(frozen=True, slots=True)
class RoleLine:
    """One role of the list, and how many active people have it."""

    id: int
    key: str
    label: str
    people: int
    is_retired: bool


def role_lines(actor: Actor) -> tuple[RoleLine, ...]:
    """All roles by name, retired ones last. Raises: AccessDenied for who does not administer the roles."""
    having = User.roles.through.objects.filter(user__is_active=True).values_list("role_id").annotate(Count("id"))
    counts = dict(having.order_by())
    lines = [
        RoleLine(role.pk, role.key, role.label, counts.get(role.pk, 0), role.retired_at is not None)
        for role in grant(actor, Role, Action.ADMINISTER).queryset()
    ]
    return tuple(sorted(lines, key=lambda line: (line.is_retired, line.label)))


def role_by_id(role_id: int, actor: Actor) -> Role:
    """One role. Raises: AccessDenied for who does not administer the roles, NotFound("role.not_found")."""
    role = grant(actor, Role, Action.ADMINISTER).queryset().filter(pk=role_id).first()
    if role is None:
        raise NotFound("role.not_found", "There is no such role.")
    return role


def terms_of(role: Role) -> RoleTerms:
    """What a role is called and may do; three queries."""
    rows = RoleRule.objects.filter(role_key=role.key).values_list("object_key", "action", "rule")
    fields = FieldRule.objects.filter(role_key=role.key).values_list("object_key", "sensitivity", "access")
    return RoleTerms(
        name=role.name,
        name_en=role.name_en,
        rows={(key, action): rule for key, action, rule in rows},
        fields={(key, sensitivity): level for key, sensitivity, level in fields},
        limits=limits_of_role(role.key),
    )
