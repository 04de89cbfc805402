"""Verbs about what customers agree to. What was noted is never changed: taking back is a line of its own."""

from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import create
from guanxi.stewardship.models import ConsentRecord


def record_consent(consent: ConsentRecord, *, actor: Actor) -> ConsentRecord:
    """Note that consent was given or taken back; who may edit the customer may.

    Raises: NotFound, AccessDenied, RuleViolation("record.invalid" | "consent.moment" | "consent.contact").
    """
    if consent.at > timezone.now():
        raise RuleViolation("consent.moment", "The moment of the consent lies in the future.")
    if consent.contact is not None and consent.contact.account_id != consent.account_id:
        raise RuleViolation("consent.contact", "There is no such contact.")
    consent.by_id = actor.user_id
    with create(consent, action="record_consent", right=Action.EDIT, actor=actor):
        pass
    return consent
