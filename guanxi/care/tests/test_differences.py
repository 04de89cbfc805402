"""Whether classes differ: the test against worked examples, what it is said in, and who is counted."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest
from django.core.cache import caches
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from guanxi.care.adapters.differences import Comparison, Difference, compared_classes
from guanxi.care.analyses.differences import (
    Floats,
    RankTest,
    chi_squared_tail,
    kruskal_wallis,
    rank_test,
    strength_of,
)
from guanxi.care.choices import Measure, Strength
from guanxi.care.tests.conftest import World
from guanxi.care.views.differences import sentences, verdict
from guanxi.customers.commands import add_account_class, set_classification
from guanxi.customers.models import Account, AccountClass, Classification
from guanxi.kernel.errors import NotFound
from guanxi.ledger.datasets import FACTS
from guanxi.ledger.facade import NewFact, record_fact
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.lake.refresh import refresh_dataset

Browse = Callable[[User], Client]


def numbers(*values: float) -> Floats:
    return np.array(values, dtype=np.float64)


def test_the_statistic_is_that_of_the_worked_example_of_its_authors() -> None:
    """Bottle caps of three machines, Kruskal & Wallis 1952, table 1: H = 5.656."""
    machines = [
        numbers(340, 345, 330, 342, 338),
        numbers(339, 333, 344),
        numbers(347, 343, 349, 355),
    ]
    statistic = kruskal_wallis(machines)
    assert round(statistic, 3) == 5.656
    assert round(chi_squared_tail(statistic, degrees=2), 3) == 0.059


def test_ties_are_corrected_and_the_order_of_the_numbers_is_all_that_counts() -> None:
    tied = [numbers(1, 1, 1), numbers(2, 2, 2), numbers(2, 2)]
    assert kruskal_wallis(tied) == pytest.approx(7.0)
    assert chi_squared_tail(7.0, degrees=2) == pytest.approx(0.0301973834223185)
    odd, even = numbers(1, 3, 5, 7, 9), numbers(2, 4, 6, 8, 10)
    assert kruskal_wallis([odd, even]) == pytest.approx(0.2727272727272734)
    assert kruskal_wallis([np.exp(odd), np.exp(even)]) == pytest.approx(0.2727272727272734)
    assert kruskal_wallis([numbers(4, 4, 4), numbers(4, 4)]) == 0.0


@pytest.mark.parametrize(
    ("value", "degrees"),
    [
        (3.841458820694124, 1),
        (5.991464547107979, 2),
        (7.814727903251179, 3),
        (9.487729036781154, 4),
        (11.070497693516351, 5),
        (18.307038053275146, 10),
    ],
)
def test_the_tail_agrees_with_the_tables(value: float, degrees: int) -> None:
    assert chi_squared_tail(value, degrees=degrees) == pytest.approx(0.05)


def test_the_tail_of_nothing_and_of_very_much() -> None:
    assert chi_squared_tail(0.0, degrees=3) == 1.0
    assert chi_squared_tail(1e6, degrees=4) == 0.0
    assert chi_squared_tail(1e6, degrees=5) == 0.0


def test_the_effect_is_the_share_of_the_spread() -> None:
    low, high = numbers(*range(10)), numbers(*range(100, 110))
    found = rank_test([low, high])
    assert found is not None
    assert (found.degrees, found.count) == (1, 20)
    assert found.statistic == pytest.approx(14.2857142857)
    assert found.effect == pytest.approx(14.2857142857 / 19)


def test_classes_with_a_handful_are_left_out_and_one_class_alone_says_nothing() -> None:
    large, small = numbers(*range(9)), numbers(50, 60, 70, 80)
    assert rank_test([large, small]) is None
    assert rank_test([]) is None
    found = rank_test([large, small, numbers(*range(20, 26))])
    assert found is not None
    assert (found.count, found.degrees) == (15, 1)


def test_a_difference_must_be_certain_and_large_enough() -> None:
    def tested(chance: float, effect: float) -> RankTest:
        return RankTest(1.0, 1, chance, effect, 100)

    assert strength_of(None, measures=4) == Strength.UNKNOWN
    assert strength_of(tested(0.0126, 0.9), measures=4) == Strength.NONE
    assert strength_of(tested(0.0001, 0.0099), measures=4) == Strength.NONE
    assert strength_of(tested(0.0124, 0.01), measures=4) == Strength.WEAK
    assert strength_of(tested(0.0, 0.04), measures=4) == Strength.CLEAR
    assert strength_of(tested(0.0, 0.16), measures=4) == Strength.STRONG


def differences(*strengths: Strength) -> list[Difference]:
    return [Difference(measure, None, strength, ()) for measure, strength in zip(Measure, strengths, strict=True)]


def test_the_result_is_said_in_sentences() -> None:
    found = differences(Strength.NONE, Strength.CLEAR, Strength.NONE, Strength.UNKNOWN)
    with override("en"):
        assert sentences(found) == [
            "The classes differ clearly in contacts a month.",
            "The classes do not differ in value index, revenue.",
            "There are too few customers to tell about retention.",
        ]
        assert verdict(found).startswith("The scheme tells customers apart.")
    weak, none, unknown = (
        differences(*[strength] * 4) for strength in (Strength.WEAK, Strength.NONE, Strength.UNKNOWN)
    )
    with override("en"):
        assert verdict(weak).startswith("The scheme hardly tells")
        assert verdict(none).startswith("A scheme whose classes do not differ is not worth keeping")
        assert verdict(unknown).startswith("Sort more customers")


@pytest.fixture
def scheme(world: World) -> Classification:
    made = set_classification(
        ("tier", "战略分级", "Strategic tier"),
        classes=(("strategic", "战略客户", "Strategic"), ("spot", "零散客户", "Occasional")),
        actor=system_actor(),
    )
    caches["process"].clear()
    return made


def fact(account: Account, kind: str, sub_kind: str, days: int, *, amount: int | None = None) -> None:
    at = timezone.now() - timedelta(days=days)
    given = NewFact(kind, sub_kind, at) if amount is None else NewFact(kind, sub_kind, at, amount=amount)  # type: ignore[arg-type]  # a whole number is fine
    record_fact(account.pk, fact=given, source_id=uuid4().hex, actor=system_actor())


def sorted_customers(world: World, scheme: Classification) -> tuple[list[Account], list[Account]]:
    """Six strategic customers of Alice's who are called and buy again, six occasional ones who left."""
    near, far = [], []
    for place in range(6):
        one = world.customer(f"近{place}", index_value=80.0 + place, margin=1000.0 + place)
        other = world.customer(f"远{place}", index_value=40.0 + place, margin=1000.0 - place)
        for account, key in ((one, "strategic"), (other, "spot")):
            entry = AccountClass(account=account, classification=scheme, class_key=key)
            add_account_class(entry, actor=system_actor())
            fact(account, "purchase", "buy", 500, amount=100)
        fact(one, "purchase", "buy", 20, amount=100)
        for days in (3, 40, 80):
            fact(one, "interaction", "call", days)
        fact(one, "interaction", "call", 400)
        near.append(one)
        far.append(other)
    refresh_dataset(FACTS)
    return near, far


def figures(found: Comparison, key: str) -> dict[Measure, tuple[int, float | None]]:
    (item,) = (item for item in found.classes if item.key == key)
    return {measure: (summary.count, summary.mean) for measure, summary in item.summaries.items()}


@pytest.mark.django_db(transaction=True)
def test_the_classes_are_measured_and_compared(world: World, scheme: Classification, browse: Browse) -> None:
    near, _far = sorted_customers(world, scheme)
    today = timezone.localdate()
    found = compared_classes(scheme.pk, today=today, actor=world.actor(world.alice))
    assert found.customers == 12
    assert figures(found, "strategic") == {
        Measure.INDEX: (6, 82.5),
        Measure.CONTACTS: (6, 0.25),
        Measure.REVENUE: (6, 4010.0),
        Measure.RETENTION: (6, 1.0),
    }
    assert figures(found, "spot") == {
        Measure.INDEX: (6, 42.5),
        Measure.CONTACTS: (6, 0.0),
        Measure.REVENUE: (6, 3990.0),
        Measure.RETENTION: (6, 0.0),
    }
    assert {item.measure: item.strength for item in found.differences}[Measure.RETENTION] == Strength.STRONG
    client = browse(world.alice)
    page = client.get(f"/classes/{scheme.pk}/differences/").content.decode()
    assert "The scheme tells customers apart." in page
    assert f"class={scheme.pk}%3Astrategic&amp;stayed=yes" in page
    stayed = client.get(f"/accounts/?class={scheme.pk}:strategic&stayed=yes").content.decode()
    assert all(account.name in stayed for account in near)
    assert "远0" not in stayed
    lost = client.get(f"/accounts/?class={scheme.pk}:spot&stayed=no").content.decode()
    assert "远0" in lost
    assert "近0" not in lost


@pytest.mark.django_db(transaction=True)
def test_who_must_not_see_customers_counts_none_of_them(world: World, scheme: Classification, browse: Browse) -> None:
    sorted_customers(world, scheme)
    found = compared_classes(scheme.pk, today=timezone.localdate(), actor=world.actor(world.charlie))
    assert found.customers == 0
    assert {item.strength for item in found.differences} == {Strength.UNKNOWN}
    page = browse(world.charlie).get(f"/classes/{scheme.pk}/differences/").content.decode()
    assert "Nobody is sorted into these classes yet" in page
    assert "0 customers" in browse(world.charlie).get("/classes/").content.decode()


@pytest.mark.django_db
def test_a_scheme_that_there_is_not_is_not_found(world: World, browse: Browse) -> None:
    with pytest.raises(NotFound):
        compared_classes(10**9, today=timezone.localdate(), actor=world.actor(world.alice))
    assert browse(world.alice).get("/classes/999999/differences/").status_code == 404
