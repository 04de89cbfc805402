"""Reads of what came in by forms: as far as the reader sees the customers, and what is held back."""

from collections.abc import Iterable
from dataclasses import dataclass

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.masking import masked
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.preferences.locale import in_language
from guanxi.portal.choices import SpamSign, SubmissionState
from guanxi.portal.models import Submission, SubmissionFile, WebForm
from guanxi.portal.rules.fields import CHINESE, OfferedField

HELD_REASON = "portal: what comes in is the system’s until it belongs to a customer; who sets up forms decides of spam"
MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer in words, masked where the reader may not see it whole; `held` is what the record says instead."""

    label: str
    text: str
    held: str = ""


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """One submission with its answers as the reader may see them, and why it looks like spam."""

    submission: Submission
    title: str
    answers: tuple[Answer, ...]
    signs: tuple[str, ...]
    consents: tuple[str, ...]
    campaign: str
    files: tuple[SubmissionFile, ...] = ()


def submissions_of(
    actor: Actor, *, form_id: int | None = None, account_id: int | None = None
) -> tuple[SubmissionRow, ...]:
    """What came in and belongs to customers whom the actor sees, the latest first; two queries."""
    permission = grant(actor, Submission)
    rows = permission.queryset().filter(state=SubmissionState.TAKEN).select_related("form", "edition", "account")
    if form_id is not None:
        rows = rows.filter(form=form_id)
    if account_id is not None:
        rows = rows.filter(account=account_id)
    access = permission.field_access("answers")
    return _rows(rows.order_by("-pk")[:MOST_SHOWN], access=access)


def held_submissions(actor: Actor, *, state: SubmissionState = SubmissionState.HELD) -> tuple[SubmissionRow, ...]:
    """What waits in quarantine at the forms that the actor sets up, the latest first; three queries.

    Raises: AccessDenied for who sets up none.
    """
    forms = grant(actor, WebForm, Action.EDIT).queryset().values("pk")
    rows = unscoped(Submission, reason=HELD_REASON).filter(state=state, form__in=forms)
    access = grant(actor, WebForm, Action.EDIT).class_access("reach")
    return _rows(rows.select_related("form", "edition").order_by("-pk")[:MOST_SHOWN], access=access)


def held_count(actor: Actor) -> int:
    """How much waits in quarantine at the forms that the actor sets up; one query."""
    forms = grant(actor, WebForm, Action.EDIT).queryset().values("pk")
    return int(unscoped(Submission, reason=HELD_REASON).filter(state=SubmissionState.HELD, form__in=forms).count())


def held_submission(submission_id: int, actor: Actor) -> Submission:
    """One that was held back, of a form that the actor sets up. Raises: NotFound, AccessDenied."""
    forms = grant(actor, WebForm, Action.EDIT).queryset().values("pk")
    states = (SubmissionState.HELD, SubmissionState.DISCARDED, SubmissionState.RECEIVED, SubmissionState.TAKEN)
    found = unscoped(Submission, reason=HELD_REASON).filter(pk=submission_id, form__in=forms, state__in=states).first()
    if found is None or not found.signs:
        raise no_such_record()
    return found


def _rows(submissions: Iterable[Submission], *, access: FieldAccess) -> tuple[SubmissionRow, ...]:
    known = list(submissions)
    files: dict[int, list[SubmissionFile]] = {}
    sent = unscoped(SubmissionFile, reason=HELD_REASON).filter(submission__in=[item.pk for item in known])
    for file in sent.order_by("pk"):
        files.setdefault(file.submission_id, []).append(file)
    return tuple(_row(item, tuple(files.get(item.pk, ())), access=access) for item in known)


def _row(submission: Submission, files: tuple[SubmissionFile, ...], *, access: FieldAccess) -> SubmissionRow:
    edition = submission.edition
    asked = {item.key: item for item in edition.asked}
    columns = {item.offered.column: key for key, item in asked.items()}
    held = {columns.get(column, column): text for column, text in submission.conflicts}
    answers = [
        Answer(
            in_language(item.label_zh, item.label_en or item.label_zh),
            _seen(item.offered, text, access),
            _seen(item.offered, str(held.get(key, "")), access),
        )
        for key, item in asked.items()
        if (text := str(submission.answers.get(key, "")))
    ]
    consents = edition.consented
    words = [consents[place].wording(submission.language) for place in submission.ticked if place < len(consents)]
    origin = submission.origin
    campaign = " · ".join(str(origin[key]) for key in ("utm_source", "utm_medium", "utm_campaign") if origin.get(key))
    return SubmissionRow(
        submission,
        in_language(edition.title_zh, edition.title_en),
        tuple(answer for answer in answers if answer.text),
        tuple(str(SpamSign(sign).label) for sign in submission.signs),
        tuple(words),
        campaign,
        files,
    )


def _seen(item: OfferedField, text: str, access: FieldAccess) -> str:
    """An answer as far as it may be seen: numbers and addresses are masked or hidden as those of customers are."""
    if item.target != "point":
        return item.words(text, in_language(CHINESE, ""))
    if access == FieldAccess.HIDDEN:
        return ""
    return masked(text, sensitivity="reach") if access == FieldAccess.MASKED else text
