"""Signing in with the account of the house (OpenID Connect): only for users who are here, by a verified address."""

import logging

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.platform.accounts.models import User

LONGEST_REASON = 300
logger = logging.getLogger(__name__)


class CompanySignInAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Makes no users and links nothing by hand: the provider's verified address must be that of an active user."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002  # allauth's signature
        """Nobody joins by signing in."""
        return False

    def on_authentication_error(
        self,
        request: HttpRequest,  # noqa: ARG002  # allauth's signature
        provider: object,  # noqa: ARG002  # allauth's signature
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: object = None,  # noqa: ARG002  # allauth's signature
    ) -> None:
        """Let the log say why the provider was of no use; the person reads a sentence."""
        logger.warning("The sign-in of the house failed: %s %s", error, str(exception or "")[:LONGEST_REASON])

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Link the identity to the user of its address, the first time.

        1. Who is signed in already cannot link another identity: a stolen session would outlive its end.
        2. What the provider says of the person must be of the same subject in both of its answers.
        3. A linked identity goes on; the sign-in itself refuses who was deactivated.
        4. Else the address must be verified, and that of one active user.

        Raises: ImmediateHttpResponse that leads back to the sign-in with one and the same sentence.
        """
        if sociallogin.state.get("process") != "login" or not _is_of_one_subject(sociallogin):
            raise _refused(request)
        if sociallogin.is_existing:
            return
        user = _user_of(sociallogin)
        if user is None:
            raise _refused(request)
        sociallogin.connect(request, user)


def _is_of_one_subject(sociallogin: SocialLogin) -> bool:
    """Whether the identity token and the person's data are about the same subject."""
    found = sociallogin.account.extra_data
    subjects = {found[part].get("sub") for part in ("id_token", "userinfo") if part in found}
    return subjects == {sociallogin.account.uid} and "id_token" in found


def _user_of(sociallogin: SocialLogin) -> User | None:
    """The one active user with the verified address; None for none, and for several."""
    verified = [address.email for address in sociallogin.email_addresses if address.verified is True]
    if len(verified) != 1:
        return None
    found = list(User.objects.filter(email__iexact=verified[0], is_active=True)[:2])
    return found[0] if len(found) == 1 else None


def _refused(request: HttpRequest) -> ImmediateHttpResponse:
    messages.error(request, _("This account of the house opens nothing here. Your administrator can invite you."))
    return ImmediateHttpResponse(HttpResponseRedirect(reverse("account_login")))
