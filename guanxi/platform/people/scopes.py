"""The rights that a token can be narrowed to: those of the person, by object and action."""

from collections.abc import Collection
from dataclasses import dataclass

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.people.words import ACTION_WORDS


@dataclass(frozen=True, slots=True)
class ScopeBox:
    """One right to tick; `scope` is "" for what the person may not do."""

    scope: str
    label: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """One object with a box for each action."""

    label: str
    boxes: tuple[ScopeBox, ...]


def scope_lines(actor: Actor, *, ticked: Collection[str] = ()) -> tuple[ScopeLine, ...]:
    """What a token of this person can be narrowed to; objects that follow another one are part of that one."""
    lines = []
    for spec in object_specs():
        if protection_of(spec.model).follows:
            continue
        boxes = []
        for action, word in ACTION_WORDS.items():
            scope = f"{spec.key}:{action.value}"
            boxes.append(ScopeBox(scope if may(actor, spec.model, action) else "", str(word), scope in ticked))
        if any(box.scope for box in boxes):
            lines.append(ScopeLine(str(spec.plural), tuple(boxes)))
    return tuple(lines)


def scope_words(scopes: Collection[str]) -> tuple[str, ...]:
    """Rights in words: "Customers: See, Edit"; what is registered no more stays as it is written."""
    labels = {spec.key: str(spec.plural) for spec in object_specs()}
    found: dict[str, list[str]] = {}
    for scope in scopes:
        found.setdefault(scope.partition(":")[0], []).append(str(ACTION_WORDS[action_of(scope)]))
    return tuple(f"{labels.get(key, key)}: {', '.join(words)}" for key, words in found.items())


def action_of(scope: str) -> Action:
    """The action of "object:action"."""
    return Action(scope.partition(":")[2])
