"""A night of the pools taken back: block by block, in the background where there are many.

Steps: 1 note who takes it back and under which audit entry, once, 2 block by block, and each in a transaction of its
own, check the right as it is now and give who is still in a pool to the former owner, 3 note the end. A killed run is
begun again and goes on with who is left.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import actors_by_user_id, own_id
from guanxi.platform.audit.commands import begin_entry, continue_entry, set_count
from guanxi.platform.jobs.progress import Progress, start_run
from guanxi.stewardship.commands.holding import refresh_terms
from guanxi.stewardship.commands.stays import take_back
from guanxi.stewardship.models import Pool, RecycleRun
from guanxi.stewardship.queries.pools import entered_by_entry

UNDO_NIGHT_JOB = "stewardship.undo_night"
BLOCK = 500
AT_ONCE = 50


@transaction.atomic
def undo_recycling(run_id: int, *, title: str, actor: Actor) -> RecycleRun:
    """Take a night back: who is still in a pool goes back to the former owner, who was taken since is kept.

    It happens at once for a few, in the background for many; `title` names the job to people.
    Raises: NotFound, AccessDenied, Conflict("pool.undone").
    """
    grant(actor, Pool, Action.ADMINISTER)
    run = RecycleRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise no_such_record()
    if run.undone_at is not None:
        raise Conflict("pool.undone", "This night was taken back already.")
    run.undo_entry_id = begin_entry(
        actor, action="undo_recycle", object_key="account", record_count=0, reason=f"undo of {run.entry_id}"
    )
    run.undone_at = run.undo_moved_at = timezone.now()
    run.undone_by_id, run.undo_run_id = own_id(actor), None
    is_long = entered_by_entry(run.entry_id).filter(left_at__isnull=True).count() > AT_ONCE
    if is_long:
        run.undo_run_id = start_run(
            UNDO_NIGHT_JOB, title=title, started_by_id=actor.user_id, arguments={"night_id": run.pk}
        )
    names = ("undo_entry_id", "undone_at", "undo_moved_at", "undone_by_id", "undo_run_id")
    RecycleRun.objects.filter(pk=run.pk).update(**{name: getattr(run, name) for name in names})
    return run if is_long else write_night_undo(run.pk)


def write_night_undo(run_id: int, progress: Progress | None = None) -> RecycleRun:
    """Give back who is left of a night that is taken back; doing it again changes nothing.

    Raises: AccessDenied("pool.left" | "access.denied"); who went back until then stays there.
    """
    run = RecycleRun.objects.get(pk=run_id)
    rows = entered_by_entry(run.entry_id).filter(left_at__isnull=True)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if progress is not None:
        progress.expect(len(ids))
    for start in range(0, len(ids), BLOCK):
        block = ids[start : start + BLOCK]
        _restore_block(run_id, block)
        if progress is not None:
            progress.advance(len(block))
    RecycleRun.objects.filter(pk=run_id, undo_ended_at__isnull=True).update(undo_ended_at=timezone.now())
    return RecycleRun.objects.get(pk=run_id)


@transaction.atomic
def _restore_block(run_id: int, stay_ids: Sequence[int]) -> None:
    run = RecycleRun.objects.select_for_update().get(pk=run_id)
    if run.undo_entry_id is None or run.undo_ended_at is not None:
        return
    actor = _undoing(run)
    continue_entry(run.undo_entry_id)
    rows = entered_by_entry(run.entry_id).filter(Among("pk", list(stay_ids)), left_at__isnull=True)
    stays = list(rows.select_for_update(of=("self",)))
    back = take_back(stays, undone=run.entry_id, entry_id=run.undo_entry_id, actor=actor)
    refresh_terms(back)
    RecycleRun.objects.filter(pk=run_id).update(restored=F("restored") + len(back), undo_moved_at=timezone.now())
    set_count(run.undo_entry_id, record_count=run.restored + len(back))


def stop_night_undo(run_id: int) -> None:
    """Note that a person stopped it: who went back stays there, and the rest can be taken back later."""
    RecycleRun.objects.filter(pk=run_id, undo_ended_at__isnull=True).update(undone_at=None, undo_run_id=None)


def unfinished_night_undos(before: datetime) -> list[int]:
    """The nights that are being taken back and of which nothing has moved since a moment."""
    rows = RecycleRun.objects.filter(undone_at__isnull=False, undo_ended_at__isnull=True, undo_moved_at__lt=before)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _undoing(run: RecycleRun) -> Actor:
    """Who takes a night back, with the rights of this moment. Raises: AccessDenied."""
    actor = actors_by_user_id([run.undone_by_id or 0]).get(run.undone_by_id or 0)
    if actor is None:
        raise AccessDenied("pool.left", "Who took the night back may not sign in any more, so it was stopped.")
    grant(actor, Pool, Action.ADMINISTER)
    return actor
