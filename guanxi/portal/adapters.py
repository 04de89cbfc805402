"""The mail that asks a visitor whether it was he who agreed."""

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import company_name
from guanxi.portal.choices import SubmissionState
from guanxi.portal.models import Submission
from guanxi.portal.queries.confirming import HOLDS_SECONDS, confirming_url
from guanxi.portal.queries.submissions import HELD_REASON
from guanxi.portal.rules.fields import CHINESE


def confirmation_mail(submission_id: int) -> EmailMessage | None:
    """The mail of a submission in the language of its visitor; None where there is nothing to ask any more."""
    rows = unscoped(Submission, reason=HELD_REASON).select_related("edition")
    found = rows.filter(pk=submission_id, state=SubmissionState.TAKEN, confirmed_at__isnull=True).first()
    address = str(found.answers.get("mail", "")) if found is not None else ""
    if found is None or not address:
        return None
    with translation.override(found.language):
        consents = found.edition.consented
        words = [consents[place].wording(found.language) for place in found.ticked if place < len(consents)]
        text = _(
            "You left this address with %(company)s and agreed to:\n\n%(words)s\n\nIt counts once you confirm it here:"
            "\n\n%(link)s\n\nThe link holds for %(days)s days. If it was not you, there is nothing to do."
        )
        values = {
            "company": company_name() or "Guanxi",
            "words": "\n".join(f"- {line}" for line in words),
            "link": confirming_url(found, language="zh" if found.language == CHINESE else "en"),
            "days": HOLDS_SECONDS // (24 * 3600),
        }
        return EmailMessage(_("Was it you?"), f"{text % values}\n", settings.DEFAULT_FROM_EMAIL, [address])
