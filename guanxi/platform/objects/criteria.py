"""Criteria: since when something counts against who looks after a record, and what excuses it.

Any capability contributes them for an object, when the program starts; whoever makes rules of them asks here and names
none of them. A criterion is asked about many records at once and answers in a fixed number of queries.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from guanxi.platform.objects.spec import Label

Since = Callable[[Sequence[int]], Mapping[int, date | None]]
Holds = Callable[[Sequence[int]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Criterion:
    """What can count against an owner: "nobody followed up for … days".

    `since` gives by id the day since which it counts, None for as long as the record is looked after; a record that is
    missing does not meet it. `sentence` has the place `%(days)s`.
    """

    key: str
    label: Label
    sentence: Label
    since: Since
    position: int = 100


@dataclass(frozen=True, slots=True)
class Exemption:
    """What excuses a record whatever its criterion says; `holds` gives the ids of those that it excuses."""

    key: str
    label: Label
    holds: Holds
    position: int = 100


_criteria: dict[tuple[str, str], Criterion] = {}
_exemptions: dict[tuple[str, str], Exemption] = {}


def register_criteria(object_key: str, *criteria: Criterion) -> None:
    """Contribute criteria for an object. Raises: ValueError when a key is in use already, a defect of the code."""
    for item in criteria:
        if _criteria.setdefault((object_key, item.key), item) is not item:
            raise ValueError(f"The criterion {item.key} of {object_key} is registered twice.")


def register_exemptions(object_key: str, *exemptions: Exemption) -> None:
    """Contribute exemptions for an object. Raises: ValueError when a key is in use already, a defect of the code."""
    for item in exemptions:
        if _exemptions.setdefault((object_key, item.key), item) is not item:
            raise ValueError(f"The exemption {item.key} of {object_key} is registered twice.")


def criteria_of(object_key: str) -> Mapping[str, Criterion]:
    """The criteria of an object by key, in their order."""
    found = [item for (key, _name), item in _criteria.items() if key == object_key]
    return {item.key: item for item in sorted(found, key=lambda item: item.position)}


def exemptions_of(object_key: str) -> Mapping[str, Exemption]:
    """The exemptions of an object by key, in their order."""
    found = [item for (key, _name), item in _exemptions.items() if key == object_key]
    return {item.key: item for item in sorted(found, key=lambda item: item.position)}
