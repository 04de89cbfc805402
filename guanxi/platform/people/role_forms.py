"""Forms of roles: their names, and one row rule put together."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.rules import AllOf, AnyOf, FieldIn, RowRule, rule_data
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_specs
from guanxi.platform.objects.spec import View
from guanxi.platform.people.words import ROW_WORDS

WHO = ("unit_and_below", "unit", "owner", "team", "shared")
CONDITIONS = 3
KINDS = frozenset({FieldType.CHOICE, FieldType.TEXT, FieldType.LINK})


class RoleForm(forms.Form):
    """What a role is called in both languages."""

    name = forms.CharField(label=_("Name"), max_length=120)
    name_en = forms.CharField(label=_("English name"), max_length=120, required=False)


class RuleForm(forms.Form):
    """One row rule: whose rows, and conditions on the values of fields."""

    who = forms.MultipleChoiceField(
        label=_("Whose rows"),
        choices=[(word, ROW_WORDS[word]) for word in WHO],
        widget=forms.CheckboxSelectMultiple({"class": "ck"}),
        required=False,
    )
    how = forms.ChoiceField(
        label=_("With the conditions below"),
        choices=[
            ("all", pgettext_lazy("rule", "only those rows that also fulfil all of them")),
            ("any", pgettext_lazy("rule", "and other rows that fulfil one of them")),
        ],
    )

    def __init__(self, data: Any = None, *, model: type[Model], actor: Actor, rule: RowRule) -> None:
        super().__init__(data)
        self.ruled = _ruled_fields(model)
        self.view = View(actor, timezone.localdate())
        who, how, conditions = _taken_apart(rule)
        self.initial = {"who": who, "how": how}
        choices = [("", _("No condition")), *((item.column, item.label) for item in self.ruled)]
        for number in range(CONDITIONS):
            name, values = conditions[number] if number < len(conditions) else ("", ())
            self.fields[f"field_{number}"] = forms.ChoiceField(label=_("Field"), choices=choices, required=False)
            self.fields[f"values_{number}"] = forms.CharField(
                label=_("is one of"), max_length=2_000, required=False, help_text=_("Several values: one comma each.")
            )
            self.initial |= {f"field_{number}": name, f"values_{number}": ", ".join(map(self._word(name), values))}

    @property
    def pairs(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The conditions as pairs of field and values."""
        return [(self[f"field_{number}"], self[f"values_{number}"]) for number in range(CONDITIONS)]

    def clean(self) -> None:
        """A condition needs values that the field can have; something must be chosen at all."""
        for number in range(CONDITIONS):
            name, text = self.cleaned_data.get(f"field_{number}"), self.cleaned_data.get(f"values_{number}") or ""
            values = self._keys(name, text) if name else ()
            if name and (not values or None in values):
                self.add_error(f"values_{number}", _("Name values that this field can have."))
            self.cleaned_data[f"keys_{number}"] = values
        if not self.errors and not self.cleaned_data["who"] and not self._conditions():
            self.add_error("who", _("Choose somebody's rows, or a condition."))

    def rule_data(self) -> object:
        """The rule in its JSON form."""
        whose: list[object] = list(self.cleaned_data["who"])
        conditions = self._conditions()
        if self.cleaned_data["how"] == "any" or not conditions:
            parts = [*whose, *conditions]
            return parts[0] if len(parts) == 1 else {"any_of": parts}
        first = [] if not whose else [whose[0] if len(whose) == 1 else {"any_of": whose}]
        parts = [*first, *conditions]
        return parts[0] if len(parts) == 1 else {"all_of": parts}

    def _conditions(self) -> list[object]:
        data = self.cleaned_data
        pairs = [(data.get(f"field_{number}"), data.get(f"keys_{number}")) for number in range(CONDITIONS)]
        return [{"field_in": {"field": name, "values": list(keys)}} for name, keys in pairs if name and keys]

    def _keys(self, name: str, text: str) -> tuple[str | None, ...]:
        """Typed words as the values that the column holds; None for one that it cannot hold."""
        offered = self._offered(name)
        words = [word.strip() for word in text.replace("，", ",").replace("、", ",").split(",") if word.strip()]
        if offered is None:
            return tuple(words)
        keys = {label: key for key, label in offered} | {key: key for key, _label in offered}
        return tuple(keys.get(word) for word in words)

    def _word(self, name: str) -> Any:
        offered = dict(self._offered(name) or ()) if name else {}
        return lambda key: offered.get(key, key)

    def _offered(self, name: str) -> Sequence[tuple[str, str]] | None:
        item = next((item for item in self.ruled if item.column == name), None)
        if item is None or item.offered is None:
            return None
        return [(str(key), str(label)) for key, label in item.offered(self.view)]


def _ruled_fields(model: type[Model]) -> tuple[ObjectField, ...]:
    """The object's own fields that a rule can name: words and links."""
    spec = next((spec for spec in object_specs() if spec.model is model), None)
    if spec is None:
        return ()
    return tuple(item for item in fields_of(spec) if item.beside is None and item.kind in KINDS)


def _taken_apart(rule: RowRule) -> tuple[list[str], str, list[tuple[str, tuple[str, ...]]]]:
    """A rule as words, the way they are joined, and conditions; what the form cannot say is left out."""
    how = "all" if isinstance(rule, AllOf) else "any"
    parts = rule.rules if isinstance(rule, AnyOf | AllOf) else (rule,)
    flat = [inner for part in parts for inner in (part.rules if isinstance(part, AnyOf) else (part,))]
    words = [word for part in flat if isinstance(word := _word_of(part), str) and word in WHO]
    return words, how, [(part.field, part.values) for part in flat if isinstance(part, FieldIn)]


def _word_of(rule: RowRule) -> object:
    return rule_data(rule)
