"""Forms about gifts: what is given, budgets, limits. Rules across fields are the commands'."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.stewardship.models.gifts import FIRST_YEAR, LAST_YEAR

GIFT, MATERIAL = "gift", "material"


def _sum(label: Any, *, is_required: bool = False, help_text: Any = "") -> forms.DecimalField:
    """An amount in company currency."""
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=Decimal(0), required=is_required, help_text=help_text
    )


class GiveForm(forms.Form):
    """What a customer is given; the field names are those of the giving."""

    kind = forms.ChoiceField(label=_("What it is"), choices=((GIFT, _("A gift")), (MATERIAL, _("Posted material"))))
    item = forms.CharField(label=_("What is given"), max_length=120)
    worth = _sum(_("Worth of all of it"), is_required=True, help_text=_("In company currency."))
    quantity = forms.DecimalField(
        label=_("How many"), max_digits=11, decimal_places=0, min_value=Decimal(1), initial=Decimal(1)
    )
    contact_id = forms.TypedChoiceField(label=_("Who receives it"), required=False, coerce=int, empty_value=None)
    occasion = forms.CharField(
        label=_("Occasion"), max_length=80, required=False, help_text=_("Such as the Spring Festival or a birthday.")
    )
    user_id = forms.TypedChoiceField(label=_("Given by"), coerce=int)
    given_on = forms.DateField(label=_("Given on"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class BudgetForm(forms.Form):
    """The budget of a department for a year."""

    unit = forms.TypedChoiceField(label=_("Department"), coerce=int)
    year = forms.IntegerField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
    amount = _sum(
        _("Budget"),
        is_required=True,
        help_text=_("For gifts and posted materials, those of the departments below included."),
    )


class GiftLimitForm(forms.Form):
    """What one receiver may get; the field names are those of the limit."""

    relation = forms.ChoiceField(label=_("For whom"), required=False)
    per_gift = _sum(_("One gift at most"), help_text=_("Empty: no limit. Zero: no gifts at all."))
    per_year = _sum(_("One person in a year at most"), help_text=_("Empty: no limit."))
