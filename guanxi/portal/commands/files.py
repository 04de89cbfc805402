"""Erasing files that visitors sent and that wait in quarantine; those with a customer go as what belongs to it."""

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from guanxi.platform.access.grant import unscoped
from guanxi.platform.files.storage import remove_contents
from guanxi.platform.objects.erasing import Subject
from guanxi.portal.models import SubmissionFile
from guanxi.portal.queries.submissions import HELD_REASON


def count_sent_files(subject: Subject) -> int:
    """How many files came with forms in which a person is named, or carry his name."""
    return _files_of(subject).count()


def erase_sent_files(subject: Subject) -> None:
    """Delete these files with their content; doing it again changes nothing."""
    rows = _files_of(subject)
    remove_contents(list(rows.values_list("stored_as", flat=True)))
    unscoped(SubmissionFile, reason=HELD_REASON).filter(pk__in=list(rows.values_list("pk", flat=True))).delete()


def _files_of(subject: Subject) -> QuerySet[SubmissionFile]:
    condition = Q(pk__in=[])
    for word in subject.words:
        condition |= Q(text__contains=word) | Q(name__contains=word)
    rows = unscoped(SubmissionFile, reason=HELD_REASON).annotate(text=Cast("submission__answers", TextField()))
    return rows.filter(condition)
