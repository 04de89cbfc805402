"""Runs of pulls: reading the other system block by block, taking each block in one transaction with how far it came.

A run that is killed at any moment leaves whole blocks; the next one goes on from the last of them. What comes twice
changes nothing, for each row is kept with a hash of what was taken. Two runs of a pull are never at work at once.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, GuanxiError, RuleViolation
from guanxi.ledger.adapters.opening import open_source
from guanxi.ledger.adapters.sources import Source, SourceRow
from guanxi.ledger.analyses.places import Place, beginning, read_place, stamp_of_text, stored
from guanxi.ledger.choices import Deletions, PullState, PullTarget
from guanxi.ledger.commands.pulled import LONGEST_KEY, KeyedRow, Taken, Taker, connector, erased_key, keyed_rows
from guanxi.ledger.commands.pulled_facts import fact_taker
from guanxi.ledger.commands.pulled_records import record_taker
from guanxi.ledger.commands.waiting import adopt_arrived
from guanxi.ledger.models import Connection, Pull, PulledRow, PullRun, RefusedRow
from guanxi.ledger.queries.pulls import connection_of, last_place, pull_to_run
from guanxi.platform.audit.commands import begin_entry, continue_entry, set_count
from guanxi.platform.jobs.progress import RunCancelled
from guanxi.platform.transfer.models import Outcome

PULL_JOB = "ledger.pull"
RETRIED_ROWS = 1_000
GONE_ROWS = 1_000
FEW_GONE = 20
MOST_GONE = 0.5
WHOLE = "whole"
RUN_COUNTS = ("read", "created", "updated", "same", "deleted", "refused", "waiting")
Report = Callable[[int], None]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class PullOrder:
    """How a run is wanted.

    `since` is a stamp that a person typed, "whole" for everything, "" to go on where the last run ended. A trial
    writes nothing, and reads at most `most_rows`. `may_empty` allows deletions of more than half of all rows.
    """

    since: str = ""
    is_trial: bool = False
    most_rows: int | None = None
    may_empty: bool = False


@dataclass(slots=True)
class _Work:
    """One run under way."""

    connection: Connection
    pull: Pull
    order: PullOrder
    run: PullRun
    taker: Taker
    actor: Actor
    report: Report
    refused: set[str] = field(default_factory=set)


def run_pull(pull_id: int, order: PullOrder, *, report: Report | None = None, actor: Actor) -> PullRun:
    """Pull what is new. `report` is told how many rows are done, and may stop the run by RunCancelled.

    Raises: NotFound, AccessDenied, Conflict("pull.running"), RuleViolation("pull.…" | "connection.…"),
    ExternalFailure("connection.…"); the run is kept with the reason.
    """
    pull = pull_to_run(actor, pull_id)
    connection = connection_of(pull)
    require_ready(connection, pull)
    with _alone(pull):
        run = _begin(pull, order, actor=actor)
        state, failure = PullState.BROKEN, {}
        try:
            taker = taker_of(connection, pull, is_trial=order.is_trial)
            work = _Work(connection, pull, order, run, taker, connector(connection), report or (lambda rows: None))
            _pull(work)
            state = PullState.DONE
        except RunCancelled:
            state = PullState.STOPPED
            raise
        except GuanxiError as error:
            state = PullState.FAILED
            failure = {"sentence": error.sentence, "data": {key: str(value) for key, value in error.data.items()}}
            raise
        finally:
            _end(run, state, failure)
    return run


def require_ready(connection: Connection, pull: Pull) -> None:
    """A pull needs a key, and fields for its columns. Raises: RuleViolation("pull.…"), Conflict("pull.off")."""
    if not connection.is_active or not pull.is_active:
        raise Conflict("pull.off", "This connection is switched off.")
    if not pull.key_column:
        raise RuleViolation("pull.key", "Choose the column by which rows are known.")
    if not pull.mapping:
        raise RuleViolation("pull.mapping", "Choose the fields that columns go into.")


def taker_of(connection: Connection, pull: Pull, *, is_trial: bool) -> Taker:
    """What takes the rows of a pull."""
    if pull.target == PullTarget.PURCHASE:
        return fact_taker(connection, pull, is_trial=is_trial)
    return record_taker(connection, pull, is_trial=is_trial)


@contextmanager
def _alone(pull: Pull) -> Iterator[None]:
    """Hold the lock of a pull; a process that is killed lets go of it. Raises: Conflict("pull.running")."""
    name = [f"ledger.pull:{pull.pk}"]
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)
        if cursor.fetchone() != (True,):
            raise Conflict("pull.running", "This pull is running already.")
    try:
        yield
    finally:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _begin(pull: Pull, order: PullOrder, *, actor: Actor) -> PullRun:
    """Note the run, and that a former one was broken off."""
    PullRun.objects.filter(pull=pull, state=PullState.RUNNING).update(state=PullState.BROKEN, ended_at=timezone.now())
    last = last_place(pull)
    start = beginning(read_place(last), overlap=pull.overlap)
    if order.since:
        like = read_place(last).stamp
        start = Place() if order.since == WHOLE else Place(stamp=stamp_of_text(order.since, like=like))
    return PullRun.objects.create(
        pull=pull,
        user_id=actor.user_id,
        is_trial=order.is_trial,
        is_replay=bool(order.since),
        began_at_place=stored(start),
        place=last,
        started_at=timezone.now(),
    )


def _end(run: PullRun, state: PullState, failure: Mapping[str, object]) -> None:
    run.state, run.failure, run.ended_at = state, dict(failure), timezone.now()
    PullRun.objects.filter(pk=run.pk).update(state=state, failure=run.failure, ended_at=run.ended_at, place=run.place)
    if run.entry_id is not None:
        set_count(run.entry_id, record_count=run.created + run.updated + run.deleted)


def _pull(work: _Work) -> None:
    """The steps of a run.

    1 rows that were refused before, 2 all rows from the place on, 3 rows that are gone, 4 facts that waited for a
    customer who is known by now.
    """
    order, run = work.order, work.run
    if not order.is_trial:
        _retry(work)
    with open_source(work.connection, work.pull) as source:
        left = order.most_rows
        for block in source.blocks(read_place(run.began_at_place)):
            rows = block.rows if left is None else block.rows[:left]
            _take_block(work, rows, block.place)
            work.report(len(rows))
            left = left - len(rows) if left is not None else None
            if left is not None and left <= 0:
                return
        if work.pull.deletions == Deletions.SWEEP:
            _sweep(work, source)
    if not work.pull.cursor_column:
        run.place = {}
    if work.pull.target == PullTarget.PURCHASE and not order.is_trial:
        adopt_arrived(work.connection.system, actor=work.actor)


def _retry(work: _Work) -> None:
    """Try rows again that were refused: what they name may be there by now."""
    last = 0
    while rows := list(RefusedRow.objects.filter(pull=work.pull, pk__gt=last).order_by("pk")[:RETRIED_ROWS]):
        last = rows[-1].pk
        _take_block(work, [json.loads(row.row) for row in rows], None, is_counted=False)


def _take_block(work: _Work, rows: Sequence[SourceRow], place: Place | None, *, is_counted: bool = True) -> None:
    """Take some rows in one transaction, with how far the run is then."""
    run, keyed = work.run, keyed_rows(work.pull, rows)
    with transaction.atomic():
        if not work.order.is_trial:
            _name_entry(work)
        long = [Taken(row.key, Outcome.ERROR, reason=_too_long()) for row in keyed if len(row.key) > LONGEST_KEY]
        known = _known(work.pull, keyed)
        gone, changed = _sorted(work, [row for row in keyed if len(row.key) <= LONGEST_KEY], known)
        removed = work.taker.remove([known[row.key] for row in gone])
        taken = [*long, *work.taker.take(changed, known)] if changed else long
        if is_counted:
            run.read += len(rows)
            run.same += len(keyed) - len(long) - len(gone) - len(changed)
        _count(work, taken, removed)
        if not work.order.is_trial:
            _keep(work, {row.key: row for row in keyed}, taken, removed)
            run.place = stored(place) if place is not None else run.place
        _save(run)


def _known(pull: Pull, rows: Sequence[KeyedRow]) -> dict[str, PulledRow]:
    """The rows as they were taken before, by key; that of an erased customer under the key that is asked for."""
    keys = {row.key: row.key for row in rows} | {erased_key(row.key): row.key for row in rows}
    return {keys[row.key]: row for row in PulledRow.objects.filter(pull=pull, key__in=list(keys))}


def _sorted(
    work: _Work, rows: Sequence[KeyedRow], known: Mapping[str, PulledRow]
) -> tuple[list[KeyedRow], list[KeyedRow]]:
    """The rows that are gone, and those that are new or changed; a replay takes records anew that are not changed."""
    is_forced = work.run.is_replay and work.pull.target != PullTarget.PURCHASE
    gone, changed = [], []
    for row in rows:
        former = known.get(row.key)
        if former is not None and former.is_erased:
            continue
        if row.is_gone:
            gone += [row] if former is not None and not former.is_deleted else []
        elif former is None or former.digest != row.digest or former.is_deleted or is_forced:
            changed.append(row)
    return gone, changed


def _count(work: _Work, taken: Sequence[Taken], removed: Sequence[Taken]) -> None:
    """Count what became of rows; one that is refused again in the same run counts once."""
    run = work.run
    outcomes = [item.outcome for item in taken]
    run.created += outcomes.count(Outcome.CREATED)
    run.updated += outcomes.count(Outcome.UPDATED)
    run.same += outcomes.count(Outcome.SAME)
    work.refused.update(item.key for item in taken if item.outcome is Outcome.ERROR)
    work.refused.difference_update(item.key for item in taken if item.outcome is not Outcome.ERROR)
    run.refused = len(work.refused)
    run.waiting += sum(item.is_waiting for item in taken)
    run.deleted += len(removed)


def _keep(work: _Work, rows: Mapping[str, KeyedRow], taken: Sequence[Taken], removed: Sequence[Taken]) -> None:
    """Keep where each record and fact came from, and rows that were refused with the reason."""
    pull, run = work.pull, work.run
    well = [item for item in taken if item.outcome is not Outcome.ERROR]
    removed = [item for item in removed if item.outcome is not Outcome.ERROR]
    PulledRow.objects.bulk_create(
        [
            PulledRow(
                pull=pull,
                run=run,
                key=item.key,
                digest=rows[item.key].digest if item.key in rows else "",
                record_id=item.record_id,
                source_id=item.source_id,
                revision=item.revision,
                is_deleted=is_deleted,
            )
            for items, is_deleted in ((well, False), (removed, True))
            for item in items
        ],
        update_conflicts=True,
        unique_fields=["pull", "key"],
        update_fields=["run", "digest", "record_id", "source_id", "revision", "is_deleted"],
    )
    RefusedRow.objects.filter(pull=pull, key__in=[item.key for item in (*well, *removed)]).delete()
    RefusedRow.objects.filter(pull=pull, key__in=[key for key, row in rows.items() if row.is_gone]).delete()
    RefusedRow.objects.bulk_create(
        [
            RefusedRow(pull=pull, run=run, key=item.key[:LONGEST_KEY], row=_as_json(rows[item.key]), reason=item.reason)
            for item in taken
            if item.outcome is Outcome.ERROR
        ],
        update_conflicts=True,
        unique_fields=["pull", "key"],
        update_fields=["run", "row", "reason"],
    )


def _sweep(work: _Work, source: Source) -> None:
    """Mark what came from rows whose key is there no more. Raises: RuleViolation("pull.too_many_gone").

    All keys go into a temporary table page by page, so that memory does not grow with the other system.
    """
    with database.cursor() as cursor:
        cursor.execute('CREATE TEMPORARY TABLE IF NOT EXISTS pulled_keys (key text COLLATE "C")')
        cursor.execute("TRUNCATE pulled_keys")
        for keys in source.all_keys():
            cursor.execute("INSERT INTO pulled_keys SELECT unnest(%s::text[])", [list(keys)])
        cursor.execute("ANALYZE pulled_keys")
    missing, total = _missing(work.pull), PulledRow.objects.filter(_standing_of(work.pull)).count()
    count = len(missing)
    if count > FEW_GONE and count > total * MOST_GONE and not work.order.may_empty:
        raise RuleViolation(
            "pull.too_many_gone",
            "%(count)s of %(total)s rows are gone in the other system. Nothing was taken away: is it whole?",
            count=count,
            total=total,
        )
    for block in _blocks(missing, GONE_ROWS):
        _remove_block(work, block)
    if not work.order.is_trial:
        with database.cursor() as cursor:
            cursor.execute(_FORGET_REFUSED, [work.pull.pk])


def _standing_of(pull: Pull) -> Q:
    return Q(pull=pull, is_deleted=False, is_erased=False)


def _missing(pull: Pull) -> list[int]:
    """The rows that were taken and whose keys are not among those of the temporary table."""
    with database.cursor() as cursor:
        cursor.execute(_MISSING, [pull.pk])
        return [row[0] for row in cursor.fetchall()]


_MISSING = """
SELECT id FROM ledger_pulledrow r WHERE pull_id = %s AND NOT is_deleted AND NOT is_erased
  AND NOT EXISTS (SELECT FROM pulled_keys k WHERE k.key = r.key) ORDER BY id
"""
_FORGET_REFUSED = """
DELETE FROM ledger_refusedrow r WHERE pull_id = %s AND NOT EXISTS (SELECT FROM pulled_keys k WHERE k.key = r.key)
"""


def _remove_block(work: _Work, ids: Sequence[int]) -> None:
    with transaction.atomic():
        if not work.order.is_trial:
            _name_entry(work)
        rows = list(PulledRow.objects.filter(pk__in=ids))
        removed = work.taker.remove(rows)
        work.run.deleted += len(removed)
        if not work.order.is_trial:
            kept = {row.key: KeyedRow(row.key, row.digest, {}) for row in rows}
            _keep(work, kept, (), removed)
        _save(work.run)


def _name_entry(work: _Work) -> None:
    """All blocks of a run stand under one entry of the audit trail."""
    run = work.run
    if run.entry_id is None:
        run.entry_id = begin_entry(
            work.actor, action="pull", object_key=_object_of(work.pull), reason=f"{work.connection.system}: {work.pull}"
        )
    else:
        continue_entry(run.entry_id)


def _object_of(pull: Pull) -> str:
    return "fact" if pull.target == PullTarget.PURCHASE else pull.target


def _save(run: PullRun) -> None:
    counts = {name: getattr(run, name) for name in RUN_COUNTS}
    PullRun.objects.filter(pk=run.pk).update(place=run.place, entry_id=run.entry_id, **counts)


def _too_long() -> str:
    return gettext("The key is longer than %(characters)s characters.") % {"characters": LONGEST_KEY}


def _as_json(row: KeyedRow) -> str:
    return json.dumps(dict(row.cells), ensure_ascii=False, default=str)


def _blocks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items in lists of so many."""
    left = iter(items)
    while block := list(islice(left, size)):
        yield block
