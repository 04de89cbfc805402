"""The refresh of indices on a real database and lake: single and full agree, late commits are not lost."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.catalog.commands import load_catalog
from guanxi.customers.commands import add_external_keys
from guanxi.customers.models import Account
from guanxi.ledger.commands import NewFact, ingest_rows, record_competitor_promotion, record_fact, void_fact
from guanxi.ledger.datasets import FACTS
from guanxi.ledger.models import CompetitorPromotion
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.lake.models import LakeState
from guanxi.platform.lake.reading import open_engine, open_table
from guanxi.platform.lake.refresh import part_files, refresh_dataset
from guanxi.value.commands import (
    draft_weights,
    freeze_reference,
    publish_weights,
    refresh_accounts,
    refresh_all,
)
from guanxi.value.models import ValueIndex
from guanxi.value.queries.indices import index_parts, index_rows, pyramid
from tests.cast import Cast

ACCOUNTS = 30
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(cast: Cast, new_account: Callable[..., Account]) -> list[Account]:
    """Thirty accounts with two years of facts of many kinds, a promotion, a lake and a first reference."""
    system, random = system_actor("Tests"), Random(7)
    load_catalog(
        [("a", "A", ""), ("b", "B", "")],
        products=[("P1", "One", "", "a", 10.0, "goods", ""), ("P2", "Two", "", "b", 20.0, "goods", "")],
        actor=system,
    )
    accounts = [new_account(f"客户{number}") for number in range(ACCOUNTS)]
    add_external_keys("till", [(f"K{place}", account.pk) for place, account in enumerate(accounts)], actor=system)
    start = timezone.localdate() - timedelta(days=100)
    promotion = CompetitorPromotion(
        competitor="C", category_keys=["a"], start_on=start, end_on=start + timedelta(days=20)
    )
    record_competitor_promotion(promotion, actor=system)
    ingest_rows(list(_rows(random)), source="till", actor=system)
    refresh_dataset(FACTS)
    today = timezone.localdate()
    freeze_reference(today, actor=system, in_force_from=today - timedelta(days=400))
    return accounts


def _rows(random: Random) -> list[dict[str, object]]:
    now, rows = timezone.now(), []
    kinds: tuple[tuple[str, str, dict[str, object]], ...] = (
        ("purchase", "buy", {"product": "P1", "quantity": 2, "amount": 30.5, "cost": 20}),
        ("purchase", "buy", {"product": "P2", "quantity": 1, "amount": 99.9}),
        ("purchase", "return", {"product": "P2", "quantity": 1, "amount": 10}),
        ("participation", "invited", {"event": "E"}),
        ("participation", "attended", {"event": "E"}),
        ("survey", "asked", {"survey": "S"}),
        ("survey", "answered", {"survey": "S", "completeness": 0.8, "consistency": 0.9}),
        ("suggestion", "made", {}),
        ("referral", "asked", {}),
        ("advocacy", "mention", {"reach": 500}),
    )
    for number in range(ACCOUNTS * 40):
        kind, sub_kind, values = random.choice(kinds)
        moment = now - timedelta(days=random.randint(1, 700), seconds=random.randint(0, 80_000))
        key = f"K{int(random.random() ** 2 * (ACCOUNTS - 2))}"
        rows.append(
            {
                "source_id": str(number),
                "account_key": key,
                "kind": kind,
                "sub_kind": sub_kind,
                "occurred_at": moment.isoformat(),
                **values,
            }
        )
    return rows


def _stored(account_id: int) -> dict[str, object]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM value_valueindex WHERE account_id = %s", [account_id])
        names = [column.name for column in cursor.description or ()]
        row = cursor.fetchone()
    values = dict(zip(names, row or (), strict=True)) if row else {}
    values.pop("calculated_at", None)
    return {name: repr(value) for name, value in values.items()}


def test_one_customer_and_all_customers_agree_exactly(cast: Cast, company: list[Account]) -> None:
    today = timezone.localdate()
    assert refresh_all(today, actor=system_actor("Tests")) >= ACCOUNTS - 4
    before = {account.pk: _stored(account.pk) for account in company}
    assert refresh_accounts([account.pk for account in company], as_of=today) > 0
    for account in company:
        assert _stored(account.pk) == before[account.pk]
    for account in company:
        refresh_accounts([account.pk], as_of=today)
        assert _stored(account.pk) == before[account.pk]
    assert grant(cast.charlie, ValueIndex).queryset().count() == 0


def test_a_new_fact_moves_its_customer_and_a_withdrawn_one_moves_it_back(cast: Cast, company: list[Account]) -> None:
    today, account = timezone.localdate(), company[0]
    refresh_all(today, actor=system_actor("Tests"))
    before = _stored(account.pk)
    fact = NewFact("survey", "answered", timezone.now(), payload={"survey": "S"})
    fact_id = record_fact(account.pk, fact=fact, actor=cast.alice)
    refresh_accounts([account.pk], as_of=today)
    moved = _stored(account.pk)
    assert moved["index_value"] != before["index_value"]
    void_fact(fact_id, reason="a slip", actor=cast.alice)
    refresh_accounts([account.pk], as_of=today)
    assert _stored(account.pk) == before
    refresh_dataset(FACTS)
    refresh_all(today, actor=system_actor("Tests"))
    assert _stored(account.pk) == before


def test_the_families_of_an_index_add_up_to_its_change(cast: Cast, company: list[Account]) -> None:
    refresh_all(timezone.localdate(), actor=system_actor("Tests"))
    for account in company[:10]:
        parts = index_parts(index_rows([account.pk], cast.alice)[account.pk], cast.alice)
        if parts is None or parts.row.change is None:
            continue
        row = parts.row
        outer = row.applicability + row.weights_effect + row.reference_effect + row.peer_group_effect
        assert sum(part.effect for part in parts.families) + outer == pytest.approx(row.change, abs=1e-9)


def test_published_weights_move_indices_and_are_shown_apart(cast: Cast, company: list[Account]) -> None:
    today, system = timezone.localdate(), system_actor("Tests")
    refresh_all(today, actor=system)
    shares = {
        "purchase": 4,
        "participation": 40,
        "survey": 10,
        "suggestion": 8,
        "referral": 14,
        "advocacy": 8,
        "steadfastness": 16,
    }
    draft = draft_weights(
        "2", relation="customer", shares={key: float(value) for key, value in shares.items()}, actor=cast.dora
    )
    publish_weights(draft.pk, as_of=today, actor=cast.dora)
    refresh_all(today, actor=system)
    parts = index_parts(index_rows([company[0].pk], cast.alice)[company[0].pk], cast.alice)
    assert parts is not None
    assert parts.weight_set == "2"
    assert parts.row.weights_effect != 0


def test_the_pyramid_counts_what_the_person_sees(cast: Cast, company: list[Account]) -> None:
    refresh_all(timezone.localdate(), actor=system_actor("Tests"))
    found = pyramid(cast.alice, days=90)
    assert (
        found.accounts
        == sum(layer.accounts for layer in found.layers)
        == grant(cast.alice, ValueIndex).queryset().count()
    )
    assert found.accounts <= len(company)
    assert pyramid(cast.charlie, days=90).accounts == 0


def test_an_increment_carries_each_fact_once(company: list[Account]) -> None:
    system = system_actor("Tests")
    with_more = [
        {
            "source_id": f"more-{n}",
            "account_key": "K1",
            "kind": "interaction",
            "sub_kind": "call",
            "occurred_at": timezone.now().isoformat(),
        }
        for n in range(5)
    ]
    ingest_rows(with_more, source="till", actor=system)
    refreshed = refresh_dataset(FACTS)
    assert (refreshed.rows, refreshed.was_rebuilt) == (5, False)
    assert refresh_dataset(FACTS).rows == 0
    engine = open_engine()
    table = open_table(engine, FACTS, permission=None)
    assert (table.count().execute(), table.id.nunique().execute()) == (ACCOUNTS * 40 + 5,) * 2
    engine.disconnect()


def test_a_lost_file_or_another_database_rebuilds_the_lake(company: list[Account]) -> None:
    assert company
    part_files(FACTS)[0].unlink()
    assert refresh_dataset(FACTS).was_rebuilt
    LakeState.objects.update(cluster=1)
    refreshed = refresh_dataset(FACTS)
    assert (refreshed.rows, refreshed.was_rebuilt) == (ACCOUNTS * 40, True)


def test_a_reader_of_the_lake_sees_the_own_accounts_only(cast: Cast, company: list[Account]) -> None:
    engine = open_engine()
    own = open_table(engine, FACTS, permission=grant(cast.alice, Account))
    assert set(own.account_id.execute()) <= {account.pk for account in company}
    assert own.count().execute() == ACCOUNTS * 40
    engine.disconnect()
    engine = open_engine()
    assert open_table(engine, FACTS, permission=grant(cast.charlie, Account)).count().execute() == 0
    engine.disconnect()
