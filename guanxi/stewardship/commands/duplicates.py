"""What is decided of two records that may be one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, no_such_record
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.merging import Pair, merge_records, undo_merge
from guanxi.platform.objects.models import Merge
from guanxi.platform.objects.registry import listed_object
from guanxi.stewardship.choices import TwinState
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.alike import MOST_SHOWN, likely_accounts
from guanxi.stewardship.rules.duplicates import Reason

REASON = "stewardship: a pair was admitted by the actor's grant on both of its records"


@transaction.atomic
def merge_twin(
    twin_id: int, *, keep_id: int, taken: Collection[str], versions: Mapping[int, int] | None = None, actor: Actor
) -> Merge:
    """Merge the two records of a pair; `keep_id` stays, with the values of the fields `taken` from the other.

    Raises: NotFound, AccessDenied, Conflict("twin.decided" | "record.changed"), RuleViolation as `merge_records` does.
    """
    twin = _open_twin(twin_id, actor)
    if keep_id not in (twin.first_id, twin.second_id):
        raise no_such_record()
    pair = Pair(keep_id, twin.first_id + twin.second_id - keep_id)
    merge = merge_records(twin.object_key, pair, taken=taken, versions=versions, actor=actor)
    _write(twin, state=TwinState.MERGED, merge_id=merge.pk, decided_by=actor.user_id, decided_at=timezone.now())
    return merge


@transaction.atomic
def part_twin(twin_id: int, *, actor: Actor) -> None:
    """Remember that two records are not the same. Raises: NotFound, AccessDenied, Conflict("twin.decided")."""
    twin = _open_twin(twin_id, actor)
    begin_entry(actor, action="not_the_same", object_key=twin.object_key, record_id=twin.first_id, record_count=2)
    _write(twin, state=TwinState.DIFFERENT, decided_by=actor.user_id, decided_at=timezone.now())


@transaction.atomic
def put_twin_off(twin_id: int, *, until: date, actor: Actor) -> None:
    """Ask again later. Raises: NotFound, AccessDenied, Conflict("twin.decided")."""
    twin = _open_twin(twin_id, actor)
    _write(twin, later_until=until)


@transaction.atomic
def reopen_twin(twin_id: int, *, actor: Actor) -> None:
    """Take back what was decided: a merge is undone, a pair that was put off or parted is asked again.

    Raises: NotFound, AccessDenied, Conflict as `undo_merge` does.
    """
    twin = _reached(twin_id, actor)
    if twin.state == TwinState.MERGED and twin.merge_id is not None:
        undo_merge(twin.merge_id, actor=actor)
    else:
        begin_entry(actor, action="reopen_twin", object_key=twin.object_key, record_id=twin.first_id, record_count=2)
    _write(twin, state=TwinState.OPEN, merge_id=None, later_until=None, decided_by=None, decided_at=None)


def _open_twin(twin_id: int, actor: Actor) -> Twin:
    twin = _reached(twin_id, actor)
    if twin.state != TwinState.OPEN:
        raise Conflict("twin.decided", "Somebody has decided this pair meanwhile.")
    return twin


def _reached(twin_id: int, actor: Actor) -> Twin:
    """A pair, locked, both of whose records the actor may see. Raises: NotFound, AccessDenied."""
    grant(actor, Twin, Action.EDIT).get(twin_id)
    twin: Twin = unscoped(Twin, reason=REASON).select_for_update().get(pk=twin_id)
    permission = grant(actor, listed_object(twin.object_key).model)
    if permission.queryset().filter(pk__in=(twin.first_id, twin.second_id)).count() < 2:
        raise no_such_record()
    return twin


def _write(twin: Twin, **values: object) -> None:
    unscoped(Twin, reason=REASON).filter(pk=twin.pk).update(**values)


@transaction.atomic
def put_on_desk(account_id: int, typed: Mapping[str, str], *, actor: Actor) -> int:
    """Ask the steward about a new customer and those that look like it by what was typed. Returns how many pairs.

    Pairs that are known stay as they are.
    """
    likely = [found for found in likely_accounts(typed) if found[1].id != account_id][:MOST_SHOWN]
    if likely:
        begin_entry(actor, action="put_on_desk", object_key="account", record_id=account_id, record_count=len(likely))
    unscoped(Twin, reason=REASON).bulk_create(
        [_pair(account_id, row.id, reasons) for reasons, row in likely], ignore_conflicts=True
    )
    return len(likely)


def _pair(one_id: int, other_id: int, reasons: Sequence[Reason]) -> Twin:
    return Twin(
        object_key="account",
        first_id=min(one_id, other_id),
        second_id=max(one_id, other_id),
        weight=sum(reason.weight for reason in reasons),
        reasons=[[reason.evidence.value, reason.weight] for reason in reasons],
    )
