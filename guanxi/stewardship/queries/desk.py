"""What the desk leaves out for now."""

from collections.abc import Mapping
from datetime import date

from guanxi.stewardship.models import PutOff


def entries_put_off(today: date) -> Mapping[str, frozenset[str]]:
    """The entries that come back on a later day, by kind of work; one query."""
    found: dict[str, set[str]] = {}
    for source, entry in PutOff.objects.filter(until__gt=today).values_list("source", "entry"):
        found.setdefault(source, set()).add(entry)
    return {source: frozenset(entries) for source, entries in found.items()}
