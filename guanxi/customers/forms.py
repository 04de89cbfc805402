"""Forms about customers: the account, made from its model, and its parts, whose fields are the parts' columns."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.customers.choices import (
    CLOSENESS,
    INFLUENCE,
    Bond,
    CalendarType,
    ConsentState,
    DateType,
    DecisionRole,
    Joins,
    PointType,
    Stance,
    TraitKind,
)
from guanxi.platform.customfields.models import TagColour
from guanxi.platform.ui.fields import SuggestingInput

WIDE = {"data-wide": "", "autocomplete": "off"}
PLAIN = {"autocomplete": "off"}
MONTHS = tuple((month, str(month)) for month in range(1, 13))
DAYS = tuple((day, str(day)) for day in range(1, 32))


def _text(label: Any, length: int, *, is_required: bool = False, is_wide: bool = False) -> forms.CharField:
    widget = forms.TextInput(attrs=WIDE if is_wide else PLAIN)
    return forms.CharField(label=label, max_length=length, required=is_required, widget=widget)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget)


def _number(label: Any, choices: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int)


def _person() -> forms.TypedChoiceField:
    """Whom of the account a part belongs to; the choices are filled in for each account."""
    return forms.TypedChoiceField(
        label=_("Of whom"), required=False, coerce=int, empty_value=None, widget=forms.Select(attrs={"data-wide": ""})
    )


class ContactForm(forms.Form):
    """A person at an account."""

    family_name = _text(_("Family name"), 60, is_required=True)
    given_name = _text(_("Given name"), 60)
    title = _text(_("Position"), 80)
    department = _text(_("Department"), 80)
    decision_role = forms.ChoiceField(label=_("Say in decisions"), choices=DecisionRole.choices, initial="none")
    closeness = forms.TypedChoiceField(label=_("Closeness"), choices=CLOSENESS, coerce=int, initial=1)
    influence = forms.TypedChoiceField(label=_("Influence"), choices=INFLUENCE, coerce=int, initial=0)
    stance = forms.ChoiceField(label=_("Stance towards us"), choices=Stance.choices, initial="unknown")
    salutation = _text(_("Form of address"), 40, is_wide=True)
    is_main = forms.BooleanField(label=_("Main contact"), required=False)


class ContactPointForm(forms.Form):
    """A way to reach an account or one of its contacts."""

    type = forms.ChoiceField(label=_("Type"), choices=PointType.choices)
    label = _text(_("Label"), 60)
    value = _text(_("Number or address"), 300, is_required=True, is_wide=True)
    contact_id = _person()
    consent = forms.ChoiceField(label=_("Consent to be contacted"), choices=ConsentState.choices, initial="unknown")
    consent_at = _day(_("Since"))
    is_preferred = forms.BooleanField(label=_("Preferred way"), required=False)
    receives_mail = forms.BooleanField(label=_("Receives mailings"), required=False)
    receives_sms = forms.BooleanField(label=_("Receives text messages"), required=False)

    def clean_consent_at(self) -> datetime | None:
        """The start of the day in the zone of the house, whatever zone the person is in."""
        day = self.cleaned_data["consent_at"]
        if not isinstance(day, date):
            return None
        return timezone.make_aware(datetime.combine(day, time.min), timezone.get_default_timezone())


class ImportantDateForm(forms.Form):
    """A day to remember each year, in the solar or the lunar calendar."""

    type = forms.ChoiceField(label=_("Type"), choices=DateType.choices)
    calendar = forms.ChoiceField(label=_("Calendar"), choices=CalendarType.choices, initial="solar")
    month = _number(_("Month"), MONTHS)
    day = _number(_("Day"), DAYS)
    year = forms.IntegerField(
        label=_("Year, if known"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric", **PLAIN})
    )
    label = _text(_("Label"), 80)
    contact_id = _person()


class TraitForm(forms.Form):
    """One thing worth knowing."""

    kind = forms.ChoiceField(label=_("Type"), choices=TraitKind.choices, widget=forms.Select(attrs={"data-wide": ""}))
    text = _text(_("What is worth knowing"), 200, is_required=True, is_wide=True)
    contact_id = _person()


class AffiliationForm(forms.Form):
    """A contact's role at a further account, which is named in words and found by the view."""

    account_id = forms.CharField(
        label=_("Further customer"), max_length=200, widget=SuggestingInput(reverse_lazy("account_names"), attrs=WIDE)
    )
    title = _text(_("Position"), 80)
    decision_role = forms.ChoiceField(label=_("Say in decisions"), choices=DecisionRole.choices, initial="none")
    start_on = _day(_("From"))
    end_on = _day(_("Until"))


class AccountClassForm(forms.Form):
    """The class of an account: one choice out of the schemes that it has no class of yet, grouped by scheme."""

    choice = forms.ChoiceField(label=_("Class"), widget=forms.Select(attrs={"data-wide": ""}))

    def clean(self) -> dict[str, Any]:
        """The choice as the scheme's id and the class's key."""
        scheme, _mark, key = str(self.cleaned_data.get("choice", "")).partition(":")
        return {"classification_id": int(scheme), "class_key": key} if scheme.isdecimal() else {}


class RelationshipForm(forms.Form):
    """What another party is to the customer or to one of its people; that party is named in words."""

    other = forms.CharField(
        label=_("Customer or person"),
        max_length=200,
        widget=SuggestingInput(reverse_lazy("party_names"), attrs=WIDE),
    )
    relation = forms.ChoiceField(label=_("Is the"), widget=forms.Select(attrs={"data-wide": ""}))
    contact_id = _person()
    bond = forms.TypedChoiceField(label=_("Closeness"), choices=Bond.choices, coerce=int, initial=Bond.FAIR)
    since_on = _day(_("Since"))
    source = _text(_("Known from"), 60)
    note = _text(_("Note"), 300, is_wide=True)


class TypeForm(forms.Form):
    """What two parties can be to each other; whom it joins is said once, when it is added."""

    name_zh = _text(_("Chinese name"), 60, is_required=True)
    name_en = _text(_("English name"), 60, is_required=True)
    inverse_zh = _text(_("Chinese name of the other side"), 60)
    inverse_en = _text(_("English name of the other side"), 60)


class NewTypeForm(TypeForm):
    """A type that is added."""

    joins = forms.ChoiceField(label=_("Between whom"), choices=Joins.choices, initial=Joins.PEOPLE)


LONGEST_TEXT = 6_000
LARGEST_CARD = 512 * 1024


class SourceForm(forms.Form):
    """What is read: a text that was pasted, or the file of a card."""

    text = forms.CharField(
        label=_("Signature, card or vCard"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 10, "autocomplete": "off"}),
    )
    card = forms.FileField(
        label=_("vCard file"), required=False, widget=forms.FileInput(attrs={"accept": ".vcf,text/vcard"})
    )

    def clean_card(self) -> str:
        """The words of the file. Raises: ValidationError for one that is too large for a card."""
        file = self.cleaned_data.get("card")
        if file is None:
            return ""
        if file.size > LARGEST_CARD:
            raise forms.ValidationError(_("This file is too large for a card."))
        return str(file.read().decode("utf-8", "replace")).replace("\x00", "")


class CaptureForm(forms.Form):
    """What was read, to be looked over. The firm is `name`, as in the form of a customer."""

    person = _text(pgettext_lazy("person", "Name"), 60)
    name = _text(_("Organisation"), 200)
    title = _text(_("Job title"), 80)
    department = _text(_("Department"), 80)
    mobile = _text(_("Mobile"), 60)
    phone = _text(_("Phone"), 60)
    mail = _text(_("E-mail"), 200)
    wechat = _text(_("WeChat"), 60)
    website = _text(_("Website"), 200)
    address = _text(_("Address"), 300)
    account = forms.TypedChoiceField(
        label=_("Customer"), required=False, coerce=int, empty_value=None, widget=forms.RadioSelect
    )


class SchemeForm(forms.Form):
    """A scheme by which customers are sorted; the choices of roles are filled in by the page."""

    name_zh = _text(_("Chinese name"), 80, is_required=True)
    name_en = _text(_("English name"), 80, is_required=True)
    purpose = _text(_("What it is for"), 300, is_wide=True)
    setters = forms.MultipleChoiceField(
        label=_("Who sorts customers by it"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "ck"}),
        help_text=_("Nothing ticked: everybody who may edit the customer."),
    )


class ClassForm(forms.Form):
    """One class of a scheme."""

    name_zh = _text(_("Chinese name"), 80, is_required=True)
    name_en = _text(_("English name"), 80, is_required=True)
    definition = _text(_("Whom it means, in words"), 300, is_wide=True)
    colour = forms.ChoiceField(label=_("Colour"), choices=TagColour.choices, required=False)
