"""How much a person may read in a day: cards opened, values revealed, rows exported.

A read is counted and held against the limit in one statement. Several roles give the widest limit; a role without a
limit of a kind has none. What lies beyond is refused and not counted.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.models import RoleLimit


class ReadKind(StrEnum):
    """The reads that are counted."""

    VIEW = "view"
    REVEAL = "reveal"
    EXPORT = "export"


@dataclass(frozen=True, slots=True)
class Limit:
    """From when administrators see it, and what is refused beyond; None = no such limit."""

    warn_at: int | None = None
    most: int | None = None


REFUSALS: Mapping[ReadKind, str] = {
    ReadKind.VIEW: _(
        "You have opened %(count)s records today, the limit of your role is %(most)s. It starts anew tomorrow; an "
        "administrator can raise it."
    ),
    ReadKind.REVEAL: _(
        "You have revealed %(count)s values today, the limit of your role is %(most)s. It starts anew tomorrow; an "
        "administrator can raise it."
    ),
    ReadKind.EXPORT: _(
        "You have exported %(count)s rows today and ask for %(amount)s more; the limit of your role is %(most)s a day. "
        "Narrow the list, or ask an administrator to raise it."
    ),
}
_COUNT = """
WITH settled AS MATERIALIZED (SELECT set_config('synchronous_commit', %s, true))
INSERT INTO access_readcount (user_id, day, kind, count) SELECT %s, %s, %s, %s FROM settled
ON CONFLICT (day, user_id, kind) DO UPDATE SET count = access_readcount.count + excluded.count
WHERE access_readcount.count + excluded.count <= %s RETURNING count
"""
_SO_FAR = "SELECT count FROM access_readcount WHERE day = %s AND user_id = %s AND kind = %s"
UNLIMITED = 2_000_000_000


def count_reads(actor: Actor, kind: ReadKind, *, amount: int = 1) -> int:
    """Count what a person is about to read; returns the count of the day. The system reads uncounted.

    A count of opened records is not waited for to reach the disk: one that a power cut takes away is no loss.
    Raises: AccessDenied("limit.reached").
    """
    if actor.user_id is None or not amount:
        return 0
    most = limit_of(actor, kind).most
    day = timezone.localdate(timezone=timezone.get_default_timezone())
    commit = "off" if kind is ReadKind.VIEW and not connection.in_atomic_block else "on"
    ceiling = UNLIMITED if most is None else most
    found = None
    with connection.cursor() as cursor:
        if amount <= ceiling:
            cursor.execute(_COUNT, [commit, actor.user_id, day, kind.value, amount, ceiling])
            found = cursor.fetchone()
        if found is None:
            cursor.execute(_SO_FAR, [day, actor.user_id, kind.value])
            so_far = cursor.fetchone()
            raise AccessDenied(
                "limit.reached", REFUSALS[kind], count=so_far[0] if so_far else 0, amount=amount, most=most
            )
    return int(found[0])


def limit_of(actor: Actor, kind: ReadKind) -> Limit:
    """The widest limit that the actor's roles set for a kind of read."""
    return limit_of_roles(actor.roles, kind, version=actor.policy_version)


def limit_of_roles(roles: tuple[str, ...], kind: ReadKind, *, version: int) -> Limit:
    """The widest limit of some roles under a version of the policy."""
    limits = _limits(version)
    found = [limits.get(role, {}).get(kind, Limit()) for role in roles] or [Limit()]
    return Limit(_widest([limit.warn_at for limit in found]), _widest([limit.most for limit in found]))


def _widest(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return max(known) if len(known) == len(values) else None


@lru_cache(maxsize=4)
def _limits(version: int) -> Mapping[str, Mapping[ReadKind, Limit]]:  # noqa: ARG001  # the version is the cache key
    found: dict[str, dict[ReadKind, Limit]] = defaultdict(dict)
    for row in RoleLimit.objects.all():
        found[row.role_key][ReadKind(row.kind)] = Limit(row.warn_at, row.most)
    return found


def limits_of_role(role_key: str) -> Mapping[ReadKind, Limit]:
    """The limits that a role sets itself."""
    rows = RoleLimit.objects.filter(role_key=role_key)
    return {ReadKind(row.kind): Limit(row.warn_at, row.most) for row in rows}


def set_role_limits(role_key: str, limits: Mapping[ReadKind, Limit]) -> None:
    """Replace the limits of a role; called where the rules of the role are set, which makes the new version."""
    RoleLimit.objects.filter(role_key=role_key).delete()
    RoleLimit.objects.bulk_create(
        RoleLimit(role_key=role_key, kind=kind.value, warn_at=limit.warn_at, most=limit.most)
        for kind, limit in limits.items()
        if limit != Limit()
    )
