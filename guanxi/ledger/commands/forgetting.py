"""Erasing a person from what was pulled: refused rows go, and keys become hashes, so that nobody comes back."""

from django.db.models import QuerySet

from guanxi.ledger.choices import PullTarget
from guanxi.ledger.commands.pulled import ERASED, erased_key
from guanxi.ledger.models import PulledRow, RefusedRow
from guanxi.platform.objects.erasing import Subject


def count_pulled(subject: Subject) -> int:
    """How many rows of other systems the person came from."""
    return int(_own_rows(subject).exclude(is_erased=True).count()) + len(_refused(subject))


def forget_pulled(subject: Subject) -> None:
    """Keep a hash in the place of each key, and forget refused rows that name the person."""
    for row in _own_rows(subject):
        key = row.key if row.key.startswith(ERASED) else erased_key(row.key)
        PulledRow.objects.filter(pk=row.pk).update(key=key, record_id=None, digest="", is_erased=True)
    RefusedRow.objects.filter(pk__in=_refused(subject)).delete()


def _own_rows(subject: Subject) -> QuerySet[PulledRow]:
    return PulledRow.objects.filter(pull__target=PullTarget.ACCOUNT, record_id__in=subject.ids_of("account"))


def _refused(subject: Subject) -> list[int]:
    """The refused rows that hold one of the words by which the person is known; they are encrypted, so each is read."""
    words = [word for word in subject.words if word]
    rows = RefusedRow.objects.iterator(chunk_size=500) if words else ()
    return [row.pk for row in rows if any(word in f"{row.row} {row.reason}" for word in words)]
