"""Fields and objects that people made, in the lake: typed, current, and bound by the rights of who reads, at once."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connections
from django.utils import timezone
from ibis.expr.types import Table

from guanxi.customers.commands import edit_account, trash_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.ledger.datasets import FACTS
from guanxi.ledger.facade import NewFact, record_fact
from guanxi.platform.access.grant import grant
from guanxi.platform.access.models import Share
from guanxi.platform.accounts.commands import ShareTerms, define_role, share_record
from guanxi.platform.accounts.queries import actor_by_user_id, own_id
from guanxi.platform.customfields.commands import edit_field, make_field, retire_field
from guanxi.platform.customfields.models import CustomField
from guanxi.platform.lake.dataset import Dataset, registered_datasets
from guanxi.platform.lake.jobs import refresh_lake
from guanxi.platform.lake.models import LakeState
from guanxi.platform.lake.reading import open_engine, open_table
from guanxi.platform.lake.refresh import part_files, refresh_dataset
from guanxi.platform.objects.datasets import record_dataset
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.objects.spec import ObjectSpec
from tests.cast import Cast
from tests.registry.contracts import Make, fresh
from tests.registry.contracts import contract as contract
from tests.registry.contracts import make as make

pytestmark = pytest.mark.django_db(transaction=True)
WITH_SHARES = {"any_of": ["unit_and_below", "shared"]}


@pytest.fixture(autouse=True)
def lake_folder(tmp_path: Path, settings: LazySettings) -> Path:
    """A lake of the test's own."""
    settings.LAKE_FOLDER = tmp_path
    return tmp_path


@pytest.fixture
def budget(cast: Cast, new_account: Callable[..., Account]) -> CustomField:
    """A field of money on customers, which three of Alice's hold: 100, 20.50, nothing."""
    named = {"name_zh": "预算", "name_en": "Budget", "sensitivity": "cost"}
    row = make_field(Account, kind=FieldType.MONEY, values=named, actor=cast.dora)
    for name, amount in (("甲", Decimal("100")), ("乙", Decimal("20.50")), ("丙", None)):
        edit_account(new_account(name).pk, {column("account", row.key): amount}, actor=fresh(cast.dora))
    return row


def column(object_key: str, key: str) -> str:
    """The column of a field."""
    return next(item.column for item in fields_of(object_spec(object_key)) if item.key == key)


def dataset_of(object_key: str) -> Dataset:
    """The dataset of an object as it is declared now."""
    return record_dataset(object_spec(object_key))


def opened(dataset: Dataset, actor: Actor | None, spec: ObjectSpec) -> Table:
    """The dataset as an actor may read it now; for None, as the system does."""
    permission = grant(fresh(actor), spec.model) if actor is not None else None
    return open_table(open_engine(), dataset, permission=permission)


def total(table: Table, key: str) -> Any:
    """An analysis: the sum of a column, and over how many rows."""
    found = table.aggregate(total=table[key].sum(), rows=table.count()).to_pyarrow().to_pylist()[0]
    return found["total"], found["rows"]


def test_an_analysis_over_a_made_field_sees_the_rows_and_the_field_of_its_reader(
    cast: Cast, budget: CustomField, new_account: Callable[..., Account]
) -> None:
    spec, dataset = object_spec("account"), dataset_of("account")
    refresh_dataset(dataset)
    typed = {item.name: (item.type, item.unit, item.sensitivity) for item in dataset.columns}
    assert typed[budget.key] == ("double precision", "company currency", "cost")
    assert total(opened(dataset, None, spec), budget.key) == (120.5, 3)
    assert total(opened(dataset, cast.dora, spec), budget.key) == (120.5, 3)
    assert budget.key not in opened(dataset, cast.alice, spec).columns
    fields = {("*", "cost"): 2, ("*", "reach"): 2}
    rows: dict[tuple[str, str], object] = {("account", "view"): "owner"}
    define_role("staff", name="Staff", rows=rows, fields=fields, actor=cast.dora)
    assert total(opened(dataset, cast.alice, spec), budget.key) == (120.5, 3)
    assert total(opened(dataset, cast.charlie, spec), "id") == (None, 0)
    trash_account(grant(fresh(cast.dora), Account).queryset().get(name="甲").pk, actor=fresh(cast.dora))
    assert total(opened(dataset, cast.alice, spec), budget.key) == (20.5, 2)


def test_a_made_object_is_read_as_far_as_its_reader_sees_it(cast: Cast, contract: ObjectSpec, make: Make) -> None:
    first = make("One", amount=Decimal("9.50"), stage="draft")
    secret = {column(contract.key, "x_secret"): "110101199003078888"}
    required_verbs(contract).edit(first.pk, secret, actor=fresh(cast.dora))
    mine = make("Two", amount=Decimal("1000"), stage="signed")
    dataset = dataset_of(contract.key)
    refresh_dataset(dataset)
    assert {name: {item.name: item.type for item in dataset.columns}.get(name) for name in _TYPED} == _TYPED
    assert "x_secret" not in {item.name for item in dataset.columns}
    files = b"".join(path.read_bytes() for path in part_files(dataset))
    assert b"110101199003078888" not in files
    assert total(opened(dataset, cast.alice, contract), "x_amount") == (1009.5, 2)
    assert total(opened(dataset, cast.charlie, contract), "x_amount") == (None, 0)
    table = opened(dataset, cast.bob, contract)
    stages = table.group_by("x_stage").aggregate(total=table.x_amount.sum()).order_by("total").to_pyarrow().to_pylist()
    assert stages == [{"x_stage": "draft", "total": 9.5}, {"x_stage": "signed", "total": 1000.0}]
    share_record(contract.model, mine.pk, terms=ShareTerms(user_id=own_id(cast.charlie)), actor=fresh(cast.alice))
    shares: dict[tuple[str, str], object] = {(contract.key, "view"): WITH_SHARES}
    define_role("manager", name="Manager", rows=shares, fields={("*", "identity"): 0}, actor=cast.dora)
    assert total(opened(dataset, cast.charlie, contract), "x_amount") == (1000.0, 1)


_TYPED = {
    "id": "bigint",
    "name": "text",
    "x_customer": "bigint",
    "x_stage": "text",
    "x_amount": "double precision",
    "x_ends": "date",
    "created_at": "timestamptz",
}


def test_what_changed_comes_with_an_increment_and_the_newest_copy_counts(
    cast: Cast, contract: ObjectSpec, make: Make
) -> None:
    record = make("One", amount=Decimal("1"))
    dataset = dataset_of(contract.key)
    assert refresh_dataset(dataset).was_rebuilt
    make("Two", amount=Decimal("10"))
    verbs = required_verbs(contract)
    for amount in ("2", "3"):
        verbs.edit(record.pk, {column(contract.key, "x_amount"): amount}, actor=fresh(cast.alice))
    increment = refresh_dataset(dataset)
    assert (increment.was_rebuilt, increment.rows) == (False, 2)
    assert refresh_dataset(dataset).rows == 0
    assert total(opened(dataset, cast.alice, contract), "x_amount") == (13.0, 2)


def test_a_change_that_is_committed_late_is_not_lost(cast: Cast, contract: ObjectSpec, make: Make) -> None:
    record = make("One", amount=Decimal("1"))
    dataset = dataset_of(contract.key)
    refresh_dataset(dataset)
    late = connections.create_connection("default")
    late.set_autocommit(False)
    try:
        with late.cursor() as cursor:
            raised = "UPDATE customfields_customrecord SET version = 2, custom = %s WHERE id = %s"
            cursor.execute(raised, ['{"n_x_amount": "5"}', record.pk])
            make("Two", amount=Decimal("10"))
            refresh_dataset(dataset)
            assert total(opened(dataset, cast.alice, contract), "x_amount")[0] in (1.0, 11.0)
        late.commit()
    finally:
        late.close()
    refresh_dataset(dataset)
    assert total(opened(dataset, cast.alice, contract), "x_amount") == (15.0, 2)


def test_a_field_is_a_column_while_it_is_in_sight(cast: Cast, contract: ObjectSpec, make: Make) -> None:
    make("One", amount=Decimal("1"))
    refresh_dataset(dataset_of(contract.key))
    row = make_field(
        contract.model,  # type: ignore[arg-type]  # a Record
        kind=FieldType.NUMBER,
        values={"name_zh": "折扣", "name_en": "Discount"},
        actor=cast.dora,
    )
    now = dataset_of(contract.key)
    assert total(opened(now, cast.alice, contract), row.key) == (None, 1)
    assert refresh_dataset(now).was_rebuilt
    amount = CustomField.objects.get(object_key=contract.key, key="x_amount")
    retire_field(amount.pk, actor=cast.dora)
    now = dataset_of(contract.key)
    assert "x_amount" not in opened(now, cast.alice, contract).columns
    assert refresh_dataset(now).was_rebuilt
    retire_field(amount.pk, is_retired=False, actor=cast.dora)
    now = dataset_of(contract.key)
    assert refresh_dataset(now).was_rebuilt
    assert total(opened(now, cast.alice, contract), "x_amount") == (1.0, 1)


def test_a_field_that_becomes_protected_is_closed_at_once_and_leaves_the_lake_if_it_is_encrypted(
    cast: Cast, contract: ObjectSpec, make: Make, lake_folder: Path
) -> None:
    row = make_field(
        contract.model,  # type: ignore[arg-type]  # a Record
        kind=FieldType.TEXT,
        values={"name_zh": "证件", "name_en": "Paper"},
        actor=cast.dora,
    )
    make("One", paper="110101199003078888")
    stale = dataset_of(contract.key)
    refresh_dataset(stale)
    assert opened(stale, cast.alice, contract).to_pyarrow()[row.key].to_pylist() == ["110101199003078888"]
    edit_field(row.pk, {"sensitivity": "credit"}, model=contract.model, actor=cast.dora)  # type: ignore[arg-type]  # as above
    assert row.key not in opened(stale, cast.alice, contract).columns
    edit_field(row.pk, {"sensitivity": "identity"}, model=contract.model, actor=cast.dora)  # type: ignore[arg-type]  # as above
    refresh_lake(0)
    kept = b"".join(path.read_bytes() for path in lake_folder.rglob("*.parquet"))
    assert b"110101199003078888" not in kept
    assert row.key not in opened(dataset_of(contract.key), None, contract).columns


def test_what_is_declared_no_more_leaves_the_lake(cast: Cast, budget: CustomField, lake_folder: Path) -> None:
    refresh_lake(0)
    assert LakeState.objects.filter(pk="records_account").exists()
    assert "records_account" in {dataset.key for dataset in registered_datasets()}
    retire_field(budget.pk, actor=cast.dora)
    refresh_lake(0)
    assert not LakeState.objects.filter(pk="records_account").exists()
    assert not (lake_folder / "records_account").exists()
    assert LakeState.objects.filter(pk=FACTS.key).exists()


def test_a_share_opens_facts_and_fields_while_it_lasts_without_a_rebuild(cast: Cast, budget: CustomField) -> None:
    rows: dict[tuple[str, str], object] = {("account", "view"): WITH_SHARES}
    define_role("manager", name="Manager", rows=rows, fields={("*", "cost"): 2}, actor=cast.dora)
    account = grant(fresh(cast.dora), Account).queryset().get(name="甲")
    fact = NewFact("interaction", "call", timezone.now() - timedelta(hours=1))
    record_fact(account.pk, fact=fact, actor=fresh(cast.alice))
    spec, dataset = object_spec("account"), dataset_of("account")
    refresh_dataset(dataset)
    refresh_dataset(FACTS)
    written = dict(LakeState.objects.values_list("pk", "refreshed_at"))
    charlie = actor_by_user_id(own_id(cast.charlie))

    def seen() -> tuple[object, int]:
        facts = open_table(open_engine(), FACTS, permission=grant(charlie, Account))
        return total(opened(dataset, charlie, spec), budget.key)[0], int(facts.count().execute())

    assert seen() == (None, 0)
    until = timezone.localdate() + timedelta(days=2)
    terms = ShareTerms(user_id=own_id(charlie), ends_on=until)
    share_record(Account, account.pk, terms=terms, actor=fresh(cast.alice))
    assert seen() == (100.0, 1)
    Share.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    assert seen() == (None, 0)
    assert dict(LakeState.objects.values_list("pk", "refreshed_at")) == written
