"""How long there is to answer a person's request.

Source: PIPL, Personal Information Protection Law of the People's Republic of China (2021), article 50, asks for a
"timely" answer; 15 working days are those of GB/T 35273-2020, 8.7. GDPR, Regulation (EU) 2016/679, article 12 (3): one
month.
"""

from collections.abc import Callable
from datetime import date, timedelta

from guanxi.kernel.errors import RuleViolation

PIPL, GDPR = "pipl", "gdpr"
WORKING_DAYS = 15
CALENDAR_DAYS = 30
CLOSE_DAYS = 5


def due_day(asked_on: date, *, law: str, is_rest_day: Callable[[date], bool]) -> date:
    """The last day for an answer: 15 working days after the request by Chinese law, 30 days by European law."""
    if law == GDPR:
        return asked_on + timedelta(days=CALENDAR_DAYS)
    found, left = asked_on, WORKING_DAYS
    while left:
        found += timedelta(days=1)
        left -= not is_rest_day(found)
    return found


def is_close(due_on: date, today: date) -> bool:
    """Whether a request is due within a few days, or overdue."""
    return (due_on - today).days <= CLOSE_DAYS


def require_identity(*, needs_identity: bool) -> None:
    """Somebody has found that who asks is the person. Raises: RuleViolation("privacy.identity")."""
    if needs_identity:
        raise RuleViolation("privacy.identity", "First make sure that who asks is the person.")
