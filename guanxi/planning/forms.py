"""Forms of the plan: an item, what goes into sign-off, a market phase, a round of needs. Rules are the commands’."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.choices import AccountKind
from guanxi.planning.choices import (
    MOST_REMIND_DAYS,
    REMIND_DAYS,
    AskedAs,
    MarketStage,
    Moment,
    NeedValue,
    Purpose,
    Way,
)


class ItemForm(forms.Form):
    """One item of the plan; the names are those of its columns, but for `binding`, which names a place."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=60)
    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    group_zh = forms.CharField(label=_("Group in Chinese"), max_length=60)
    group_en = forms.CharField(label=_("Group in English"), max_length=80)
    binding = forms.ChoiceField(
        label=_("Where it is kept"), required=False, help_text=_("Completeness and freshness are counted there.")
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


class ScopeForm(forms.Form):
    """For what a version is begun that is copied from another, and which groups of items it takes over."""

    unit = forms.ChoiceField(
        label=_("Department"), help_text=_("The version counts for its customers, and for those below.")
    )
    product_line = forms.CharField(
        label=_("Product line"), max_length=80, required=False, help_text=_("Empty: all product lines.")
    )
    groups = forms.MultipleChoiceField(
        label=_("Items to take over"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_(
            "What the versions of the departments above ask for counts here too: take over what may differ here, and "
            "leave out the rest."
        ),
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


class AskForm(forms.Form):
    """Whom a round of the needs questionnaire asks, and in which way."""

    units = forms.MultipleChoiceField(
        label=_("People of these departments and below"), widget=forms.CheckboxSelectMultiple, required=False
    )
    roles = forms.MultipleChoiceField(
        label=_("People with one of these roles"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("With departments and roles chosen, those are asked who have both."),
    )
    people = forms.MultipleChoiceField(
        label=_("And these by name"), required=False, widget=forms.CheckboxSelectMultiple
    )
    asked_as = forms.MultipleChoiceField(
        label=_("They are asked as one who"),
        choices=AskedAs.choices,
        widget=forms.CheckboxSelectMultiple,
        initial=AskedAs.values,
    )
    audience = forms.ChoiceField(
        label=_("They speak for"),
        required=False,
        help_text=_("What they need stands in the column of these in the plan."),
    )


def _closes_on() -> forms.DateField:
    """Until when a round is open."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=_("Open until"), widget=widget)


def _remind_days() -> forms.IntegerField:
    """How many days before its end a round reminds."""
    return forms.IntegerField(
        label=_("Remind, days before the end"),
        min_value=1,
        max_value=MOST_REMIND_DAYS,
        required=False,
        initial=REMIND_DAYS,
        help_text=_("Who has not handed in is reminded then and on the last day. Empty: the round never reminds."),
    )


class RoundForm(AskForm):
    """A round of the needs questionnaire: about whom it asks, until when, and whom."""

    field_order = ("introduction", "closes_on", "remind_days", "parties")

    introduction = forms.CharField(
        label=pgettext_lazy("questionnaire", "Introduction"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It stands on top of the questionnaire: why you ask, and what becomes of the answers."),
    )
    closes_on = _closes_on()
    remind_days = _remind_days()
    parties = forms.MultipleChoiceField(label=_("Information about"), widget=forms.CheckboxSelectMultiple)


class ExtendForm(forms.Form):
    """Until when a round is open, and when it reminds by itself."""

    closes_on = _closes_on()
    remind_days = _remind_days()


class AnswerForm(forms.Form):
    """What a person says of one item about one party, one of many on a page; it is drawn by hand."""

    need = forms.ChoiceField(choices=(("", ""), *NeedValue.choices), required=False)
    decision = forms.CharField(max_length=120, required=False)
    fresh_days = forms.IntegerField(min_value=1, max_value=3650, required=False)
    way = forms.ChoiceField(choices=(("", ""), *Way.choices), required=False)
    is_never_used = forms.BooleanField(required=False)
    kept_days = forms.IntegerField(min_value=1, max_value=3650, required=False)
