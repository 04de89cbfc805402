"""Forms of consents and of what people ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.customers.choices import ConsentState
from guanxi.stewardship.choices import ConsentChannel, ConsentPurpose, RequestKind, RequestWay


class RequestForm(forms.Form):
    """What a person asked for; the record comes with the address."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=RequestKind.choices)
    asked_on = forms.DateField(label=_("Asked on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    way = forms.ChoiceField(label=_("How it came"), choices=RequestWay.choices)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ConsentForm(forms.Form):
    """What a customer agreed to or took back; the contacts to choose from are those of the account."""

    contact = forms.TypedChoiceField(label=_("Who"), required=False, coerce=int, empty_value=None)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=ConsentPurpose.choices)
    channel = forms.ChoiceField(label=_("Channel"), choices=ConsentChannel.choices)
    state = forms.ChoiceField(
        label=_("Consent"),
        choices=[(item.value, item.label) for item in (ConsentState.GIVEN, ConsentState.WITHDRAWN)],
    )
    way = forms.ChoiceField(label=_("How it came"), choices=RequestWay.choices)
    evidence = forms.CharField(
        label=_("Evidence"), max_length=300, required=False, help_text=_("Where it can be seen: a form, a letter.")
    )
    wording = forms.CharField(
        label=_("Words shown"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What the customer was shown, word for word."),
    )
