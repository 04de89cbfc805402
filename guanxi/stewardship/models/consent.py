"""What customers agreed to, and what they took back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import ConsentState
from guanxi.customers.models import Account, Contact
from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record
from guanxi.stewardship.choices import ConsentChannel, ConsentPurpose, RequestWay
from guanxi.stewardship.models.notices import NoticeEdition


class ConsentRecord(Record):
    """One consent that was given or taken back. Grain: person × purpose × channel × moment; never changed.

    The latest of a purpose and channel holds. `wording` is what the person was shown, word for word; `evidence` says
    where it can be seen, such as the number of a form; `notice` is the edition of the privacy notice that was in force
    or shown.
    """

    protection = Protection(key="consent_record", follows="account", label=_("Consents"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(
        Contact, verbose_name=_("Contact"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    purpose = models.CharField(_("Purpose"), max_length=12, choices=ConsentPurpose.choices)
    channel = models.CharField(_("Channel"), max_length=8, choices=ConsentChannel.choices)
    state = models.CharField(
        _("Consent"), max_length=10, choices=[(item.value, item.label) for item in ConsentState if item != "unknown"]
    )
    at = models.DateTimeField(_("When"))
    way = models.CharField(_("How it came"), max_length=10, choices=RequestWay.choices)
    wording = models.TextField(_("Words shown"), max_length=2_000)
    evidence = models.CharField(_("Evidence"), max_length=300, blank=True)
    notice = models.ForeignKey(
        NoticeEdition,
        verbose_name=_("Privacy notice"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["account", "-at"], name="stewardship_consent_account")]
