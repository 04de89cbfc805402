"""Quantities with their units: money, shares, periods and references."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from guanxi.kernel.errors import RuleViolation


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency. `amount` is exact; `currency` is an ISO 4217 code."""

    amount: Decimal
    currency: str = "CNY"

    def __add__(self, other: "Money") -> "Money":
        """The sum of two amounts of one currency.

        Raises: RuleViolation("money.currency") when the currencies differ.
        """
        if self.currency != other.currency:
            raise RuleViolation(
                "money.currency",
                "%(left)s and %(right)s cannot be added.",
                left=self.currency,
                right=other.currency,
            )
        return Money(self.amount + other.amount, self.currency)


@dataclass(frozen=True, slots=True, order=True)
class Ratio:
    """A share from 0 to 1.

    Raises: RuleViolation("ratio.range") outside 0 to 1.
    """

    value: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.value <= 1.0:
            raise RuleViolation("ratio.range", "%(value)s is not a share between 0 and 1.", value=self.value)


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar days from `start_on` to `end_on`, both included.

    Raises: RuleViolation("period.order") when it ends before it starts.
    """

    start_on: date
    end_on: date

    def __post_init__(self) -> None:
        if self.end_on < self.start_on:
            raise RuleViolation("period.order", "%(end)s is before %(start)s.", start=self.start_on, end=self.end_on)

    @property
    def days(self) -> int:
        """Length in calendar days; one day when both ends are the same."""
        return (self.end_on - self.start_on).days + 1

    @classmethod
    def ending(cls, end_on: date, *, days: int) -> "Period":
        """The period of `days` days whose last day is `end_on`."""
        return cls(end_on - timedelta(days=days - 1), end_on)


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to one record of a registered object."""

    object_key: str
    record_id: int
