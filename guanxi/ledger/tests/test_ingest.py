import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pyarrow.csv
import pyarrow.parquet
import pytest
from django.db import connection
from django.utils import timezone

from guanxi.catalog.models import Product
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.adapters import files
from guanxi.ledger.commands import Ingested, RowsIngested, ingest_file, ingest_rows
from guanxi.ledger.models import Fact, WaitingFact
from guanxi.ledger.tests.conftest import make_accounts, purchase
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent


def ingest(*rows: Mapping[str, object], actor: Actor, source: str = "till") -> RowsIngested:
    return ingest_rows(rows, source=source, actor=actor)


def facts() -> list[Fact]:
    return list(Fact._base_manager.order_by("source", "source_id"))


def written(folder: Path, *rows: Mapping[str, object]) -> Path:
    path = folder / "facts.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_purchase_is_recorded_with_all_it_says(account_ids: tuple[int, ...], product: Product, system: Actor) -> None:
    row = purchase(
        "1",
        product="TEA",
        quantity="2",
        cost="7.25",
        channel="store",
        place="Xi'an \\ North\tgate",
        payload={"payment_method": "现金", "competitor_in_promotion": True, "note": "two\nlines"},
    )
    assert ingest(row, actor=system).counts == Ingested(1, 1, 0, 0, 0, 0)
    (fact,) = facts()
    assert (fact.source, fact.source_id, fact.account_id) == ("till", "1", account_ids[0])
    assert (fact.kind, fact.sub_kind, fact.channel) == ("purchase", "buy", "store")
    assert fact.occurred_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert (fact.quantity, fact.amount, fact.cost) == (Decimal("2.000"), Decimal("12.50"), Decimal("7.25"))
    assert fact.place == "Xi'an \\ North\tgate"
    assert fact.product_id == product.pk
    assert fact.payload == {"payment_method": "现金", "competitor_in_promotion": True, "note": "two\nlines"}
    assert fact.is_typed is False
    assert timezone.now() - fact.recorded_at < timedelta(minutes=1)


def test_a_replay_changes_nothing(account_ids: tuple[int, ...], system: Actor) -> None:
    rows = [purchase(str(number), account_key=f"C{1 + number % 3}") for number in range(50)]
    ingest(*rows, actor=system)
    before = [(fact.pk, fact.recorded_transaction) for fact in facts()]
    assert ingest(*rows, actor=system).counts == Ingested(50, 0, 50, 0, 0, 0)
    assert [(fact.pk, fact.recorded_transaction) for fact in facts()] == before


def test_a_replay_with_some_news_records_the_news(account_ids: tuple[int, ...], system: Actor) -> None:
    ingest(purchase("1"), purchase("3"), actor=system)
    result = ingest(purchase("1"), purchase("2"), purchase("3"), purchase("4"), actor=system)
    assert result.counts == Ingested(4, 2, 2, 0, 0, 0)


def test_other_content_under_the_same_number_is_a_conflict_and_the_first_stands(
    account_ids: tuple[int, ...], system: Actor
) -> None:
    ingest(purchase("1"), actor=system)
    result = ingest(purchase("1", amount=99), actor=system)
    assert result.counts == Ingested(1, 0, 0, 1, 0, 0)
    assert [(row.line, row.code) for row in result.problems] == [(1, "fact.conflict")]
    assert [fact.amount for fact in facts()] == [Decimal("12.50")]


def test_repeats_and_conflicts_inside_one_batch_are_found(account_ids: tuple[int, ...], system: Actor) -> None:
    result = ingest(purchase("1"), purchase("1"), purchase("1", amount=99), actor=system)
    assert result.counts == Ingested(3, 1, 1, 1, 0, 0)


def test_the_same_number_of_another_source_is_another_fact(account_ids: tuple[int, ...], system: Actor) -> None:
    ingest(purchase("1"), actor=system)
    assert ingest(purchase("1"), actor=system, source="shop").counts.recorded == 1


def test_accounts_are_found_by_id_too(account_ids: tuple[int, ...], system: Actor) -> None:
    row = purchase("1", account_key=None, account_system=None, account_id=account_ids[1])
    ingest(row, actor=system)
    assert [fact.account_id for fact in facts()] == [account_ids[1]]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"account_key": None, "account_system": None, "account_id": 999_999_999}, "account.unknown"),
        ({"product": "COFFEE"}, "product.unknown"),
        ({"contact_id": 999_999_999}, "contact.unknown"),
        ({"user_id": 999_999_999}, "user.unknown"),
    ],
)
def test_what_does_not_exist_is_refused(
    account_ids: tuple[int, ...], system: Actor, values: dict[str, object], code: str
) -> None:
    result = ingest(purchase("1", **values), purchase("2"), actor=system)
    assert result.counts == Ingested(2, 1, 0, 0, 0, 1)
    assert [row.code for row in result.problems] == [code]
    assert [fact.source_id for fact in facts()] == ["2"]


def test_refused_rows_stand_in_the_reject_file_with_line_and_reason(
    tmp_path: Path, account_ids: tuple[int, ...], system: Actor
) -> None:
    path = tmp_path / "facts.csv"
    path.write_text(
        "source_id,kind,sub_kind,occurred_at,account_key,amount\n"
        "1,purchase,buy,2026-03-01,C1,5\n"
        "2,purchase,buy,2026-03-01,C1,abc\n"
        "3,purchase,buy,2026-03-01\n"
        "4,purchase,buy,2999-03-01,C1,5\n",
        encoding="utf-8",
    )
    result = ingest_file(path, source="till", system="card", actor=system)
    assert result.counts == Ingested(4, 1, 0, 0, 0, 3)
    assert result.rejects_path == tmp_path / "facts.csv.rejects.ndjson"
    rejects = [json.loads(line) for line in result.rejects_path.read_text(encoding="utf-8").splitlines()]
    assert sorted((row["line"], row["code"], row["field"]) for row in rejects) == [
        (3, "number.invalid", "amount"),
        (4, "row.columns", ""),
        (5, "time.future", "occurred_at"),
    ]
    by_line = {row["line"]: row for row in rejects}
    assert "abc" in by_line[3]["reason"]
    assert by_line[3]["row"]["source_id"] == "2"
    assert by_line[4]["row"] == "3,purchase,buy,2026-03-01"


def test_a_mended_file_leaves_no_reject_file(tmp_path: Path, account_ids: tuple[int, ...], system: Actor) -> None:
    path = written(tmp_path, purchase("1", amount="abc"))
    assert ingest_file(path, source="till", actor=system).rejects_path is not None
    written(tmp_path, purchase("1"))
    assert ingest_file(path, source="till", actor=system).rejects_path is None
    assert [entry.name for entry in tmp_path.iterdir()] == ["facts.ndjson"]


def test_a_reject_file_that_cannot_be_written_stops_the_run_before_it_begins(
    tmp_path: Path, account_ids: tuple[int, ...], system: Actor
) -> None:
    path = written(tmp_path, purchase("1"))
    (tmp_path / "facts.ndjson.rejects.ndjson").mkdir()
    with pytest.raises(RuleViolation) as refusal:
        ingest_file(path, source="till", actor=system)
    assert refusal.value.code == "file.no_reject_file"
    assert facts() == []


def test_a_gb18030_file_is_read(tmp_path: Path, account_ids: tuple[int, ...], system: Actor) -> None:
    path = tmp_path / "facts.csv"
    head = "source_id,kind,sub_kind,occurred_at,account_key,note\n"
    path.write_bytes((head + "1,interaction,call,2026-03-01,C1,客户很满意，下次还来，谢谢\n").encode("gb18030"))
    ingest_file(path, source="phone", system="card", actor=system)
    assert [fact.payload for fact in facts()] == [{"note": "客户很满意，下次还来，谢谢"}]


def test_every_way_in_makes_the_same_fact(tmp_path: Path, account_ids: tuple[int, ...], system: Actor) -> None:
    row = purchase("1", quantity=2, basket_id="b1")
    ingest(row, actor=system)
    table = pyarrow.table({name: [value] for name, value in row.items()})
    pyarrow.csv.write_csv(table, tmp_path / "facts.csv")
    pyarrow.parquet.write_table(table, tmp_path / "facts.parquet")
    for path in (tmp_path / "facts.csv", tmp_path / "facts.parquet", written(tmp_path, row)):
        assert ingest_file(path, source="till", actor=system).counts == Ingested(1, 0, 1, 0, 0, 0)


def test_an_event_and_an_audit_entry_come_with_the_facts(account_ids: tuple[int, ...], system: Actor) -> None:
    ingest(purchase("1"), purchase("2", account_key="C2"), actor=system)
    (event,) = OutboxEvent.objects.filter(name="ledger.facts_recorded")
    assert event.payload == {
        "source": "till",
        "count": 2,
        "account_ids": list(account_ids[:2]),
        "kinds": ["purchase"],
    }
    entry = AuditEntry.objects.get(object_key="fact", action="ingest")
    assert (entry.record_count, entry.actor_name) == (2, "Guanxi")


def test_nothing_new_is_no_event(account_ids: tuple[int, ...], system: Actor) -> None:
    ingest(purchase("1"), actor=system)
    ingest(purchase("1"), purchase("2", amount="abc"), actor=system)
    assert OutboxEvent.objects.filter(name="ledger.facts_recorded").count() == 1
    assert AuditEntry.objects.filter(object_key="fact").count() == 1


def test_only_one_correction_of_a_fact_stands(account_ids: tuple[int, ...], system: Actor) -> None:
    ingest(purchase("1"), actor=system)
    result = ingest(purchase("2", corrects="1"), purchase("3", corrects="1"), actor=system)
    assert result.counts == Ingested(2, 1, 0, 1, 0, 0)
    assert [row.code for row in result.problems] == ["fact.corrected"]
    assert ingest(purchase("4", corrects="1"), actor=system).counts.conflicts == 1
    assert ingest(purchase("5", corrects="2"), actor=system).counts.recorded == 1


@pytest.mark.django_db(transaction=True)
def test_many_batches_of_one_file_are_all_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", 1_000)
    make_accounts(3)
    rows = [purchase(f"{number:06}", account_key=f"C{1 + number % 3}") for number in range(7_500)]
    rows[4_321]["amount"] = "abc"
    path = written(tmp_path, *rows, rows[10])
    result = ingest_file(path, source="till", actor=system_actor())
    assert result.counts == Ingested(7_501, 7_499, 1, 0, 0, 1)
    assert result.rejects_path is not None
    assert json.loads(result.rejects_path.read_text(encoding="utf-8"))["line"] == 4_322
    assert Fact._base_manager.count() == 7_499


@pytest.mark.django_db(transaction=True)
def test_two_runs_of_one_source_at_once_double_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", 500)
    make_accounts(3)
    path = tmp_path / "one" / "facts.ndjson"
    path.parent.mkdir()
    rows = [purchase(f"{number:06}") for number in range(5_000)]
    written(path.parent, *rows)
    results: list[Ingested] = []

    def run(folder: Path) -> None:
        copy = folder / "facts.ndjson"
        copy.write_bytes(path.read_bytes())
        results.append(ingest_file(copy, source="till", actor=system_actor()).counts)
        connection.close()

    folders = [tmp_path / name for name in ("left", "right")]
    for folder in folders:
        folder.mkdir()
    threads = [Thread(target=run, args=(folder,)) for folder in folders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(result.recorded for result in results) == 5_000
    assert sum(result.repeated for result in results) == 5_000
    assert Fact._base_manager.count() == 5_000


def test_a_waiting_fact_is_kept_aside_once(account_ids: tuple[int, ...], system: Actor) -> None:
    assert ingest(purchase("1", account_key="C9"), actor=system).counts == Ingested(1, 0, 0, 0, 1, 0)
    assert ingest(purchase("1", account_key="C9"), actor=system).counts == Ingested(1, 0, 1, 0, 0, 0)
    assert ingest(purchase("1", account_key="C9", amount=3), actor=system).counts == Ingested(1, 0, 0, 1, 0, 0)
    assert WaitingFact.objects.count() == 1
    assert facts() == []
