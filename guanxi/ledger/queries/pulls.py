"""Named reads about connections, pulls and their runs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Max, OuterRef, Subquery
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.ledger.choices import PullState, PullTarget
from guanxi.ledger.models import Connection, Pull, PullRun, RefusedRow
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action

REASON = "pull: schedules run for the house, whoever set them up"
ORDER = {PullTarget.ACCOUNT: 0, PullTarget.PRODUCT: 1, PullTarget.PURCHASE: 2}
"""Customers before products before order lines, which name both."""


def connections(actor: Actor) -> tuple[Connection, ...]:
    """The connections that the actor administers, by name."""
    rows = grant(actor, Connection, Action.ADMINISTER).queryset().filter(trashed_at__isnull=True)
    return tuple(rows.order_by("name", "pk"))


def connection_to_set_up(actor: Actor, connection_id: int) -> Connection:
    """One connection. Raises: NotFound, AccessDenied."""
    return grant(actor, Connection, Action.ADMINISTER).live(connection_id)


def pulls_of(actor: Actor, connection_ids: Sequence[int] | None = None) -> tuple[Pull, ...]:
    """The pulls of connections, all of them by default, in the order in which they run."""
    rows = grant(actor, Pull, Action.ADMINISTER).queryset().filter(trashed_at__isnull=True)
    rows = rows.filter(connection__trashed_at__isnull=True)
    if connection_ids is not None:
        rows = rows.filter(connection__in=connection_ids)
    return tuple(sorted(rows.select_related("connection"), key=lambda pull: (ORDER[PullTarget(pull.target)], pull.pk)))


def pulls_named(actor: Actor, name: str) -> tuple[Pull, ...]:
    """The pulls of the connection of a name, or the one pull that is called so, in the order in which they run."""
    found = pulls_of(actor)
    of_connection = tuple(pull for pull in found if name in {pull.connection.system, pull.connection.name})
    return of_connection or tuple(pull for pull in found if pull.name == name)


def pull_to_run(actor: Actor, pull_id: int) -> Pull:
    """One pull. Raises: NotFound, AccessDenied."""
    return grant(actor, Pull, Action.ADMINISTER).live(pull_id)


def connection_of(pull: Pull) -> Connection:
    """The connection of a pull that the actor reached."""
    found: Connection = unscoped(Connection, reason=REASON).get(pk=pull.connection_id)
    return found


def last_place(pull: Pull) -> dict[str, list[str]]:
    """How far the last run of a pull came that wrote anything."""
    found = PullRun.objects.filter(pull=pull, is_trial=False).order_by("-pk").values_list("place", flat=True).first()
    return dict(found or {})


def last_runs(pull_ids: Sequence[int]) -> Mapping[int, PullRun]:
    """The last run of each pull, trials among them. One query."""
    latest = PullRun.objects.filter(pull=OuterRef("pull")).order_by("-pk").values("pk")[:1]
    rows = PullRun.objects.filter(pull__in=pull_ids, pk=Subquery(latest))
    return {run.pull_id: run for run in rows}


def runs_of(pull: Pull, *, limit: int) -> tuple[PullRun, ...]:
    """The latest runs of a pull."""
    return tuple(PullRun.objects.filter(pull=pull).order_by("-pk")[:limit])


def refused_count(pull: Pull) -> int:
    """How many rows wait to be tried again."""
    return RefusedRow.objects.filter(pull=pull).count()


def refused_rows(pull: Pull) -> Iterable[RefusedRow]:
    """The rows that were refused and wait to be tried again, by key."""
    return RefusedRow.objects.filter(pull=pull).order_by("key").iterator(chunk_size=1_000)


def due_pulls(now: datetime) -> tuple[int, ...]:
    """The pulls whose time has come, in the order in which they run."""
    rows = unscoped(Pull, reason=REASON).filter(
        trashed_at__isnull=True,
        is_active=True,
        connection__is_active=True,
        connection__trashed_at__isnull=True,
        every_minutes__gt=0,
    )
    pulls = [pull for pull in rows if pull.mapping and pull.key_column]
    latest = PullRun.objects.filter(pull__in=pulls, is_trial=False).values("pull").annotate(at=Max("started_at"))
    began = dict(latest.values_list("pull", "at"))
    due = [
        pull
        for pull in pulls
        if pull.pk not in began or began[pull.pk] + timedelta(minutes=pull.every_minutes) <= now + timedelta(seconds=59)
    ]
    return tuple(pull.pk for pull in sorted(due, key=lambda pull: (ORDER[PullTarget(pull.target)], pull.pk)))


def is_running(pull: Pull, *, since: timedelta = timedelta(days=1)) -> bool:
    """Whether a run of the pull is under way, as far as anybody knows."""
    rows = PullRun.objects.filter(pull=pull, state=PullState.RUNNING, started_at__gte=timezone.now() - since)
    return bool(rows.exists())
