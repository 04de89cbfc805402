"""Rights that change between asking for a change of many records and making it: the change goes by those of now."""

from collections.abc import Callable

import pytest

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.jobs.progress import Progress
from guanxi.platform.objects import bulk
from guanxi.platform.objects.bulk import Started, change_many, undo_change, write_change, write_undo
from guanxi.platform.objects.jobs import change_many_records, undo_change_of_many
from guanxi.platform.objects.models import BulkAction, BulkChange
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON

Change = Callable[[], None]


@pytest.fixture
def accounts(new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """Five accounts of Alice's; more than one is too many to change at once, and two are a block."""
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(bulk, "BLOCK", 2)
    return [new_account(f"客户{place}") for place in range(5)]


def held(accounts: list[Account], column: str = "city") -> list[str]:
    """What a column of the accounts holds."""
    found = dict(unscoped(Account, reason=REASON).values_list("pk", column))
    return [found[account.pk] for account in accounts]


def asked(accounts: list[Account], actor: Actor, **values: object) -> Started:
    """A change that waits for its job."""
    ids = [account.pk for account in accounts]
    return change_many("account", ids, action=BulkAction.EDIT, values=values, title="Changing", actor=actor)


def lose_rows() -> None:
    """Staff may look at their accounts, no more."""
    rows: dict[tuple[str, str], object] = {("account", "view"): "owner"}
    define_role("staff", name="Staff", rows=rows, fields={}, actor=system_actor("Tests"))


def lose_field() -> None:
    """Administrators read how credit is rated, no more."""
    rows: dict[tuple[str, str], object] = {("*", action): "everyone" for action in ("view", "edit")}
    fields = {("*", "credit"): int(FieldAccess.READ)}
    define_role("administrator", name="Administrator", rows=rows, fields=fields, actor=system_actor("Tests"))


def leave() -> None:
    """Alice leaves the house."""
    User.objects.filter(email__startswith="alice@").update(is_active=False)


@pytest.mark.parametrize(
    ("happens", "reason"), [(lose_rows, "may not do it any more"), (leave, "may not sign in any more")]
)
def test_a_job_of_somebody_who_may_not_any_more_changes_nothing_and_says_why(
    happens: Change, reason: str, accounts: list[Account], cast: Cast, sign_in: SignIn
) -> None:
    started = asked(accounts, cast.alice, city="杭州")
    happens()
    with pytest.raises(AccessDenied):
        change_many_records(started.run_id or 0, started.id)
    run = JobRun.objects.get(pk=started.run_id or 0)
    assert (run.state, reason in run.message) == (RunState.FAILED, True)
    assert held(accounts) == [""] * 5
    assert BulkChange.objects.get(pk=started.id).changed == 0
    assert reason in sign_in(cast.dora).get("/jobs/").content.decode()


def test_a_field_that_may_not_be_written_any_more_stays_as_it_is(accounts: list[Account], cast: Cast) -> None:
    started = asked(accounts, cast.dora, credit_rating="AA")
    lose_field()
    with pytest.raises(AccessDenied, match="may not change this field any more"):
        change_many_records(started.run_id or 0, started.id)
    assert "may not change this field any more" in JobRun.objects.get(pk=started.run_id or 0).message
    assert held(accounts, "credit_rating") == [""] * 5


def test_a_row_that_is_not_reached_any_more_stays_as_it_is(accounts: list[Account], cast: Cast) -> None:
    started = asked(accounts, cast.alice, city="杭州")
    unscoped(Account, reason=REASON).filter(pk=accounts[1].pk).update(owner=cast.bob.user_id)
    assert write_change(started.id) == 4
    assert held(accounts) == ["杭州", "", "杭州", "杭州", "杭州"]


def test_a_right_that_is_lost_on_the_way_stops_the_change_before_the_next_block(
    accounts: list[Account], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = asked(accounts, cast.alice, city="杭州")
    monkeypatch.setattr(Progress, "advance", lambda progress, steps: lose_rows())
    with pytest.raises(AccessDenied):
        write_change(started.id, Progress(started.run_id or 0))
    assert held(accounts) == ["杭州", "杭州", "", "", ""]
    assert BulkChange.objects.get(pk=started.id).changed == 2


def test_an_undo_goes_by_the_rights_of_now_and_can_be_asked_for_again(accounts: list[Account], cast: Cast) -> None:
    started = asked(accounts, cast.alice, city="杭州")
    assert write_change(started.id) == 5
    undone = undo_change(started.id, title="Back", actor=cast.alice)
    leave()
    with pytest.raises(AccessDenied):
        undo_change_of_many(undone.run_id or 0, undone.id)
    assert JobRun.objects.get(pk=undone.run_id or 0).state == RunState.FAILED
    assert held(accounts) == ["杭州"] * 5
    User.objects.filter(email__startswith="alice@").update(is_active=True)
    again = undo_change(started.id, title="Back", actor=cast.alice)
    assert write_undo(again.id) == 5
    assert held(accounts) == [""] * 5


def test_who_lost_the_field_cannot_ask_for_the_undo(accounts: list[Account], cast: Cast) -> None:
    started = asked(accounts, cast.dora, credit_rating="AA")
    write_change(started.id)
    lose_field()
    with pytest.raises(AccessDenied):
        undo_change(started.id, title="Back", actor=actor_by_user_id(cast.dora.user_id or 0))
    assert held(accounts, "credit_rating") == ["AA"] * 5
    assert BulkChange.objects.get(pk=started.id).undo_entry_id is None
