"""Asking a visitor by mail whether it was really he who agreed, and noting that it was.

Until then none of his consents counts. Mails go to what anybody may have typed, so only a few go to one address; and
who opens the link has shown that the address is his, so it agrees for nobody who is not known by that address.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from guanxi.customers.facade import normalised_point, point_holders, set_point_consents
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.jobs.queue import defer
from guanxi.portal.choices import SubmissionState
from guanxi.portal.models import Submission
from guanxi.portal.queries.knocks import count_knock
from guanxi.portal.queries.submissions import HELD_REASON
from guanxi.portal.rules.matching import consent_of_point
from guanxi.stewardship.facade import NewConsent, note_consent

CONFIRM_MAIL = "portal.mail_confirmation"
MOST_MAILS, SPAN_SECONDS = 3, 3_600
"""So many mails go to one address in an hour."""

POINTS = ("mobile", "phone", "mail", "wechat")


@dataclass(frozen=True, slots=True)
class Click:
    """Who opened the link: the address and what the browser says of itself."""

    address: str
    browser: str


def ask_to_confirm(submission: Submission) -> bool:
    """Ask for a mail to the visitor, with the surrounding change. False where too many went to the address."""
    address = str(submission.answers.get("mail", "")).casefold()
    if not address or count_knock("confirm", address, seconds=SPAN_SECONDS) > MOST_MAILS:
        return False
    unscoped(Submission, reason=HELD_REASON).filter(pk=submission.pk).update(asked_at=timezone.now())
    defer(CONFIRM_MAIL, submission_id=submission.pk)
    return True


@transaction.atomic
def confirm(submission_id: int, click: Click, *, actor: Actor) -> bool:
    """Note that the visitor agreed, from now on; again, it changes nothing. False for what is gone meanwhile.

    Nothing is agreed for a customer, found by a number, who has another address: whoever knows the number could.
    """
    rows = unscoped(Submission, reason=HELD_REASON).select_for_update(of=("self",))
    submission = rows.select_related("form", "edition").filter(pk=submission_id, state=SubmissionState.TAKEN).first()
    if submission is None or submission.account_id is None:
        return False
    if submission.confirmed_at is None:
        submission.confirmed_at = timezone.now()
        begin_entry(actor, action="confirm_consents", object_key="submission", record_id=submission.pk)
        unscoped(Submission, reason=HELD_REASON).filter(pk=submission.pk).update(confirmed_at=submission.confirmed_at)
        if is_known_by(submission):
            note_consents(submission, click, actor=actor)
            agreed = agreed_pairs(submission)
            given = {kind: "given" for kind in POINTS if consent_of_point(kind, agreed) == "given"}
            set_point_consents(submission.account_id, submission.contact_id, consents=given, actor=actor)
    return True


def is_known_by(submission: Submission) -> bool:
    """Whether the person whom a submission was taken for has the address that the visitor gave. One query."""
    try:
        address = normalised_point("mail", str(submission.answers.get("mail", "")))
    except RuleViolation:
        return False
    person = (submission.account_id, submission.contact_id)
    return any((holder.account_id, holder.contact_id) == person for holder in point_holders([address]))


def agreed_pairs(submission: Submission) -> list[tuple[str, str]]:
    """Purpose and channel of what was ticked."""
    consents = submission.edition.consented
    return [(consents[place].purpose, consents[place].channel) for place in submission.ticked if place < len(consents)]


def note_consents(submission: Submission, click: Click, *, actor: Actor) -> None:
    """Note what was ticked for the customer that a submission has become.

    Each tick is a consent with the words that were shown, the edition, the moment, the address, the browser.
    """
    consents = submission.edition.consented
    parts = [f"/f/{submission.form.slug}/ v{submission.edition.number} #{submission.pk}", click.address, click.browser]
    if submission.confirmed_at is not None:
        parts.append(f"confirmed by the link mailed to {submission.answers.get('mail', '')}")
    for place in submission.ticked:
        if place < len(consents):
            asked = consents[place]
            new = NewConsent(
                account_id=submission.account_id or 0,
                contact_id=submission.contact_id,
                purpose=asked.purpose,
                channel=asked.channel,
                is_given=True,
                at=submission.confirmed_at or submission.received_at,
                wording=asked.wording(submission.language),
                evidence=" · ".join(parts),
                notice_id=submission.notice_id,
            )
            note_consent(new, actor=actor)
