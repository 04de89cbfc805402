"""Customers who must be kept whatever rule or request would erase them, and people who must not be used any more."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account, Contact
from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked
from guanxi.stewardship.models.privacy import SubjectRequest


@tracked
class LegalHold(Record):
    """A customer who is kept whole, with all that belongs to it, until somebody releases it. Grain: hold.

    A customer can be under several. `until_on` is the day on which somebody looks again; nothing ends by it.
    """

    protection: ClassVar[Protection] = Protection(key="legal_hold", label=_("Legal holds"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("Why"), max_length=300)
    until_on = models.DateField(_("Look again on"))
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["account"], condition=Q(released_at__isnull=True), name="stewardship_held")]


@tracked
class Restriction(Record):
    """A person whom nobody is led to use any more: no queue, no campaign. Grain: customer or contact × restriction.

    Without a contact the customer itself is meant. `request` is the request that asked for it, if one did. It holds
    until it is lifted.
    """

    protection: ClassVar[Protection] = Protection(key="restriction", follows="account", label=_("Restrictions of use"))

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(_("Why"), max_length=300, blank=True)
    request = models.ForeignKey(SubjectRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "contact"], condition=Q(lifted_at__isnull=True), name="stewardship_restricted"
            )
        ]
