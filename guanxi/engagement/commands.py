"""Verbs about message templates."""

from dataclasses import asdict

from django.utils import timezone

from guanxi.engagement.models import MessageTemplate
from guanxi.engagement.rules import Place, require_placeholders, shipped_wording
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create


def save_wording(place: Place, *, body: str, actor: Actor) -> int:
    """Let a wording of the house stand in the place of the shipped one. Returns the template's id.

    Raises: AccessDenied, NotFound("template.place"), RuleViolation("template.placeholder" | "record.invalid").
    """
    shipped_wording(place)
    require_placeholders(body)
    known = grant(actor, MessageTemplate, Action.EDIT).queryset().filter(**asdict(place)).first()
    if known is None:
        with create(MessageTemplate(**asdict(place), body=body), actor=actor) as work:
            return int(work.record.pk)
    with change(MessageTemplate, known.pk, action="save_wording", actor=actor) as changed:
        changed.record.body, changed.record.trashed_at = body, None
    return int(known.pk)


def reset_wording(place: Place, *, actor: Actor) -> None:
    """Go back to the shipped wording; what the house had written stays in the history. Raises: AccessDenied."""
    rows = grant(actor, MessageTemplate, Action.EDIT).queryset()
    known = rows.filter(**asdict(place), trashed_at__isnull=True).first()
    if known is not None:
        with change(MessageTemplate, known.pk, action="reset_wording", actor=actor) as work:
            work.record.trashed_at = timezone.now()
