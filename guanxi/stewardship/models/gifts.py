"""How much may be given: the budgets of departments and the limits of receivers."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.records.models import Record, tracked

FIRST_YEAR, LAST_YEAR = 2000, 2200


@tracked
class GiftBudget(Record):
    """What gifts and posted materials for the customers of a department may cost in a year. Grain: department × year.

    It holds for the departments below, too: what they spend is spent here. The amount is in company currency.
    """

    protection: ClassVar[Protection] = Protection(key="gift_budget", unit_field="unit_id", label=_("Gift budgets"))

    unit = models.ForeignKey(OrgUnit, verbose_name=_("Department"), on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("Year"))
    amount = models.DecimalField(_("Budget"), max_digits=14, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "year"], condition=Q(trashed_at__isnull=True), name="stewardship_one_gift_budget"
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0, year__gte=FIRST_YEAR, year__lte=LAST_YEAR), name="stewardship_gift_budget"
            ),
        ]


@tracked
class GiftLimit(Record):
    """What one receiver may get. Grain: relation of customers, "" = all that have no limit of their own.

    `per_gift` and `per_year` are in company currency, None does not bind; zero allows nothing.
    """

    protection: ClassVar[Protection] = Protection(key="gift_limit", label=_("Gift limits"))

    relation = models.CharField(_("Relation"), max_length=30, blank=True)
    per_gift = models.DecimalField(
        _("One gift at most"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    per_year = models.DecimalField(
        _("One person in a year at most"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["relation"], condition=Q(trashed_at__isnull=True), name="stewardship_one_gift_limit"
            ),
            models.CheckConstraint(condition=Q(per_gift__gte=0) | Q(per_year__gte=0), name="stewardship_gift_limit"),
        ]
