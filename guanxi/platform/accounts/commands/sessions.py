"""Noting and ending sessions; an ended one is refused with its next request."""

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.platform.accounts.models import Session
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.audit.commands import begin_entry


def note_session(digest: str, *, address: str, browser: str) -> None:
    """Note that a session was seen now, and from where."""
    Session.objects.filter(pk=digest).update(seen_at=timezone.now(), address=address, browser=browser)


@transaction.atomic
def end_session(digest: str, *, actor: Actor) -> None:
    """End a session of the actor's own. Raises: NotFound("session.not_found")."""
    ended, _ = Session.objects.filter(pk=digest, user_id=own_id(actor)).delete()
    if not ended:
        raise NotFound("session.not_found", "There is no such sign-in; it may have ended already.")
    begin_entry(actor, action="end_session", object_key="user", record_id=actor.user_id)


@transaction.atomic
def end_other_sessions(user_id: int, *, keep: str = "", actor: Actor) -> int:
    """End all sessions of a user but the one with the digest `keep`. Returns how many ended."""
    ended, _ = Session.objects.filter(user_id=user_id).exclude(pk=keep).delete()
    if ended:
        begin_entry(actor, action="end_sessions", object_key="user", record_id=user_id, record_count=ended)
    return ended


def clear_ended_sessions() -> int:
    """Remove the sessions whose time is over. Returns how many."""
    removed, _ = Session.objects.filter(expire_date__lte=timezone.now()).delete()
    return removed
