"""Writing what stands beside records: cases and their customers, under the audit entry of the verb."""

from guanxi.stewardship.models.handovers import HandoverCase, HandoverItem


def keep(row: HandoverCase | HandoverItem, *columns: str) -> None:
    """Write these columns of a row that the verb has locked, and no others."""
    values = {name: getattr(row, name) for name in columns}
    if isinstance(row, HandoverCase):
        HandoverCase.objects.filter(pk=row.pk).update(**values)
    else:
        HandoverItem.objects.filter(pk=row.pk).update(**values)
