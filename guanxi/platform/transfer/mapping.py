"""Which column of a file goes into which field: told from the words at its head, then from what stands in it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import override

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.objects.fields import ObjectField, is_person
from guanxi.platform.objects.importing import Importing, PartColumn
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.search.tokens import normalise
from guanxi.platform.transfer.reading import Row

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


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a column can go into: a field of the object, or a part column. `words` are those that head it."""

    key: str
    label: Label
    kind: FieldType
    words: frozenset[str]
    item: ObjectField | None = None
    longest: int | None = None


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

    Steps: 1 a head that is exactly one of the words, 2 one that holds the longest of them, 3 what the cells look like.
    """
    found: dict[int, str] = {}
    heads = [_plain(name) for name in header]
    for judge in (_exactly, _holding):
        for number, head in enumerate(heads):
            if number not in found and head:
                _take(found, number, judge(head, [item for item in targets if item.key not in found.values()]))
    for number in range(len(heads)):
        if number not in found and not heads[number]:
            cells = [str(row.cells[number]) for row in sample if number < len(row.cells) and row.cells[number]]
            _take(found, number, _looking_like(cells, [item for item in targets if item.key not in found.values()]))
    return found


def _take(found: dict[int, str], number: int, target: Target | None) -> None:
    if target is not None:
        found[number] = target.key


def _exactly(head: str, targets: Sequence[Target]) -> Target | None:
    return next((item for item in targets if head in item.words), None)


def _holding(head: str, targets: Sequence[Target]) -> Target | None:
    """The target with the longest word that the head holds; words of one letter say nothing."""
    held = [(len(word), item) for item in targets for word in item.words if len(word) > 1 and word in head]
    return max(held, key=lambda pair: pair[0])[1] if held else None


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
    return Target(column.key, column.label, column.kind, words, longest=column.longest)


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
