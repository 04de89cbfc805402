"""Forms of retention rules, holds, restrictions and notices. Rules across fields are the commands'."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from guanxi.platform.objects.retention import RetentionCondition, Span
from guanxi.stewardship.choices import RetentionAction
from guanxi.stewardship.forms.pools import Ticks
from guanxi.stewardship.rules.retention import LONGEST_COUNT, Asked

PREFIX = "c_"


class HoldForm(forms.Form):
    """Why a customer is kept, and when somebody looks again."""

    reason = forms.CharField(label=_("Why"), max_length=300, help_text=_("The matter: a lawsuit, an audit."))
    until_on = forms.DateField(
        label=_("Look again on"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Nothing ends by itself on this day: the hold is released by a person."),
    )


class RestrictForm(forms.Form):
    """Why nobody is led to use a person any more."""

    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class NoticeForm(forms.Form):
    """One edition of the privacy notice; the field names are those of the edition."""

    effective_on = forms.DateField(
        label=_("In force from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=120)
    text_zh = forms.CharField(label=_("Text in Chinese"), max_length=40_000, widget=forms.Textarea(attrs={"rows": 14}))
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    text_en = forms.CharField(
        label=_("Text in English"), max_length=40_000, required=False, widget=forms.Textarea(attrs={"rows": 14})
    )


def rule_form(
    conditions: Sequence[RetentionCondition], relations: Sequence[tuple[str, str]], *, data: Any = None, initial: Any
) -> forms.Form:
    """What a rule says: its name, a field for each condition that can be asked, the relations, what becomes of it."""
    form = forms.Form(data, initial=initial)
    form.fields["name"] = forms.CharField(label=_("Name"), max_length=120)
    for item in conditions:
        form.fields[f"{PREFIX}{item.key}"] = _condition_field(item)
    ticks = Ticks(_("Relations"), help_text=_("Nothing ticked: all."))
    ticks.choices = list(relations)
    form.fields["relations"] = ticks
    form.fields["action"] = forms.ChoiceField(label=_("What becomes of them"), choices=RetentionAction.choices)
    return form


def _condition_field(item: RetentionCondition) -> forms.Field:
    if item.span is Span.NONE:
        return forms.BooleanField(label=str(item.sentence), required=False)
    label = str(item.sentence) % {"count": "…"}
    return forms.IntegerField(
        label=label, min_value=1, max_value=LONGEST_COUNT, required=False, help_text=_("Empty: no condition.")
    )


def asked_in(form: forms.Form, conditions: Sequence[RetentionCondition]) -> tuple[Asked, ...]:
    """The conditions that were filled in, of a valid form."""
    values = {item.key: form.cleaned_data.get(f"{PREFIX}{item.key}") for item in conditions}
    spans = {item.key: item.span for item in conditions}
    return tuple(Asked(key, 0 if spans[key] is Span.NONE else int(value)) for key, value in values.items() if value)


def initial_of(asked: Sequence[Asked]) -> dict[str, object]:
    """The conditions of a rule as the form shows them."""
    return {f"{PREFIX}{item.key}": item.count or True for item in asked}
