"""What can happen in the portal."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSubmitted(DomainEvent):
    """Something came in by a form that does not look like spam, or was released."""

    name: ClassVar[str] = "portal.form_submitted"
    submission_id: int
