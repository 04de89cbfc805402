"""One-time links to choose a password: signed, kept nowhere, dead after use, sign-in or their time.

A link is made where its mail is written, in the background: it stands in no table, no job and no log.
"""

from urllib.parse import quote

from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import base36_to_int

from guanxi.platform.accounts.models import User

RESET_SECONDS = 3600
"""How long a link to a new password lives; an invitation lives as long as `PASSWORD_RESET_TIMEOUT` says."""


class LinkGenerator(PasswordResetTokenGenerator):
    """Django's tokens: bound to the password, the last sign-in, the address; an hour old at most, or an invitation."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.is_active}"

    def check_token(self, user: User | None, token: str | None) -> bool:
        """Whether a token is one of this user's and still in its time."""
        if user is None or token is None or not super().check_token(user, token):
            return False
        age_seconds = self._seconds_now() - base36_to_int(token.partition("-")[0])
        return user.is_active and (not user.has_usable_password() or age_seconds <= RESET_SECONDS)

    def _seconds_now(self) -> int:
        return self._num_seconds(self._now())


def password_link(user: User, *, origin: str) -> str:
    """The address at which this user chooses a password; `origin` is such as "https://crm.example.org"."""
    key = f"{user_pk_to_url_str(user)}-{LinkGenerator().make_token(user)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return f"{origin}{path.replace('UID-KEY', quote(key))}"
