"""Who reacts to which event: filled by the capabilities' apps when the program starts, read-only afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from guanxi.kernel.events import DomainEvent

EventType = TypeVar("EventType", bound=DomainEvent)


@dataclass(frozen=True, slots=True)
class Reaction:
    """One command that runs after an event. `key` is stable: deliveries are remembered under it."""

    key: str
    event_type: type[DomainEvent]
    react: Callable[[DomainEvent, UUID], None]


_reactions: dict[str, Reaction] = {}
_event_types: dict[str, type[DomainEvent]] = {}


def register_reaction(key: str, *, event_type: type[EventType], react: Callable[[EventType, UUID], None]) -> None:
    """Let `react(event, event_id)` run once for each event of the type.

    Raises: ValueError when the key is taken; this is a defect of the code.
    """
    if key in _reactions:
        raise ValueError(f"The reaction {key} is registered twice.")
    register_event(event_type)
    _reactions[key] = Reaction(key, event_type, react)  # type: ignore[arg-type]  # the event's type is checked by name


def register_event(event_type: type[DomainEvent]) -> None:
    """Make an event type known under its name.

    Raises: ValueError when another type has the name; this is a defect of the code.
    """
    known = _event_types.setdefault(event_type.name, event_type)
    if known is not event_type:
        raise ValueError(f"The event name {event_type.name} is used twice.")


def reactions_to(event_name: str) -> tuple[Reaction, ...]:
    """The reactions to an event, in the order of their keys."""
    found = (reaction for reaction in _reactions.values() if reaction.event_type.name == event_name)
    return tuple(sorted(found, key=lambda reaction: reaction.key))


def reaction(key: str) -> Reaction:
    """One reaction by its key. Raises: KeyError."""
    return _reactions[key]


def event_types() -> tuple[type[DomainEvent], ...]:
    """All known event types, by name."""
    return tuple(_event_types[name] for name in sorted(_event_types))
