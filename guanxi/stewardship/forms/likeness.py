"""The form of the house's rules of one object: what is asked for together, what counts how much, what is done where."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext_lazy

from guanxi.platform.objects.alike import EntryPoint, Treatment
from guanxi.stewardship.choices import Evidence
from guanxi.stewardship.rules.likeness import (
    ENTRIES,
    FOR_ONE,
    HEAVIEST,
    LEAST_SHARE,
    MOST_GROUPS,
    MOST_IN_GROUP,
    MOST_SHARE,
    OF_OBJECT,
    TREATMENTS,
    EntryRule,
    HouseRule,
    kept_groups,
)

FREE_GROUPS = 2
ENTRY_LABELS: Mapping[EntryPoint, Any] = {
    EntryPoint.FORM: pgettext_lazy("way in", "Typed into a form"),
    EntryPoint.IMPORT: pgettext_lazy("way in", "A file"),
    EntryPoint.API: pgettext_lazy("way in", "A program, over the API"),
    EntryPoint.CAPTURE: pgettext_lazy("way in", "A signature or business card"),
    EntryPoint.PUBLIC_FORM: pgettext_lazy("way in", "A public form"),
    EntryPoint.CONNECTION: pgettext_lazy("way in", "A connection to another system"),
}
TREATMENT_LABELS: Mapping[Treatment, Any] = {
    Treatment.OFF: pgettext_lazy("treatment", "Do nothing"),
    Treatment.TELL: pgettext_lazy("treatment", "Tell, and take it in"),
    Treatment.BLOCK: pgettext_lazy("treatment", "Refuse it"),
}


class LikenessForm(forms.Form):
    """The rules of one object. Its fields are made for what is compared of it and for its ways in."""

    def __init__(self, object_key: str, rule: HouseRule, *arguments: Any) -> None:  # the data, if any
        super().__init__(*arguments)
        self.object_key = object_key
        self.entries, self.evidence = ENTRIES[object_key], OF_OBJECT[object_key]
        asked = [(found.value, found.label) for found in self.evidence if found in FOR_ONE]
        kept = kept_groups(rule.groups)
        self.group_count = min(len(kept) + FREE_GROUPS, MOST_GROUPS)
        for place in range(MOST_GROUPS):
            for part in range(MOST_IN_GROUP):
                known = kept[place][part] if place < len(kept) and part < len(kept[place]) else ""
                label = _("Rule %(rule)s, condition %(part)s") % {"rule": place + 1, "part": part + 1}
                self.fields[_group(place, part)] = forms.ChoiceField(
                    choices=[("", "—"), *asked], required=False, initial=known, label=label, widget=_select()
                )
        for found in self.evidence:
            self.fields[_weight(found)] = forms.FloatField(
                min_value=-HEAVIEST,
                max_value=HEAVIEST,
                initial=rule.weights[found],
                label=found.label,
                widget=_figure("0.5"),
            )
        for entry in self.entries:
            told = rule.entries[entry]
            choices = [(item.value, TREATMENT_LABELS[item]) for item in TREATMENTS[entry]]
            self.fields[f"treatment_{entry}"] = forms.ChoiceField(
                choices=choices, initial=told.treatment.value, label=ENTRY_LABELS[entry], widget=_select()
            )
            self.fields[f"least_{entry}"] = forms.FloatField(
                min_value=100 * LEAST_SHARE,
                max_value=100 * MOST_SHARE,
                initial=round(100 * told.least, 1),
                label=_("%(entry)s: from which certainty on, in %%") % {"entry": ENTRY_LABELS[entry]},
                widget=_figure("0.1"),
            )

    def clean(self) -> dict[str, Any]:
        """At least one rule is asked for. Raises: ValidationError."""
        values: dict[str, Any] = super().clean() or {}
        if not any(self._groups(values)):
            raise forms.ValidationError(_l("At least one rule needs a condition."))
        return values

    def _groups(self, values: Mapping[str, Any]) -> Iterator[frozenset[Evidence]]:
        for place in range(MOST_GROUPS):
            told = (values.get(_group(place, part), "") for part in range(MOST_IN_GROUP))
            yield frozenset(Evidence(name) for name in told if name)

    @property
    def rule(self) -> HouseRule:
        """What the form says, once it is valid."""
        values = self.cleaned_data
        return HouseRule(
            groups=tuple(dict.fromkeys(group for group in self._groups(values) if group)),
            weights={found: values[_weight(found)] for found in self.evidence},
            entries={
                entry: EntryRule(Treatment(values[f"treatment_{entry}"]), values[f"least_{entry}"] / 100)
                for entry in self.entries
            },
        )

    @property
    def group_rows(self) -> list[list[forms.BoundField]]:
        """The conditions of the rules that are there, and of some more that can be filled."""
        filled = [
            place
            for place in range(MOST_GROUPS)
            if place < self.group_count or any(self[_group(place, part)].value() for part in range(MOST_IN_GROUP))
        ]
        return [[self[_group(place, part)] for part in range(MOST_IN_GROUP)] for place in filled]

    @property
    def weight_rows(self) -> list[forms.BoundField]:
        """What each evidence counts."""
        return [self[_weight(found)] for found in self.evidence]

    @property
    def entry_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """What is done at each way in, and from which certainty on."""
        return [(self[f"treatment_{entry}"], self[f"least_{entry}"]) for entry in self.entries]


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


def _figure(step: str) -> forms.NumberInput:
    return forms.NumberInput(attrs={"class": "form-control", "step": step})


def _group(place: int, part: int) -> str:
    return f"group_{place}_{part}"


def _weight(found: Evidence) -> str:
    return f"weight_{found.value}"
