"""The house's rules weigh two records; nothing here asks a database."""

from dataclasses import replace

import pytest

from guanxi.platform.search.entries import Named
from guanxi.stewardship.choices import Evidence
from guanxi.stewardship.rules.duplicates import Identity, identity, nearest
from guanxi.stewardship.rules.likeness import (
    ACCOUNT,
    CONTACT,
    DEFAULTS,
    LIKELY,
    SURE,
    Verdict,
    groups_of,
    kept_groups,
    verdict_of,
    weight_of,
)


def firm(name: str, **known: str) -> Identity:
    return identity(name, is_person=False, **known)


def judged(one: Identity, other: Identity, object_key: str = ACCOUNT) -> Verdict:
    return verdict_of(DEFAULTS[object_key], one, other)


@pytest.mark.parametrize(
    ("one", "other", "is_likely", "is_sure"),
    [
        ("岚川精密仪器(苏州)有限公司", "岚川精密仪器公司", True, True),
        ("岚川精密仪器有限公司", "蓝川精密仪器有限公司", True, False),
        ("岚川精密仪器有限公司", "岚川精密仪表有限公司", True, False),
        ("岚川精密仪器有限公司", "岚川", False, False),
        ("岚川精密仪器有限公司", "白榆印务有限公司", False, False),
        ("岚川精密仪器有限公司宁波分公司", "岚川精密仪器有限公司", False, False),
    ],
)
def test_by_default_what_is_written_otherwise_is_sure_and_what_is_near_is_likely(
    one: str, other: str, is_likely: bool, is_sure: bool
) -> None:
    verdict = judged(firm(one), firm(other))
    assert (verdict.is_alike(LIKELY), verdict.is_alike(SURE)) == (is_likely, is_sure)


def test_a_group_has_to_hold_whatever_the_weights_come_to() -> None:
    rule = replace(DEFAULTS[ACCOUNT], groups=groups_of([["same_name", "same_place"], ["same_number"]]))
    here, there = firm("岚川精密仪器公司", city="苏州"), firm("岚川精密仪器有限公司", city="南京")
    assert verdict_of(rule, here, there).group is None
    assert verdict_of(rule, here, firm("岚川精密仪器有限公司", city="苏州市")).group == frozenset(
        {Evidence.SAME_NAME, Evidence.SAME_PLACE}
    )
    numbered = verdict_of(rule, firm("甲", number="x"), firm("乙丙丁", number="x"))
    assert (numbered.group, numbered.weight) == (frozenset({Evidence.SAME_NUMBER}), 13.0 - 4.0)


def test_equal_names_are_similar_ones() -> None:
    rule = replace(DEFAULTS[ACCOUNT], groups=groups_of([["similar_name", "similar_address"]]))
    one = firm("岚川精密仪器公司", address="苏州工业园区星湖街1号")
    assert verdict_of(rule, one, one).group == frozenset({Evidence.SIMILAR_NAME, Evidence.SIMILAR_ADDRESS})


def test_two_persons_who_share_a_name_alone_are_nobody_known() -> None:
    one, other = (identity("王伟", city="苏州", is_person=True) for _place in range(2))
    assert (judged(one, other).weight, judged(one, other).is_alike(SURE)) == (3.0, False)
    near = judged(one, identity("王维", is_person=True))
    assert near.weight == 2.0


def test_contacts_are_alike_at_the_same_customer_or_by_what_reaches_them() -> None:
    one = identity("顾明哲", home="岚川精密仪器有限公司", is_person=True)
    assert judged(one, identity("顾明哲", home="岚川精密仪器公司", is_person=True), CONTACT).is_alike(SURE)
    assert not judged(one, identity("顾明哲", home="白榆印务", is_person=True), CONTACT).is_alike(LIKELY)
    reached = replace(one, home="", phones=frozenset({"+8613801346021"}))
    assert judged(reached, replace(reached, home="白榆印务"), CONTACT).is_alike(SURE)


def test_groups_are_kept_as_they_are_read_and_forget_what_nobody_knows() -> None:
    kept = kept_groups(DEFAULTS[ACCOUNT].groups)
    assert groups_of(kept) == DEFAULTS[ACCOUNT].groups
    assert groups_of([["same_name", "gone"], ["gone"], []]) == (frozenset({Evidence.SAME_NAME}),)
    assert weight_of(0.5) == 0.0


def test_the_nearest_names_are_those_that_hold_most_of_the_core_or_sound_like_it() -> None:
    named = [
        Named(1, "云杉精密仪器有限公司", "yunshanjingmiyiqiyouxiangongsi"),
        Named(2, "苏州蓝川精密仪器有限公司", "suzhoulanchuanjingmiyiqiyouxiangongsi"),
        Named(3, "岚川精密仪表厂", "lanchuanjingmiyibiaochang"),
        Named(4, "lanchuan precision", ""),
    ]
    assert nearest("岚川精密仪器", "lanchuanjingmiyiqi", named, most=2) == [2, 3]
    assert nearest("lanchuan", "", named, most=1) == [4]
    assert nearest("岚川", "lanchuan", [], most=9) == []
