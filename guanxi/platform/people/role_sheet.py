"""The rights of a role as a sheet: a line for each object, a cell for each action, and the way back from a form."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.catalogue import ProtectedObject, protected_objects
from guanxi.platform.access.limits import Limit, ReadKind
from guanxi.platform.access.rules import Action, FieldAccess, RowRule, parse_rule
from guanxi.platform.accounts.commands import RoleTerms
from guanxi.platform.people.words import (
    ACTION_WORDS,
    LEVEL_WORDS,
    READ_WORDS,
    ROW_WORDS,
    object_words,
    rule_words,
    sensitivity_words,
)
from guanxi.platform.search.tokens import sort_key

ALL = "*"
KEPT = "kept"
INHERITED = "inherited"
INHERITED_MARK = "·"
_PLUS = {"any_of": ["team", "shared"]}
PRESETS: Mapping[str, object] = {
    "everyone": "everyone",
    "unit_and_below_shared": {"any_of": ["unit_and_below", "team", "shared"]},
    "unit_and_below": "unit_and_below",
    "unit_shared": {"any_of": ["unit", "team", "shared"]},
    "unit": "unit",
    "owner_shared": {"any_of": ["owner", "team", "shared"]},
    "owner": "owner",
    "shared_alone": _PLUS,
    "nobody": "nobody",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a cell."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: the name under which it is sent, what it is called for those who hear it, its choices.

    `tone` is "inherited" for what all other objects decide, "kept" for a composed rule, else "".
    """

    name: str
    label: str
    choices: tuple[Choice, ...]
    tone: str = ""

    @property
    def chosen(self) -> str:
        """What is chosen, in words."""
        return next(choice.label for choice in self.choices if choice.is_chosen)

    @property
    def mark(self) -> str:
        """What the cell shows: the words of the choice, or a quiet mark for what all other objects decide."""
        return INHERITED_MARK if self.tone == INHERITED else self.chosen


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One object with its cells, None where there is nothing to choose."""

    key: str
    label: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One kind of read with its limits."""

    kind: str
    label: str
    warn_at: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class RoleSheet:
    """All that a role may do."""

    rows: tuple[SheetLine, ...]
    sensitivities: tuple[str, ...]
    fields: tuple[SheetLine, ...]
    limits: tuple[LimitLine, ...]


def row_objects() -> tuple[ProtectedObject, ...]:
    """The objects whose rows have rules of their own, by what they are called."""
    return tuple(sorted((item for item in protected_objects() if item.has_row_rules), key=_read_out))


def _read_out(item: ProtectedObject) -> str:
    """What an object is called, in the order of pinyin."""
    return sort_key(object_words(item))


def role_sheet(terms: RoleTerms) -> RoleSheet:
    """The sheet of what a role may do now."""
    classes = tuple(dict.fromkeys(name for item in protected_objects() for name in item.sensitivities))
    guarded = sorted((item for item in protected_objects() if item.sensitivities), key=_read_out)
    everything = _("All other objects")
    return RoleSheet(
        rows=(
            *(_row_line(item.key, object_words(item), terms, item) for item in row_objects()),
            _row_line(ALL, everything, terms, None),
        ),
        sensitivities=tuple(map(sensitivity_words, classes)),
        fields=(
            *(_field_line(item.key, object_words(item), terms, classes, item.sensitivities) for item in guarded),
            _field_line(ALL, everything, terms, classes, classes),
        ),
        limits=tuple(_limit_line(kind, terms.limits.get(kind, Limit())) for kind in ReadKind),
    )


def _row_line(key: str, label: str, terms: RoleTerms, item: ProtectedObject | None) -> SheetLine:
    return SheetLine(key, label, tuple(_row_cell(key, label, action, terms, item) for action in Action))


def _row_cell(key: str, label: str, action: Action, terms: RoleTerms, item: ProtectedObject | None) -> Cell:
    rule = terms.rows.get((key, action.value))
    code = "" if rule is None else next((code for code, known in PRESETS.items() if _same(known, rule)), KEPT)
    choices = [Choice(value, preset_words(value), value == code) for value in PRESETS]
    if key != ALL:
        choices.insert(0, Choice("", _("as others"), code == ""))
    elif code == "":
        choices[-1] = Choice("nobody", preset_words("nobody"), True)
    if code == KEPT:
        model = item.model if item is not None else protected_objects()[0].model
        choices.insert(0, Choice(KEPT, rule_words(parse_rule(rule), model), True))
    tone = KEPT if code == KEPT else INHERITED if code == "" and key != ALL else ""
    return Cell(f"row.{key}.{action.value}", f"{label}: {ACTION_WORDS[action]}", tuple(choices), tone)


def _same(known: object, rule: object) -> bool:
    return set(_flat(parse_rule(known))) == set(_flat(parse_rule(rule)))


def _flat(rule: RowRule) -> tuple[RowRule, ...]:
    """The parts of an any-of, whose order says nothing; another rule is its own only part."""
    parts = getattr(rule, "rules", None)
    return parts if parts is not None and type(rule).__name__ == "AnyOf" else (rule,)


def preset_words(code: str) -> str:
    """What a choice of a cell is called."""
    if code == "shared_alone":
        return str(ROW_WORDS["shared"])
    word, _plus, is_shared = code.partition("_shared")
    return _("%(rows)s, and shared") % {"rows": ROW_WORDS[word]} if _plus else str(ROW_WORDS[word + is_shared])


def _field_line(key: str, label: str, terms: RoleTerms, classes: Sequence[str], own: Sequence[str]) -> SheetLine:
    return SheetLine(
        key, label, tuple(_field_cell(key, label, name, terms) if name in own else None for name in classes)
    )


def _field_cell(key: str, label: str, sensitivity: str, terms: RoleTerms) -> Cell:
    level = terms.fields.get((key, sensitivity))
    chosen = FieldAccess.MASKED if level is None and key == ALL else level
    choices = [Choice(str(int(item)), str(LEVEL_WORDS[item]), item == chosen) for item in FieldAccess]
    if key != ALL:
        choices.insert(0, Choice("", _("as others"), level is None))
    tone = INHERITED if level is None and key != ALL else ""
    return Cell(f"field.{key}.{sensitivity}", f"{label}: {sensitivity_words(sensitivity)}", tuple(choices), tone)


def _limit_line(kind: ReadKind, limit: Limit) -> LimitLine:
    return LimitLine(kind.value, str(READ_WORDS[kind]), limit.warn_at, limit.most)


def posted_terms(posted: QueryDict, *, name: str, name_en: str, before: RoleTerms) -> RoleTerms:
    """What a sent sheet says; what it does not show stays as it is.

    Raises: RuleViolation("access.rule" | "role.limit") for what no sheet offers.
    """
    return RoleTerms(
        name, name_en, _posted_rows(posted, before), _posted_fields(posted, before), _posted_limits(posted)
    )


def _posted_rows(posted: QueryDict, before: RoleTerms) -> dict[tuple[str, str], object]:
    rows = dict(before.rows)
    for key in (ALL, *(item.key for item in row_objects())):
        for action in Action:
            code = posted.get(f"row.{key}.{action.value}")
            if code == "":
                rows.pop((key, action.value), None)
            elif code is not None and code in PRESETS:
                rows[key, action.value] = PRESETS[code]
            elif code not in (None, KEPT):
                raise RuleViolation("access.rule", "%(rule)s is not a row rule.", rule=code)
    return rows


def _posted_fields(posted: QueryDict, before: RoleTerms) -> dict[tuple[str, str], int]:
    fields = dict(before.fields)
    classes = tuple(dict.fromkeys(name for item in protected_objects() for name in item.sensitivities))
    known = [(item.key, name) for item in protected_objects() for name in item.sensitivities]
    for key, sensitivity in (*known, *((ALL, name) for name in classes)):
        level = posted.get(f"field.{key}.{sensitivity}")
        if level == "":
            fields.pop((key, sensitivity), None)
        elif level is not None:
            if level not in {str(int(item)) for item in FieldAccess}:
                raise RuleViolation("access.rule", "%(rule)s is not a row rule.", rule=level)
            fields[key, sensitivity] = int(level)
    return fields


def _posted_limits(posted: QueryDict) -> dict[ReadKind, Limit]:
    return {
        kind: Limit(_number(posted, f"warn.{kind.value}"), _number(posted, f"most.{kind.value}")) for kind in ReadKind
    }


def _number(posted: QueryDict, name: str) -> int | None:
    text = posted.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise RuleViolation("role.limit", "“%(value)s” is no number of reads.", value=text[:40])
    return int(text)
