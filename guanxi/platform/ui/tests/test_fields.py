"""One form field: what its label says."""

from django import forms
from django.utils import translation

from guanxi.platform.ui.fields import field


class Visit(forms.Form):
    place = forms.CharField()
    kind = forms.ChoiceField(choices=[("a", "A")])
    topics = forms.MultipleChoiceField(choices=[("b", "B")])
    note = forms.CharField(required=False)


class Secret(forms.Form):
    old = forms.CharField()
    new = forms.CharField()


def test_a_field_that_must_be_filled_in_says_so() -> None:
    with translation.override("en"):
        labels = {name: field(Visit()[name]).split("</label>")[0] for name in Visit.base_fields}
    assert labels["place"].endswith('>Place<span class="xs t3 fw4">required</span>')
    assert labels["topics"].endswith('>Topics<span class="xs t3 fw4">required</span>')
    assert labels["note"].endswith(">Note")


def test_a_choice_that_stands_already_says_nothing() -> None:
    assert field(Visit()["kind"]).split("</label>")[0].endswith(">Kind")


def test_nothing_is_said_where_all_fields_must_be_filled_in() -> None:
    assert "<span" not in field(Secret()["old"])


def test_the_first_field_that_needs_another_look_takes_the_focus() -> None:
    visit = Visit({"place": "Shanghai", "kind": "none", "topics": []})
    assert [name for name in Visit.base_fields if "autofocus" in field(visit[name])] == ["kind"]
    assert "autofocus" not in field(Visit()["place"])
