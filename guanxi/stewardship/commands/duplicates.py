"""What is decided of two records that may be one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, no_such_record
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.alike import EntryPoint, Hit
from guanxi.platform.objects.merging import Pair, merge_records, undo_merge
from guanxi.platform.objects.models import Merge
from guanxi.platform.objects.registry import listed_object
from guanxi.stewardship.choices import TwinState
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.alike import MOST_SHOWN, alike_hits
from guanxi.stewardship.queries.groups import group_of

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


@dataclass(frozen=True, slots=True)
class GroupMerge:
    """What becomes of records that hang together: one is kept, the others are merged into it.

    `taken` are the fields whose value comes from each merged record, `versions` those that the person saw, by id.
    """

    keep_id: int
    taken: Mapping[int, Collection[str]]
    versions: Mapping[int, int] | None = None


@transaction.atomic
def merge_group(twin_id: int, merge: GroupMerge, *, actor: Actor) -> tuple[int, ...]:
    """Merge several records that hang together by pairs into one. Returns the ids of the pairs that were merged.

    All of it or each merge can be taken back. Raises: as `merge_twin`; NotFound for a record that does not hang
    together with the pair.
    """
    twin = _open_twin(twin_id, actor)
    members = group_of(twin, actor).record_ids
    if not {merge.keep_id, *merge.taken} <= set(members) or not merge.taken or merge.keep_id in merge.taken:
        raise no_such_record()
    versions, at, pairs = dict(merge.versions or {}), timezone.now(), []
    for merged_id, taken in merge.taken.items():
        seen = versions if versions else None
        done = merge_records(twin.object_key, Pair(merge.keep_id, merged_id), taken=taken, versions=seen, actor=actor)
        if versions:
            versions[merge.keep_id] = done.kept_version
        pairs.append(_note_merged(twin, done, at=at, actor=actor))
    return tuple(pairs)


def _note_merged(twin: Twin, merge: Merge, *, at: datetime, actor: Actor) -> int:
    """Note a merge with its pair; two that hang together by others alone get a pair of their own. Returns its id."""
    first_id, second_id = sorted((merge.kept_id, merge.merged_id))
    decided = {
        "state": TwinState.MERGED,
        "merge_id": merge.pk,
        "decided_by_id": actor.user_id,
        "decided_at": at,
    }
    pair, _is_new = unscoped(Twin, reason=REASON).update_or_create(
        object_key=twin.object_key,
        first_id=first_id,
        second_id=second_id,
        defaults=decided,
        create_defaults={"weight": twin.weight, "reasons": twin.reasons, **decided},
    )
    return int(pair.pk)


@transaction.atomic
def part_group(twin_id: int, *, actor: Actor) -> int:
    """Remember of all pairs that hang together with one that they are not the same. Returns how many.

    Raises: as `part_twin`.
    """
    group, at = group_of(_open_twin(twin_id, actor), actor), timezone.now()
    for pair_id in group.twin_ids:
        part_twin(pair_id, actor=actor)
    unscoped(Twin, reason=REASON).filter(pk__in=group.twin_ids).update(decided_at=at)
    return len(group.twin_ids)


@transaction.atomic
def put_group_off(twin_id: int, *, until: date, actor: Actor) -> None:
    """Ask again later about all pairs that hang together with one. Raises: as `put_twin_off`."""
    for pair_id in group_of(_open_twin(twin_id, actor), actor).twin_ids:
        put_twin_off(pair_id, until=until, actor=actor)


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


@transaction.atomic
def reopen_group(twin_id: int, *, actor: Actor) -> None:
    """Take back what was decided of a group in one sitting, the latest merge first; what was put off waits again.

    Raises: as `reopen_twin`.
    """
    twin = _reached(twin_id, actor)
    if twin.decided_at is None:
        pairs = list(group_of(twin, actor).twin_ids)
    else:
        rows = unscoped(Twin, reason=REASON).filter(
            object_key=twin.object_key, decided_at=twin.decided_at, decided_by=twin.decided_by_id
        )
        pairs = list(rows.order_by(F("merge_id").desc(nulls_last=True), "pk").values_list("pk", flat=True))
    for pair_id in pairs:
        reopen_twin(pair_id, actor=actor)


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

    Pairs that are known stay as they are; where the house does nothing about public forms, none is asked about.
    """
    likely = [hit for hit in alike_hits("account", typed, EntryPoint.PUBLIC_FORM) if hit.record_id != account_id]
    likely = likely[:MOST_SHOWN]
    if likely:
        begin_entry(actor, action="put_on_desk", object_key="account", record_id=account_id, record_count=len(likely))
        keep_pairs("account", [(account_id, hit) for hit in likely])
    return len(likely)


def keep_pairs(object_key: str, pairs: Sequence[tuple[int, Hit]]) -> None:
    """Ask the steward about new records and those that they look like; pairs that are known stay as they are.

    It is part of the transaction in which the records are made, and stands under their audit entry.
    """
    unscoped(Twin, reason=REASON).bulk_create(
        [
            Twin(
                object_key=object_key,
                first_id=min(record_id, hit.record_id),
                second_id=max(record_id, hit.record_id),
                weight=hit.weight,
                reasons=[list(reason) for reason in hit.reasons],
            )
            for record_id, hit in pairs
            if hit.record_id is not None and hit.record_id != record_id
        ],
        ignore_conflicts=True,
        batch_size=1_000,
    )
