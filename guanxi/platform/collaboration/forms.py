"""Forms of the collaboration room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.platform.collaboration.models import MOST_CHARACTERS, MailRhythm, NotificationKind


class CommentForm(forms.Form):
    """The text of a comment."""

    text = forms.CharField(
        label=_("Comment"), max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 3, "data-wide": ""})
    )


class NotificationForm(forms.Form):
    """What somebody wants to be told, and how."""

    shown = forms.MultipleChoiceField(choices=NotificationKind.choices, required=False)
    mailed = forms.MultipleChoiceField(choices=NotificationKind.choices, required=False)
    rhythm = forms.ChoiceField(choices=MailRhythm.choices, widget=forms.RadioSelect)
