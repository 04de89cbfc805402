"""Splitting customers: everybody once, limits kept, the same each time."""

from hypothesis import given
from hypothesis import strategies as st

from guanxi.stewardship.rules.handovers import (
    Naming,
    Portion,
    Receiver,
    loads_after,
    message_subject,
    message_text,
    split,
)

PORTIONS = st.lists(
    st.builds(
        Portion,
        account_id=st.integers(1, 10_000),
        value=st.floats(0, 1e6),
        region=st.sampled_from(["", "上海", "苏州"]),
        known_by=st.dictionaries(st.integers(1, 5), st.integers(1, 9), max_size=3),
    ),
    unique_by=lambda item: item.account_id,
    max_size=60,
)
RECEIVERS = st.lists(
    st.builds(
        Receiver,
        user_id=st.integers(1, 5),
        number=st.integers(0, 100),
        value=st.floats(0, 1e6),
        regions=st.dictionaries(st.sampled_from(["上海", "苏州"]), st.integers(1, 50)),
        capacity=st.none() | st.integers(0, 20),
    ),
    unique_by=lambda item: item.user_id,
    min_size=1,
    max_size=5,
)
METHODS = st.sampled_from(["load", "region", "affinity"])


@given(portions=PORTIONS, receivers=RECEIVERS, method=METHODS)
def test_each_customer_is_given_once_and_limits_are_kept(
    portions: list[Portion], receivers: list[Receiver], method: str
) -> None:
    given_out = split(portions, receivers, method=method)
    assert sorted(given_out) == sorted(item.account_id for item in portions)
    for receiver in receivers:
        count = sum(1 for user_id in given_out.values() if user_id == receiver.user_id)
        assert receiver.capacity is None or count <= receiver.capacity
    if any(user_id is None for user_id in given_out.values()):
        limits = [item.capacity for item in receivers]
        assert None not in limits
        assert sum(limit or 0 for limit in limits) < len(portions)


@given(portions=PORTIONS, receivers=RECEIVERS, method=METHODS)
def test_the_order_of_what_comes_in_changes_nothing(
    portions: list[Portion], receivers: list[Receiver], method: str
) -> None:
    forwards = split(portions, receivers, method=method)
    assert split(portions[::-1], receivers[::-1], method=method) == forwards


def test_an_even_load_counts_number_and_value() -> None:
    portions = [Portion(1, 900.0), *(Portion(number, 100.0) for number in range(2, 11))]
    given_out = split(portions, [Receiver(1), Receiver(2)], method="load")
    after = loads_after([Receiver(1), Receiver(2)], [(given_out[item.account_id], item.value) for item in portions])
    assert (after[1].number, after[1].value) == (4, 1200.0)
    assert (after[2].number, after[2].value) == (6, 600.0)


def test_who_carries_much_already_gets_less() -> None:
    portions = [Portion(number, 1.0) for number in range(10)]
    given_out = split(portions, [Receiver(1, number=8, value=8.0), Receiver(2)], method="load")
    assert list(given_out.values()).count(1) == 1


def test_by_region_goes_to_who_works_there_and_elsewhere_to_the_lightest() -> None:
    receivers = [Receiver(1, number=50, regions={"上海": 50}), Receiver(2, regions={"苏州": 3})]
    portions = [Portion(1, region="上海"), Portion(2, region="苏州"), Portion(3, region="杭州")]
    assert split(portions, receivers, method="region") == {1: 1, 2: 2, 3: 2}


def test_by_affinity_goes_to_who_knows_the_customer_best_while_there_is_room() -> None:
    portions = [Portion(1, 5.0, known_by={1: 4, 2: 9}), Portion(2, 4.0, known_by={1: 1}), Portion(3)]
    receivers = [Receiver(1, capacity=0), Receiver(2)]
    assert split(portions, receivers, method="affinity") == {1: 2, 2: 2, 3: 2}


def test_the_message_names_everybody_and_greets_who_is_unknown() -> None:
    names = Naming("顾总", "岚川", "林晓雯", "赵一凡", "启衡集团")
    assert message_text(names, language="zh").startswith("顾总您好，我是启衡集团的赵一凡。林晓雯的工作有了调整")
    nobody = Naming("", "Lanchuan", "Lin", "Zhao", "Qiheng")
    assert message_text(nobody, language="en").startswith("Hello,\n\nThis is Zhao of Qiheng.")
    assert message_subject(nobody, language="en") == "Qiheng: Zhao looks after you from now on"
