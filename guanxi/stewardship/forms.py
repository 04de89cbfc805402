"""Forms of stewardship."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.stewardship.choices import RequestKind, RequestWay


class RequestForm(forms.Form):
    """What a person asked for; the record comes with the address."""

    kind = forms.ChoiceField(label=_("What is asked for"), choices=RequestKind.choices)
    asked_on = forms.DateField(label=_("Asked on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    way = forms.ChoiceField(label=_("How it came"), choices=RequestWay.choices)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))
