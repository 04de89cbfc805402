"""Forms for making objects and fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.access.protection import ENCRYPTED
from guanxi.platform.customfields.models import CustomField, CustomObject, Sensitivity
from guanxi.platform.customfields.rules import CHOSEN, choices_text, read_choices
from guanxi.platform.objects.conditions import Condition, Operator, conditions_of, parse_where, where_text
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.spec import Label, View

ICONS = (
    ("folder", _("Folder")),
    ("briefcase", _("Briefcase")),
    ("building", _("Building")),
    ("tool", _("Tool")),
    ("truck", _("Truck")),
    ("file-text", _("Document")),
    ("calendar", _("Calendar")),
    ("gift", _("Gift")),
    ("target", _("Target")),
    ("star", _("Star")),
)
NUMBERS = frozenset({FieldType.NUMBER, FieldType.MONEY})
BETWEEN = "、"


@dataclass(frozen=True, slots=True)
class FormSection:
    """A part of a form under a title, "" for the first one."""

    title: Label
    fields: tuple[forms.BoundField, ...]


class NamesForm(forms.Form):
    """What something is called in both languages, of which one is enough."""

    name_zh = forms.CharField(
        label=_("Name in Chinese"), max_length=60, required=False, help_text=_("One of the two names is enough.")
    )
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if not self.errors and not said["name_zh"] and not said["name_en"]:
            self.add_error("name_zh", gettext("Give it a name."))
        return said


class ObjectForm(NamesForm):
    """How an object is called and where it stands."""

    plural_en = forms.CharField(label=_("Plural in English"), max_length=60, required=False)
    icon = forms.ChoiceField(label=_("Icon"), choices=ICONS)
    title_zh = forms.CharField(
        label=_("What its name is called, in Chinese"),
        max_length=60,
        required=False,
        initial="名称",
        help_text=_("For a contract this may be its number, for a visit its topic."),
    )
    title_en = forms.CharField(
        label=_("What its name is called, in English"), max_length=60, required=False, initial="Name"
    )
    is_in_navigation = forms.BooleanField(label=_("Stands in the sidebar"), required=False, initial=True)


class NewObjectForm(ObjectForm):
    """A new object also says who may do what with it at first."""

    rights_of = forms.ChoiceField(
        label=_("Rights as for"),
        required=False,
        help_text=_("Every role may do with it what it may do there. You can change it under Roles later."),
    )

    def __init__(self, *args: Any, objects: Sequence[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [*objects, ("", _("Only what roles may do with everything"))]
        self.fields["rights_of"].choices = choices  # type: ignore[attr-defined]  # a choice field


class ViewsForm(forms.Form):
    """By which fields an object has a board and a calendar."""

    board_field = forms.ChoiceField(label=_("Board by"), required=False)
    calendar_field = forms.ChoiceField(label=_("Calendar by"), required=False)

    def __init__(self, *args: Any, fields: Sequence[ObjectField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lanes = [(item.key, item.label) for item in fields if item.kind is FieldType.CHOICE]
        days = [(item.key, item.label) for item in fields if item.kind in (FieldType.DATE, FieldType.DATETIME)]
        self.fields["board_field"].choices = [("", _("No board")), *lanes]  # type: ignore[attr-defined]  # a choice field
        self.fields["calendar_field"].choices = [("", _("No calendar")), *days]  # type: ignore[attr-defined]  # as above


class FieldForm(NamesForm):
    """A field: what it is called, what can stand in it, who may read it, when it is shown and needed."""

    help_zh = forms.CharField(label=_("Help in Chinese"), max_length=200, required=False)
    help_en = forms.CharField(label=_("Help in English"), max_length=200, required=False)
    choices = forms.CharField(
        label=_("Choices"),
        widget=forms.Textarea(attrs={"rows": 6, "data-wide": ""}),
        required=False,
        help_text=_("One on each line, in Chinese, or “Chinese | English”."),
    )
    target = forms.ChoiceField(label=_("Leads to"), required=False)
    digits = forms.IntegerField(label=_("Decimals"), min_value=0, max_value=6, initial=2, required=False)
    sensitivity = forms.ChoiceField(
        label=_("Protection"),
        choices=Sensitivity.choices,
        required=False,
        help_text=_(
            "Roles say who may read each class, whole or masked. Texts of the classes Identity and Bank account are "
            "encrypted: they are found by the whole number, not sorted."
        ),
    )
    is_required = forms.BooleanField(label=_("Must be filled in"), required=False)
    is_indexed = forms.BooleanField(
        label=_("Quick to filter and sort by"),
        required=False,
        help_text=_("Builds an index in the background; worth it from some ten thousand records on."),
    )
    visible_field = forms.ChoiceField(label=_("Shown by the field"), required=False)
    visible_values = forms.CharField(
        label=_("Values that show it"), required=False, help_text=_("Commas between them; empty = is filled in.")
    )
    required_field = forms.ChoiceField(label=_("Needed by the field"), required=False)
    required_values = forms.CharField(
        label=_("Values that make it needed"),
        required=False,
        help_text=_("Commas between them; empty = is filled in."),
    )

    def __init__(
        self,
        *args: Any,
        kind: FieldType,
        others: Sequence[ObjectField],
        targets: Sequence[tuple[str, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.others = kind, others
        for name, is_kept in (
            ("choices", kind in CHOSEN),
            ("target", kind is FieldType.LINK),
            ("digits", kind in NUMBERS),
            ("is_indexed", kind is not FieldType.FILE),
        ):
            if not is_kept:
                del self.fields[name]
        if kind not in TEXTS and self.initial.get("sensitivity", "") not in ENCRYPTED:
            plain = [(value, label) for value, label in Sensitivity.choices if value not in ENCRYPTED]
            self.fields["sensitivity"].choices = plain  # type: ignore[attr-defined]  # a choice field
        ruling = [("", _("Always")), *((item.key, item.label) for item in others)]
        self.fields["visible_field"].choices = ruling  # type: ignore[attr-defined]  # a choice field
        self.fields["required_field"].choices = [("", pgettext_lazy("needed when", "Never")), *ruling[1:]]  # type: ignore[attr-defined]  # as above
        if "target" in self.fields:
            self.fields["target"].choices = targets  # type: ignore[attr-defined]  # as above

    def sections(self) -> Sequence[FormSection]:
        """The form in parts: what the field is, who may read it, when it is shown and when it is needed."""
        parts = (
            (_("Rights and speed"), ("sensitivity", "is_required", "is_indexed")),
            (_("When it is shown"), ("visible_field", "visible_values")),
            (_("When it must be filled in"), ("required_field", "required_values")),
        )
        later = {name for _title, names in parts for name in names}
        first = tuple(self[name] for name in self.fields if name not in later)
        rest = (
            FormSection(title, tuple(self[name] for name in names if name in self.fields)) for title, names in parts
        )
        return (FormSection("", first), *rest)


@dataclass(frozen=True, slots=True)
class Ruling:
    """The fields that a rule can be about, and the person who reads their choices."""

    fields: Sequence[ObjectField]
    view: View

    def where(self, key: str, text: str) -> str:
        """The JSON form of "this field has one of these values"; "" for no field."""
        item = next((item for item in self.fields if item.key == key), None)
        if item is None:
            return ""
        labels = {str(label): value for value, label in item.offered(self.view)} if item.offered else {}
        words = [word.strip() for word in text.replace("，", ",").replace(BETWEEN, ",").split(",") if word.strip()]
        values = tuple(labels.get(word, word) for word in words)
        operator = Operator.IS if values else Operator.FILLED
        return where_text(Condition(key, operator, values))

    def words(self, where: str) -> tuple[str, str]:
        """The field and the values in words that `where` was made of."""
        condition = next(iter(conditions_of(parse_where(where))), None)
        if condition is None:
            return "", ""
        item = next((item for item in self.fields if item.key == condition.field), None)
        labels = {value: str(label) for value, label in item.offered(self.view)} if item and item.offered else {}
        return condition.field, ", ".join(labels.get(value, value) for value in condition.values)


def field_values(form: FieldForm, ruling: Ruling, *, known: CustomField | None) -> dict[str, Any]:
    """What the form says of a field. Raises: RuleViolation("customfields.choices")."""
    said = form.cleaned_data
    names = ("name_zh", "name_en", "help_zh", "help_en", "sensitivity", "is_required", "is_indexed")
    values: dict[str, Any] = {name: said[name] for name in names if name in said}
    if "choices" in said:
        former = tuple((key, chinese, english) for key, chinese, english in known.choices) if known else ()
        values["choices"] = [list(choice) for choice in read_choices(said["choices"], known=former)]
    if said.get("digits") is not None:
        values["digits"] = said["digits"]
    values["visible_when"] = ruling.where(said["visible_field"], said["visible_values"])
    values["required_when"] = ruling.where(said["required_field"], said["required_values"])
    return values


def field_initial(known: CustomField, ruling: Ruling) -> Mapping[str, Any]:
    """What the form of a field that exists shows."""
    visible, required = ruling.words(known.visible_when), ruling.words(known.required_when)
    return {
        **{
            name: getattr(known, name) for name in ("name_zh", "name_en", "help_zh", "help_en", "sensitivity", "digits")
        },
        "is_required": known.is_required,
        "is_indexed": known.is_indexed,
        "target": known.target,
        "choices": choices_text([(key, chinese, english) for key, chinese, english in known.choices]),
        "visible_field": visible[0],
        "visible_values": visible[1],
        "required_field": required[0],
        "required_values": required[1],
    }


def object_initial(made: CustomObject) -> Mapping[str, Any]:
    """What the form of an object that exists shows."""
    return {name: getattr(made, name) for name in ObjectForm.base_fields}
