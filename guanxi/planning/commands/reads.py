"""Keeping how often fields are used, day by day."""

from collections.abc import Mapping
from datetime import date

from django.db import DatabaseError, connection
from django.utils import timezone

from guanxi.planning.choices import BindingKind
from guanxi.planning.models import FieldRead
from guanxi.planning.queries.plans import places
from guanxi.platform.objects.reads import SCORE, FieldUse, give_back, taken_uses


def keep_reads(uses: Mapping[FieldUse, int], *, day: date) -> None:
    """Add counts of uses to those of a day; one statement."""
    if not uses:
        return
    keys = sorted(uses)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FieldRead._meta.db_table} AS known (day, object_key, name, use, count) "  # noqa: S608  # our table
            "SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) "
            "ON CONFLICT (object_key, name, use, day) DO UPDATE SET count = known.count + EXCLUDED.count",
            [
                day,
                [key.object_key for key in keys],
                [key.name for key in keys],
                [key.use for key in keys],
                [uses[key] for key in keys],
            ],
        )


def hand_over_reads() -> None:
    """Keep what this process counted; what the database does not take is counted on."""
    uses = taken_uses()
    try:
        keep_reads(uses, day=timezone.localdate())
    except DatabaseError:
        give_back(uses)
        raise


def count_scoring(day: date) -> None:
    """Count that the value index read every kind of fact that the plan knows."""
    facts = (place for place in places().values() if place.kind == BindingKind.FACT)
    keep_reads({FieldUse(place.object_key, place.name, SCORE): 1 for place in facts}, day=day)
