"""The quality score of customers. Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BEST = 100.0


@dataclass(frozen=True, slots=True)
class Part:
    """What one kind of fault takes from the score: so many customers of all, times its points."""

    measure: str
    affected: int
    customers: int
    points: int

    @property
    def share(self) -> float | None:
        """The share of the customers with this fault, 0 to 1; None where there is no customer."""
        return self.affected / self.customers if self.customers else None

    @property
    def taken(self) -> float:
        """The points that it takes."""
        return (self.share or 0.0) * self.points


def parts_of(affected: Mapping[str, int], *, customers: int, points: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts of a score, in the order of the measures; what was not counted takes nothing."""
    return tuple(Part(measure, affected.get(measure, 0), customers, most) for measure, most in points.items())


def score_of(parts: Sequence[Part]) -> float | None:
    """The score, 0 to 100: 100 less what each kind of fault takes; None where there is no customer.

    Method: each kind takes its points times the share of customers that have such a fault; all points make 100, so a
    unit none of whose customers has a fault scores 100, and one all of whose customers have all of them 0.
    """
    if not parts or not parts[0].customers:
        return None
    return max(0.0, BEST - sum(part.taken for part in parts))
