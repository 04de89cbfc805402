"""Row rules and field rules as data: a closed language that roles are written in.

A row rule says which rows of an object an actor reaches. It is data, so it can be stored with a role, shown to a
person, and turned into SQL by one function.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import partial

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation


class Action(StrEnum):
    """What an actor may want to do with rows of an object."""

    VIEW = "view"
    CREATE = "create"
    EDIT = "edit"
    DELETE = "delete"
    EXPORT = "export"
    TRANSFER = "transfer"
    REVEAL = "reveal"
    ADMINISTER = "administer"


class FieldAccess(IntEnum):
    """What an actor may do with one field, in rising order."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    WRITE = 3


@dataclass(frozen=True, slots=True)
class Everyone:
    """All rows."""


@dataclass(frozen=True, slots=True)
class Nobody:
    """No row."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Rows whose owner is the actor."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Rows of the actor's org unit, and of the units below it when `and_below`."""

    and_below: bool = True


@dataclass(frozen=True, slots=True)
class SharedWithActor:
    """Rows that somebody shared with the actor, or with a unit of the actor's path, until a day that has not passed.

    What changes a row needs a share to edit, what reads it any share.
    """


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Rows on which the actor, or a unit of the actor's path, is a collaborator."""


@dataclass(frozen=True, slots=True)
class FieldIn:
    """Rows whose field holds one of the values."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Rows that at least one of the rules reaches."""

    rules: tuple["RowRule", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Rows that all of the rules reach."""

    rules: tuple["RowRule", ...]


RowRule = Everyone | Nobody | Owner | Unit | SharedWithActor | TeamMember | FieldIn | AnyOf | AllOf
WORDS: Mapping[str, RowRule] = {
    "everyone": Everyone(),
    "unit_and_below": Unit(and_below=True),
    "unit": Unit(and_below=False),
    "owner": Owner(),
    "team": TeamMember(),
    "shared": SharedWithActor(),
    "nobody": Nobody(),
}
"""The rules that are one word in their JSON form, from the widest down."""


def parse_rule(data: object) -> RowRule:
    """Read a row rule from its JSON form: a word, or an object with one key.

    Raises: RuleViolation("access.rule") for anything outside the language.
    """
    match data:
        case str(word) if word in WORDS:
            return WORDS[word]
        case {"any_of": [*rules]}:
            return AnyOf(tuple(parse_rule(rule) for rule in rules))
        case {"all_of": [*rules]}:
            return AllOf(tuple(parse_rule(rule) for rule in rules))
        case {"field_in": {"field": str(field), "values": [*values]}}:
            return FieldIn(field, tuple(str(value) for value in values))
        case _:
            raise RuleViolation("access.rule", "%(rule)s is not a row rule.", rule=repr(data))


def rule_data(rule: RowRule) -> object:
    """The JSON form of a row rule, as `parse_rule` reads it."""
    match rule:
        case AnyOf(rules=rules):
            return {"any_of": [rule_data(part) for part in rules]}
        case AllOf(rules=rules):
            return {"all_of": [rule_data(part) for part in rules]}
        case FieldIn(field=field, values=values):
            return {"field_in": {"field": field, "values": list(values)}}
        case _:
            return next(word for word, known in WORDS.items() if known == rule)


def widest(rules: tuple[RowRule, ...]) -> RowRule:
    """The rule of an actor with several roles: what any role reaches."""
    kept = tuple(dict.fromkeys(rule for rule in rules if rule != Nobody()))
    if not kept:
        return Nobody()
    if Everyone() in kept:
        return Everyone()
    return kept[0] if len(kept) == 1 else AnyOf(kept)


@dataclass(frozen=True, slots=True)
class RolePolicy:
    """What one role may do: row rules by (object key, action) and field access by (object key, sensitivity).

    The object key "*" stands for every object without an entry of its own.
    """

    rows: Mapping[tuple[str, Action], RowRule]
    fields: Mapping[tuple[str, str], FieldAccess]

    def row_rule(self, object_key: str, action: Action) -> RowRule:
        """The rule for an action on an object; Nobody when the role says nothing."""
        return self.rows.get((object_key, action)) or self.rows.get(("*", action)) or Nobody()

    def field_access(self, object_key: str, sensitivity: str) -> FieldAccess:
        """Access to fields of a sensitivity; plain fields can be written, others are masked when nothing is said."""
        for key in ((object_key, sensitivity), ("*", sensitivity)):
            if key in self.fields:
                return self.fields[key]
        return FieldAccess.WRITE if not sensitivity else FieldAccess.MASKED


def _no_value(field: str) -> str:  # noqa: ARG001  # the shape of all readers of values
    return ""


def _not_shared(rule: RowRule) -> bool:  # noqa: ARG001  # the shape of all readers of shares
    return False


def is_reached(
    rule: RowRule,
    *,
    actor: Actor,
    owner_id: int | None,
    unit_id: int | None,
    value_of: Callable[[str], str] = _no_value,
    is_shared: Callable[[RowRule], bool] = _not_shared,
) -> bool:
    """Whether a rule reaches a row with this owner and unit, told without a query of its own.

    `value_of` gives the text of a field of the row; without it the row counts as empty. `is_shared` says whether the
    row is shared in the way of the rule, and is asked only when nothing else decides; without it nothing is shared.
    """
    reaches = partial(
        is_reached, actor=actor, owner_id=owner_id, unit_id=unit_id, value_of=value_of, is_shared=is_shared
    )
    match rule:
        case Everyone():
            return True
        case Owner():
            return owner_id is not None and owner_id == actor.user_id
        case Unit(and_below=below):
            return unit_id is not None and unit_id in (actor.unit_ids if below else (actor.unit_id,))
        case FieldIn(field=field, values=values):
            return value_of(field) in values
        case SharedWithActor() | TeamMember():
            return is_shared(rule)
        case AnyOf(rules=rules):
            return any(map(reaches, _shares_last(rules)))
        case AllOf(rules=rules):
            return all(map(reaches, _shares_last(rules)))
        case _:
            return False


def _shares_last(rules: tuple[RowRule, ...]) -> list[RowRule]:
    """The rules in the order in which they are cheap to tell."""
    return sorted(rules, key=lambda rule: isinstance(rule, SharedWithActor | TeamMember))
