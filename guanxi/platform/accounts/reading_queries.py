"""Reads about reading: who opened, revealed and exported how much, and the entries of note."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.limits import Limit, ReadKind, limit_of_roles
from guanxi.platform.access.models import ReadCount
from guanxi.platform.access.prepared import number_array
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import administers_everybody, own_id, people
from guanxi.platform.audit.models import READS_OF_NOTE, AuditEntry

DAYS = 30
LEAST_UNUSUAL = 20
TIMES_MEDIAN = 3
_TODAY = """
SELECT t.user_id, t.kind, t.count, coalesce((
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY p.count) FROM access_readcount p
    WHERE p.user_id = t.user_id AND p.kind = t.kind AND p.day < t.day AND p.day >= t.day - %s
), 0) FROM access_readcount t WHERE t.day = %s AND t.user_id = ANY(%s::bigint[]) ORDER BY t.count DESC
"""


@dataclass(frozen=True, slots=True)
class ReadTotal:
    """How much a person read of one kind in thirty days, and on the day on which it was most."""

    kind: ReadKind
    total: int
    most_on_a_day: int
    limit: Limit


@dataclass(frozen=True, slots=True)
class ReadToday:
    """How much somebody read of one kind today, beside the own median day; what is wrong with it, if anything."""

    user_id: int
    name: str
    kind: ReadKind
    count: int
    median: float
    limit: Limit

    @property
    def is_refused(self) -> bool:
        """Whether the limit is reached."""
        return self.limit.most is not None and self.count >= self.limit.most

    @property
    def is_much(self) -> bool:
        """Whether administrators want to see it."""
        return self.limit.warn_at is not None and self.count >= self.limit.warn_at

    @property
    def is_unusual(self) -> bool:
        """Whether it is far above what this person reads on a median day."""
        return self.count >= LEAST_UNUSUAL and self.count > TIMES_MEDIAN * self.median


@dataclass(frozen=True, slots=True)
class NotedRead:
    """One entry of note of the audit trail."""

    at: datetime
    user_id: int | None
    name: str
    action: str
    object_key: str
    record_id: int | None
    record_count: int
    surface: str
    address: str
    reason: str


def today() -> date:
    """The day on which reads are counted now."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


def read_totals(person: Actor) -> tuple[ReadTotal, ...]:
    """What a person read in thirty days, for each kind; one query."""
    since = today() - timedelta(days=DAYS)
    rows = ReadCount.objects.filter(user_id=own_id(person), day__gt=since).values_list("kind", "count")
    counts: dict[ReadKind, list[int]] = {kind: [] for kind in ReadKind}
    for kind, count in rows:
        counts[ReadKind(kind)].append(count)
    return tuple(
        ReadTotal(
            kind,
            sum(found),
            max(found, default=0),
            limit_of_roles(person.roles, kind, version=person.policy_version),
        )
        for kind, found in counts.items()
    )


def reads_today(actor: Actor) -> tuple[ReadToday, ...]:
    """Who of those whom the actor administers reads how much today: reached limits and unusual counts first.

    Raises: AccessDenied. Three queries.
    """
    users = grant(actor, User, Action.ADMINISTER).queryset().prefetch_related("roles")
    roles = {user.pk: tuple(sorted(role.key for role in user.roles.all())) for user in users}
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, [DAYS, today(), number_array(roles)])
        rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
    names = people(row[0] for row in rows)
    found = [
        ReadToday(
            user_id=user_id,
            name=names[user_id].name if user_id in names else "",
            kind=ReadKind(kind),
            count=count,
            median=float(median),
            limit=limit_of_roles(roles[user_id], ReadKind(kind), version=actor.policy_version),
        )
        for user_id, kind, count, median in rows
    ]
    return tuple(sorted(found, key=lambda item: (not item.is_refused, not item.is_much, not item.is_unusual)))


def noted_reads(
    actor: Actor, *, user_id: int | None, action: str, before: datetime | None, limit: int
) -> tuple[NotedRead, ...]:
    """Entries of note, the newest first, older than `before`; of those whom the actor administers.

    Raises: AccessDenied.
    """
    actions: Iterable[str] = [action] if action in READS_OF_NOTE else READS_OF_NOTE
    users = grant(actor, User, Action.ADMINISTER).queryset()
    entries = AuditEntry.objects.filter(action__in=READS_OF_NOTE).filter(action__in=list(actions))
    if not administers_everybody(actor):
        entries = entries.filter(user_id__in=users.values("pk"))
    if user_id is not None:
        entries = entries.filter(user_id=user_id)
    if before is not None:
        entries = entries.filter(at__lt=before)
    columns = ("at", "user_id", "actor_name", "action", "object_key", "record_id", "record_count", "surface")
    rows = entries.order_by("-at").values_list(*columns, "address", "reason")[:limit]
    return tuple(NotedRead(*row) for row in rows)
