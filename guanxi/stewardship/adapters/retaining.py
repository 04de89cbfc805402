"""The night of retention: confirmed rules find what is no longer needed, and it goes, block by block.

Steps for one rule: 1 begin the run of the day, or go on with that of a run that was killed: blocks that are half erased
are finished first; 2 block by block, and each in a transaction of its own: lock the customers concerned, look once more
which records go, put them into the trash, or note whom to erase and erase them step by step as requests are; 3 note the
end. A rule that was changed or stopped meanwhile does nothing more.
"""

from collections.abc import Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.commands import begin_entry, continue_entry, set_count
from guanxi.platform.objects.bulk import trash_block
from guanxi.platform.objects.erasing import subject_of_many
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference
from guanxi.stewardship.adapters.erasing import kept_words, write_erasure
from guanxi.stewardship.choices import RequestKind, RequestState, RequestWay, RetentionAction
from guanxi.stewardship.models import RetentionRule, RetentionRun, SubjectRequest
from guanxi.stewardship.queries.restraints import lock_accounts_of
from guanxi.stewardship.queries.retention import REASON, due_rows, rules_in_force

AUTOMATIC = "Retention"
BLOCK = 50
MOST = declare(
    PreferenceSpec(
        "privacy.retention_most",
        2_000,
        "Records that one retention rule takes in one night",
        "The rest goes in the nights after it.",
        minimum=1,
        maximum=100_000,
    )
)


def retain(day: date) -> tuple[RetentionRun, ...]:
    """Apply the confirmed rules of a day, all that is left of it after a crash; a second call does nothing."""
    return tuple(apply_rule(rule, day) for rule in rules_in_force())


def apply_rule(rule: RetentionRule, day: date) -> RetentionRun:
    """Apply one rule in the night of a day; doing it again changes nothing."""
    run = _begun(rule, day)
    for request_id in _half_erased(run.pk):
        write_erasure(request_id)
    while run.finished_at is None:
        run, erasure_id = _write_block(run.pk)
        if erasure_id is not None:
            write_erasure(erasure_id)
    return run


def _actor() -> Actor:
    return system_actor(AUTOMATIC)


@transaction.atomic
def _begun(rule: RetentionRule, day: date) -> RetentionRun:
    """The run of a rule and a day, whether it begins now or began before."""
    known = RetentionRun.objects.filter(rule=rule, day=day).first()
    if known is not None:
        return known
    entry_id = begin_entry(_actor(), action="retain", object_key=rule.object_key, record_count=0, reason=rule.name)
    return RetentionRun.objects.create(
        rule=rule,
        day=day,
        edition=rule.edition,
        action=rule.action,
        entry_id=entry_id,
        held=due_rows(rule, day, is_held=True).count(),
    )


def _half_erased(run_id: int) -> list[int]:
    rows = unscoped(SubjectRequest, reason=REASON).filter(retention_run=run_id, state=RequestState.RUNNING)
    return list(rows.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _write_block(run_id: int) -> tuple[RetentionRun, int | None]:
    """Let the next block go, or finish the run. Returns the run, and the erasure that is to be carried out."""
    run = RetentionRun.objects.select_for_update().get(pk=run_id)
    if run.finished_at is not None:
        return run, None
    rule = next((rule for rule in rules_in_force() if (rule.pk, rule.edition) == (run.rule_id, run.edition)), None)
    left = preference(MOST) - run.gone
    rows = due_rows(rule, run.day).filter(pk__gt=run.last_id).order_by("pk") if rule is not None else None
    ids = list(rows.values_list("pk", flat=True)[:BLOCK]) if rows is not None else []
    request_id = None
    if rule is None or not ids or left <= 0:
        run.finished_at, run.is_cut = timezone.now(), rule is None or bool(ids)
    else:
        ids = ids[:left]
        run.last_id = ids[-1]
        request_id = _let_go(run, rule, ids)
    _keep(run)
    return run, request_id


def _let_go(run: RetentionRun, rule: RetentionRule, ids: Sequence[int]) -> int | None:
    """Trash a block of records, or note whom to erase; those that do not go any more are left. Returns the erasure."""
    lock_accounts_of(rule.object_key, ids)
    going = list(due_rows(rule, run.day).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    if not going:
        return None
    if run.action == RetentionAction.TRASH:
        gone = trash_block(listed_object(rule.object_key), going, entry_id=run.entry_id, actor=_actor())
        run.gone += len(gone)
        set_count(run.entry_id, record_count=run.gone)
        return None
    continue_entry(run.entry_id)
    subject = subject_of_many(rule.object_key, going)
    request = unscoped(SubjectRequest, reason=REASON).create(
        object_key=rule.object_key,
        record_id=going[0],
        kind=RequestKind.ERASE,
        way=RequestWay.OTHER,
        state=RequestState.RUNNING,
        asked_on=run.day,
        due_on=run.day,
        records={key: list(found) for key, found in subject.records},
        words=kept_words(subject),
        retention_run=run,
    )
    run.gone += len(going)
    set_count(run.entry_id, record_count=run.gone)
    return int(request.pk)


def _keep(run: RetentionRun) -> None:
    """Write what a locked run holds now."""
    names = ("last_id", "gone", "is_cut", "finished_at")
    RetentionRun.objects.filter(pk=run.pk).update(**{name: getattr(run, name) for name in names})
