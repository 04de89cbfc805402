"""The form control of any field of an object, and what its value becomes in the column."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.encryption.in_use import Unreadable
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.fields import DASHES, FileInput, SuggestingInput
from guanxi.platform.ui.values import linked_names

BETWEEN = " · "
ANSWERS = (("", DASHES), ("true", gettext_lazy("Yes")), ("false", gettext_lazy("No")))
LINES = 3
LARGEST_ID = 2**63 - 1
EARLIEST, LATEST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)


def control(
    item: ObjectField, view: View, *, is_required: bool | None = None, record: models.Model | None = None
) -> forms.Field:
    """The control of a field, of a `record` where one is changed; `is_required` stands for what the field says.

    What cannot be read cannot be typed over.
    """
    made = _control(item, view)
    if isinstance(made, LinkControl) and record is not None:
        made.kept = item.value_of(record)
    if record is not None and item.is_sealed and item.beside is None:
        made.disabled = isinstance(item.value_of(record), Unreadable)
    made.label, made.help_text = str(item.label), str(item.help)
    made.required = item.is_required if is_required is None else is_required
    return made


def _control(item: ObjectField, view: View) -> forms.Field:
    if item.target:
        return LinkControl(item.target, view)
    if item.offered is not None:
        offered = list(item.offered(view))
        if item.kind is FieldType.MULTI_CHOICE:
            return forms.MultipleChoiceField(
                choices=offered, widget=forms.CheckboxSelectMultiple(attrs={"class": "ck"})
            )
        return _Chosen(choices=[("", DASHES), *offered], empty_value=None, coerce=item.typed.to_python)
    return _typed_control(item)


def _typed_control(item: ObjectField) -> forms.Field:
    match item.kind:
        case FieldType.BOOLEAN if item.made is not None:
            return forms.TypedChoiceField(choices=ANSWERS, coerce=lambda text: text == "true", empty_value=None)
        case FieldType.DATE:
            return forms.DateField(widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        case FieldType.DATETIME:
            widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
            bounds = [MinValueValidator(EARLIEST), MaxValueValidator(LATEST)]
            return forms.DateTimeField(widget=widget, validators=bounds)
        case FieldType.LONG_TEXT:
            return forms.CharField(max_length=item.maximum_length, widget=forms.Textarea(attrs={"rows": LINES}))
        case FieldType.FILE:
            return FileControl(required=False)
        case FieldType.PHONE:
            return forms.CharField(max_length=40, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}))
        case _:
            made = item.typed.formfield()
            if made is None:
                raise TypeError(f"{item.key} is of a type that nobody can type.")
            if not isinstance(made, forms.BooleanField):
                made.widget.attrs["autocomplete"] = "off"
            return made


class _Chosen(forms.TypedChoiceField):
    """One of what a field offers; nothing chosen is the empty value of the column."""

    def clean(self, value: Any) -> Any:
        """The value, or what the column holds where nothing is known."""
        found = super().clean(value)
        return "" if found is None and self.coerce("") == "" else found


class FileControl(forms.FileField):
    """A file: one that is chosen or dropped, the one that is there, or none when its tick says so."""

    widget = FileInput


class LinkControl(forms.CharField):
    """A record of another object, found by typing its name: "Name · 1234", or the name alone where it is one's own.

    `kept` is the id to which the field leads now: it may stay, also where the person does not see that record.
    """

    def __init__(self, target: str, view: View) -> None:
        super().__init__(max_length=300, widget=SuggestingInput(reverse("record_names", args=[target])))
        self.target, self.view = target, view
        self.kept: int | None = None

    def prepare_value(self, value: Any) -> Any:
        """What stands in the control: the name with the id; what was typed stays as it is."""
        if not isinstance(value, int) or value > LARGEST_ID:
            return value
        name = linked_names(self.target, {value}, self.view).get(value)
        return f"{name}{BETWEEN}{value}" if name is not None else str(value)

    def clean(self, value: Any) -> int | None:
        """The id of the record. Raises: ValidationError when the person sees no such record, or several are meant."""
        text = super().clean(value)
        if not text:
            return None
        if self.kept is not None and text.rpartition(BETWEEN.strip())[2].strip() == str(self.kept):
            return self.kept
        spec = object_spec(self.target)
        if not may(self.view.actor, spec.model, Action.VIEW):
            raise ValidationError(gettext("You may not see such records."))
        rows = grant(self.view.actor, spec.model).queryset()
        last = text.rpartition(BETWEEN.strip())[2].strip()
        if last.isascii() and last.isdecimal() and len(last) < 19:
            rows = rows.filter(pk=int(last))
        else:
            rows = rows.filter(**{spec.title: text.strip()})
        found = list(rows.order_by().values_list("pk", flat=True)[:2])
        if len(found) == 1:
            return int(found[0])
        if found:
            raise ValidationError(gettext("Several records have this name: choose one from the list."))
        raise ValidationError(gettext("No record that you may see has this name."))


def column_values(fields: Sequence[ObjectField], cleaned: Mapping[str, Any]) -> dict[str, Any]:
    """What a form says, by column, for the commands of an object."""
    return {item.column: _plain(item, cleaned[item.key]) for item in fields if item.key in cleaned}


def _plain(item: ObjectField, value: Any) -> Any:
    """The value as the column holds it: no text is None where the column has no missing values."""
    if isinstance(value, UploadedFile):
        return NewFile(value.name or "", value.size or 0, value.chunks())
    if value is False and item.kind is FieldType.FILE:
        return None
    if value is None and not item.typed.null and item.made is None:
        return ""
    return value
