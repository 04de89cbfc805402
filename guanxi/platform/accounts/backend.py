"""Sign-in by e-mail and password; a signed-in user is loaded with all rights in one query."""

from allauth.account.auth_backends import AuthenticationBackend

from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import user_with_rights


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """allauth's sign-in, with our one query per request."""

    def get_user(self, user_id: int) -> User | None:
        """The active user with rights, or None."""
        return user_with_rights(user_id)

    def user_can_authenticate(self, user: User) -> bool:
        """Whether the user may sign in at all."""
        return user.is_active
