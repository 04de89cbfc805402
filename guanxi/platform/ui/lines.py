"""The fields of a record as its card shows them: line by line, each changed where it stands."""

from dataclasses import dataclass
from urllib.parse import quote

from django.db import models
from django.urls import reverse

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.checks import shown_and_required
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.layouts import layout_for
from guanxi.platform.objects.registry import fields_of, listed_object
from guanxi.platform.objects.rollups import RolledField, rolled_fields, rolled_values
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui.format import MISSING, phone
from guanxi.platform.ui.values import amount_in, cells, file_url, texts

REACHED = (FieldType.PHONE, FieldType.EMAIL)


@dataclass(frozen=True, slots=True)
class Line:
    """One field on the card: `edit_url` changes it in place, "" for who may not; `note` stands behind an amount.

    `is_file` says that it holds a file, which `link_url` opens.
    """

    key: str
    label: Label
    text: str
    is_long: bool
    edit_url: str
    link_url: str = ""
    note: str = ""
    is_file: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether the record says nothing in the field."""
        return self.text == MISSING


@dataclass(frozen=True, slots=True)
class LineSection:
    """Lines under a heading, "" for none."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class StaleLines:
    """Lines that say something else after a change; `is_other_card` when a line came to the card or left it."""

    lines: tuple[Line, ...]
    is_other_card: bool


def line_sections(spec: ObjectSpec, record: models.Model, view: View) -> tuple[LineSection, ...]:
    """The fields of a record as they are arranged for the person."""
    lines = {line.key: line for line in lines_of(spec, record, view)}
    sections = layout_for(spec.key, view.actor).sections_of(lines)
    return tuple(LineSection(part.name, tuple(lines[key] for key in part.fields)) for part in sections)


def lines_of(spec: ObjectSpec, record: models.Model, view: View) -> tuple[Line, ...]:
    """The fields of a record that the person may read, but for its name, its tags and those that its values hide."""
    can_edit = spec.verbs is not None and may_act_on(view.actor, record, Action.EDIT)
    shown = sorted(_shown_fields(spec, record, view), key=lambda item: not item.is_editable)  # the program's own last
    own = tuple(line_of(spec, item, record, view, can_edit=can_edit) for item in shown)
    return (*own, *rolled_lines(spec, record, view))


def _shown_fields(spec: ObjectSpec, record: models.Model, view: View) -> tuple[ObjectField, ...]:
    """The fields that have a line of their own on the card of a record."""
    shown, _required = shown_and_required(spec, lambda item: None if item.beside else item.value_of(record))
    return tuple(
        item
        for item in fields_of(spec)
        if item.beside is None
        and item.key in shown
        and item.column != spec.title
        and not item.is_tags
        and item.access(view.actor) > FieldAccess.HIDDEN
    )


def stale_lines(
    spec: ObjectSpec, former: models.Model, record: models.Model, view: View, *, but: ObjectField
) -> StaleLines:
    """What a change from `former` to `record` made of the other lines; for who may change the record."""
    shown = _shown_fields(spec, record, view)
    lines = tuple(
        line_of(spec, item, record, view, can_edit=True)
        for item in shown
        if item.key != but.key and item.value_of(former) != item.value_of(record)
    )
    others = {item.key for item in _shown_fields(spec, former, view)} ^ {item.key for item in shown}
    return StaleLines(lines, bool(others))


def reaching(kind: FieldType, text: str) -> tuple[str, str]:
    """The address by which one calls a number or writes to a mailbox, and the text as people read it."""
    if kind is FieldType.PHONE:
        return f"tel:{''.join(mark for mark in text if mark.isdecimal() or mark == '+')}", phone(text)
    return f"mailto:{quote(text, safe='@+.')}", text


def rolled_lines(spec: ObjectSpec, record: models.Model, view: View) -> tuple[Line, ...]:
    """The roll-ups of a record that the person may read; one query for each."""
    return tuple(
        _rolled_line(rolled, rolled_values(rolled, [record.pk], view.actor)[record.pk], view)
        for rolled in rolled_fields(spec, view.actor)
    )


def _rolled_line(rolled: RolledField, value: object, view: View) -> Line:
    item = rolled.item
    if rolled.missing:
        return Line(item.key, item.label, f"{MISSING} {rolled.problem}", is_long=False, edit_url="")
    if item.kind is not FieldType.MONEY:
        return Line(item.key, item.label, texts(item, [value], view)[0], is_long=False, edit_url="")
    amount = amount_in(item, value, view)
    return Line(item.key, item.label, amount.text, is_long=False, edit_url="", note=amount.note)


def line_of(spec: ObjectSpec, item: ObjectField, record: models.Model, view: View, *, can_edit: bool) -> Line:
    """One field of a record in words, with where it is changed."""
    is_editable = can_edit and item.is_editable and item.access(view.actor) >= FieldAccess.WRITE
    link_url = ""
    text = cells(item, [record], view)[0]
    if item.target and item.access(view.actor) >= FieldAccess.READ and text != MISSING:
        target = listed_object(item.target)
        link_url = target.detail_url(item.value_of(record)) if target.detail_url else ""
    if item.kind in REACHED and item.access(view.actor) >= FieldAccess.READ and text != MISSING:
        link_url, text = reaching(item.kind, text)
    is_file = item.kind is FieldType.FILE
    if is_file and item.access(view.actor) >= FieldAccess.READ and text != MISSING:
        link_url = file_url(spec.key, record.pk, item.key)
    edit_url = reverse("record_field", args=[spec.key, record.pk, item.key]) if is_editable else ""
    note = ""
    if item.kind is FieldType.MONEY and item.access(view.actor) >= FieldAccess.READ:
        amount = amount_in(item, item.value_of(record), view)
        text, note = amount.text, amount.note
    return Line(item.key, item.label, text, item.kind is FieldType.LONG_TEXT, edit_url, link_url, note, is_file)
