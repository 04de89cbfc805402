"""Deleting records in the trash for good, with what belongs to them.

Steps: 1 check the right, which is to delete every record of the object, 2 write the audit entry and which records are
meant, 3 block by block and each in a transaction of its own: lock those that still lie in the trash, leave out those
that something holds or that are under a legal hold, delete what belongs to the others, their history and themselves,
take the block off the list. So what a crash interrupted goes on where it stopped.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.commands import begin_entry, continue_entry, set_count
from guanxi.platform.customfields.schema import current_schema
from guanxi.platform.jobs.progress import Progress, start_run
from guanxi.platform.lake.refresh import rebuild_later
from guanxi.platform.objects.belongings import REASON, Belonging, belongings_of, holds_of
from guanxi.platform.objects.models import Removal
from guanxi.platform.objects.registry import fields_of, listed_object, object_specs, required_verbs
from guanxi.platform.objects.restraints import HELD_SENTENCE, holds_on
from guanxi.platform.objects.spec import Label, ObjectSpec
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference
from guanxi.platform.records.bulk import MergedValues
from guanxi.platform.search.commands import remove_records

REMOVAL_JOB = "objects.remove_for_good"
AT_ONCE = 20
BLOCK = 200
MOST_RECORDS = 100_000
STALE = timedelta(hours=1)
AUTOMATIC = "Trash"
TRASH_DAYS = declare(
    PreferenceSpec(
        "trash.days",
        0,
        "Days in the trash",
        "After so many days records in the trash are deleted for good; 0 = never.",
        minimum=0,
        maximum=3_650,
    )
)


@dataclass(frozen=True, slots=True)
class Held:
    """Why some records stay in the trash, and how many."""

    reason: Label
    count: int


@dataclass(frozen=True, slots=True)
class Consequences:
    """What deleting records for good means: how many go, with what, and how many stay.

    `along` are (what it is called, how many).
    """

    ids: tuple[int, ...]
    going: int
    along: tuple[tuple[Label, int], ...]
    held: tuple[Held, ...]


def may_remove(spec: ObjectSpec, actor: Actor) -> bool:
    """Whether the actor may delete records of an object for good: only who may delete every one of them."""
    try:
        _required(spec, actor)
    except AccessDenied:
        return False
    return spec.verbs is not None and hasattr(spec.model, "trashed_at")


def trashed_ids(spec: ObjectSpec, actor: Actor, *, until: datetime, only: Sequence[int] = ()) -> list[int]:
    """The records in the trash of an object since `until` at the latest, the oldest first; of `only`, if any are given.

    Raises: AccessDenied.
    """
    rows = _required(spec, actor).queryset().filter(trashed_at__lte=until)
    rows = rows.filter(Among("pk", list(only))) if only else rows
    return list(rows.order_by("trashed_at", "pk").values_list("pk", flat=True)[:MOST_RECORDS])


def consequences(spec: ObjectSpec, ids: Sequence[int], *, actor: Actor) -> Consequences:
    """What deleting these records for good means; a fixed number of queries. Raises: AccessDenied."""
    _required(spec, actor)
    reasons = [(item.holds, _held_by(item, spec.key, ids)) for item in holds_of(spec.key)]
    reasons += _legally_held(spec.key, ids)
    going = sorted(set(ids).difference(*(held for _reason, held in reasons)))
    counts: Counter[Label] = Counter()
    _count_along(spec.key, going, counts)
    along = tuple((label, count) for label, count in counts.items() if label and count)
    held = tuple(Held(reason, len(found)) for reason, found in reasons if found)
    return Consequences(tuple(ids), len(going), along, held)


def remove_for_good(object_key: str, ids: Sequence[int], *, title: str, actor: Actor) -> Removal:
    """Delete records in the trash for good, at once or in the background. `title` names the job to people.

    Raises: NotFound("object.not_found"), AccessDenied, RuleViolation("trash.nothing" | "trash.count").
    """
    spec = listed_object(object_key)
    required_verbs(spec)
    _required(spec, actor)
    if not ids or len(ids) > MOST_RECORDS:
        raise RuleViolation("trash.count", "Choose 1 to %(most)s records.", most=MOST_RECORDS)
    with transaction.atomic():
        entry_id = begin_entry(actor, action="remove_for_good", object_key=spec.key, record_count=len(ids))
        removal = Removal.objects.create(
            object_key=spec.key, record_ids=list(ids), user_id=actor.user_id, entry_id=entry_id
        )
        if len(ids) > AT_ONCE and actor.user_id is not None:
            arguments: dict[str, object] = {"removal_id": removal.pk}
            removal.run_id = start_run(REMOVAL_JOB, title=title, started_by_id=actor.user_id, arguments=arguments)
            removal.save(update_fields=["run_id"])
            return removal
    return write_removal(removal.pk)


def write_removal(removal_id: int, progress: Progress | None = None) -> Removal:
    """Delete what is left of a removal, block by block; doing it again changes nothing. Raises: AccessDenied."""
    removal = Removal.objects.get(pk=removal_id)
    if progress is not None:
        progress.expect(len(removal.record_ids))
    while removal.finished_at is None:
        count = len(removal.record_ids[:BLOCK])
        removal = _write_block(removal_id)
        if progress is not None and count:
            progress.advance(count)
    return removal


def stop_removal(removal_id: int) -> None:
    """Let what is left of a removal lie in the trash."""
    Removal.objects.filter(pk=removal_id).update(record_ids=[], finished_at=timezone.now())


def unfinished_removals() -> list[int]:
    """The removals that a crash interrupted: they have begun long ago and wrote nothing since."""
    rows = Removal.objects.filter(finished_at__isnull=True, written_at__lt=timezone.now() - STALE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def empty_old_trash() -> int:
    """Delete for good what has lain in the trash longer than the house wants. Returns how many records are gone."""
    days, removed = preference(TRASH_DAYS), 0
    if not days:
        return 0
    actor, until = system_actor(AUTOMATIC), timezone.now() - timedelta(days=days)
    for spec in object_specs():
        if spec.list_url and may_remove(spec, actor):
            ids = trashed_ids(spec, actor, until=until)
            removed += remove_for_good(spec.key, ids, title="", actor=actor).removed if ids else 0
    return removed


@transaction.atomic
def _write_block(removal_id: int) -> Removal:
    """Delete the next block of a removal, or finish it."""
    removal = Removal.objects.select_for_update().get(pk=removal_id)
    spec = listed_object(removal.object_key)
    actor = actor_by_user_id(removal.user_id) if removal.user_id is not None else system_actor(AUTOMATIC)
    ids = removal.record_ids[:BLOCK]
    if ids:
        permission = _required(spec, actor)
        continue_entry(removal.entry_id)
        rows = permission.queryset().filter(Among("pk", ids), trashed_at__isnull=False).order_by("pk")
        locked = list(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
        held = set(holds_on(spec.key, locked))
        held.update(*(_held_by(item, spec.key, locked) for item in holds_of(spec.key)))
        going = [record_id for record_id in locked if record_id not in held]
        _remove(spec.key, spec.model, going)
        removal.removed, removal.kept = removal.removed + len(going), removal.kept + len(held)
        removal.record_ids = removal.record_ids[BLOCK:]
        set_count(removal.entry_id, record_count=removal.removed)
    if not removal.record_ids:
        removal.finished_at = timezone.now()
        rebuild_later(f"records_{spec.key}")
    removal.written_at = timezone.now()
    removal.save()
    return removal


def _required(spec: ObjectSpec, actor: Actor) -> Grant[Any]:
    """The permission to delete every record of an object, or of what it follows.

    Raises: AccessDenied("access.denied") for who may delete some of them only.
    """
    permission = grant(actor, spec.model, Action.DELETE)
    root = permission
    while root.followed() is not root:
        root = root.followed()
    if grant(actor, root.model, Action.DELETE).rule != Everyone() or permission.rule != Everyone():
        raise AccessDenied("access.denied", "Only who may delete every record of a kind deletes for good.")
    return permission


def _held_by(item: Belonging, object_key: str, ids: Sequence[int]) -> set[int]:
    """Those of the records that a table holds."""
    return set(item.rows(object_key, ids).values_list(item.link_column, flat=True).distinct())


def _legally_held(object_key: str, ids: Sequence[int]) -> list[tuple[Label, set[int]]]:
    """Those of the records that are under a legal hold, by the sentence that says who placed it."""
    found: dict[Label, set[int]] = {}
    for record_id, hold in holds_on(object_key, ids).items():
        words = gettext(HELD_SENTENCE) % {"by": hold.by, "until": hold.until_on.isoformat()}
        found.setdefault(words, set()).add(record_id)
    return list(found.items())


def _count_along(object_key: str, ids: Sequence[int], counts: Counter[Label]) -> None:
    for item in belongings_of(object_key):
        inner = object_of(item)
        if inner is not None:
            inner_ids = list(item.rows(object_key, ids).values_list("pk", flat=True))
            counts[item.label] += len(inner_ids)
            _count_along(inner.key, inner_ids, counts)
        elif item.label:
            counts[item.label] += item.rows(object_key, ids).count()


def object_of(item: Belonging) -> ObjectSpec | None:
    """The object whose records a table holds, if it is one: what belongs to those goes along as well."""
    return next((spec for spec in object_specs() if spec.model is item.model), None)


def remove_belongings(object_key: str, ids: Sequence[int]) -> None:
    """Delete all that belongs to records, with its history, and take them out of the links that people made."""
    for item in belongings_of(object_key):
        inner = object_of(item)
        rows = item.rows(object_key, ids)
        if inner is not None:
            _remove(inner.key, inner.model, list(rows.values_list("pk", flat=True)))
        else:
            _delete(rows)
        _forget_history(item.model, **{item.link_column: ids} if item.link else {})
    _empty_links(object_key, ids)


def _remove(object_key: str, model: type[models.Model], ids: Sequence[int]) -> None:
    """Delete records with all that belongs to them and with their history."""
    if not ids:
        return
    remove_belongings(object_key, ids)
    remove_records(object_key, ids)
    _delete(unscoped(model, reason=REASON).filter(Among("pk", list(ids))))


def _delete(rows: models.QuerySet[Any, Any]) -> None:
    """Delete rows and what their history keeps of them."""
    ids = list(rows.values_list("pk", flat=True))
    rows.delete()
    _forget_history(rows.model, pgh_obj_id=ids)


def _forget_history(model: type[models.Model], **ids: Sequence[int]) -> None:
    kept: Any = getattr(model, "pgh_event_model", None)
    if kept is not None and ids:
        kept.objects.filter(**{f"{name}__in": list(found) for name, found in ids.items()}).delete()


def _empty_links(object_key: str, ids: Sequence[int]) -> None:
    """Take the records out of the links that people made: a link to nothing is no link."""
    if object_key not in {item.target for fields in current_schema().fields.values() for item in fields}:
        return
    for spec in object_specs():
        for item in fields_of(spec):
            if item.made is None or item.target != object_key:
                continue
            rows = unscoped(spec.model, reason=REASON).filter(**{f"{item.column}__in": list(ids)})
            rows.update(
                custom=MergedValues({item.made.stored: None}), version=F("version") + 1, updated_at=timezone.now()
            )
