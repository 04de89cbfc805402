"""Verbs about the privacy notice: an edition is written as a draft; published, it never changes again."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.records.change import change, create
from guanxi.platform.records.values import assign
from guanxi.stewardship.choices import NoticeState
from guanxi.stewardship.models import NoticeEdition
from guanxi.stewardship.queries.notices import NOTICES


@transaction.atomic
def create_notice(values: Mapping[str, object], *, actor: Actor) -> NoticeEdition:
    """Write a draft, with the next number.

    Raises: AccessDenied, Conflict("record.taken"), RuleViolation("record.invalid").
    """
    last = unscoped(NoticeEdition, reason=NOTICES).aggregate(last=Max("number"))["last"] or 0
    notice = NoticeEdition(number=last + 1)
    assign(notice, values)
    with create(notice, actor=actor):
        return notice


def edit_notice(
    notice_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> NoticeEdition:
    """Change a draft.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "notice.published"), RuleViolation("record.invalid").
    """
    with change(NoticeEdition, notice_id, action="edit", version=version, actor=actor) as work:
        _require_draft(work.record)
        assign(work.record, values)
    return work.record


def publish_notice(notice_id: int, *, version: int | None = None, actor: Actor) -> NoticeEdition:
    """Publish an edition as it was seen: from its day on consents rest on it, and it never changes.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "notice.published"), RuleViolation("notice.day").
    """
    with change(NoticeEdition, notice_id, action="publish", version=version, actor=actor) as work:
        notice = work.record
        _require_draft(notice)
        if notice.effective_on < timezone.localdate():
            raise RuleViolation(
                "notice.day", "The day from which it is in force lies in the past.", field="effective_on"
            )
        notice.state = NoticeState.PUBLISHED
        notice.published_at, notice.published_by_id = timezone.now(), actor.user_id
    return notice


def _require_draft(notice: NoticeEdition) -> None:
    if notice.state != NoticeState.DRAFT:
        raise Conflict("notice.published", "A published edition never changes. Write a new one.")
