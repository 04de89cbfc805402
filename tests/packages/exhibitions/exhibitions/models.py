"""Booths that customers have at exhibitions."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account
from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked
from guanxi.platform.records.values import CustomValues


@tracked
class Booth(Record):
    """A customer's booth at an exhibition. Grain: exhibition × customer."""

    protection = Protection(key="booth", follows="account", sensitivities={"rent": "cost"}, label=_("Booths"))

    account = models.ForeignKey(Account, verbose_name=_("Customer"), on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=120)
    hall = models.CharField(_("Hall"), max_length=20, blank=True)
    opens_on = models.DateField(_("Opens on"), null=True, blank=True)
    rent = models.DecimalField(_("Rent"), max_digits=14, decimal_places=2, null=True, blank=True)
    custom = CustomValues()

    def __str__(self) -> str:
        return self.name
