"""How many customers a person may look after holds at every door by which people give customers to somebody."""

from collections.abc import Callable
from pathlib import Path

import pytest

from guanxi.customers.commands import create_account, edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.bulk import change_many
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.transfer.commands import check, take_file_in, write_import
from guanxi.platform.transfer.models import ImportedRow, Outcome
from guanxi.stewardship.commands.pool_settings import create_limit
from guanxi.stewardship.queries.pools import HOLDING
from tests.cast import Cast

pytestmark = pytest.mark.django_db
NewAccount = Callable[..., Account]


def held_by(actor: Actor) -> int:
    """How many customers somebody looks after."""
    return unscoped(Account, reason=HOLDING).filter(owner=actor.user_id, trashed_at__isnull=True).count()


def new(name: str) -> dict[str, object]:
    """What is said of a new customer."""
    return {"name": name, "kind": "organisation", "relation_id": "customer"}


@pytest.fixture
def limited(cast: Cast, new_account: NewAccount) -> Cast:
    """Bob may look after two customers and has one."""
    kept = new_account("云杉仪器有限公司")
    edit_account(kept.pk, {"owner_id": cast.bob.user_id}, actor=cast.dora)
    create_limit({"user_id": cast.bob.user_id, "most": 2, "exemptions": []}, actor=cast.dora)
    return cast


def test_making_customers_stops_at_the_limit(limited: Cast) -> None:
    create_account(new("一"), actor=limited.bob)
    with pytest.raises(RuleViolation) as refused:
        create_account(new("二"), actor=limited.bob)
    assert (refused.value.code, refused.value.data, held_by(limited.bob)) == ("record.full", {"left": 0}, 2)


def test_giving_one_and_giving_many_stop_at_the_limit(limited: Cast, new_account: NewAccount) -> None:
    ids = [new_account(name).pk for name in ("甲", "乙")]
    values = {"owner": limited.bob.user_id}
    with pytest.raises(RuleViolation) as refused:
        change_many("account", ids, action=BulkAction.ASSIGN, values=values, title="", actor=limited.dora)
    assert (refused.value.code, refused.value.data, held_by(limited.bob)) == ("record.full", {"left": 1}, 1)
    edit_account(ids[0], {"owner_id": limited.bob.user_id}, actor=limited.dora)
    with pytest.raises(RuleViolation):
        edit_account(ids[1], {"owner_id": limited.bob.user_id}, actor=limited.dora)
    edit_account(ids[0], {"city": "苏州"}, actor=limited.dora)
    assert held_by(limited.bob) == 2


def test_who_does_not_see_a_customer_learns_nothing_of_the_room(limited: Cast, new_account: NewAccount) -> None:
    foreign = new_account("丁")
    create_account(new("戊"), actor=limited.bob)
    with pytest.raises(NotFound):
        edit_account(foreign.pk, {"owner_id": limited.bob.user_id}, actor=limited.charlie)
    assert held_by(limited.bob) == 2


def test_an_import_gives_no_more_than_there_is_room_for(limited: Cast, settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test
    text = "单位全称,客户经理\n" + "".join(f"岚川{number}有限公司,Test Bob\n" for number in range(3))
    taken = take_file_in("account", NewFile("a.csv", len(text.encode()), [text.encode()]), actor=limited.dora)
    tried = check(taken.pk).counts
    done = write_import(taken.pk)
    counts = {Outcome.CREATED.value: 1, Outcome.ERROR.value: 2}
    assert (tried, done.counts, held_by(limited.bob)) == (counts, counts, 2)
    faulty = ImportedRow.objects.filter(file=taken, outcome=Outcome.ERROR).values_list("problems", flat=True)
    assert [problems[0][1] for problems in faulty] == ["full", "full"]


def test_what_comes_in_by_itself_finds_an_owner_in_any_case(limited: Cast) -> None:
    system = system_actor("Forms")
    for name in ("三", "四"):
        create_account(new(name) | {"owner_id": limited.bob.user_id}, actor=system)
    assert held_by(limited.bob) == 3
