"""Forms of engagement."""

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_WORDING = 600


class WordingForm(forms.Form):
    """One wording; which placeholders it may name is the command's rule."""

    body = forms.CharField(
        label=_("Wording"), max_length=LONGEST_WORDING, widget=forms.Textarea(attrs={"rows": 7, "data-wording": ""})
    )
