"""When sources disagree, which way bounced, and what a score is made of."""

from datetime import UTC, datetime, timedelta

import pytest

from guanxi.stewardship.choices import ValueSource
from guanxi.stewardship.rules.bounces import Way, way_meant
from guanxi.stewardship.rules.conflicts import Origin, Written, disagreement, origin_of
from guanxi.stewardship.rules.quality import parts_of, score_of

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
ANN, BEN = Origin(ValueSource.PERSON, "Ann"), Origin(ValueSource.PERSON, "Ben")
ERP, SHOP = Origin(ValueSource.CONNECTOR, "erp"), Origin(ValueSource.CONNECTOR, "shop")
LIST = Origin(ValueSource.IMPORT, "list")


def written(*steps: tuple[str, Origin], every_days: int = 5) -> list[Written]:
    return [
        Written(value, origin, START + timedelta(days=place * every_days))
        for place, (value, origin) in enumerate(steps)
    ]


def test_a_program_that_writes_over_what_somebody_typed_disagrees_with_him() -> None:
    found = disagreement(written(("苏州", ANN), ("昆山", ERP)))
    assert found is not None
    assert (found.first.value, found.first.origin, found.second.value, found.second.origin) == (
        "苏州",
        ANN,
        "昆山",
        ERP,
    )


@pytest.mark.parametrize(
    "steps",
    [
        (("苏州", ANN),),
        (("昆山", ERP), ("苏州", ANN)),
        (("苏州", ANN), ("昆山", BEN)),
        (("", ANN), ("昆山", ERP)),
        (("苏州", ANN), ("", ERP)),
        (("苏州", LIST), ("昆山", ERP)),
        (("苏州", ANN), ("昆山", BEN), ("苏州", ANN)),
    ],
)
def test_a_correction_an_empty_value_and_two_people_are_no_disagreement(steps: tuple[tuple[str, Origin], ...]) -> None:
    assert disagreement(written(*steps)) is None


def test_two_sources_that_change_a_value_back_and_forth_within_thirty_days_disagree() -> None:
    steps = (("苏州", SHOP), ("昆山", ERP), ("苏州", SHOP))
    found = disagreement(written(*steps))
    assert found is not None
    assert (found.first.value, found.second.value) == ("苏州", "昆山")
    assert disagreement(written(*steps, every_days=16)) is None


def test_somebody_who_types_his_value_again_after_a_program_still_disagrees_with_it() -> None:
    found = disagreement(written(("苏州", ANN), ("昆山", ERP), ("苏州", ANN)))
    assert found is not None
    assert found.second.origin == ERP


def test_what_was_taken_back_was_never_said() -> None:
    told = written(("苏州", ANN), ("昆山", LIST), ("苏州", LIST))
    told[-1] = Written("苏州", LIST, told[-1].at, is_undo=True)
    assert disagreement(told) is None


def test_what_a_person_took_from_a_source_stands_as_if_typed() -> None:
    told = written(("苏州", ANN), ("昆山", ERP))
    told[-1] = Written("昆山", ERP, told[-1].at, is_decided=True)
    assert disagreement(told) is None
    later = written(("苏州", ANN), ("昆山", ERP), ("杭州", SHOP))
    later[1] = Written("昆山", ERP, later[1].at, is_decided=True)
    found = disagreement(later)
    assert found is not None
    assert (found.first.value, found.first.origin, found.second.value) == ("昆山", ERP, "杭州")


@pytest.mark.parametrize(
    ("surface", "action", "kind"),
    [
        ("web", "edit", ValueSource.PERSON),
        ("web", "import", ValueSource.IMPORT),
        ("job", "import", ValueSource.IMPORT),
        ("api", "edit", ValueSource.API),
        ("connector", "edit", ValueSource.CONNECTOR),
        ("job", "edit", ValueSource.SYSTEM),
    ],
)
def test_a_source_is_told_from_the_audit_trail(surface: str, action: str, kind: ValueSource) -> None:
    assert origin_of(surface, action, "x") == Origin(kind, "x")


WAYS = (
    Way(1, None, "mail", "info@firm.example"),
    Way(2, 7, "mobile", "+8613800006021"),
    Way(3, 8, "mobile", "+8613800006022"),
)


def test_the_way_with_the_address_is_meant_and_else_the_only_one_of_the_channel() -> None:
    assert way_meant(WAYS, addresses={"info@firm.example"}, channel="", contact_id=None) == 1
    assert way_meant(WAYS, addresses={"nobody@firm.example"}, channel="mail", contact_id=None) is None
    assert way_meant(WAYS, addresses=(), channel="mail", contact_id=None) == 1
    assert way_meant(WAYS, addresses=(), channel="sms", contact_id=None) is None
    assert way_meant(WAYS, addresses=(), channel="sms", contact_id=8) == 3
    assert way_meant(WAYS, addresses=(), channel="pigeon", contact_id=None) is None


def test_a_score_is_a_hundred_less_what_each_fault_takes() -> None:
    points = {"gaps": 60, "stale": 40}
    parts = parts_of({"gaps": 5, "stale": 10}, customers=20, points=points)
    assert [part.taken for part in parts] == [15.0, 20.0]
    assert score_of(parts) == 65.0
    assert score_of(parts_of({}, customers=20, points=points)) == 100.0
    assert score_of(parts_of({"gaps": 20, "stale": 20}, customers=20, points=points)) == 0.0
    assert score_of(parts_of({}, customers=0, points=points)) is None
