"""change(): the one door for writes.

Steps: 1 open a transaction, 2 write the audit entry and name it as the context of the history, 3 lock the row,
4 check that the actor's grant reaches it and that nobody changed it meanwhile, 5 let the caller change fields,
6 seal the encrypted ones, 7 check that the changed fields may be written, and that who gives the record away may hand
it over, 8 validate, 9 save them with the version raised, 10 publish events.

Tags are put on and taken off while others have the record open: a version since which only tags changed counts as the
present one for work that leaves the tags alone.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation, no_such_record
from guanxi.kernel.events import DomainEvent
from guanxi.platform.access.grant import Grant, grant, may_act_on, unscoped
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, Everyone
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.records.events import RecordAssigned
from guanxi.platform.records.models import Record
from guanxi.platform.records.room import require_room
from guanxi.platform.records.sealing import seal_record
from guanxi.platform.records.values import CUSTOM, PATH, TAGS, changed_names

RecordType = TypeVar("RecordType", bound=Record)
OWN_COLUMNS = frozenset({"id", "version", "created_at", "updated_at"})


@dataclass(slots=True)
class Work(Generic[RecordType]):
    """The unit of work inside `change` or `create`: the record and the events to publish."""

    record: RecordType
    events: list[DomainEvent] = field(default_factory=list)

    def publish(self, event: DomainEvent) -> None:
        """Publish an event when the work commits."""
        self.events.append(event)


@contextmanager
def change(
    model: type[RecordType],
    record_id: int,
    *,
    action: str,
    actor: Actor,
    right: Action = Action.EDIT,
    version: int | None = None,
    also_trashed: bool = False,
) -> Iterator[Work[RecordType]]:
    """Change one record in one transaction.

    `action` names the verb in the audit trail, `right` the row right it needs, `version` the version that the actor
    saw (None = whatever it is now). What lies in the trash is only reached by verbs that put it there or take it out,
    `also_trashed`. Raises: NotFound, AccessDenied("access.denied" | "field.not_writable"),
    Conflict("record.changed" | "record.taken"), RuleViolation("record.invalid" | "record.full").
    """
    with transaction.atomic():
        begin_entry(actor, action=action, object_key=protection_of(model).key, record_id=record_id)
        permission = grant(actor, model, right)
        record = _locked(model, record_id, permission=permission)
        if record.trashed_at is not None and not also_trashed:
            raise no_such_record()
        is_behind = version is not None and record.version != version
        if is_behind and not _is_only_tagged_since(record, version):
            raise _changed_meanwhile(record.version)
        before, seen = values_of(record), record.version
        work = Work(record)
        yield work
        if is_behind and f"{PATH}{TAGS}" in changed_names(before, values_of(record)):
            raise _changed_meanwhile(seen)
        _save(work, before=before, permission=permission)


@contextmanager
def create(
    record: RecordType, *, actor: Actor, action: str = "create", right: Action = Action.CREATE
) -> Iterator[Work[RecordType]]:
    """Create one record in one transaction; the block may add events that need the new id.

    `right` is the row right it needs: adding what belongs to a record is editing that record.
    Raises: NotFound for what belongs to a record that must not be seen, AccessDenied, Conflict("record.taken"),
    RuleViolation("record.invalid" | "record.full").
    """
    model = type(record)
    with transaction.atomic():
        permission = grant(actor, model, right)
        _require_followed(record, permission=permission)
        seal_record(record, former={})
        filled = {name: value for name, value in values_of(record).items() if value not in (None, "", [], {})}
        permission.accept(changed_names({CUSTOM: {}}, filled))
        require_valid(record)
        _require_room(record, actor=actor)
        _write(record, names=None)
        begin_entry(actor, action=action, object_key=protection_of(model).key, record_id=record.pk)
        work = Work(record)
        yield work
        for event in work.events:
            publish(event)


def _locked(model: type[RecordType], record_id: int, *, permission: Grant[RecordType]) -> RecordType:
    if not permission.queryset().filter(pk=record_id).exists():
        if not grant(permission.actor, model, Action.VIEW).queryset().filter(pk=record_id).exists():
            raise no_such_record()
        raise AccessDenied(
            "access.denied",
            "Your role does not allow “%(action)s” on this record.",
            action=permission.action.value,
        )
    locked = unscoped(model, reason="change: the record was admitted by the actor's grant and is locked again")
    record = locked.select_for_update().filter(pk=record_id).first()
    if record is None:
        raise no_such_record()
    return record


def _changed_meanwhile(version: int) -> Conflict:
    return Conflict("record.changed", "Somebody changed this record while you edited.", version=version)


def _is_only_tagged_since(record: Record, version: int | None) -> bool:
    """Whether the record differs from what it was in a version by its tags alone, as its history tells."""
    kept: Any = getattr(type(record), "pgh_event_model", None)
    if kept is None or not hasattr(record, CUSTOM):
        return False
    former = kept.objects.filter(pgh_obj_id=record.pk, version=version).order_by("-pgh_id").first()
    if former is None:
        return False
    now = values_of(record)
    return set(changed_names({name: getattr(former, name) for name in now}, now)) <= {f"{PATH}{TAGS}"}


def _save(work: Work[RecordType], *, before: Mapping[str, object], permission: Grant[RecordType]) -> None:
    record = work.record
    seal_record(record, former=before)
    after = values_of(record)
    changed = [name for name, value in after.items() if before[name] != value]
    permission.accept(changed_names(before, after))
    if changed:
        protection = protection_of(type(record))
        is_given = not {protection.owner_field, protection.unit_field}.isdisjoint(changed)
        if is_given and permission.action is not Action.TRANSFER:
            require_transfer(type(record)(**before), actor=permission.actor)
        if not _followed_columns(type(record)).isdisjoint(changed):
            _require_followed(record, permission=permission)
        require_valid(record)
        if protection_of(type(record)).owner_field in changed:
            _require_room(record, actor=permission.actor)
        record.version += 1
        record.updated_at = timezone.now()
        _write(record, names=(*changed, "version", "updated_at"))
        if protection_of(type(record)).owner_field in changed:
            _tell_owner(record, actor=permission.actor)
    for event in work.events:
        publish(event)


def _followed_columns(model: type[Record]) -> frozenset[str]:
    """The columns that hold the records which one follows; none for an object that follows none."""
    protection = protection_of(model)
    names = (name for name in (protection.follows, protection.also_follows) if name)
    return frozenset(str(getattr(model._meta.get_field(name), "attname", "")) for name in names)


def _require_followed(record: Record, *, permission: Grant[Any]) -> None:
    """The actor may do this with the records that this one follows, if it follows any."""
    columns = _followed_columns(type(record))
    if not columns or permission.rule == Everyone():
        return
    ids = {getattr(record, column) for column in columns}
    if permission.followed().queryset().filter(pk__in=ids).count() == len(ids):
        return
    seen = grant(permission.actor, type(record), Action.VIEW).followed()
    for followed_id in ids:
        seen.get(followed_id)
    raise AccessDenied(
        "access.denied",
        "Your role does not allow “%(action)s” on this record.",
        action=permission.followed().action.value,
    )


def require_transfer(former: Record, *, actor: Actor) -> None:
    """A record is given to somebody else by whom it reached before with the right to hand over; shares do not count.

    `former` is the record as it was. Raises: AccessDenied("access.denied").
    """
    if not may_act_on(actor, former, Action.TRANSFER, counts_shares=False):
        raise AccessDenied(
            "access.denied",
            "Your role does not allow “%(action)s” on this record.",
            action=Action.TRANSFER.value,
        )


def _require_room(record: Record, *, actor: Actor) -> None:
    """Its owner may be given one more. Raises: RuleViolation("record.full")."""
    owner_field = protection_of(type(record)).owner_field
    if owner_field:
        require_room(type(record), getattr(record, owner_field), actor=actor)


def _tell_owner(record: Record, *, actor: Actor) -> None:
    """Publish that the record has another owner now, if it has one."""
    protection = protection_of(type(record))
    owner_id = getattr(record, protection.owner_field)
    if isinstance(owner_id, int):
        publish(RecordAssigned(object_key=protection.key, record_id=record.pk, owner_id=owner_id, by_id=actor.user_id))


def values_of(record: Record) -> dict[str, object]:
    """What a record holds, by column, without what the door itself keeps."""
    return {
        column.attname: _copied(getattr(record, column.attname))
        for column in record._meta.concrete_fields
        if column.name not in OWN_COLUMNS
    }


def _copied(value: object) -> object:
    """The value, or of one that could be changed in place, a copy."""
    return dict(value) if isinstance(value, dict) else value


Check = Callable[[Record], Mapping[str, Sequence[str]]]
_checks: list[Check] = []


def register_check(check: Check) -> None:
    """Let a room refuse what records hold before they are saved: messages by field, nothing when all is well."""
    _checks.append(check)


def require_valid(record: Record) -> None:
    """Check what a record holds. Raises: RuleViolation("record.invalid") with messages by field."""
    refused = refused_fields(record)
    if refused:
        raise RuleViolation("record.invalid", "Some fields need another look.", fields=refused)


def refused_fields(record: Record, *, unasked: Collection[str] = ()) -> Mapping[str, Sequence[str]]:
    """What is wrong with what a record holds: messages by field, nothing when all is well.

    `unasked` are fields that were found well already: a link costs a query to check.
    """
    try:
        record.clean_fields(exclude=OWN_COLUMNS.union(unasked))
        record.clean()
    except ValidationError as error:
        return {name: [str(message) for message in messages] for name, messages in error.message_dict.items()}
    for check in _checks:
        refused = {name: list(messages) for name, messages in check(record).items()}
        if refused:
            return refused
    return {}


def _write(record: Record, *, names: tuple[str, ...] | None) -> None:
    try:
        with transaction.atomic():
            record.save(update_fields=names, force_insert=names is None)
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
        raise Conflict("record.taken", "Another record already has this value.", constraint=constraint) from error
