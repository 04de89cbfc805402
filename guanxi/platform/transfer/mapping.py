"""Which column of a file goes into which field: told from the words at its head, then from what stands in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import override

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.objects.fields import ObjectField, is_person
from guanxi.platform.objects.importing import Importing, PartColumn
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.search.tokens import normalise
from guanxi.platform.transfer.models import KnownRows
from guanxi.platform.transfer.reading import Row
from guanxi.platform.transfer.values import read_cell

LANGUAGES = ("zh-hans", "en")
OWNER = "owner"
NOT_WORD = re.compile(r"[\W_]+")
IN_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
LIKE_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?$")
LIKE_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+$")
LIKE_MOBILE = re.compile(r"(\+?86)?[- ]?1[3-9]\d[- ]?\d{4}[- ]?\d{4}$")
COMMON_NAMES: Mapping[str, tuple[str, ...]] = {
    OWNER: ("负责人", "客户经理", "业务员", "销售", "跟进人", "归属人", "owner", "account manager", "sales rep"),
}
MOSTLY = 0.8
IDENTIFYING = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.INTEGER})
NO_WORDS = frozenset({FieldType.DATE, FieldType.NUMBER})


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a column can go into: a field of the object, or a part column. `words` are those that head it,
    `is_of_system` is true of the number that another system has for the record, `read` reads what the type does not."""

    key: str
    label: Label
    kind: FieldType
    words: frozenset[str]
    item: ObjectField | None = None
    longest: int | None = None
    is_of_system: bool = False
    read: Callable[[str], object | None] | None = None

    @property
    def identifies(self) -> bool:
        """Whether rows can find their record by it: something short that is stored as it is read."""
        item = self.item
        if item is None or item.made is not None:
            return self.is_of_system
        return self.kind in IDENTIFYING and item.beside is None and not item.is_sealed


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns of a file are meant: fields by column number, and the other choices as `Import` has them."""

    mapping: Mapping[int, str]
    known_by: str = ""
    known_rows: str = KnownRows.UPDATE
    day_first: bool = False
    system: str = ""


def targets_of(spec: ObjectSpec, view: View) -> tuple[Target, ...]:
    """What columns can go into for a person: what he may write, the owner, the parts."""
    importing = spec.importing or Importing()
    fields = [
        item
        for item in fields_of(spec)
        if item.beside is None
        and not item.is_tags
        and item.kind is not FieldType.FILE
        and item.access(view.actor) >= FieldAccess.WRITE
        and (item.is_editable or item.key == OWNER)
    ]
    own = [_of_field(item, importing.names.get(item.key, ())) for item in fields]
    parts = [target_of_part(column) for column in importing.parts if column.may_write(view.actor)]
    return (*own, *parts)


def guessed(header: Sequence[str], sample: Sequence[Row], targets: Sequence[Target]) -> dict[int, str]:
    """The field that each column goes into, by the column's number, each field once; what cannot be told is left out.

    Steps: 1 a head that is exactly one of the words, 2 one that holds the longest of them, where the cells do not speak
    against it, 3 what the cells of a column without a head look like.
    """
    found: dict[int, str] = {}
    heads = [_plain(name) for name in header]
    for judge in (_exactly, _holding):
        for number, head in enumerate(heads):
            if number not in found and head:
                left = [item for item in targets if item.key not in found.values()]
                target = judge(head, left)
                if judge is _exactly or (target is not None and _may_be(target, _cells(sample, number))):
                    _take(found, number, target)
    for number in range(len(heads)):
        if number not in found and not heads[number]:
            left = [item for item in targets if item.key not in found.values()]
            _take(found, number, _looking_like(_cells(sample, number), left))
    return found


def _cells(sample: Sequence[Row], number: int) -> list[str]:
    return [str(row.cells[number]) for row in sample if number < len(row.cells) and row.cells[number] is not None]


def _may_be(target: Target, cells: Sequence[str]) -> bool:
    """Whether cells can be what a target takes: days and numbers are no words, and most can be read as its type."""
    if target.is_of_system or not cells:
        return True
    if target.read is not None:
        cells = [cell for cell in cells if target.read(cell) is None]
    if target.kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        return not any(
            sum(bool(read_cell(cell, kind).value) for cell in cells) >= MOSTLY * len(cells) for kind in NO_WORDS
        )
    if target.kind in (FieldType.CHOICE, FieldType.MULTI_CHOICE, FieldType.LINK):
        return True
    return sum(not read_cell(cell, target.kind).problem for cell in cells) >= MOSTLY * len(cells)


def _take(found: dict[int, str], number: int, target: Target | None) -> None:
    if target is not None:
        found[number] = target.key


def _exactly(head: str, targets: Sequence[Target]) -> Target | None:
    return next((item for item in targets if head in item.words), None)


def _holding(head: str, targets: Sequence[Target]) -> Target | None:
    """The target with the longest word that the head holds; one character says nothing, nor do two Latin letters."""
    held = [(len(word), item) for item in targets for word in item.words if _is_telling(word) and word in head]
    return max(held, key=lambda pair: pair[0])[1] if held else None


def _is_telling(word: str) -> bool:
    return len(word) > 2 or (len(word) == 2 and not word.isascii())


def _looking_like(cells: Sequence[str], targets: Sequence[Target]) -> Target | None:
    """A column without a name by its cells: mail addresses, mobile numbers and days speak for themselves."""
    looks = ((LIKE_MAIL, FieldType.EMAIL), (LIKE_MOBILE, FieldType.PHONE), (LIKE_DATE, FieldType.DATE))
    for pattern, kind in looks:
        if cells and sum(bool(pattern.match(cell.strip())) for cell in cells) >= MOSTLY * len(cells):
            return next((item for item in targets if item.kind is kind), None)
    return None


def _of_field(item: ObjectField, names: Sequence[str]) -> Target:
    common = COMMON_NAMES.get(item.key, ())
    kind = FieldType.LINK if is_person(item) else item.kind
    longest = item.maximum_length if kind is not FieldType.LINK else None
    return Target(item.key, item.label, kind, _words(item.key, item.label, (*names, *common)), item, longest)


def target_of_part(column: PartColumn) -> Target:
    """A column that is no field of a record as something that columns of a file can go into."""
    words = _words(column.key, column.label, column.names)
    return Target(
        column.key,
        column.label,
        column.kind,
        words,
        longest=column.longest,
        is_of_system=column.is_of_system,
        read=column.read,
    )


def _words(key: str, label: Label, names: Sequence[str]) -> frozenset[str]:
    """A label in all languages, the key and further names, as heads are compared with them."""
    found = {_plain(key), *(_plain(name) for name in names)}
    for language in LANGUAGES:
        with override(language):
            found.add(_plain(str(label)))
    return frozenset(found - {""})


def _plain(head: str) -> str:
    """A head as it is compared: normalised, without what stands in brackets, without blanks and signs."""
    return NOT_WORD.sub("", normalise(IN_BRACKETS.sub("", head) or head))
