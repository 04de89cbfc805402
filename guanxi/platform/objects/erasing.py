"""Erasing a person: what becomes of all that is kept about a record whose subject wants to be forgotten.

Deleting a record for good refuses where the books must stay; erasing does not. Rooms say by typed rules what goes and
what is made anonymous. Here stand the rules that hold for every object, built on the belongings: what belongs to the
record is deleted with its history and its files, the record itself is blanked, and the words by which the subject is
known are taken out of what is kept beside records.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from django.db import connection, models
from django.db.models import F, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.files.storage import remove_contents
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.lake.dataset import registered_datasets
from guanxi.platform.lake.models import LakeState
from guanxi.platform.lake.refresh import refresh_dataset
from guanxi.platform.objects.belongings import Belonging, belongings_of, holds_of
from guanxi.platform.objects.models import BulkChange, Merge, MergedRows, SavedView
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.removal import object_of, remove_belongings
from guanxi.platform.objects.spec import Label
from guanxi.platform.search.commands import remove_records

REASON = "erase: a person is forgotten wherever he stands, whoever asks"
OWN_COLUMNS = frozenset({"version", "created_at", "updated_at", "trashed_at"})
SHORTEST_WORD = 2
SHORTEST_LATIN_WORD = 5
BESIDE, RECORD, WORDS, LAKE = 20, 40, 60, 80
"""The order of the rules: what stands beside first, then the record, then words elsewhere, the lake last."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to erase: the record, all records that are his by their object, and the words by which he is known.

    A block of people who are erased together is one subject; `record_id` is that of the first.
    """

    object_key: str
    record_id: int
    records: tuple[tuple[str, tuple[int, ...]], ...]
    words: tuple[str, ...] = ()

    def ids_of(self, object_key: str) -> tuple[int, ...]:
        """The ids of his records of an object; those that were merged into them among them."""
        return next((ids for key, ids in self.records if key == object_key), ())

    def named(self) -> Q:
        """The rows that name one of his records by `object_key` and `record_id`."""
        condition = Q(pk__in=[])
        for key, ids in self.records:
            condition |= Q(object_key=key, record_id__in=ids)
        return condition


@dataclass(frozen=True, slots=True)
class EraseRule:
    """One step of erasing: `count` tells how many rows it would touch, `erase` touches them; again, it changes nothing.

    `holding` are tables that hold a record in the trash and that this rule takes care of. A step is one transaction,
    but for one that `runs_outside`, as the rewriting of files does.
    """

    key: str
    label: Label
    count: Callable[[Subject], int]
    erase: Callable[[Subject], None]
    position: int
    holding: tuple[type[models.Model], ...] = ()
    runs_outside: bool = False


@dataclass(frozen=True, slots=True)
class Erasable:
    """An object whose records are people or speak of them.

    `words` tells by what the records of these ids are known, `follow` is told which of them were erased.
    """

    object_key: str
    words: Callable[[Sequence[int]], Iterable[str]]
    follow: Callable[[Sequence[int]], None] | None = None


@dataclass(frozen=True, slots=True)
class WordPlace:
    """Columns of a table that may name anybody in passing: they are blanked where they do, or the row is deleted."""

    model: type[models.Model]
    columns: tuple[str, ...]
    is_deleted: bool = False


_rules: dict[str, EraseRule] = {}
_erasables: dict[str, Erasable] = {}
_places: list[WordPlace] = []


def register_erase_rule(rule: EraseRule) -> None:
    """Say what becomes of one kind of rows. Raises: ValueError for a key that is taken, a defect."""
    if rule.key in _rules:
        raise ValueError(f"The erase rule {rule.key} is registered twice.")
    _rules[rule.key] = rule


def register_erasable(erasable: Erasable) -> None:
    """Let records of an object be erased. Raises: ValueError when they can be already, a defect."""
    if erasable.object_key in _erasables:
        raise ValueError(f"How {erasable.object_key} is erased is said twice.")
    _erasables[erasable.object_key] = erasable


def register_word_places(*places: WordPlace) -> None:
    """Say where else a person may be named in passing."""
    _places.extend(places)


def erasable_objects() -> tuple[str, ...]:
    """The keys of the objects whose records can be erased."""
    return tuple(_erasables)


def erase_rules() -> tuple[EraseRule, ...]:
    """The rules in the order in which they are carried out."""
    return tuple(sorted(_rules.values(), key=lambda rule: (rule.position, rule.key)))


def unsaid_erasures() -> Iterator[str]:
    """The tables that hold records of people and that no rule takes care of, as sentences."""
    said = {model for rule in _rules.values() for model in rule.holding}
    for key in _erasables:
        for item in holds_of(key):
            if item.model not in said:
                yield f"{item.model.__name__} holds {key}: say by register_erase_rule how a person is erased from it."


def subject_of(object_key: str, record_id: int) -> Subject:
    """Whom erasing this record means: what was merged into it is his too, and the records that belong to it."""
    return subject_of_many(object_key, [record_id])


def subject_of_many(object_key: str, record_ids: Sequence[int]) -> Subject:
    """Whom erasing a block of records at once means, as if all were one person; it is named by the first of them."""
    ids = _with_merged(object_key, record_ids)
    records = {object_key: tuple(ids)}
    for item in belongings_of(object_key):
        inner = object_of(item)
        if inner is not None:
            found = _with_merged(inner.key, list(item.rows(object_key, ids).values_list("pk", flat=True)))
            records[inner.key] = tuple(sorted({*records.get(inner.key, ()), *found}))
    words = {word.strip() for key, own in records.items() if key in _erasables for word in _erasables[key].words(own)}
    return Subject(object_key, record_ids[0], tuple(records.items()), tuple(sorted(filter(_is_telling, words))))


def follow_erasure(subject: Subject) -> None:
    """Let the object of the subject do what its being erased asks for."""
    follow = _erasables[subject.object_key].follow
    if follow is not None:
        follow(subject.ids_of(subject.object_key))


def _with_merged(object_key: str, ids: Sequence[int]) -> list[int]:
    """Records with all that were merged into them."""
    found, fresh = set(ids), set(ids)
    while fresh:
        rows = Merge.objects.filter(object_key=object_key, kept_id__in=fresh, undone_at__isnull=True)
        fresh = set(rows.values_list("merged_id", flat=True)) - found
        found |= fresh
    return sorted(found)


def _is_telling(word: str) -> bool:
    """Whether a word is long enough to name one person: a Chinese name has two characters, others more."""
    return len(word) >= (SHORTEST_LATIN_WORD if word.isascii() else SHORTEST_WORD)


def _belonging(subject: Subject) -> Iterator[tuple[Belonging, models.QuerySet[Any, Any]]]:
    for key, ids in subject.records:
        for item in belongings_of(key):
            yield item, item.rows(key, ids)


def _count_beside(subject: Subject) -> int:
    return sum(rows.count() for item, rows in _belonging(subject) if item.label)


def _erase_beside(subject: Subject) -> None:
    """Delete what belongs to the records, with its history and the content of its files."""
    for item, rows in _belonging(subject):
        if any(column.name == "stored_as" for column in item.model._meta.concrete_fields):
            remove_contents(rows.values_list("stored_as", flat=True))
    for key, ids in subject.records:
        remove_belongings(key, ids)
    for item, _rows in _belonging(subject):
        kept: Any = getattr(item.model, "pgh_event_model", None)
        if kept is not None and not item.link:
            kept.objects.filter(subject.named()).delete()


def _erase_record(subject: Subject) -> None:
    """Blank the records, put them into the trash, and forget what they were."""
    model: Any = listed_object(subject.object_key).model
    ids = subject.ids_of(subject.object_key)
    for record_id in ids:
        row = unscoped(model, reason=REASON).filter(pk=record_id)
        row.update(**_blank(model, f"erased #{record_id}"), version=F("version") + 1, updated_at=timezone.now())
        row.filter(trashed_at__isnull=True).update(trashed_at=timezone.now())
    for key, own in subject.records:
        remove_records(key, own)
        kept: Any = getattr(listed_object(key).model, "pgh_event_model", None)
        if kept is not None:
            kept.objects.filter(pgh_obj_id__in=own).delete()
    follow_erasure(subject)


def _blank(model: type[models.Model], mark: str) -> dict[str, object]:
    """What the columns of a record become; links to owner, department and the like say nothing of a person."""
    values: dict[str, object] = {}
    for column in model._meta.concrete_fields:
        if column.primary_key or column.is_relation or column.name in OWN_COLUMNS:
            continue
        if column.null:
            values[column.name] = None
        elif column.has_default():
            values[column.name] = column.get_default()
        elif column.choices:
            continue
        elif isinstance(column, models.CharField | models.TextField):
            is_name = column.name in ("name", "name_key") or not column.blank
            values[column.name] = mark if is_name else ""
    return values


def _named_rows(place: WordPlace, words: Sequence[str]) -> list[Any]:
    """The rows of a table that hold one of the words; encrypted columns are read one by one."""
    if not words:
        return []
    rows = place.model._base_manager.all()
    fields = [place.model._meta.get_field(name) for name in place.columns]
    if any(isinstance(column, EncryptedTextField) for column in fields):
        found = rows.values_list("pk", *place.columns).iterator()
        return [pk for pk, *texts in found if any(word in unquote_plus(text or "") for text in texts for word in words)]
    condition = Q(pk__in=[])
    for name in place.columns:
        for word in words:
            condition |= Q(**{f"text_{name}__contains": word})
    told = rows.annotate(**{f"text_{name}": Cast(name, TextField()) for name in place.columns})
    return list(told.filter(condition).values_list("pk", flat=True))


def _count_words(subject: Subject) -> int:
    return sum(len(_named_rows(place, subject.words)) for place in _places)


def _erase_words(subject: Subject) -> None:
    """Take the words out of what is kept beside records; the audit trail keeps the ids and no reason."""
    for place in _places:
        rows = place.model._base_manager.filter(pk__in=_named_rows(place, subject.words))
        if place.is_deleted:
            rows.delete()
            continue
        blank = {name: place.model._meta.get_field(name) for name in place.columns}
        rows.update(**{name: {} if isinstance(column, models.JSONField) else "" for name, column in blank.items()})
    AuditEntry.objects.filter(subject.named()).exclude(action__startswith="erase").update(reason="")


def _count_changes(subject: Subject) -> int:
    return sum(BulkChange.objects.filter(**_meant(key, ids)).count() for key, ids in subject.records)


def _meant(object_key: str, ids: Sequence[int]) -> dict[str, object]:
    return {"object_key": object_key, "record_ids__overlap": list(ids)}


def _erase_changes(subject: Subject) -> None:
    """Take the records out of changes of many and out of merges, which cannot be taken back for them any more."""
    for key, ids in subject.records:
        for change in BulkChange.objects.filter(**_meant(key, ids)).select_for_update():
            change.record_ids = [record_id for record_id in change.record_ids if record_id not in ids]
            if change.record_ids:
                change.save(update_fields=["record_ids"])
            else:
                change.delete()
        merges = Merge.objects.filter(Q(kept_id__in=ids) | Q(merged_id__in=ids), object_key=key)
        MergedRows.objects.filter(merge__in=merges).delete()
        merges.delete()


def _records_datasets(subject: Subject) -> list[str]:
    keys = {f"records_{key}" for key, ids in subject.records if ids}
    return list(LakeState.objects.filter(pk__in=keys).values_list("pk", flat=True))


def _rewrite_records(subject: Subject) -> None:
    """Write what the lake holds of these objects anew."""
    keys = set(_records_datasets(subject))
    for dataset in registered_datasets():
        if dataset.key in keys:
            refresh_dataset(dataset, rebuild=True)


def like_any(words: Sequence[str]) -> list[str]:
    """Patterns of SQL's LIKE for texts that hold one of the words."""
    escaped = (word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") for word in words)
    return [f"%{word}%" for word in escaped]


def updated(sql: str, parameters: Sequence[Sequence[int] | Sequence[str]]) -> int:
    """Carry one statement of erasing out. Returns how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [list(values) for values in parameters])
        return int(cursor.rowcount)


register_word_places(
    WordPlace(JobRun, ("title", "message", "result")),
    WordPlace(OutboxEvent, ("payload",)),
    WordPlace(AuditEntry, ("reason",)),
    WordPlace(SavedView, ("query",), is_deleted=True),
)
register_erase_rule(EraseRule("changes", _("Changes of many records"), _count_changes, _erase_changes, BESIDE - 5))
register_erase_rule(EraseRule("beside", _("What belongs to the record"), _count_beside, _erase_beside, BESIDE))
register_erase_rule(
    EraseRule(
        "record",
        _("The record itself"),
        lambda subject: len(subject.ids_of(subject.object_key)),
        _erase_record,
        RECORD,
    )
)
register_erase_rule(EraseRule("words", _("Named in passing elsewhere"), _count_words, _erase_words, WORDS))
register_erase_rule(
    EraseRule(
        "lake_records",
        _("Files of the lake"),
        lambda subject: len(_records_datasets(subject)),
        _rewrite_records,
        LAKE,
        runs_outside=True,
    )
)
