"""Verbs about roles: what each may do, in force with the next request of everybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.catalogue import protected_objects
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.limits import Limit, ReadKind, set_role_limits
from guanxi.platform.access.policy import current_policy_version, lock_policy, set_role_policy
from guanxi.platform.access.policy import field_access as access_of
from guanxi.platform.access.policy import row_rule as rule_of
from guanxi.platform.access.rules import Action, Everyone, FieldAccess, Nobody, RolePolicy, parse_rule
from guanxi.platform.accounts.models import Role, User
from guanxi.platform.accounts.queries import administers_everybody, administers_roles
from guanxi.platform.audit.commands import begin_entry


@dataclass(frozen=True, slots=True)
class RoleTerms:
    """What a role is called and may do: row rules in their JSON form by (object key, action), levels by (object key,
    sensitivity), and daily limits."""

    name: str
    name_en: str
    rows: Mapping[tuple[str, str], object]
    fields: Mapping[tuple[str, str], int]
    limits: Mapping[ReadKind, Limit] = field(default_factory=dict)

    def policy(self) -> RolePolicy:
        """The rules as the access room reads them. Raises: RuleViolation("access.rule")."""
        rows = {(key, Action(action)): parse_rule(rule) for (key, action), rule in self.rows.items()}
        return RolePolicy(rows, {key: FieldAccess(level) for key, level in self.fields.items()})


@transaction.atomic
def define_role(
    key: str,
    *,
    name: str,
    rows: Mapping[tuple[str, str], object],
    fields: Mapping[tuple[str, str], int],
    name_en: str = "",
    actor: Actor,
) -> Role:
    """Create a role or replace its rules, for the program itself; in force for the next request.

    Raises: RuleViolation("access.rule").
    """
    role, _ = Role.objects.update_or_create(key=key, defaults={"name": name, "name_en": name_en})
    set_role_policy(key, rows=rows, fields=fields)
    begin_entry(actor, action="define_role", object_key="role", record_id=role.pk)
    return role


@transaction.atomic
def add_role(terms: RoleTerms, *, actor: Actor) -> Role:
    """Make a role of its own. Raises: AccessDenied, Conflict("role.name_taken"), RuleViolation("access.rule")."""
    grant(actor, Role, Action.ADMINISTER)
    _require_name(terms, role_id=None)
    key = f"{slugify(terms.name_en)[:40] or 'role'}-{uuid4().hex[:8]}"
    role = Role.objects.create(key=key, name=terms.name, name_en=terms.name_en)
    _write(role, terms)
    begin_entry(actor, action="create", object_key="role", record_id=role.pk, reason=terms.name)
    return role


@transaction.atomic
def edit_role(role_id: int, *, terms: RoleTerms, version: int, actor: Actor) -> Role:
    """Change what a role is called and may do. `version` is the number of the policy that the actor saw.

    Raises: NotFound; AccessDenied("access.denied") or ("role.own") where the actor would gain by it;
    Conflict("role.changed" | "role.name_taken"); RuleViolation("access.rule" | "role.last_administrator").
    """
    role = _reached(role_id, actor=actor)
    lock_policy()
    if current_policy_version() != version:
        raise Conflict("role.changed", "Somebody changed the roles while you edited. Look at them again, then save.")
    _require_name(terms, role_id=role.pk)
    if role.key in actor.roles:
        _require_no_gain(terms.policy(), actor=actor)
    role.name, role.name_en = terms.name, terms.name_en
    role.save(update_fields=["name", "name_en"])
    _write(role, terms)
    keep_an_administrator()
    begin_entry(actor, action="edit", object_key="role", record_id=role.pk, reason=terms.name)
    return role


@transaction.atomic
def retire_role(role_id: int, *, actor: Actor) -> Role:
    """Offer a role no more. Raises: NotFound, AccessDenied, RuleViolation("role.in_use") while somebody has it."""
    role = _reached(role_id, actor=actor)
    count = User.objects.filter(roles=role, is_active=True).count()
    if count:
        raise RuleViolation("role.in_use", "%(count)s people have this role. Give them another one first.", count=count)
    role.retired_at = timezone.now()
    role.save(update_fields=["retired_at"])
    begin_entry(actor, action="retire", object_key="role", record_id=role.pk, reason=role.name)
    return role


@transaction.atomic
def reinstate_role(role_id: int, *, actor: Actor) -> Role:
    """Offer a retired role again. Raises: NotFound, AccessDenied."""
    role = _reached(role_id, actor=actor)
    role.retired_at = None
    role.save(update_fields=["retired_at"])
    begin_entry(actor, action="reinstate", object_key="role", record_id=role.pk, reason=role.name)
    return role


def lock_administrators() -> None:
    """Wait until nobody else changes who administers: else two administrators could put each other out at once."""
    lock_policy()


def keep_an_administrator() -> None:
    """Raise unless some active person still administers everybody and the roles, as this transaction leaves it.

    Raises: RuleViolation("role.last_administrator").
    """
    version = current_policy_version()
    people = User.objects.filter(is_active=True).prefetch_related("roles")
    for roles in {tuple(sorted(role.key for role in person.roles.all())) for person in people}:
        actor = Actor(user_id=None, name="", surface=Surface.JOB, roles=roles, policy_version=version)
        if administers_everybody(actor) and administers_roles(actor):
            return
    raise RuleViolation("role.last_administrator", "Somebody has to administer people and roles: nobody would be left.")


def _reached(role_id: int, *, actor: Actor) -> Role:
    if not may_act_on(actor, Role(), Action.ADMINISTER):
        raise AccessDenied("access.denied", "Only who administers the roles can change this.")
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise NotFound("role.not_found", "There is no such role.")
    return role


def _require_name(terms: RoleTerms, *, role_id: int | None) -> None:
    same = Role.objects.filter(name=terms.name, retired_at__isnull=True).values_list("pk", flat=True)
    if set(same) - {role_id}:
        raise Conflict("role.name_taken", "There is a role of this name.", field="name")


def _write(role: Role, terms: RoleTerms) -> None:
    set_role_policy(role.key, rows=terms.rows, fields=terms.fields)
    set_role_limits(role.key, terms.limits)


def _require_no_gain(after: RolePolicy, *, actor: Actor) -> None:
    """Raise where a role of the actor's own would come to give the actor more than all roles gave before.

    Raises: AccessDenied("role.own").
    """
    known = {item.key: item.sensitivities for item in protected_objects()}
    known["*"] = tuple({name for names in known.values() for name in names})
    if any(_is_gain(after, key, sensitivities=names, actor=actor) for key, names in known.items()):
        raise AccessDenied("role.own", "A role of your own can only lose rights by your hand. Somebody else widens it.")


def _is_gain(after: RolePolicy, key: str, *, sensitivities: Sequence[str], actor: Actor) -> bool:
    """Whether rules would give the actor more of one kind of record; a rule is no gain for who had it or had all."""
    for action in Action:
        rule, had = after.row_rule(key, action), rule_of(actor, object_key=key, action=action)
        if rule not in (Nobody(), had) and had != Everyone():
            return True
    return any(
        after.field_access(key, name) > access_of(actor, object_key=key, sensitivity=name)
        for name in ("", *sensitivities)
    )
