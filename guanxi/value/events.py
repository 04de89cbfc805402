"""What can happen to values."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicesRefreshed(DomainEvent):
    """The indices of all accounts were computed for a day."""

    name: ClassVar[str] = "value.indices_refreshed"
    as_of: str
    accounts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionPublished(DomainEvent):
    """A weight set or a reference came into force."""

    name: ClassVar[str] = "value.edition_published"
    edition_id: int
