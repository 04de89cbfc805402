"""Verbs about what comes in by forms: it is stored whole first; what looks like spam waits for a person.

Customers are made of it afterwards, in the background, so that an answer takes the visitor as long whether he is known
or not.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.files.storage import NewFile, checked_name, remove_contents, store
from guanxi.platform.preferences.registry import preference
from guanxi.portal.choices import SpamSign, SubmissionState
from guanxi.portal.events import FormSubmitted
from guanxi.portal.models import KnockCount, Submission, SubmissionFile, WebForm
from guanxi.portal.queries.files import FILE_MEGABYTES, FILES, require_ending
from guanxi.portal.queries.knocks import LONGEST_SPAN
from guanxi.portal.queries.submissions import HELD_REASON, held_submission

KEPT_DAYS = 30
"""So long spam is kept after it came."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a visitor sent by an edition of a form: see `Submission` for the parts."""

    form_id: int
    edition_id: int
    nonce: str
    answers: Mapping[str, str]
    ticked: tuple[int, ...]
    origin: Mapping[str, str]
    page: str
    language: str
    address: str
    browser: str
    signs: tuple[SpamSign, ...]
    notice_id: int | None = None
    file: NewFile | None = None


def receive(received: Received, *, actor: Actor) -> bool:
    """Store what a visitor sent. False when just this was stored already: it was sent twice.

    What looks like spam goes into quarantine, everything else is taken in by a reaction.
    Raises: RuleViolation("form.file" | "document.kind" | "document.name" | "document.size") for a file.
    """
    row, is_stored = _row(received), False
    file = _stored(received.file) if received.file is not None else None
    try:
        is_stored = _is_kept(row, file, actor=actor)
    finally:
        if file is not None and not is_stored:
            FILES.path(file.stored_as).unlink(missing_ok=True)
    return is_stored


def _stored(file: NewFile) -> SubmissionFile:
    """Write the content of a file down; its row is not stored yet."""
    name = checked_name(file.name)
    require_ending(name)
    content = store(FILES, file, name=name, megabytes=preference(FILE_MEGABYTES))
    return SubmissionFile(name=name, size=content.size, sha256=content.sha256, stored_as=content.stored_as)


def _is_kept(row: Submission, file: SubmissionFile | None, *, actor: Actor) -> bool:
    """Store a submission with its file; False when just this was stored already."""
    try:
        with transaction.atomic():
            unscoped(Submission, reason=HELD_REASON).bulk_create([row])
            if file is not None:
                file.submission_id = row.pk
                unscoped(SubmissionFile, reason=HELD_REASON).bulk_create([file])
            begin_entry(actor, action="receive", object_key="submission", record_id=row.pk)
            if row.state == SubmissionState.RECEIVED:
                publish(FormSubmitted(submission_id=row.pk))
    except IntegrityError as error:
        if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") == "portal_sent_once":
            return False
        raise
    return True


def _row(received: Received) -> Submission:
    name = received.file.name if received.file is not None else ""
    said = [received.form_id, dict(received.answers), list(received.ticked), name]
    return Submission(
        form_id=received.form_id,
        edition_id=received.edition_id,
        notice_id=received.notice_id,
        state=SubmissionState.HELD if received.signs else SubmissionState.RECEIVED,
        received_at=timezone.now(),
        answers=dict(received.answers),
        ticked=list(received.ticked),
        origin=dict(received.origin),
        page=received.page[:300],
        language=received.language,
        address=received.address[:60],
        browser=received.browser[:200],
        signs=[sign.value for sign in received.signs],
        nonce=received.nonce,
        digest=hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
    )


@transaction.atomic
def release(submission_id: int, *, actor: Actor) -> None:
    """Take in what was held back or thrown away. Raises: NotFound, AccessDenied, Conflict("submission.decided")."""
    _decide(submission_id, SubmissionState.RECEIVED, action="release", actor=actor)
    publish(FormSubmitted(submission_id=submission_id))


@transaction.atomic
def discard(submission_id: int, *, actor: Actor) -> None:
    """Throw away what was held back; it is gone for good 30 days after it came.

    Raises: NotFound, AccessDenied, Conflict("submission.decided").
    """
    _decide(submission_id, SubmissionState.DISCARDED, action="discard", actor=actor)


@transaction.atomic
def undo_discard(submission_id: int, *, actor: Actor) -> None:
    """Hold back again what was thrown away. Raises: NotFound, AccessDenied, Conflict("submission.decided")."""
    _decide(submission_id, SubmissionState.HELD, action="undo_discard", actor=actor)


def _decide(submission_id: int, state: SubmissionState, *, action: str, actor: Actor) -> None:
    form_id = held_submission(submission_id, actor).form_id
    grant(actor, WebForm, Action.EDIT).get(form_id)
    begin_entry(actor, action=action, object_key="submission", record_id=submission_id)
    rows = unscoped(Submission, reason=HELD_REASON).filter(
        pk=submission_id, state__in=(SubmissionState.HELD, SubmissionState.DISCARDED)
    )
    if not rows.exclude(state=state).update(state=state, decided_by=actor.user_id):
        raise Conflict("submission.decided", "Somebody has decided this meanwhile.")


@transaction.atomic
def forget_discarded(*, actor: Actor) -> int:
    """Delete spam that is older than 30 days with its files, and counts that are over.

    Returns how many submissions went.
    """
    limit = timezone.now() - timedelta(days=KEPT_DAYS)
    states = (SubmissionState.HELD, SubmissionState.DISCARDED)
    rows = unscoped(Submission, reason=HELD_REASON).filter(state__in=states, received_at__lt=limit)
    files = unscoped(SubmissionFile, reason=HELD_REASON).filter(submission__in=rows.values("pk"))
    names = list(files.values_list("stored_as", flat=True))
    files.delete()
    gone, _by_model = rows.delete()
    transaction.on_commit(partial(remove_contents, names))
    if gone:
        begin_entry(actor, action="forget_discarded", object_key="submission", record_count=gone)
    KnockCount.objects.filter(span__lt=int((timezone.now() - timedelta(seconds=LONGEST_SPAN)).timestamp())).delete()
    return int(gone)
