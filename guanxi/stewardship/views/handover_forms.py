"""Forms of handovers."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from guanxi.platform.accounts.queries import Person, active_people, people, unit_names
from guanxi.platform.search.tokens import sort_key
from guanxi.stewardship.commands import Terms
from guanxi.stewardship.models.handovers import HandoverReason
from guanxi.stewardship.queries.handovers import OwnedCount

READS_ON_DAYS = 30


def colleagues(*, but: int | None = None) -> list[tuple[int, str]]:
    """Who works here, to choose from, in the order in which names are read out, with the department."""
    units = unit_names()
    found = sorted((person for person in active_people() if person.id != but), key=lambda item: sort_key(item.name))
    return [(person.id, _with_unit(person, units.get(person.unit_id or 0, ""))) for person in found]


def _with_unit(person: Person, unit: str) -> str:
    return f"{person.name} · {unit}" if unit else person.name


def _day(**kwargs: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)


class TermsForm(forms.Form):
    """On what terms customers pass."""

    reason = forms.ChoiceField(label=_("Why"), choices=HandoverReason.choices)
    last_day = _day(label=_("Last day in this position"))
    reads_until = _day(
        label=_("May read until"), required=False, help_text=_("The former owner sees the customers until that day.")
    )
    is_customer_told = forms.BooleanField(label=_("Customers are told by the new owner"), required=False)
    note = forms.CharField(label=_("Note for who takes over"), max_length=500, required=False)

    def terms(self) -> Terms:
        """What was chosen."""
        typed = self.cleaned_data
        behind = [key for key, _label in self.kinds if key not in typed.get("along", ())]
        return Terms(
            reason=typed["reason"],
            last_day=typed["last_day"],
            reads_until=typed["reads_until"],
            left_behind=tuple(behind),
            is_customer_told=typed["is_customer_told"],
            note=typed["note"],
        )

    kinds: Sequence[tuple[str, str]] = ()


class CaseForm(TermsForm):
    """A new handover of all customers of a person."""

    person_id = forms.TypedChoiceField(label=_("Who hands over"), coerce=int)
    field_order = ("person_id",)

    def __init__(self, *args: Any, offered: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("last_day", timezone.localdate())
        kwargs["initial"].setdefault("is_customer_told", True)
        super().__init__(*args, **kwargs)
        field = self.fields["person_id"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", _("Choose…")), *offered]


class AccountForm(TermsForm):
    """One customer is handed over."""

    receiver_id = forms.TypedChoiceField(label=_("New owner"), coerce=int)
    along = forms.MultipleChoiceField(
        label=_("What goes along"), required=False, widget=forms.CheckboxSelectMultiple({"class": "ck"})
    )
    field_order = ("receiver_id", "reason", "last_day", "reads_until", "along")

    def __init__(self, *args: Any, owner_id: int, kinds: Sequence[OwnedCount], **kwargs: Any) -> None:
        today = timezone.localdate()
        initial = {
            "reason": HandoverReason.BALANCE,
            "last_day": today,
            "reads_until": today + timedelta(days=READS_ON_DAYS),
            "is_customer_told": True,
            "along": [kind.key for kind in kinds],
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        self.kinds = [(kind.key, f"{kind.label} · {kind.count}") for kind in kinds]
        receiver, along = self.fields["receiver_id"], self.fields["along"]
        if isinstance(receiver, forms.ChoiceField) and isinstance(along, forms.ChoiceField):
            receiver.choices = [("", _("Choose…")), *colleagues(but=owner_id)]
            along.choices = self.kinds
        if not self.kinds:
            del self.fields["along"]


def person_name(user_id: int | None) -> str:
    """What somebody is called; "" for nobody."""
    found = people([user_id]) if user_id else {}
    return found[user_id].name if user_id in found else ""
