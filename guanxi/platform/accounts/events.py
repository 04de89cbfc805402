"""What happens to the safety of the house."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualNoticed(DomainEvent):
    """Something was noticed that administrators want to know of."""

    name: ClassVar[str] = "platform.unusual_noticed"

    notice_id: int
