"""What is written to people about their sign-in. Plain text, in the language of the person."""

from collections.abc import Mapping
from enum import StrEnum

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.platform.accounts.links import password_link
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import company_name


class MailKind(StrEnum):
    """Why a mail is written; what is no link is a notice of something that happened."""

    INVITATION = "invitation"
    RESET = "reset"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # the name of a kind of mail
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    CODES_MADE = "codes_made"
    ACCOUNT_LINKED = "account_linked"
    SIGN_IN_CHANGED = "sign_in_changed"


NOTICES: Mapping[MailKind, str | Promise] = {
    MailKind.PASSWORD_CHANGED: _l("Your password was changed."),
    MailKind.SECOND_FACTOR_ADDED: _l("A second factor was added to your sign-in."),
    MailKind.SECOND_FACTOR_REMOVED: _l("A second factor was removed from your sign-in."),
    MailKind.CODES_MADE: _l("New recovery codes were made for your sign-in."),
    MailKind.ACCOUNT_LINKED: _l("Your account of the house now opens Guanxi too."),
    MailKind.SIGN_IN_CHANGED: _l("Something about your sign-in was changed."),
}


def sign_in_mail(user: User, *, kind: MailKind, origin: str) -> EmailMessage:
    """The mail of a kind for a user; `origin` is the beginning of our addresses."""
    with translation.override(user.language):
        match kind:
            case MailKind.INVITATION:
                subject, text = _invitation(user, origin=origin)
            case MailKind.RESET:
                subject, text = _reset(user, origin=origin)
            case _:
                subject, text = _notice(kind, origin=origin)
        greeting = _("Hello %(name)s,") % {"name": user.full_name}
        return EmailMessage(subject, f"{greeting}\n\n{text}\n", settings.DEFAULT_FROM_EMAIL, [user.email])


def _invitation(user: User, *, origin: str) -> tuple[str, str]:
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    values = {"link": password_link(user, origin=origin), "days": days, "company": company_name() or "Guanxi"}
    text = _(
        "You are invited to Guanxi, the customer relationship system of %(company)s. "
        "Choose your password here:\n\n%(link)s\n\nThe link works once and for %(days)s days."
    )
    return _("Your invitation to Guanxi"), text % values


def _reset(user: User, *, origin: str) -> tuple[str, str]:
    text = _(
        "Somebody, probably you, asked for a new password. Choose it here:\n\n%(link)s\n\n"
        "The link works once and for one hour. If it was not you, there is nothing to do: your password stays as it is."
    )
    return _("A new password for Guanxi"), text % {"link": password_link(user, origin=origin)}


def _notice(kind: MailKind, *, origin: str) -> tuple[str, str]:
    text = _(
        "%(sentence)s If it was not you, ask your administrator at once, and see where you are signed in:\n\n%(link)s"
    )
    return _("Your sign-in to Guanxi"), text % {"sentence": NOTICES[kind], "link": f"{origin}/settings/sessions/"}
