"""Forms of the ledger: a competitor's promotion."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.catalog.facade import category_choices

CHANNELS = (("", "—"), ("shop", _("Shop")), ("online", _("Online")), ("direct", _("Direct sales")))


class DayInput(forms.DateInput):
    """The browser's own choice of a day."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PromotionForm(forms.Form):
    """What is known of a competitor's promotion; the field names are those of the record, the depth in per cent."""

    competitor = forms.CharField(label=_("Competitor"), max_length=120)
    name = forms.CharField(label=_("What they offer"), max_length=200, required=False)
    category_keys = forms.MultipleChoiceField(
        label=_("Categories it is for"),
        choices=category_choices,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Who buys these from us all the same is counted as steadfast."),
    )
    start_on = forms.DateField(label=_("First day"), widget=DayInput)
    end_on = forms.DateField(label=_("Last day"), widget=DayInput)
    percent = forms.IntegerField(label=_("Price off, in per cent"), min_value=0, max_value=100, required=False)
    region = forms.CharField(label=_("Where"), max_length=80, required=False)
    channel = forms.ChoiceField(label=_("Channel"), choices=CHANNELS, required=False)
    source = forms.CharField(label=_("Who noticed it, where"), max_length=200, required=False)
