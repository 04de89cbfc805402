"""How often each field is used: counted in the memory of the process, and handed over now and then.

A page writes nothing. What a process that dies had not handed over yet is lost: the counts tell used from unused.
"""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple

SHOWN, FILTER, SORT, EXPORT, SCORE = "shown", "filter", "sort", "export", "score"


class FieldUse(NamedTuple):
    """One use of one field: the key of its object, its own, and what it was used for."""

    object_key: str
    name: str
    use: str


_counts: Counter[FieldUse] = Counter()
_lock = Lock()


def note_uses(object_key: str, names: Iterable[str], *, use: str) -> None:
    """Count one use of some fields of an object."""
    with _lock:
        _counts.update(FieldUse(object_key, name, use) for name in names)


def taken_uses() -> dict[FieldUse, int]:
    """What was counted since the last time; it begins anew."""
    with _lock:
        found = dict(_counts)
        _counts.clear()
    return found


def give_back(uses: dict[FieldUse, int]) -> None:
    """Count again what could not be kept."""
    with _lock:
        _counts.update(uses)
