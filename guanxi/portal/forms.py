"""The form that visitors fill in, made of an edition; and the forms by which people build one."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from guanxi.customers.facade import normalised_point
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.files.storage import NewFile
from guanxi.platform.preferences.registry import preference
from guanxi.platform.ui.errors import sentence_of
from guanxi.portal.choices import OwnerWay
from guanxi.portal.models import FormEdition
from guanxi.portal.queries.files import FILE_MEGABYTES, file_endings
from guanxi.portal.rules.fields import CHINESE, NO, SEVERAL, YES, AskedField, OfferedField
from guanxi.stewardship.choices import ConsentChannel, ConsentPurpose, RequestKind

TRAP = "contact_url"
"""A field that people do not see and programs fill in."""

MOST_CONSENTS = 4
MOST_NUMBER = 10**15


class LineField(forms.CharField):
    """One line of text: whatever blanks stand in it are one."""

    def clean(self, value: Any) -> str:
        """The line."""
        return " ".join(str(super().clean(value)).split())


class ReachField(LineField):
    """A number or an address by which somebody is reached; `point` is its type."""

    def __init__(self, point: str, **values: Any) -> None:
        super().__init__(**values)
        self.point = point

    def clean(self, value: Any) -> str:
        """The number as it was written, if it can be one."""
        text = super().clean(value)
        if text:
            try:
                normalised_point(self.point, text)
            except RuleViolation as error:
                raise ValidationError(sentence_of(error)) from error
        return text


def takes_file(edition: FormEdition) -> bool:
    """Whether a file can be sent along."""
    return any(asked.offered.type is FieldType.FILE for asked in edition.asked)


def public_form(edition: FormEdition, *, language: str, data: Any = None, files: Any = None) -> forms.Form:
    """What a visitor fills in: the fields and consents of the edition in a language."""
    form = forms.Form(data, files, auto_id="f_%s")
    for asked in edition.asked:
        form.fields[asked.key] = _control(asked, language)
    for place, consent in enumerate(edition.consented):
        tick = forms.BooleanField(label=consent.wording(language), required=consent.is_required)
        tick.error_messages["required"] = _("Without this we may not take your words in.")
        form.fields[f"consent-{place}"] = tick
    return form


def _control(asked: AskedField, language: str) -> forms.Field:
    offered = asked.offered
    if offered.type in _CONTROLS:
        control = _CONTROLS[offered.type](offered, language)
        control.label, control.required = asked.label(language), asked.is_required
        return control
    attributes = {"autocomplete": offered.autofill}
    values: dict[str, Any] = {
        "label": asked.label(language),
        "required": asked.is_required,
        "max_length": offered.maximum_length,
    }
    if offered.type is FieldType.LONG_TEXT:
        return forms.CharField(widget=forms.Textarea(attrs=attributes | {"rows": 4}), **values)
    if offered.target == "point":
        kinds = {FieldType.PHONE: "tel", FieldType.EMAIL: "email"}
        widget = forms.TextInput(attrs=attributes | {"inputmode": kinds.get(offered.type, "text")})
        return ReachField(offered.column, widget=widget, **values)
    return LineField(widget=forms.TextInput(attrs=attributes), **values)


def _choice(offered: OfferedField, language: str) -> forms.Field:
    return forms.ChoiceField(choices=[("", "—"), *_choices(offered, language)])


def _choices(offered: OfferedField, language: str) -> list[tuple[str, str]]:
    known = offered.choices or (("true", *YES[::-1]), ("false", *NO[::-1]))
    return [(value, chinese if language == CHINESE else english) for value, chinese, english in known]


def _several(offered: OfferedField, language: str) -> forms.Field:
    return forms.MultipleChoiceField(choices=_choices(offered, language), widget=forms.CheckboxSelectMultiple())


def _day(_offered: OfferedField, _language: str) -> forms.Field:
    return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


def _whole(_offered: OfferedField, _language: str) -> forms.Field:
    return forms.IntegerField(min_value=-MOST_NUMBER, max_value=MOST_NUMBER)


def _number(_offered: OfferedField, _language: str) -> forms.Field:
    return forms.DecimalField(max_digits=18, decimal_places=6)


def _file(_offered: OfferedField, _language: str) -> forms.Field:
    endings = ",".join(f".{ending}" for ending in file_endings())
    return forms.FileField(widget=forms.FileInput(attrs={"accept": endings}), help_text=_file_help())


def _file_help() -> str:
    values = {"endings": ", ".join(file_endings()), "most": preference(FILE_MEGABYTES)}
    return _("%(endings)s, at most %(most)s MB") % values


_CONTROLS: Mapping[FieldType, Callable[[OfferedField, str], forms.Field]] = {
    FieldType.CHOICE: _choice,
    FieldType.BOOLEAN: _choice,
    FieldType.MULTI_CHOICE: _several,
    FieldType.DATE: _day,
    FieldType.INTEGER: _whole,
    FieldType.NUMBER: _number,
    FieldType.MONEY: _number,
    FieldType.FILE: _file,
}


def answers_of(form: forms.Form, edition: FormEdition) -> tuple[dict[str, str], tuple[int, ...]]:
    """What was answered by the key of the field, and the places of the consents that were ticked."""
    values: Mapping[str, Any] = form.cleaned_data
    answers = {
        asked.key: _plain(values.get(asked.key)) for asked in edition.asked if asked.offered.type is not FieldType.FILE
    }
    ticked = tuple(place for place in range(len(edition.consented)) if values.get(f"consent-{place}"))
    return answers, ticked


def file_of(form: forms.Form, edition: FormEdition) -> NewFile | None:
    """The file that was sent along, None where there is none."""
    keys = [asked.key for asked in edition.asked if asked.offered.type is FieldType.FILE]
    sent = next((form.cleaned_data[key] for key in keys if form.cleaned_data.get(key)), None)
    return NewFile(sent.name or "", sent.size or 0, sent.chunks()) if sent is not None else None


def _plain(value: Any) -> str:
    """An answer as text."""
    match value:
        case None:
            return ""
        case list():
            return SEVERAL.join(map(str, value))
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return str(value)


class WebFormForm(forms.Form):
    """What holds for a form, and its words but for fields and consents."""

    title_zh = forms.CharField(label=_("Title in Chinese"), max_length=80)
    title_en = forms.CharField(label=_("Title in English"), max_length=80, required=False)
    introduction_zh = forms.CharField(
        label=_("Introduction in Chinese"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    introduction_en = forms.CharField(
        label=_("Introduction in English"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    thanks_zh = forms.CharField(
        label=_("Thanks in Chinese"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    thanks_en = forms.CharField(
        label=_("Thanks in English"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    slug = forms.CharField(
        label=_("Name in the address"), max_length=40, help_text=_("Small letters, digits and hyphens: trade-fair.")
    )
    source = forms.CharField(
        label=_("Source of the customers"), max_length=60, required=False, help_text=_("Empty: the title of the form.")
    )
    sites = forms.CharField(
        label=_("Sites that may show it"),
        max_length=6_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One on a line, such as www.example.com. Only these can show the form within their pages."),
    )
    redirect_url = forms.CharField(
        label=_("Page of thanks on one of these sites"),
        max_length=300,
        required=False,
        help_text=_("Empty: the words of thanks above."),
    )
    owner_way = forms.ChoiceField(label=_("Who looks after new customers"), choices=OwnerWay.choices)
    owner = forms.TypedChoiceField(label=_("Person"), required=False, coerce=int, empty_value=None)
    unit = forms.TypedChoiceField(label=_("Department"), required=False, coerce=int, empty_value=None)
    pool = forms.TypedChoiceField(label=_("Pool"), required=False, coerce=int, empty_value=None)
    is_confirmed = forms.BooleanField(
        label=_("Consents count once the visitor has opened a link that is mailed to him"), required=False
    )
    is_open = forms.BooleanField(label=_("Open to the public"), required=False)


class ConsentLineForm(forms.Form):
    """One consent that a form asks for; without words there is none."""

    purpose = forms.ChoiceField(label=_("Purpose"), choices=ConsentPurpose.choices, initial=ConsentPurpose.MARKETING)
    channel = forms.ChoiceField(label=_("Channel"), choices=ConsentChannel.choices, initial=ConsentChannel.MAIL)
    wording_zh = forms.CharField(
        label=_("Words in Chinese"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    wording_en = forms.CharField(
        label=_("Words in English"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_required = forms.BooleanField(label=_("Nothing is sent without it"), required=False)


class SubjectForm(forms.Form):
    """What a person asks for on the preference page."""

    kind = forms.ChoiceField(choices=RequestKind.choices)
    note = forms.CharField(max_length=500, required=False)
