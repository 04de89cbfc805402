"""Counting the quality of records for a day."""

from datetime import date

from django.db import transaction

from guanxi.customers.facade import customer_counts
from guanxi.kernel.actor import Actor
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.desk import desk_sources
from guanxi.stewardship.models import QualityDay


@transaction.atomic
def count_quality(day: date, *, actor: Actor) -> int:
    """Count how many customers each kind of fault concerns, by unit and owner; a day that was counted is counted anew.

    Returns the number of customers.
    """
    customers = customer_counts(None)
    rows = []
    for source in desk_sources():
        affected = customer_counts(source.affected(None))
        rows += [
            QualityDay(
                day=day,
                unit_id=unit_id,
                owner_id=owner_id,
                measure=source.key,
                affected=affected.get((unit_id, owner_id), 0),
                customers=count,
            )
            for (unit_id, owner_id), count in customers.items()
        ]
    QualityDay.objects.filter(day=day).delete()
    QualityDay.objects.bulk_create(rows, batch_size=5_000)
    total = sum(customers.values())
    begin_entry(actor, action="count_quality", object_key="account", record_count=total, reason=str(day))
    return total
