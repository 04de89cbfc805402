"""The policy in force: role rules read from the database and kept per policy version."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from django.db import connection, transaction

from guanxi.kernel.actor import Actor
from guanxi.platform.access.models import FieldRule, PolicyChange, RoleRule
from guanxi.platform.access.rules import Action, FieldAccess, RolePolicy, RowRule, parse_rule, widest

SYSTEM_ROLE = "system"


@lru_cache(maxsize=4)
def _policies(version: int) -> Mapping[str, RolePolicy]:  # noqa: ARG001  # the version is the cache key
    rows: dict[str, dict[tuple[str, Action], RowRule]] = defaultdict(dict)
    fields: dict[str, dict[tuple[str, str], FieldAccess]] = defaultdict(dict)
    for row in RoleRule.objects.all():
        rows[row.role_key][row.object_key, Action(row.action)] = parse_rule(row.rule)
    for entry in FieldRule.objects.all():
        fields[entry.role_key][entry.object_key, entry.sensitivity] = FieldAccess(entry.access)
    return {role: RolePolicy(rows[role], fields[role]) for role in {*rows, *fields}}


def role_policies(actor: Actor) -> tuple[RolePolicy, ...]:
    """The policies of an actor's roles, as of the actor's policy version."""
    policies = _policies(actor.policy_version)
    return tuple(policies[role] for role in actor.roles if role in policies)


def row_rule(actor: Actor, *, object_key: str, action: Action) -> RowRule:
    """The widest row rule that the actor's roles give for an action on an object."""
    return widest(tuple(policy.row_rule(object_key, action) for policy in role_policies(actor)))


def field_access(actor: Actor, *, object_key: str, sensitivity: str) -> FieldAccess:
    """The widest field access that the actor's roles give; hidden when the actor has no role."""
    return max(
        (policy.field_access(object_key, sensitivity) for policy in role_policies(actor)),
        default=FieldAccess.HIDDEN,
    )


def current_policy_version() -> int:
    """The number of the policy in force."""
    return PolicyChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


@transaction.atomic
def set_role_policy(
    role_key: str, *, rows: Mapping[tuple[str, str], object], fields: Mapping[tuple[str, str], int]
) -> None:
    """Replace all rules of a role; in force for the next request of everybody.

    `rows` maps (object key, action) to the JSON form of a row rule, `fields` maps (object key, sensitivity) to a
    FieldAccess number. Raises: RuleViolation("access.rule") and leaves everything as it was.
    """
    for rule in rows.values():
        parse_rule(rule)
    lock_policy()
    RoleRule.objects.filter(role_key=role_key).delete()
    FieldRule.objects.filter(role_key=role_key).delete()
    RoleRule.objects.bulk_create(
        RoleRule(role_key=role_key, object_key=key, action=Action(action), rule=rule)
        for (key, action), rule in rows.items()
    )
    FieldRule.objects.bulk_create(
        FieldRule(role_key=role_key, object_key=key, sensitivity=sensitivity, access=access)
        for (key, sensitivity), access in fields.items()
    )
    PolicyChange.objects.create()


def lock_policy() -> None:
    """Wait until no other transaction changes rules: else a change with a lower number could commit after a higher
    one, and nobody would notice it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('access:policy', 0))")
