"""What can happen to the ledger."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsRecorded(DomainEvent):
    """New facts stand in the ledger. `account_ids` lists the touched accounts, or is empty when there were
    over 500.
    """

    name: ClassVar[str] = "ledger.facts_recorded"
    source: str
    count: int
    account_ids: tuple[int, ...]
    kinds: tuple[str, ...]
