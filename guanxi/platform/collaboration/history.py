"""The history of a record: who did what, when, from where, and what each field was before and after.

The triggers of the database keep the former row of each change, under the id of the audit entry that says who and why.
Steps: 1 the newest rows and entries of a page, 2 for each row what came after it, 3 the fields that differ and that the
reader may see, in words, masked where the reader sees them masked. A change of nothing that the reader may see is left
out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext, pgettext_lazy

from guanxi.kernel.actor import Surface
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import may
from guanxi.platform.access.masking import masked
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.models import User
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.restoring import restorable
from guanxi.platform.collaboration.parts import entries_of_parts, part_labels
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.values import file_url, texts

PAGE_SIZE = 30
LARGEST_ID = 2**31 - 1
IN_OR_OUT = frozenset({"trash", "restore", "bulk_trash", "undo_bulk_trash"})
WITHOUT_ROW = frozenset({"create", "import", "merge", "add_document", "remove_document", "restore_document"})

WORDS: Mapping[str, Label] = {
    "create": pgettext_lazy("history", "Created"),
    "edit": pgettext_lazy("history", "Changed"),
    "tag": pgettext_lazy("history", "Tagged"),
    "trash": pgettext_lazy("history", "Moved to the trash"),
    "restore": pgettext_lazy("history", "Taken out of the trash"),
    "bulk_edit": pgettext_lazy("history", "Changed with many others"),
    "bulk_assign": pgettext_lazy("history", "Assigned with many others"),
    "bulk_tag": pgettext_lazy("history", "Tagged with many others"),
    "bulk_trash": pgettext_lazy("history", "Moved to the trash with many others"),
    "undo_bulk_edit": pgettext_lazy("history", "Change of many taken back"),
    "undo_bulk_assign": pgettext_lazy("history", "Assignment of many taken back"),
    "undo_bulk_tag": pgettext_lazy("history", "Tagging of many taken back"),
    "undo_bulk_trash": pgettext_lazy("history", "Taken out of the trash with many others"),
    "import": pgettext_lazy("history", "Imported"),
    "merge": pgettext_lazy("history", "Merged"),
    "transfer": pgettext_lazy("history", "Handed over"),
    "add_document": pgettext_lazy("history", "Document added"),
    "remove_document": pgettext_lazy("history", "Document removed"),
    "restore_document": pgettext_lazy("history", "Document taken out of the trash"),
}
ICONS = {
    "create": "plus",
    "trash": "trash",
    "bulk_trash": "trash",
    "restore": "arrow-back-up",
    "undo_bulk_trash": "arrow-back-up",
    "bulk_assign": "user-share",
    "tag": "tag",
    "bulk_tag": "tag",
    "add_document": "paperclip",
    "remove_document": "paperclip",
    "restore_document": "paperclip",
}
PART_WORDS: Mapping[str, Label] = {
    "add": pgettext_lazy("history", "%(part)s added"),
    "edit": pgettext_lazy("history", "%(part)s changed"),
    "remove": pgettext_lazy("history", "%(part)s removed"),
    "restore": pgettext_lazy("history", "%(part)s taken back"),
}
PART_ICONS = {"add": "create", "remove": "trash", "restore": "restore"}
WHERE: Mapping[str, Label] = {
    Surface.WEB: _l("in the browser"),
    Surface.API: _l("by a program"),
    Surface.COMMAND_LINE: _l("on the command line"),
    Surface.JOB: _l("in the background"),
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field was before and after; `can_restore` says that the reader may give it back what it was.

    `before_url` opens the file that a field of files held before, "" where there is none.
    """

    key: str
    label: Label
    before: str
    after: str
    can_restore: bool
    before_url: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a history. `event_id` is the row that keeps the former values, 0 for none."""

    event_id: int
    at: datetime
    who: str
    words: str
    icon: str
    where: str
    detail: str
    changes: tuple[FieldChange, ...]
    can_restore: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a history: what lies before it is older than `at`, its rows have a smaller id than `event_id`."""

    at: datetime
    event_id: int

    def __str__(self) -> str:
        """The place as an address carries it."""
        return f"{self.at.timestamp():.6f}_{self.event_id}"


@dataclass(frozen=True, slots=True)
class History:
    """A page of a history, the newest first; `before` is where the next page begins, None on the last."""

    happenings: tuple[Happening, ...]
    before: Place | None


@dataclass(frozen=True, slots=True)
class _Step:
    """A change as it was kept: the row before and what came after it, both None for an entry without a row."""

    at: datetime
    entry: AuditEntry | None
    former: Any
    later: Any
    event_id: int


def has_history(spec: ObjectSpec) -> bool:
    """Whether the former values of an object's records are kept."""
    return getattr(spec.model, "pgh_event_model", None) is not None


def history_of(
    spec: ObjectSpec, record: models.Model, view: View, *, before: Place | None = None, limit: int = PAGE_SIZE
) -> History:
    """One page of the history of a record that the reader may see; a fixed number of queries."""
    steps = _rows(spec, record, before=before, limit=limit + 1)
    known = {step.entry.pk for step in steps if step.entry is not None}
    steps += [
        step
        for step in _entries(spec, record, view, before=before, limit=limit + 1)
        if step.entry and step.entry.pk not in known
    ]
    steps.sort(key=lambda step: (step.at, step.event_id), reverse=True)
    page = steps[:limit]
    labels = part_labels(spec.key)
    shows_address = may(view.actor, User, Action.ADMINISTER)
    found = (
        _happening(step, changed, labels=labels, shows_address=shows_address)
        for step, changed in zip(page, _changes(spec, page, view), strict=True)
    )
    lines = tuple(line for line in found if line is not None)
    return History(lines, _end(page, before) if len(steps) > limit else None)


def _end(page: Sequence[_Step], before: Place | None) -> Place:
    """Where the page after this one begins."""
    ids = [step.event_id for step in page if step.event_id]
    return Place(page[-1].at, min(ids) if ids else before.event_id if before else LARGEST_ID)


def _rows(spec: ObjectSpec, record: models.Model, *, before: Place | None, limit: int) -> list[_Step]:
    """The newest rows of the history, each with what came after it."""
    kept: models.Manager[Any] = spec.model.pgh_event_model.objects  # type: ignore[attr-defined]  # pghistory sets it
    rows, later = kept.filter(pgh_obj_id=record.pk).order_by("-pgh_id"), record
    if before is not None:
        later = rows.filter(pgh_id__gte=before.event_id).last() or record
        rows = rows.filter(pgh_id__lt=before.event_id)
    found = list(rows[:limit])
    entries = AuditEntry.objects.in_bulk([row.pgh_context_id for row in found if row.pgh_context_id])
    steps: list[_Step] = []
    for row in found:
        entry = entries.get(row.pgh_context_id)
        at = max(row.pgh_created_at, entry.at) if entry else row.pgh_created_at
        steps.append(_Step(min(at, steps[-1].at) if steps else at, entry, row, later, row.pgh_id))
        later = row
    return steps


def _entries(spec: ObjectSpec, record: models.Model, view: View, *, before: Place | None, limit: int) -> list[_Step]:
    """The newest entries that changed no field of the record but are worth a line: those of its parts as well."""
    wanted = Q(object_key=spec.key, record_id=record.pk, action__in=WITHOUT_ROW)
    parts = entries_of_parts(spec.key, record.pk, view.actor)
    entries = AuditEntry.objects.filter(wanted if parts is None else wanted | parts)
    if before is not None:
        entries = entries.filter(at__lt=before.at)
    return [_Step(entry.at, entry, None, None, 0) for entry in entries.order_by("-at")[:limit]]


def _changes(spec: ObjectSpec, steps: Sequence[_Step], view: View) -> list[list[FieldChange]]:
    """For each step the fields that differ and that the reader may see; the words of a field are made in one go."""
    found: list[list[FieldChange]] = [[] for _step in steps]
    mine = {item.key for item in restorable(spec, view.actor)}
    for item in fields_of(spec):
        if item.beside is not None or item.access(view.actor) <= FieldAccess.HIDDEN:
            continue
        places = [place for place, step in enumerate(steps) if _differs(step, item)]
        values = [item.value_of(row) for place in places for row in (steps[place].former, steps[place].later)]
        words = _readable(item, texts(item, values, view), view)
        for number, place in enumerate(places):
            before, after = words[2 * number], words[2 * number + 1]
            url = _file_url(spec, item, steps[place].former, view)
            found[place].append(FieldChange(item.key, item.label, before, after, item.key in mine, url))
    return found


def _file_url(spec: ObjectSpec, item: ObjectField, former: Any, view: View) -> str:
    """Where the file is that a field held before."""
    file_id = item.value_of(former) if item.kind is FieldType.FILE else None
    if file_id is None or item.access(view.actor) < FieldAccess.READ:
        return ""
    return f"{file_url(spec.key, former.pgh_obj_id, item.key)}?file={file_id}"


def _differs(step: _Step, item: ObjectField) -> bool:
    if step.former is None or item.key in {"created_at", "updated_at"}:
        return False
    return bool(item.value_of(step.former) != item.value_of(step.later))


def _readable(item: ObjectField, words: list[str], view: View) -> list[str]:
    """Words as the reader may read them: masked where the field is."""
    if item.access(view.actor) >= FieldAccess.READ:
        return words
    return [masked(text, sensitivity=item.mask) if text != formats.MISSING else text for text in words]


def _happening(
    step: _Step, changes: Sequence[FieldChange], *, labels: Mapping[str, Label], shows_address: bool
) -> Happening | None:
    """One line; None for a change of nothing that the reader may see."""
    entry = step.entry
    action = entry.action if entry else "edit"
    part = labels.get(entry.object_key) if entry else None
    words = _part_words(action, str(part)) if part else str(WORDS.get(action, WORDS["edit"]))
    if not words or not (part or changes or action in WITHOUT_ROW | IN_OR_OUT):
        return None
    where = str(WHERE.get(entry.surface, "")) if entry else _("past the program")
    if entry is not None and entry.address and shows_address:
        where = f"{where} · {entry.address}"
    return Happening(
        event_id=step.event_id,
        at=step.at,
        who=entry.actor_name if entry else "",
        words=words,
        icon=ICONS.get(action) or ICONS.get(PART_ICONS.get(action.partition("_")[0], ""), "pencil"),
        where=where,
        detail=_detail(entry),
        changes=tuple(changes),
        can_restore=any(change.can_restore for change in changes),
    )


def _part_words(action: str, part: str) -> str:
    """What was done to a part; "" for what is not worth a line."""
    verb = PART_WORDS.get(action.partition("_")[0])
    return str(verb) % {"part": part} if verb else ""


def _detail(entry: AuditEntry | None) -> str:
    """What belongs to the words: how many records a change of many touched, the name of a document."""
    if entry is None:
        return ""
    if entry.record_id is None:
        words = ngettext("%(count)s record", "%(count)s records", entry.record_count)
        return words % {"count": formats.number(entry.record_count)}
    return entry.reason if entry.action.endswith("_document") else ""
