"""Writing the search index of whole objects anew, block by block, while people work."""

from collections.abc import Iterator

from django.db import transaction

from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.spec import ObjectSpec

REASON = "search: the index covers all records, results are re-read through the reader's grant"
BLOCK = 1_000


def count_records(spec: ObjectSpec) -> int:
    """How many records of an object there are, those in the trash included."""
    return unscoped(spec.model, reason=REASON).count()


def reindex(spec: ObjectSpec) -> Iterator[int]:
    """Write what each record of an object is found by; yields how many are done, after each block.

    A block is one transaction that holds its records, so that no older name is written over a newer one. Running it
    again changes nothing. An object without an index yields nothing.
    """
    if spec.index is None:
        return
    last, done = 0, 0
    while True:
        with transaction.atomic():
            rows = unscoped(spec.model, reason=REASON).filter(pk__gt=last).order_by("pk")
            ids = list(rows.select_for_update().values_list("pk", flat=True)[:BLOCK])
            if not ids:
                return
            spec.index(ids)
        last, done = ids[-1], done + len(ids)
        yield done
