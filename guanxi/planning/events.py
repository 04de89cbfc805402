"""What can happen to the information plan."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent

REFRESH_SOME = "planning.refresh_some"
"""The task that computes the scores of a few accounts."""
NEEDS_ROUND, NEEDS_REMINDER, NEEDS_CLOSING = "needs_round", "needs_reminder", "needs_closing"
"""The topics of the bell: a round asks somebody, somebody reminds of it, it reminds by itself before its end. Their
subject is the round."""
PLAN_SIGNOFF, PLAN_BRIEFING = "plan_signoff", "plan_briefing"
"""A version waits for a department's sign-off; one in force waits to be read. Their subject is the version."""
STALE_VALUES = "stale_values"
"""Values of one's own customers went past their limit. The subject is the person."""


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
