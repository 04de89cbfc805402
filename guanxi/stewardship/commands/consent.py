"""Verbs about what customers agree to. What was noted is never changed: taking back is a line of its own."""

from django.utils import timezone

from guanxi.customers.choices import ConsentState
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import create
from guanxi.stewardship.models import ConsentRecord
from guanxi.stewardship.queries.notices import notice_in_force, published_notice_by_id


def record_consent(consent: ConsentRecord, *, actor: Actor) -> ConsentRecord:
    """Note that consent was given or taken back; who may edit the customer may.

    What is given rests on the edition of the privacy notice that was shown, or else on the one in force at its moment.
    Raises: NotFound, AccessDenied,
    RuleViolation("record.invalid" | "consent.moment" | "consent.contact" | "consent.notice").
    """
    if consent.at > timezone.now():
        raise RuleViolation("consent.moment", "The moment of the consent lies in the future.")
    if consent.contact is not None and consent.contact.account_id != consent.account_id:
        raise RuleViolation("consent.contact", "There is no such contact.")
    _set_notice(consent)
    consent.by_id = actor.user_id
    with create(consent, action="record_consent", right=Action.EDIT, actor=actor):
        pass
    return consent


def _set_notice(consent: ConsentRecord) -> None:
    if consent.state != ConsentState.GIVEN:
        consent.notice = None
    elif consent.notice_id is None:
        consent.notice = notice_in_force(timezone.localdate(consent.at))
    elif published_notice_by_id(consent.notice_id) is None:
        raise RuleViolation("consent.notice", "There is no such edition of the privacy notice.")
