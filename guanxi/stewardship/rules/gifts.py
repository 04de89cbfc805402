"""What may be given to whom: limits of one gift and of one person in a year, budgets of departments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanxi.kernel.errors import RuleViolation

GOVERNMENT = "government"
"""The relation of state organisations, for whose people stricter law holds."""
NEARLY = Decimal("0.9")
"""From this share of the year's limit on, a receiver counts as being at it."""
LONGEST_BACK_DAYS = 366
DEAREST = Decimal(1_000_000_000)


@dataclass(frozen=True, slots=True)
class Limit:
    """What one receiver may get, in company currency; None does not bind."""

    per_gift: Decimal | None = None
    per_year: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget of a department for a year, and what of it is spent."""

    unit_id: int
    unit: str
    year: int
    amount: Decimal
    spent: Decimal

    @property
    def left(self) -> Decimal:
        """What is left, never less than nothing."""
        return max(self.amount - self.spent, Decimal(0))


def require_sound_giving(item: str, *, worth: Decimal, quantity: Decimal, given_on: date, today: date) -> None:
    """A giving has a name, a worth and a day. Raises: RuleViolation("gift.item" | "gift.worth" | "gift.day")."""
    if not item.strip():
        raise RuleViolation("gift.item", "Say what is given.", field="item")
    if not 0 <= worth < DEAREST:
        raise RuleViolation("gift.worth", "The worth is a sum of money from zero on.", field="worth")
    if quantity <= 0:
        raise RuleViolation("gift.quantity", "At least one thing is given.", field="quantity")
    if given_on > today or (today - given_on).days > LONGEST_BACK_DAYS:
        raise RuleViolation("gift.day", "Choose a day of the last year, or today.", field="given_on")


def require_within_limit(worth: Decimal, *, given: Decimal, limit: Limit, year: int) -> None:
    """A gift may go to a receiver who got `given` this year.

    Raises: RuleViolation("gift.too_dear" | "gift.too_much").
    """
    if limit.per_gift is not None and worth > limit.per_gift:
        raise RuleViolation(
            "gift.too_dear",
            "A gift to this receiver may be worth %(most)s at most.",
            most=written(limit.per_gift),
            field="worth",
        )
    if limit.per_year is not None and given + worth > limit.per_year:
        raise RuleViolation(
            "gift.too_much",
            "This receiver may get gifts worth %(most)s in %(year)s; %(left)s of it are left.",
            most=written(limit.per_year),
            year=year,
            left=written(max(limit.per_year - given, Decimal(0))),
            field="worth",
        )


def require_within_budget(worth: Decimal, *, budget: Spending, raised_by: Sequence[str]) -> None:
    """A budget has room for a giving. Raises: RuleViolation("gift.budget"), which names who may raise it."""
    if budget.spent + worth <= budget.amount:
        return
    words = {
        "unit": budget.unit,
        "year": budget.year,
        "left": written(budget.left),
        "amount": written(budget.amount),
        "field": "worth",
    }
    if not raised_by:
        raise RuleViolation(
            "gift.budget",
            "The gift budget of %(unit)s for %(year)s has %(left)s of %(amount)s left. An administrator may raise it.",
            **words,
        )
    raise RuleViolation(
        "gift.budget",
        "The gift budget of %(unit)s for %(year)s has %(left)s of %(amount)s left. It may be raised by %(names)s.",
        **words,
        names=", ".join(raised_by),
    )


def is_at_limit(given: Decimal, limit: Limit) -> bool:
    """Whether a receiver got so much in a year that hardly anything is left of the limit."""
    return limit.per_year is not None and given >= limit.per_year * NEARLY


def written(amount: Decimal) -> str:
    """An amount in a sentence, to the cent."""
    return f"{amount:,.2f}"
