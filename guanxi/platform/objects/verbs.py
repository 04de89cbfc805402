"""The usual verbs of an object: create, edit, trash and restore, with owner, order of names and search kept by them.

An object whose verbs need no rule of their own declares a `Kind` and takes `with_usual`; one that has further rules
writes commands of its own, around these where it can.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.protection import protection_of, sensitivity_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.customfields.schema import with_made_texts
from guanxi.platform.objects.addresses import preview_url, record_url
from guanxi.platform.objects.importing import Importing
from guanxi.platform.objects.spec import ObjectSpec, Verbs
from guanxi.platform.records.change import Work, change, create
from guanxi.platform.records.models import Record
from guanxi.platform.records.sealing import asked_numbers, numbers_of
from guanxi.platform.records.values import CUSTOM, PATH, assign, note_since
from guanxi.platform.search.commands import index_records, remove_records
from guanxi.platform.search.entries import Described
from guanxi.platform.search.queries import Question, question
from guanxi.platform.search.tokens import sort_key

RecordType = TypeVar("RecordType", bound=Record)
NAME_KEY = "name_key"
MOST_SHOWN = 7
READ_AT_ONCE = 2_000


def _nothing(work: Work[Any]) -> None:  # the shape of all preparations
    """Nothing follows from the values."""


@dataclass(frozen=True, slots=True)
class Kind(Generic[RecordType]):
    """What the usual verbs have to know of an object.

    `searched` are the columns of text by which its records are found, those that are protected left out; texts that
    people made fields for are found as well. `named_by` is the column whose order by pinyin stands in `name_key`, where
    the model has one. `prepare` works out what follows from the values before they are saved, refuses them with a
    RuleViolation, or publishes an event. `lane` is the column by which a record stands on its object's board: since
    when it stands there is noted.
    """

    model: type[RecordType]
    searched: tuple[str, ...] = ("name",)
    named_by: str = "name"
    prepare: Callable[[Work[RecordType]], None] = _nothing
    lane: str = ""

    @property
    def key(self) -> str:
        """The object's key."""
        return protection_of(self.model).key


def create_record(kind: Kind[RecordType], values: Mapping[str, object], *, actor: Actor) -> RecordType:
    """Create a record; without an owner it is the actor's. Raises: NotFound, AccessDenied, Conflict, RuleViolation."""
    record = kind.model(**dict(protection_of(kind.model).within))
    assign(record, values)
    _give_owner(record, actor)
    kind.prepare(Work(record))
    _set_name_key(kind, record)
    with create(record, actor=actor):
        index_records(kind.key, [_described(kind, record)])
    return record


@transaction.atomic
def edit_record(
    kind: Kind[RecordType],
    record_id: int,
    values: Mapping[str, object],
    *,
    version: int | None = None,
    actor: Actor,
) -> RecordType:
    """Change fields of a record. Raises: NotFound, also for one in the trash, AccessDenied, Conflict, RuleViolation."""
    with change(kind.model, record_id, action="edit", version=version, actor=actor) as work:
        lane = _lane(kind, work.record)
        assign(work.record, values)
        if _lane(kind, work.record) != lane:
            note_since(work.record, moment=timezone.now())
        kind.prepare(work)
        _set_name_key(kind, work.record)
    index_records(kind.key, [_described(kind, work.record)])
    return work.record


@transaction.atomic
def trash_record(kind: Kind[RecordType], record_id: int, *, actor: Actor) -> None:
    """Put a record into the trash; doing it again changes nothing. Raises: NotFound, AccessDenied."""
    with change(kind.model, record_id, action="trash", right=Action.DELETE, actor=actor, also_trashed=True) as work:
        work.record.trashed_at = work.record.trashed_at or timezone.now()
    remove_records(kind.key, [record_id])


@transaction.atomic
def restore_record(kind: Kind[RecordType], record_id: int, *, actor: Actor) -> None:
    """Take a record out of the trash; doing it again changes nothing. Raises: NotFound, AccessDenied, Conflict."""
    with change(kind.model, record_id, action="restore", right=Action.DELETE, actor=actor, also_trashed=True) as work:
        work.record.trashed_at = None
    index_records(kind.key, [_described(kind, work.record)])


def with_usual(spec: ObjectSpec, kind: Kind[Any]) -> ObjectSpec:
    """The object with the usual verbs, search and pages, wherever its spec names none of its own."""
    verbs = Verbs(
        partial(create_record, kind),
        partial(edit_record, kind),
        partial(trash_record, kind),
        partial(restore_record, kind),
    )
    has_name_key = hasattr(kind.model, NAME_KEY)
    read = ("id", *spec.titles, NAME_KEY) if has_name_key else ("id", *spec.titles)
    return replace(
        spec,
        verbs=spec.verbs or verbs,
        index=spec.index or partial(index_many, kind),
        search=spec.search or partial(asked_by_words, kind),
        searched=spec.searched or kind.searched,
        list_url=spec.list_url or f"/objects/{spec.key}/",
        detail_url=spec.detail_url or partial(record_url, spec.key),
        preview_url=spec.preview_url or partial(preview_url, spec.key),
        orders=spec.orders or ({spec.title: (NAME_KEY,)} if has_name_key else {}),
        default_sort=spec.default_sort or spec.title,
        list_fields=spec.list_fields or read,
        shown=spec.shown or spec.fields[:MOST_SHOWN],
        importing=spec.importing or Importing(prepare=partial(_prepared, kind), known_by=(spec.title,)),
    )


def index_many(kind: Kind[Any], ids: Sequence[int]) -> None:
    """Write what records can be found by, anew."""
    rows = unscoped(
        kind.model, reason="search: the index covers all records, results are re-read through the reader's grant"
    )
    found = rows.filter(pk__in=list(ids), trashed_at__isnull=True)
    index_records(kind.key, (_described(kind, row) for row in found.iterator(chunk_size=READ_AT_ONCE)))


def asked_by_words(kind: Kind[Any], words: str, actor: Actor) -> Question | None:
    """What is looked for; of what is protected, encrypted numbers alone, as a whole and by who reads them."""
    numbers = asked_numbers(kind.model, words, actor)
    return question(kind.key, words, reach=FieldAccess.READ, numbers=numbers)


def _prepared(kind: Kind[Any], record: Record) -> None:
    """Work out what follows from the values of an imported record."""
    kind.prepare(Work(record))
    _set_name_key(kind, record)


def _give_owner(record: Record, actor: Actor) -> None:
    """A record that is nobody's becomes the actor's."""
    protection = protection_of(type(record))
    owner, unit = protection.owner_field, protection.unit_field
    if owner and getattr(record, owner) is None and (not unit or getattr(record, unit) is None):
        setattr(record, owner, actor.user_id)
        if unit:
            setattr(record, unit, actor.unit_id)


def _lane(kind: Kind[Any], record: Record) -> object:
    if kind.lane.startswith(PATH):
        return getattr(record, CUSTOM).get(kind.lane.removeprefix(PATH))
    return getattr(record, kind.lane) if kind.lane else None


def _set_name_key(kind: Kind[Any], record: Record) -> None:
    if hasattr(record, NAME_KEY):
        longest = type(record)._meta.get_field(NAME_KEY).max_length  # type: ignore[union-attr]  # a column of text
        setattr(record, NAME_KEY, sort_key(getattr(record, kind.named_by))[:longest])


def _described(kind: Kind[Any], record: Record) -> Described:
    title, *names = (*_texts(kind, record), "")
    found = Described(record.pk, title, names=tuple(name for name in names if name), numbers=numbers_of(record))
    return with_made_texts(found, kind.key, getattr(record, CUSTOM, {}))


def _texts(kind: Kind[Any], record: Record) -> Iterator[str]:
    for name in kind.searched:
        if not sensitivity_of(kind.model, name):
            yield str(getattr(record, name) or "")
