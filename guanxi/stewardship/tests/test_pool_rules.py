"""When a customer leaves, and who is given whom: rules without a database."""

from datetime import date

import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.stewardship.choices import AssignWay
from guanxi.stewardship.rules.pools import (
    RuleTerms,
    Taker,
    Waiting,
    is_among,
    leaving_day,
    masked_name,
    require_capacity,
    require_room,
    shared_out,
)

RULE = RuleTerms(1, 1, "no_follow_up", 30, date(2026, 1, 1), grades=("C",), relations=("customer",))


def test_time_counts_from_the_later_of_the_follow_up_and_the_day_the_owner_got_the_customer() -> None:
    held = date(2026, 5, 1)
    assert leaving_day(RULE, held_on=held, since=date(2026, 3, 1), locked_until=None) == date(2026, 5, 31)
    assert leaving_day(RULE, held_on=held, since=date(2026, 5, 11), locked_until=None) == date(2026, 6, 10)
    assert leaving_day(RULE, held_on=held, since=None, locked_until=None) == date(2026, 5, 31)


def test_nobody_leaves_before_the_rule_is_in_force_or_while_locked() -> None:
    early = date(2025, 6, 1)
    assert leaving_day(RULE, held_on=early, since=None, locked_until=None) == date(2026, 1, 1)
    assert leaving_day(RULE, held_on=early, since=None, locked_until=date(2026, 2, 9)) == date(2026, 2, 10)


def test_a_rule_is_about_its_grades_and_relations_alone() -> None:
    assert RULE.is_about(relation="customer", grade="C")
    assert not RULE.is_about(relation="customer", grade="A")
    assert not RULE.is_about(relation="media", grade="C")


def test_sharing_out_in_turn_goes_on_behind_the_last_one_and_skips_who_is_full() -> None:
    takers = [Taker(1, None, "", 9), Taker(2, None, "", 0, free=1), Taker(3, None, "", 4)]
    waiting = [Waiting(pk, None, "") for pk in (10, 11, 12, 13)]
    assert shared_out(AssignWay.ROUND_ROBIN, waiting, takers, last=1) == {10: 2, 11: 3, 12: 1, 13: 3}


def test_sharing_out_by_load_evens_out_and_bars_ex_owners() -> None:
    takers = [Taker(1, None, "", 5), Taker(2, None, "", 3)]
    waiting = [
        Waiting(10, None, "", frozenset({2})),
        Waiting(11, None, ""),
        Waiting(12, None, ""),
        Waiting(13, None, ""),
    ]
    assert shared_out(AssignWay.LOAD, waiting, takers) == {10: 1, 11: 2, 12: 2, 13: 2}


def test_sharing_out_by_region_prefers_who_works_there() -> None:
    takers = [Taker(1, 7, "上海区", 9), Taker(2, 8, "苏州区", 0)]
    assert shared_out(AssignWay.REGION, [Waiting(10, 7, "杭州")], takers) == {10: 1}
    assert shared_out(AssignWay.REGION, [Waiting(10, None, "上海")], takers) == {10: 1}
    assert shared_out(AssignWay.REGION, [Waiting(10, None, "成都")], takers) == {10: 2}


def test_limits_refuse_what_goes_beyond_them() -> None:
    require_room(taken=2, wanted=3, most=5)
    with pytest.raises(RuleViolation) as refused:
        require_room(taken=2, wanted=4, most=5)
    assert (refused.value.code, refused.value.data["left"]) == ("pool.day_limit", 3)
    with pytest.raises(RuleViolation):
        require_capacity(held=10, wanted=1, most=10, name="Alice")
    require_capacity(held=10, wanted=1, most=None, name="Alice")


def test_a_person_is_a_member_by_name_or_by_a_unit_above() -> None:
    assert is_among(user_id=4, unit_path=(), member_ids=[4], unit_ids=[])
    assert is_among(user_id=4, unit_path=(1, 3), member_ids=[], unit_ids=[1])
    assert not is_among(user_id=4, unit_path=(1, 3), member_ids=[5], unit_ids=[9])


def test_a_masked_name_tells_nothing_but_its_first_character() -> None:
    assert masked_name("岚川精密仪器") == "岚****"
