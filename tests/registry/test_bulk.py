"""Changes of many records: what they touch, their history, their undo, and who may make them."""

from collections.abc import Callable

import pytest
from django.test import Client

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.objects import bulk
from guanxi.platform.objects.bulk import change_many, undo_change
from guanxi.platform.objects.jobs import change_many_records, undo_change_of_many
from guanxi.platform.objects.models import BulkAction, BulkChange
from guanxi.platform.search.models import SearchEntry
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON


@pytest.fixture
def accounts(new_account: Callable[..., Account]) -> list[Account]:
    """Five accounts of Alice's; two are in Suzhou."""
    return [new_account(f"客户{place}", city="苏州" if place < 2 else "") for place in range(5)]


def cities(accounts: list[Account]) -> list[str]:
    """The cities as they stand in the database."""
    found = dict(unscoped(Account, reason=REASON).values_list("pk", "city"))
    return [found[account.pk] for account in accounts]


def test_a_change_touches_what_differs_and_is_one_entry(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    started = change_many("account", ids, action=BulkAction.EDIT, values={"city": "苏州"}, title="", actor=cast.alice)
    assert (started.changed, started.run_id) == (3, None)
    assert cities(accounts) == ["苏州"] * 5
    versions = unscoped(Account, reason=REASON).filter(pk__in=ids).order_by("pk").values_list("version", flat=True)
    assert list(versions) == [1, 1, 2, 2, 2]
    entry = AuditEntry.objects.get(action="bulk_edit")
    assert (entry.record_count, entry.user_id) == (3, cast.alice.user_id)


def test_the_undo_gives_back_and_keeps_what_was_changed_since(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    started = change_many("account", ids, action=BulkAction.EDIT, values={"city": "杭州"}, title="", actor=cast.alice)
    edit_account(ids[4], {"city": "北京"}, actor=cast.alice)
    edit_account(ids[3], {"region": "East"}, actor=cast.alice)
    undone = undo_change(started.id, title="", actor=cast.alice)
    assert cities(accounts) == ["苏州", "苏州", "", "", "北京"]
    assert undone.changed == 4
    assert BulkChange.objects.get(pk=started.id).kept == 1
    with pytest.raises(Conflict):
        undo_change(started.id, title="", actor=cast.alice)


def test_the_trash_takes_them_out_of_search_and_the_undo_brings_them_back(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    started = change_many("account", ids[:2], action=BulkAction.TRASH, values={}, title="", actor=cast.dora)
    entries = SearchEntry.objects.filter(object_key="account", record_id__in=ids[:2])
    assert started.changed == 2
    assert not entries.exists()
    undo_change(started.id, title="", actor=cast.dora)
    assert entries.count() == 2
    assert unscoped(Account, reason=REASON).filter(pk__in=ids, trashed_at__isnull=True).count() == 5


def test_who_may_not_changes_nothing(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    edit = {"action": BulkAction.EDIT, "values": {"city": "杭州"}, "title": ""}
    assert change_many("account", ids, **edit, actor=cast.charlie).changed == 0  # type: ignore[arg-type]  # as above
    for action in (BulkAction.TRASH, BulkAction.ASSIGN):
        with pytest.raises(AccessDenied):
            change_many("account", ids, action=action, values={"owner": 1}, title="", actor=cast.alice)
    with pytest.raises(AccessDenied):
        change_many("account", ids, **edit, actor=cast.token)  # type: ignore[arg-type]  # as above
    assert cities(accounts) == ["苏州", "苏州", "", "", ""]


@pytest.mark.parametrize(
    "values",
    [{}, {"name": "x"}, {"owner": 1}, {"version": 9}, {"trashed_at": None}, {"tax_id": "1"}, {"nothing": "1"}],
)
def test_only_the_fields_of_the_declaration_are_changed(
    values: dict[str, object], accounts: list[Account], cast: Cast
) -> None:
    with pytest.raises(RuleViolation):
        change_many("account", [accounts[0].pk], action=BulkAction.EDIT, values=values, title="", actor=cast.dora)
    assert AuditEntry.objects.filter(action="bulk_edit").count() == 0


def test_a_value_that_the_field_refuses_is_refused(accounts: list[Account], cast: Cast) -> None:
    for values in ({"city": "x" * 81}, {"relation": "nothing"}):
        with pytest.raises(RuleViolation):
            change_many("account", [accounts[0].pk], action=BulkAction.EDIT, values=values, title="", actor=cast.alice)


def test_only_who_made_a_change_takes_it_back(accounts: list[Account], cast: Cast) -> None:
    started = change_many(
        "account", [accounts[0].pk], action=BulkAction.EDIT, values={"city": "x"}, title="", actor=cast.alice
    )
    with pytest.raises(NotFound):
        undo_change(started.id, title="", actor=cast.dora)
    assert cities(accounts)[0] == "x"


def test_many_records_change_in_the_background_with_progress(
    accounts: list[Account], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    monkeypatch.setattr(bulk, "BLOCK", 2)
    ids = [account.pk for account in accounts]
    edit = {"action": BulkAction.EDIT, "values": {"city": "杭州"}, "title": "Changing"}
    started = change_many("account", ids, **edit, actor=cast.alice)  # type: ignore[arg-type]  # as above
    assert cities(accounts)[2] == ""
    change_many_records(started.run_id or 0, started.id)
    run = JobRun.objects.get(pk=started.run_id or 0)
    assert (run.state, run.done, run.total) == (RunState.DONE, 5, 5)
    assert cities(accounts) == ["杭州"] * 5
    undone = undo_change(started.id, title="Taking back", actor=cast.alice)
    undo_change_of_many(undone.run_id or 0, undone.id)
    assert JobRun.objects.get(pk=undone.run_id or 0).state == RunState.DONE
    assert cities(accounts) == ["苏州", "苏州", "", "", ""]


def test_the_pages_lead_from_ticks_to_a_change_and_back(accounts: list[Account], cast: Cast, sign_in: SignIn) -> None:
    client: Client = sign_in(cast.alice)
    page = client.get("/accounts/").content.decode()
    assert page.count("data-pick ") == 5
    ticked = {"id": [str(accounts[2].pk), str(accounts[3].pk)], "action": "edit"}
    assert "This touches 2 records." in client.post("/objects/account/bulk/", ticked).content.decode()
    done = client.post("/objects/account/bulk/", {**ticked, "field": "city", "value": "上海", "do": "yes"})
    assert done.status_code == 303
    assert cities(accounts) == ["苏州", "苏州", "上海", "上海", ""]
    everything = {
        "all": "1",
        "action": "edit",
        "field": "city",
        "value": "上海",
        "do": "yes",
        "where": '["city","empty"]',
    }
    client.post("/objects/account/bulk/", everything)
    assert cities(accounts) == ["苏州", "苏州", "上海", "上海", "上海"]
    change = BulkChange.objects.order_by("pk").first()
    assert change is not None
    assert client.post(f"/objects/changes/{change.pk}/undo/").status_code == 303
    assert cities(accounts) == ["苏州", "苏州", "", "", "上海"]


def test_nothing_ticked_is_said_in_words(cast: Cast, sign_in: SignIn, accounts: list[Account]) -> None:
    answer = sign_in(cast.alice).post("/objects/account/bulk/", {"action": "edit"})
    assert answer.status_code == 422
    assert "Tick some records first." in answer.content.decode()
    assert sign_in(cast.alice).post("/objects/account/bulk/", {"action": "trash", "id": "1"}).status_code == 403


def test_who_may_change_nothing_sees_no_ticks(cast: Cast, sign_in: SignIn, accounts: list[Account]) -> None:
    assert grant(cast.bob, Account).queryset().count() == 5
    page = sign_in(cast.charlie).get("/accounts/").content.decode()
    assert "data-pick " not in page


def test_the_page_counts_what_may_be_touched_not_what_is_seen(
    cast: Cast, sign_in: SignIn, accounts: list[Account]
) -> None:
    rows: dict[tuple[str, str], object] = {("account", "view"): "everyone", ("account", "edit"): "owner"}
    define_role("manager", name="Manager", rows=rows, fields={}, actor=system_actor("Tests"))
    unscoped(Account, reason=REASON).filter(pk=accounts[0].pk).update(owner=cast.bob.user_id)
    client = sign_in(cast.bob)
    page = client.post("/objects/account/bulk/", {"action": "edit", "all": "1"}).content.decode()
    assert "This touches 1 record." in page
    foreign = client.post("/objects/account/bulk/", {"action": "edit", "id": str(accounts[1].pk)})
    assert foreign.status_code == 422
