"""Following, leaving and muting records."""

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.collaboration.commands.comments import require_person
from guanxi.platform.collaboration.models import Following, FollowState
from guanxi.platform.collaboration.queries import follow_state, live_record


@transaction.atomic
def follow(object_key: str, record_id: int, *, state: str, actor: Actor) -> FollowState:
    """Say what the actor wants to hear of a record. Returns what it was before.

    Raises: NotFound, AccessDenied, RuleViolation("following.state").
    """
    user_id = require_person(actor)
    record = live_record(object_key, record_id, actor)
    if state not in FollowState.values:
        raise RuleViolation("following.state", "A record is followed, left or muted.")
    before = follow_state(record, actor)
    begin_entry(actor, action=f"follow_{state}", object_key=object_key, record_id=record_id)
    Following.objects.update_or_create(
        object_key=object_key, record_id=record_id, user_id=user_id, defaults={"state": state}
    )
    return before
