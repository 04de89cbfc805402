"""What can happen in stewardship."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent

REFRESH_TERMS = "stewardship.refresh_terms"
NOTE_ALL_UNDELIVERED = "stewardship.note_all_undelivered"
"""The task that notes what a large load of facts says was not delivered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRulesChanged(DomainEvent):
    """A pool or a rule that fills it is another now, so customers leave their owners on other days."""

    name: ClassVar[str] = "stewardship.pool_rules_changed"
    pool_id: int
