"""Who looked after a customer is kept, whichever way an owner was changed."""

import json
from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from guanxi.customers.commands import edit_account, follow_accounts
from guanxi.customers.facade import account_grant
from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.commands import create_token
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import deliver
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.objects.bulk import change_many, undo_change
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.spec import WrittenBlock
from guanxi.platform.records.many import load_reached, update_rows
from guanxi.stewardship.choices import EntryReason
from guanxi.stewardship.commands import Terms, hand_over_account, note_owners
from guanxi.stewardship.commands.pool_moves import claim, return_to_pool
from guanxi.stewardship.commands.pool_settings import create_pool
from guanxi.stewardship.models import OwnerPeriod
from guanxi.stewardship.queries.handovers import owner_periods
from guanxi.stewardship.tests.conftest import Team
from guanxi.stewardship.tests.test_handovers import TODAY, own
from tests.cast import Cast, SignIn

REASON = "stewardship: who looked after a customer is kept for all customers"


def delivered() -> None:
    """Let everything happen that follows from what was told."""
    for event in OutboxEvent.objects.order_by("published_at"):
        for key in ("stewardship.keep_first_owner", "stewardship.keep_owners"):
            name = "customers.account_created" if key.endswith("first_owner") else "customers.account_changed"
            if event.name == name:
                deliver(event.pk, reaction_key=key)


def kept(account: Account) -> list[tuple[int | None, str, int | None, bool]]:
    """The periods of an account: owner, way, by whom, whether it ended."""
    delivered()
    rows = unscoped(OwnerPeriod, reason=REASON).filter(account=account).order_by("pk")
    return [(row.owner_id, row.way, row.by_id, row.ended_at is not None) for row in rows]


def test_a_single_change_is_kept(new_account: Callable[..., Account], cast: Cast) -> None:
    account = new_account()
    assert kept(account) == [(own(cast.alice), "created", own(cast.alice), False)]
    edit_account(account.pk, {"owner_id": own(cast.bob)}, actor=cast.dora)
    edit_account(account.pk, {"city": "苏州"}, actor=cast.dora)
    assert kept(account) == [
        (own(cast.alice), "created", own(cast.alice), True),
        (own(cast.bob), "assigned", own(cast.dora), False),
    ]


def test_a_change_of_many_and_its_undo_are_kept(new_account: Callable[..., Account], cast: Cast) -> None:
    account = new_account()
    values: dict[str, object] = {"owner": cast.bob.user_id, "unit": cast.bob.unit_id}
    started = change_many("account", [account.pk], action=BulkAction.ASSIGN, values=values, title="", actor=cast.dora)
    undo_change(started.id, title="", actor=cast.dora)
    found = kept(account)
    assert [owner for owner, *_rest in found] == [own(cast.alice), own(cast.bob), own(cast.alice)]
    assert {by for _owner, _way, by, _ended in found[1:]} == {own(cast.dora)}


def test_a_stay_in_a_pool_is_kept_with_who_claimed_the_customer(
    new_account: Callable[..., Account], cast: Cast
) -> None:
    account = new_account()
    pool = create_pool({"name_zh": "公海", "name_en": "Pool", "member_ids": [cast.bob.user_id]}, actor=cast.dora)
    return_to_pool([account.pk], pool_id=pool.pk, reason=EntryReason.NO_BUDGET, actor=cast.alice)
    claim([account.pk], pool_id=pool.pk, actor=cast.bob)
    assert kept(account) == [
        (own(cast.alice), "created", own(cast.alice), True),
        (None, "pool", own(cast.alice), True),
        (own(cast.bob), "claim", own(cast.bob), False),
    ]


def test_who_enters_a_customer_through_the_api_is_kept(cast: Cast) -> None:
    dora = User.objects.get(pk=own(cast.dora))
    token = create_token(dora, name="test", is_read_only=False, actor=system_actor("Tests"))
    answer = Client().post(
        "/api/v1/accounts",
        json.dumps({"name": "云杉包装", "kind": "organisation"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 201, answer.content
    account = Account._base_manager.get(name="云杉包装")
    assert kept(account) == [(own(cast.dora), "created", own(cast.dora), False)]


def test_an_import_is_kept(new_account: Callable[..., Account], cast: Cast) -> None:
    account = new_account("岚川精密仪器")
    with transaction.atomic():
        begin_entry(cast.dora, action="import", object_key="account")
        permission = account_grant(cast.dora, Action.EDIT)
        loaded = load_reached(permission, [account.pk], locks=True)[account.pk]
        loaded.record.owner_id = own(cast.bob)  # type: ignore[attr-defined]  # an account
        update_rows(permission, [loaded])
        follow_accounts(WrittenBlock((account.pk,), ("owner_id",), cast.dora))
    assert kept(account)[-1] == (own(cast.bob), "import", own(cast.dora), False)


def test_a_handover_is_kept_and_shown_on_the_card(
    new_account: Callable[..., Account], cast: Cast, team: Team, sign_in: SignIn
) -> None:
    account = new_account()
    terms = Terms(reason="balance", last_day=TODAY)
    hand_over_account(account.pk, receiver_id=own(team.erin), terms=terms, actor=team.lead)
    assert kept(account)[-1] == (own(team.erin), "handover", own(team.lead), False)
    lines = owner_periods(cast.dora, account.pk)
    assert [line.owner for line in lines] == [
        User.objects.get(pk=own(who)).full_name for who in (team.erin, cast.alice)
    ]
    assert "Who looked after it" in sign_in(cast.dora).get(f"/accounts/{account.pk}/").content.decode()
    assert owner_periods(team.wren, account.pk) == ()


@pytest.mark.parametrize("times", [1, 2])
def test_writing_it_again_changes_nothing(new_account: Callable[..., Account], cast: Cast, times: int) -> None:
    account = new_account()
    edit_account(account.pk, {"owner_id": None}, actor=cast.dora)
    for _time in range(times):
        assert note_owners([account.pk]) == 2
    assert [owner for owner, *_rest in kept(account)] == [own(cast.alice), None]
