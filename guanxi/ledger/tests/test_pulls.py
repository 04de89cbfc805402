"""What a pull does with the rows of another system, shown on a SQLite file."""

import json
from decimal import Decimal

import pytest

from guanxi.customers.facade import account_ids_by_keys
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import GuanxiError, RuleViolation
from guanxi.ledger.choices import Deletions, PullState, PullTarget
from guanxi.ledger.commands.connections import edit_pull
from guanxi.ledger.commands.pulling import WHOLE, PullOrder, run_pull
from guanxi.ledger.models import Fact, PulledRow, PullRun, RefusedRow, WaitingFact
from guanxi.ledger.tests.conftest import Cast
from guanxi.ledger.tests.house import Office, accounts, decimals, products, sqlite_office, standing_lines
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.models import AuditEntry

REASON = "demo: the demo company is made by the system"
TEA = "INSERT INTO customers VALUES (1, '云杉包装有限公司', '苏州', '', '2026-03-01 10:00:00')"
CUP = "INSERT INTO customers VALUES (2, '青瓷茶具店', '景德镇', '', '2026-03-01 11:00:00')"
GREEN = "INSERT INTO items VALUES ('GREEN', '绿茶', 88.00)"
LINE = "INSERT INTO order_lines VALUES ({id}, 'O-{id}', {customer}, 'GREEN', 2, {total}, '2026-03-02 09:00:00', '{at}')"
COUNTS = ("read", "created", "updated", "same", "deleted", "refused", "waiting")


@pytest.fixture
def office(system: Actor) -> Office:
    """A back office with two customers, a product and a line."""
    office = sqlite_office(system)
    office.run(TEA, CUP, GREEN, LINE.format(id=1, customer=1, total=176, at="2026-03-02 09:00:00"))
    return office


def pulled(office: Office, target: PullTarget, actor: Actor, **order: object) -> PullRun:
    """A run of one pull."""
    return run_pull(office.pulls[target].pk, PullOrder(**order), actor=actor)  # type: ignore[arg-type]  # the order's fields


def everything(office: Office, actor: Actor) -> list[PullRun]:
    """A run of all pulls."""
    return [pulled(office, target, actor) for target in PullTarget]


def counts(run: PullRun) -> tuple[int, ...]:
    """The counts of a run."""
    return tuple(getattr(run, name) for name in COUNTS)


def test_customers_products_and_order_lines_come_in(office: Office, system: Actor) -> None:
    runs = everything(office, system)
    assert [counts(run) for run in runs] == [(2, 2, 0, 0, 0, 0, 0), (1, 1, 0, 0, 0, 0, 0), (1, 1, 0, 0, 0, 0, 0)]
    assert accounts() == {("云杉包装有限公司", "苏州"), ("青瓷茶具店", "景德镇")}
    assert products() == {("GREEN", "绿茶", Decimal("88.00"))}
    assert standing_lines() == [("云杉包装有限公司", "O-1", Decimal(2), Decimal(176))]
    assert set(account_ids_by_keys("erp", ["1", "2"])) == {"1", "2"}


def test_a_second_run_reads_the_overlap_and_changes_nothing(office: Office, system: Actor) -> None:
    everything(office, system)
    facts = unscoped(Fact, reason=REASON).count()
    runs = everything(office, system)
    assert [run.created + run.updated + run.deleted for run in runs] == [0, 0, 0]
    assert unscoped(Fact, reason=REASON).count() == facts


def test_a_changed_line_is_corrected_and_a_deleted_one_withdrawn(office: Office, system: Actor) -> None:
    everything(office, system)
    office.run("UPDATE order_lines SET total = 160, updated_at = '2026-03-03 09:00:00' WHERE id = 1")
    assert counts(pulled(office, PullTarget.PURCHASE, system))[:5] == (1, 0, 1, 0, 0)
    assert standing_lines() == [("云杉包装有限公司", "O-1", Decimal(2), Decimal(160))]
    office.run("DELETE FROM order_lines WHERE id = 1")
    assert pulled(office, PullTarget.PURCHASE, system).deleted == 1
    assert standing_lines() == []
    assert unscoped(Fact, reason=REASON).filter(source="erp").count() == 3
    office.run(LINE.format(id=1, customer=2, total=90, at="2026-03-04 09:00:00"))
    assert pulled(office, PullTarget.PURCHASE, system).updated + 0 == 1
    assert standing_lines() == [("青瓷茶具店", "O-1", Decimal(2), Decimal(90))]


def test_what_is_gone_goes_into_the_trash_and_comes_back(office: Office, system: Actor) -> None:
    everything(office, system)
    office.run("DELETE FROM customers WHERE id = 2")
    assert pulled(office, PullTarget.ACCOUNT, system).deleted == 1
    assert accounts() == {("云杉包装有限公司", "苏州")}
    office.run(CUP)
    pulled(office, PullTarget.ACCOUNT, system)
    assert accounts() == {("云杉包装有限公司", "苏州"), ("青瓷茶具店", "景德镇")}


def test_a_source_that_lost_most_of_its_rows_takes_nothing_away(office: Office, system: Actor) -> None:
    office.run(*(f"INSERT INTO customers VALUES ({n}, 'Firm {n}', 'Bonn', '', NULL)" for n in range(10, 50)))
    pulled(office, PullTarget.ACCOUNT, system)
    before = accounts()
    office.run("DELETE FROM customers WHERE id > 12")
    with pytest.raises(RuleViolation, match="are gone in the other system"):
        pulled(office, PullTarget.ACCOUNT, system)
    assert accounts() == before
    assert PullRun.objects.order_by("-pk").values_list("state", flat=True)[0] == PullState.FAILED
    assert pulled(office, PullTarget.ACCOUNT, system, may_empty=True).deleted == 37


def test_an_empty_cell_keeps_the_old_value(office: Office, system: Actor) -> None:
    pulled(office, PullTarget.ACCOUNT, system)
    office.run("UPDATE customers SET city = NULL, name = '云杉包装', updated_at = '2026-03-05' WHERE id = 1")
    pulled(office, PullTarget.ACCOUNT, system)
    assert ("云杉包装", "苏州") in accounts()


def test_a_line_of_an_unknown_customer_waits_and_of_an_unknown_product_is_tried_again(
    office: Office, system: Actor
) -> None:
    run = pulled(office, PullTarget.PURCHASE, system)
    assert counts(run) == (1, 0, 0, 0, 0, 1, 0)
    assert "GREEN" in RefusedRow.objects.get().reason
    pulled(office, PullTarget.PRODUCT, system)
    run = pulled(office, PullTarget.PURCHASE, system)
    assert (run.created, run.refused, run.waiting) == (1, 0, 1)
    assert (RefusedRow.objects.count(), WaitingFact.objects.count()) == (0, 1)
    office.run("UPDATE order_lines SET total = 99, updated_at = '2026-03-04 09:00:00' WHERE id = 1")
    assert pulled(office, PullTarget.PURCHASE, system).waiting == 1
    assert WaitingFact.objects.count() == 1


def test_a_row_that_cannot_be_taken_is_explained_and_the_rest_goes_in(office: Office, system: Actor) -> None:
    office.run(f"INSERT INTO customers VALUES (3, '{'长' * 250}', 'Bonn', '', '2026-03-01 12:00:00')")
    run = pulled(office, PullTarget.ACCOUNT, system)
    assert (run.created, run.refused) == (2, 1)
    refused = RefusedRow.objects.get()
    assert (refused.key, json.loads(refused.row)["city"]) == ("3", "Bonn")
    assert pulled(office, PullTarget.ACCOUNT, system).refused == 1
    office.run("UPDATE customers SET name = '短', updated_at = '2026-03-06' WHERE id = 3")
    pulled(office, PullTarget.ACCOUNT, system)
    assert RefusedRow.objects.count() == 0


def test_a_trial_counts_and_writes_nothing(office: Office, system: Actor) -> None:
    pulled(office, PullTarget.PRODUCT, system)
    runs = [pulled(office, target, system, is_trial=True) for target in PullTarget]
    assert [(run.created, run.same) for run in runs] == [(2, 0), (0, 1), (1, 0)]
    assert (accounts(), standing_lines(), PulledRow.objects.filter(pull__target="account").count()) == (set(), [], 0)


def test_a_row_committed_late_is_found_by_the_overlap(office: Office, system: Actor) -> None:
    pulled(office, PullTarget.ACCOUNT, system)
    office.run("INSERT INTO customers VALUES (9, 'Late', 'Bonn', '', '2026-03-01 10:58:00')")
    office.run("INSERT INTO customers VALUES (8, 'Older', 'Bonn', '', '2026-02-01 10:00:00')")
    pulled(office, PullTarget.ACCOUNT, system)
    assert {name for name, _city in accounts()} == {"云杉包装有限公司", "青瓷茶具店", "Late"}
    pulled(office, PullTarget.ACCOUNT, system, since="2026-01-01 00:00:00")
    assert "Older" in {name for name, _city in accounts()}


def test_rows_of_one_stamp_are_taken_once_over_pages(
    office: Office, system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.ledger.adapters.databases.BLOCK_ROWS", 7)
    office.run(*(f"INSERT INTO customers VALUES ({n}, 'Firm {n}', '', '', '2026-03-01') " for n in range(100, 150)))
    run = pulled(office, PullTarget.ACCOUNT, system)
    assert (run.read, run.created, run.same) == (52, 52, 0)


def test_a_stamp_from_a_wrong_clock_loses_nothing(office: Office, system: Actor) -> None:
    office.run("INSERT INTO customers VALUES (7, 'Future', 'Bonn', '', '2999-01-01 00:00:00')")
    pulled(office, PullTarget.ACCOUNT, system)
    office.run("UPDATE customers SET city = 'Köln', updated_at = datetime('now') WHERE id = 1")
    pulled(office, PullTarget.ACCOUNT, system)
    assert ("云杉包装有限公司", "Köln") in accounts()


def test_a_replay_brings_back_what_was_changed_here(office: Office, system: Actor) -> None:
    pulled(office, PullTarget.PRODUCT, system)
    PulledRow.objects.filter(pull__target="product").update(run=PullRun.objects.get())
    office.run("UPDATE items SET title = '龙井' WHERE sku = 'GREEN'")
    assert pulled(office, PullTarget.PRODUCT, system, since=WHOLE).updated == 1
    assert pulled(office, PullTarget.PRODUCT, system, since=WHOLE).same == 1


def test_a_column_can_say_that_a_row_is_gone(system: Actor) -> None:
    office = sqlite_office(system, deletions=Deletions.NONE, file="flagged.sqlite")
    pull = office.pulls[PullTarget.ACCOUNT]
    office.run("ALTER TABLE customers ADD COLUMN deleted INTEGER DEFAULT 0")
    office.run("INSERT INTO customers VALUES (1, 'Gone soon', 'Bonn', '', '2026-03-01', 0)")
    edit_pull(pull.pk, {"deletions": "flag", "deleted_column": "deleted"}, actor=system)
    pulled(office, PullTarget.ACCOUNT, system)
    assert accounts() == {("Gone soon", "Bonn")}
    office.run("UPDATE customers SET deleted = 1, updated_at = '2026-03-02' WHERE id = 1")
    assert pulled(office, PullTarget.ACCOUNT, system).deleted == 1
    assert accounts() == set()


def test_everything_written_stands_in_the_audit_trail_as_of_a_connection(office: Office, system: Actor) -> None:
    run = pulled(office, PullTarget.ACCOUNT, system)
    entry = AuditEntry.objects.get(pk=str(run.entry_id))
    assert (entry.surface, entry.action, entry.object_key, entry.record_count) == ("connector", "pull", "account", 2)


def test_only_who_administers_everything_may_pull(office: Office, cast: Cast) -> None:
    with pytest.raises(GuanxiError):
        pulled(office, PullTarget.ACCOUNT, cast.alice)
    assert (PullRun.objects.count(), accounts()) == (0, set())


def test_both_sides_agree_after_many_changes(office: Office, system: Actor) -> None:
    everything(office, system)
    for step in range(5):
        at = f"2026-04-0{step + 1} 08:00:00"
        office.run(
            LINE.format(id=10 + step, customer=1 + step % 2, total=50 + step, at=at),
            f"UPDATE order_lines SET total = total + 1, updated_at = '{at}' WHERE id % 2 = 0",
            *(["DELETE FROM order_lines WHERE id = 11"] if step == 3 else []),
        )
        everything(office, system)
    there = office.rows("SELECT c.name, order_no, qty, total FROM order_lines o JOIN customers c ON c.id = customer_id")
    assert standing_lines() == decimals(there)
