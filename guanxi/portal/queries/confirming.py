"""The links by which visitors confirm that it was they who agreed: they hold for a week and name one submission."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from guanxi.platform.access.grant import unscoped
from guanxi.portal.models import Submission
from guanxi.portal.queries.submissions import HELD_REASON

SALT = "guanxi.portal.confirm"
HOLDS_SECONDS = 7 * 24 * 3600


def is_mail_ready() -> bool:
    """Whether mails leave the house and their links lead back to it."""
    return bool(settings.MAIL_SERVER.host and settings.PUBLIC_URL)


def confirming_url(submission: Submission, *, language: str) -> str:
    """The link that confirms what was agreed with a submission."""
    token = signing.dumps([submission.pk, submission.nonce], salt=SALT)
    return f"{settings.PUBLIC_URL}{reverse('confirm_consents', args=[token])}?lang={language}"


def confirmable(token: str) -> Submission | None:
    """The submission that a link names; None for one that is wrong, over, or about what is gone."""
    try:
        submission_id, nonce = signing.loads(token[:300], salt=SALT, max_age=HOLDS_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    rows = unscoped(Submission, reason=HELD_REASON).select_related("form", "edition")
    found: Submission | None = rows.filter(pk=submission_id, nonce=nonce, asked_at__isnull=False).first()
    return found
