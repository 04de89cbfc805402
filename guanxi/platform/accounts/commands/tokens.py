"""Making, using and revoking API tokens."""

from collections.abc import Collection
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.platform.accounts.models import ApiToken, User
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.accounts.rules import digest_of
from guanxi.platform.audit.commands import begin_entry

PREFIX = "guanxi_"
"""What each secret begins with, so that one that got lost is recognised for what it is."""
TOKEN_USED_EVERY = timedelta(minutes=5)


@transaction.atomic
def create_token(
    user: User,
    *,
    name: str,
    is_read_only: bool = True,
    scopes: Collection[str] | None = None,
    expires_at: datetime | None = None,
    actor: Actor,
) -> str:
    """Create an API token; `scopes` are "object:action" words, None for all that the user may do.

    Returns the secret; it is shown this once and kept nowhere.
    """
    secret = f"{PREFIX}{token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(secret),
        is_read_only=is_read_only,
        scopes=None if scopes is None else sorted(scopes),
        expires_at=expires_at,
    )
    begin_entry(actor, action="create_token", object_key="user", record_id=user.pk, reason=f"token {token.pk}")
    return secret


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor) -> None:
    """End a token of the actor's own at once. Raises: NotFound("token.not_found")."""
    mine = ApiToken.objects.filter(pk=token_id, user_id=own_id(actor), revoked_at__isnull=True)
    if not mine.update(revoked_at=timezone.now()):
        raise NotFound("token.not_found", "There is no such token; it may have been revoked already.")
    begin_entry(actor, action="revoke_token", object_key="user", record_id=actor.user_id, reason=f"token {token_id}")


def note_token_use(token_id: int) -> None:
    """Note that a token was used now."""
    ApiToken.objects.filter(pk=token_id).update(used_at=timezone.now())
