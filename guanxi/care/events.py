"""What can happen in care."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent

PLAN = "care.plan"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePlanned(DomainEvent):
    """The queues of all persons were planned for a day."""

    name: ClassVar[str] = "care.queue_planned"
    day: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDecided(DomainEvent):
    """A person said what became of a row of the queue, or took it back (state "open")."""

    name: ClassVar[str] = "care.row_decided"
    row_id: int
    account_id: int
    reason: str
    state: str
