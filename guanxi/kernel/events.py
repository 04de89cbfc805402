"""Domain events: what happened, in the past tense, as frozen data."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    """Base of all events. Fields are plain values that survive JSON: numbers, text, dates, tuples of these.

    `name` is the stable key under which the event is stored, `capability.past_tense`.
    """

    name: ClassVar[str] = ""
