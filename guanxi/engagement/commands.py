"""Verbs about message templates."""

from dataclasses import asdict

from django.utils import timezone

from guanxi.engagement.models import MessageTemplate
from guanxi.engagement.rules import Place, require_placeholders, shipped_wording
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create


def save_wording(place: Place, *, body: str, version: int | None = None, actor: Actor) -> int:
    """Let a wording of the house stand in the place of the shipped one. Returns the template's id.

    `version` is 0 for who saw the shipped one alone. Raises: AccessDenied, NotFound("template.place"),
    RuleViolation("template.placeholder" | "record.invalid"), Conflict("record.changed" | "record.taken").
    """
    shipped_wording(place)
    require_placeholders(body)
    known = grant(actor, MessageTemplate, Action.EDIT).queryset().filter(**asdict(place)).first()
    if known is None:
        with create(MessageTemplate(**asdict(place), body=body), actor=actor) as work:
            return int(work.record.pk)
    with change(
        MessageTemplate, known.pk, action="save_wording", version=version, actor=actor, also_trashed=True
    ) as changed:
        changed.record.body, changed.record.trashed_at = body, None
    return int(known.pk)


def reset_wording(place: Place, *, version: int | None = None, actor: Actor) -> None:
    """Go back to the shipped wording; what the house had written stays in the history.

    Raises: AccessDenied, Conflict("record.changed").
    """
    known = grant(actor, MessageTemplate, Action.EDIT).queryset().filter(**asdict(place)).first()
    if known is not None:
        with change(
            MessageTemplate, known.pk, action="reset_wording", version=version, actor=actor, also_trashed=True
        ) as work:
            work.record.trashed_at = work.record.trashed_at or timezone.now()
