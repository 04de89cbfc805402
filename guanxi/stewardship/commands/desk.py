"""Work of the desk that comes back later: put off by the steward, or until the owner has answered."""

from datetime import date

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.accounts.queries import people
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.collaboration.commands.comments import add_comment
from guanxi.platform.objects.desk import DeskDetail
from guanxi.stewardship.models import PutOff


@transaction.atomic
def put_off(source: str, detail: DeskDetail, *, until: date, asked_id: int | None = None, actor: Actor) -> None:
    """Let an entry come back on a day; the caller has read it with the actor's rights."""
    begin_entry(actor, action="put_off", object_key=detail.object_key, record_id=detail.record_id, reason=source)
    PutOff.objects.update_or_create(
        source=source,
        entry=detail.key,
        defaults={
            "object_key": detail.object_key,
            "record_id": detail.record_id,
            "until": until,
            "asked_id": asked_id,
            "by_id": actor.user_id,
        },
    )


@transaction.atomic
def ask_owner(source: str, detail: DeskDetail, *, until: date, actor: Actor) -> str:
    """Ask who looks after the record by a comment that mentions him; the entry comes back on a day.

    Returns the name of who was asked. Raises: RuleViolation("desk.no_owner"), AccessDenied.
    """
    owner = people([detail.owner_id]).get(detail.owner_id) if detail.owner_id else None
    if owner is None or not detail.question:
        raise RuleViolation("desk.no_owner", "Nobody looks after this customer who could be asked.")
    text = f"@{owner.name} {detail.question}"
    add_comment(detail.object_key, detail.record_id, text=text, actor=actor)
    put_off(source, detail, until=until, asked_id=owner.id, actor=actor)
    return owner.name


@transaction.atomic
def bring_back(source: str, detail: DeskDetail, *, actor: Actor) -> None:
    """Let an entry that was put off stand in the queue again; the caller has read it with the actor's rights."""
    begin_entry(actor, action="bring_back", object_key=detail.object_key, record_id=detail.record_id, reason=source)
    PutOff.objects.filter(source=source, entry=detail.key).delete()
