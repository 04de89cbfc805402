"""What can happen to the information plan."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent

REFRESH_SOME = "planning.refresh_some"
"""The task that computes the scores of a few accounts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPublished(DomainEvent):
    """A version of the information plan is in force."""

    name: ClassVar[str] = "planning.plan_published"
    plan_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessRefreshed(DomainEvent):
    """Completeness and freshness of all customers were computed."""

    name: ClassVar[str] = "planning.completeness_refreshed"
    as_of: str
    accounts: int
