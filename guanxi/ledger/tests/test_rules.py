from dataclasses import replace

import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.rules import (
    FACT_KINDS,
    PAYLOAD_FIELDS,
    REASONS,
    SHARED_BY_NAME,
    chances,
    outbound,
    require_source,
    require_sub_kind,
    touches,
)


def test_there_are_the_eight_kinds() -> None:
    assert list(FACT_KINDS) == [
        "interaction",
        "profile",
        "purchase",
        "participation",
        "survey",
        "suggestion",
        "referral",
        "advocacy",
    ]


def test_no_payload_field_has_the_name_of_a_shared_one() -> None:
    assert set(PAYLOAD_FIELDS).isdisjoint(SHARED_BY_NAME)


def test_a_field_means_the_same_in_every_kind() -> None:
    for kind in FACT_KINDS.values():
        for field in kind.fields:
            assert field == PAYLOAD_FIELDS[field.name]


def test_required_fields_exist() -> None:
    for kind in FACT_KINDS.values():
        names = {field.name for field in kind.fields} | set(SHARED_BY_NAME)
        for sub_kind in kind.sub_kinds:
            assert set(sub_kind.required) <= names


def test_names_fit_their_columns() -> None:
    for kind in FACT_KINDS.values():
        assert len(kind.name) <= 16
        assert all(len(sub_kind.name) <= 24 for sub_kind in kind.sub_kinds)
        assert len({sub_kind.name for sub_kind in kind.sub_kinds}) == len(kind.sub_kinds)


def test_every_family_that_is_scored_by_chances_has_them() -> None:
    kinds_with_chances = {kind for kind, _ in chances()}
    assert {"purchase", "participation", "survey", "suggestion", "referral", "advocacy"} <= kinds_with_chances


def test_an_unanswered_call_is_no_touch_but_counts_for_the_cap() -> None:
    assert ("interaction", "call_missed") not in touches()
    assert ("interaction", "call_missed") in outbound()
    assert ("interaction", "call") in touches()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(RuleViolation, match="“gossip” is not one of the kinds"):
        require_sub_kind("gossip", "call")


def test_an_unknown_sub_kind_is_refused() -> None:
    with pytest.raises(RuleViolation) as refusal:
        require_sub_kind("purchase", "call")
    assert refusal.value.code == "sub_kind.unknown"


@pytest.mark.parametrize("source", ["", "Till", "a b", "x" * 41, "-till", "till\n", "till'"])
def test_a_source_needs_a_plain_name(source: str) -> None:
    with pytest.raises(RuleViolation) as refusal:
        require_source(source)
    assert refusal.value.code == "source.invalid"


def test_the_source_of_the_screens_is_reserved() -> None:
    with pytest.raises(RuleViolation) as refusal:
        require_source("screen")
    assert refusal.value.code == "source.reserved"


def test_every_reason_can_be_filled() -> None:
    values = {"field": "f", "value": "v", "choices": "c", "maximum_length": 1}
    assert all(sentence % values for sentence in REASONS.values())


def test_field_declarations_are_frozen() -> None:
    field = PAYLOAD_FIELDS["note"]
    assert replace(field, label="Other") != field
