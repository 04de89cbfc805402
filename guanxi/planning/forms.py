"""Forms of the plan: an item, what goes into sign-off, a market phase. Rules across fields are the commands'."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import AccountKind
from guanxi.planning.choices import MarketStage, Moment, Purpose, Way


class ItemForm(forms.Form):
    """One item of the plan; the names are those of its columns, but for `binding`, which names a place."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    group_zh = forms.CharField(label=_("Group in Chinese"), max_length=60)
    group_en = forms.CharField(label=_("Group in English"), max_length=80)
    binding = forms.ChoiceField(
        label=_("Where it stands"), required=False, help_text=_("Completeness and freshness are counted there.")
    )
    purposes = forms.MultipleChoiceField(
        label=_("Purposes"), choices=Purpose.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    decision_zh = forms.CharField(label=_("Decision it serves, in Chinese"), max_length=200, required=False)
    decision_en = forms.CharField(label=_("Decision it serves, in English"), max_length=200, required=False)
    supplier_zh = forms.CharField(label=_("Supplied by, in Chinese"), max_length=60, required=False)
    supplier_en = forms.CharField(label=_("Supplied by, in English"), max_length=80, required=False)
    way = forms.ChoiceField(label=_("Comes in by"), choices=Way.choices)
    moment = forms.ChoiceField(label=_("Owed from"), choices=Moment.choices)
    limit_days = forms.IntegerField(
        label=_("Fresh for, in days"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Empty: it does not age."),
    )
    account_kind = forms.ChoiceField(
        label=_("Asked of"), choices=(("", _("Everybody")), *AccountKind.choices), required=False
    )


class SubmitForm(forms.Form):
    """Which units sign off a draft, and until when."""

    units = forms.MultipleChoiceField(label=_("Departments that sign off"), widget=forms.CheckboxSelectMultiple)
    due_on = forms.DateField(
        label=_("Sign off until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class PhaseForm(forms.Form):
    """The market phase of a product line in a unit from a day on."""

    product_line = forms.CharField(
        label=_("Product line"), max_length=80, required=False, help_text=_("Empty: all product lines.")
    )
    unit = forms.ChoiceField(label=_("Department"), required=False)
    stage = forms.ChoiceField(label=_("Market phase"), choices=MarketStage.choices)
    from_on = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
