"""Forms of care: a working day, a wanted interval. Rules across fields are the commands'."""

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.care.rules import LONGEST_CADENCE_DAYS, MINUTES_OF_A_DAY, MOST_CONTACTS_PER_DAY
from guanxi.customers.choices import ContactedBy
from guanxi.engagement.choices import CHANNEL_CHOICES

CHANNEL_STEPS = (("", _("None")), *CHANNEL_CHOICES)
HOURS = tuple((hour, f"{hour:02}:00") for hour in range(25))


class WorkingDayForm(forms.Form):
    """One person's capacity and hours; the field names are those of the setting."""

    contacts_per_day = forms.IntegerField(
        label=_("Contacts a day"),
        min_value=1,
        max_value=MOST_CONTACTS_PER_DAY,
        help_text=_("So many customers stand in the queue at most."),
    )
    minutes_per_day = forms.IntegerField(
        label=_("Minutes a day"),
        min_value=1,
        max_value=MINUTES_OF_A_DAY,
        help_text=_("A call is counted with 12 minutes, a visit with 60."),
    )
    works_from_hour = forms.TypedChoiceField(label=_("Working hours from"), choices=HOURS, coerce=int)
    works_to_hour = forms.TypedChoiceField(label=_("Working hours until"), choices=HOURS, coerce=int)
    quiet_from_hour = forms.TypedChoiceField(label=_("Quiet hours from"), choices=HOURS, coerce=int)
    quiet_to_hour = forms.TypedChoiceField(label=_("Quiet hours until"), choices=HOURS, coerce=int)


class StrategyForm(forms.Form):
    """How we keep up contact with the customers of a class; the channels are in the order in which they are tried."""

    ideal_days = forms.IntegerField(
        label=_("Wanted every … days"), min_value=1, max_value=LONGEST_CADENCE_DAYS, required=False
    )
    maximum_days = forms.IntegerField(
        label=_("At the latest after … days"), min_value=1, max_value=LONGEST_CADENCE_DAYS, required=False
    )
    channel_1 = forms.ChoiceField(label=_("Channel"), choices=CHANNEL_STEPS, required=False)
    channel_2 = forms.ChoiceField(label=_("If that cannot be used"), choices=CHANNEL_STEPS, required=False)
    channel_3 = forms.ChoiceField(label=_("And if not that either"), choices=CHANNEL_STEPS, required=False)
    contacted_by = forms.ChoiceField(label=_("Who makes the contact"), choices=ContactedBy.choices)
    tone = forms.CharField(
        label=_("How to speak"), max_length=200, required=False, help_text=_("Such as formal, brief, with figures.")
    )
    offer = forms.CharField(
        label=_("What to offer"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("It stands as the topic on Today when contact is overdue."),
    )


class CadenceForm(forms.Form):
    """A wanted interval between contacts."""

    ideal_days = forms.IntegerField(label=_("Wanted every … days"), min_value=1, max_value=LONGEST_CADENCE_DAYS)
    maximum_days = forms.IntegerField(
        label=_("At the latest after … days"), min_value=1, max_value=LONGEST_CADENCE_DAYS
    )
