"""Forms of pools. Rules across fields are the commands'."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.stewardship.choices import GIVEN_REASONS, AssignWay
from guanxi.stewardship.models.pools import LONGEST_DAYS

Choices = Sequence[tuple[object, object]]
FormType = TypeVar("FormType", bound=forms.Form)


class Ticks(forms.MultipleChoiceField):
    """Several choices as ticks, none is fine."""

    def __init__(self, label: Any, *, help_text: Any = "") -> None:  # Django's words, lazy or not
        widget = forms.CheckboxSelectMultiple(attrs={"class": "ck"})
        super().__init__(label=label, required=False, widget=widget, help_text=help_text)


class NumberTicks(Ticks):
    """Several choices with whole numbers as their values."""

    def clean(self, value: Any) -> list[int]:
        """The chosen numbers."""
        return [int(item) for item in super().clean(value)]


class PoolForm(forms.Form):
    """One pool; the field names are those of the pool."""

    name_zh = forms.CharField(label=_("Chinese name"), max_length=60)
    name_en = forms.CharField(label=_("English name"), max_length=60, required=False)
    position = forms.IntegerField(
        label=pgettext_lazy("among the pools", "Position"), min_value=0, max_value=999, initial=0
    )
    unit = forms.TypedChoiceField(
        label=_("Department of its customers"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Without one they keep the department they had."),
    )
    relations = Ticks(_("Takes in"), help_text=_("Nothing ticked: customers of every relation."))
    unit_ids = NumberTicks(_("Members: whole departments, with those below"))
    member_ids = NumberTicks(_("Members: persons"))
    admin_ids = NumberTicks(_("Admins, who assign and give back"))
    shown_fields = Ticks(
        _("What members see of a customer"), help_text=_("Everything else stays hidden until the customer is theirs.")
    )
    claims_per_day = forms.IntegerField(
        label=_("Claims a day and person"),
        min_value=1,
        max_value=10_000,
        required=False,
        help_text=_("Empty: no limit."),
    )
    claims_in_hand = forms.IntegerField(
        label=_("Claimed customers in hand at most"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=_("Empty: no limit."),
    )
    cooling_days = forms.IntegerField(
        label=_("Cooling-off of ex-owners in days"), min_value=0, max_value=LONGEST_DAYS, initial=30
    )
    assign_way = forms.ChoiceField(label=_("Who gets them by night"), choices=AssignWay.choices)
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class RuleForm(forms.Form):
    """One rule of a pool; the field names are those of the rule."""

    criterion = forms.ChoiceField(label=_("Criterion"))
    days = forms.IntegerField(label=_("For … days"), min_value=1, max_value=LONGEST_DAYS, initial=90)
    grades = Ticks(_("Grades"), help_text=_("Nothing ticked: all."))
    relations = Ticks(_("Relations"), help_text=_("Nothing ticked: all."))
    exemptions = Ticks(_("Never those who"))
    warn_days = forms.IntegerField(label=_("Warn the owner … days before"), min_value=0, max_value=90, initial=7)
    manager_days = forms.IntegerField(
        label=_("Tell the manager … days before"),
        min_value=0,
        max_value=90,
        required=False,
        help_text=_("Empty: never. It is who may give the owner’s customers to others, in the nearest department."),
    )
    starts_on = forms.DateField(
        label=_("In force from"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("A later day leaves owners time to act."),
    )
    is_active = forms.BooleanField(label=_("In use"), required=False, initial=True)


class LimitForm(forms.Form):
    """How many customers a person, everybody of a unit, or everybody with a role may look after."""

    whose = forms.ChoiceField(label=_("Whose"))
    most = forms.IntegerField(label=_("Customers at most"), min_value=0, max_value=1_000_000)
    exemptions = Ticks(_("Do not count"))


class ReturnForm(forms.Form):
    """Into which pool customers go, and why."""

    pool = forms.TypedChoiceField(label=_("Pool"), coerce=int)
    reason = forms.ChoiceField(label=_("Reason"), choices=GIVEN_REASONS)
    note = forms.CharField(
        label=_("What the next one should know"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class LockForm(forms.Form):
    """Until when a customer does not go into a pool, and why."""

    until_on = forms.DateField(
        label=_("Locked until"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    reason = forms.CharField(label=_("Why"), max_length=200)


def offered(form: FormType, **choices: Choices) -> FormType:
    """The form with what can be chosen in its fields."""
    for name, found in choices.items():
        field = form.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = list(found)
    return form
