"""Ways to sign in: by e-mail and password on pages, by a token over HTTP."""

from allauth.account.auth_backends import AuthenticationBackend
from django.utils import timezone

from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.accounts.commands import TOKEN_USED_EVERY, note_token_use
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_of_user, live_token, user_with_rights


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's sign-in; a user comes with all rights in one query."""

    def get_user(self, user_id: int) -> User | None:
        """The active user with rights, or None."""
        return user_with_rights(user_id)

    def user_can_authenticate(self, user: User) -> bool:
        """Whether the user may sign in at all."""
        return user.is_active


def actor_by_token(secret: str, *, address: str = "") -> Actor | None:
    """The actor behind an API token, or None when it is unknown, expired or revoked; its use is noted."""
    token = live_token(secret)
    user = user_with_rights(token.user_id) if token else None
    if token is None or user is None:
        return None
    if token.used_at is None or timezone.now() - token.used_at > TOKEN_USED_EVERY:
        note_token_use(token.pk)
    return actor_of_user(user, surface=Surface.API, address=address, read_only=token.is_read_only, scopes=token.scopes)
