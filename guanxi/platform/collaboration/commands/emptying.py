"""When trashes are emptied by themselves."""

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.removal import TRASH_DAYS
from guanxi.platform.preferences.registry import set_preference


@transaction.atomic
def set_trash_days(days: int, *, actor: Actor) -> None:
    """Delete for good what has lain in the trash for so many days; 0 = never.

    Raises: AccessDenied, RuleViolation("preference.value").
    """
    if actor.read_only or not administers_everybody(actor):
        raise AccessDenied("access.denied", "Only who administers everybody says when the trash is emptied.")
    set_preference(TRASH_DAYS, days)
    begin_entry(actor, action="set_trash_days", object_key="trash", reason=str(days))
