"""What allauth may do here: nobody signs up, mails go through the queue, a new password ends all other sign-ins."""

from collections.abc import Mapping
from math import ceil
from time import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from guanxi.platform.accounts.commands import ask_for_mail, change_password, note_try
from guanxi.platform.accounts.mail import MailKind
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.sessions import SessionStore

FAILED = "login_failed"
NOTICES: Mapping[str, MailKind] = {
    "account/email/password_changed": MailKind.PASSWORD_CHANGED,
    "account/email/password_reset": MailKind.PASSWORD_CHANGED,
    "account/email/password_set": MailKind.PASSWORD_CHANGED,
    "mfa/email/totp_activated": MailKind.SECOND_FACTOR_ADDED,
    "mfa/email/webauthn_added": MailKind.SECOND_FACTOR_ADDED,
    "mfa/email/totp_deactivated": MailKind.SECOND_FACTOR_REMOVED,
    "mfa/email/webauthn_removed": MailKind.SECOND_FACTOR_REMOVED,
    "socialaccount/email/account_connected": MailKind.ACCOUNT_LINKED,
    "mfa/email/recovery_codes_generated": MailKind.CODES_MADE,
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """No open sign-up; passwords and mails by our own commands; refusals in whole sentences."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _("This e-mail address and this password do not belong together."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "incorrect_code": _("This code is not right, or no longer."),
        "too_many_login_attempts": _("Too many wrong tries. Wait 15 minutes."),
        "rate_limited": _("That was too often. Wait a few minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Nobody signs up by themselves."""
        return False

    def set_password(self, user: User, password: str) -> None:
        """Set a password and end all sign-ins but the one of this very request."""
        session = self.request.session
        is_own = getattr(self.request.user, "pk", None) == user.pk and isinstance(session, SessionStore)
        change_password(user, password=password, keep=session.digest if is_own else "")

    def send_password_reset_mail(self, user: User, email: str, context: Mapping[str, Any]) -> None:  # noqa: ARG002  # allauth's signature
        """Ask for the mail; its link is made when it is written, so the one that allauth made is dropped."""
        ask_for_mail(user, kind=MailKind.RESET, origin=origin_of(self.request))

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: Mapping[str, Any] | None = None,  # noqa: ARG002  # allauth's signature
        email: str | None = None,  # noqa: ARG002  # allauth's signature
    ) -> None:
        """Tell the person by mail that the sign-in was changed."""
        kind = NOTICES.get(template_prefix, MailKind.SIGN_IN_CHANGED)
        ask_for_mail(user, kind=kind, origin=origin_of(self.request))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try. Raises: ValidationError that says how long to wait after too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            minutes = _minutes_to_wait(request, key=key)
            words = ngettext(
                "Too many wrong tries. Try again in %(minutes)s minute.",
                "Too many wrong tries. Try again in %(minutes)s minutes.",
                minutes,
            )
            raise ValidationError(words % {"minutes": minutes}, code="too_many_login_attempts") from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note the try that failed."""
        _note(request, email=str(credentials.get("email", "")), is_success=False)

    def post_login(self, request: HttpRequest, user: User, **outcome: Any) -> HttpResponse:
        """Note that somebody signed in, in whichever way."""
        _note(request, email=user.email, is_success=True)
        response: HttpResponse = super().post_login(request, user, **outcome)
        return response


def _note(request: HttpRequest, *, email: str, is_success: bool) -> None:
    browser = request.headers.get("User-Agent", "")
    note_try(email, is_success=is_success, address=request.META.get("REMOTE_ADDR", ""), browser=browser)


def origin_of(request: HttpRequest) -> str:
    """What our addresses begin with: the configured public address, or the one that was asked."""
    configured: str = settings.PUBLIC_URL
    return configured or f"{request.scheme}://{request.get_host()}"


def _minutes_to_wait(request: HttpRequest, *, key: str) -> int:
    """After how many minutes the next try is let through."""
    waits = [1.0]
    for rate in ratelimit.get_rates(app="allauth.account", action=FAILED):
        place = ratelimit.get_cache_key(request, app="allauth.account", action=FAILED, rate=rate, key=key)
        tries: list[float] = cache.get(place, [])
        if len(tries) >= rate.amount:
            waits.append(tries[rate.amount - 1] + rate.duration - time())
    return max(1, ceil(max(waits) / 60))
