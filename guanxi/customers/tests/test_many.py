"""Changes of many customers and contacts: they do and tell what the verbs for a single one do and tell."""

from collections.abc import Callable
from typing import Any

import pytest

from guanxi.customers.commands import add_contact, remove_contact_point, restore_contact
from guanxi.customers.models import Account, Contact
from guanxi.customers.tests.conftest import NUMBER, Kept
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.customfields.tag_commands import make_tag
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.objects import bulk
from guanxi.platform.objects.bulk import Started, change_many, undo_change, write_change
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.tagging import tag_record
from guanxi.platform.records.tags import Tagging
from guanxi.platform.search.models import SearchEntry
from tests.cast import Cast

GOING_ALONG = ("contact_point", "important_date", "trait")


@pytest.fixture
def accounts(new_account: Callable[..., Account]) -> list[Account]:
    """Three accounts of Alice's; one is in Suzhou."""
    return [new_account(f"客户{place}", city="苏州" if place == 0 else "") for place in range(3)]


def told(name: str) -> list[dict[str, Any]]:
    """What events of a name said, in their order."""
    rows = OutboxEvent.objects.filter(name=f"customers.{name}").order_by("published_at")
    return list(rows.values_list("payload", flat=True))


def done(key: str, ids: list[int], action: BulkAction, values: dict[str, object], actor: Actor) -> Started:
    """A change of many that was made at once."""
    return change_many(key, ids, action=action, values=values, title="", actor=actor)


def test_one_event_tells_of_all_accounts_that_changed(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    started = done("account", ids, BulkAction.EDIT, {"city": "苏州"}, cast.alice)
    assert told("account_changed") == [{"account_ids": ids[1:], "fields": ["city"]}]
    undo_change(started.id, title="", actor=cast.alice)
    assert told("account_changed")[1:] == [{"account_ids": ids[1:], "fields": ["city"]}]
    done("account", ids[:1], BulkAction.EDIT, {"city": "苏州"}, cast.alice)
    assert len(told("account_changed")) == 2


def test_each_block_tells_of_its_own_accounts_and_once(
    accounts: list[Account], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "BLOCK", 2)
    ids = [account.pk for account in accounts]
    started = done("account", ids, BulkAction.EDIT, {"relation": "media"}, cast.alice)
    assert write_change(started.id) == 3
    assert [(event["account_ids"], event["fields"]) for event in told("account_changed")] == [
        (ids[:2], ["relation"]),
        (ids[2:], ["relation"]),
    ]


def test_a_new_owner_and_the_trash_are_told_as_well(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    values: dict[str, object] = {"owner": cast.bob.user_id, "unit": cast.bob.unit_id}
    done("account", ids, BulkAction.ASSIGN, values, cast.dora)
    assert told("account_changed") == [{"account_ids": ids, "fields": ["owner", "unit"]}]
    started = done("account", ids, BulkAction.TRASH, {}, cast.dora)
    assert told("account_trashed") == [{"account_ids": ids}]
    undo_change(started.id, title="", actor=cast.dora)
    assert told("account_restored") == [{"account_ids": ids}]


def test_tags_are_told_of_many_and_of_one(accounts: list[Account], cast: Cast) -> None:
    ids = [account.pk for account in accounts]
    tag = make_tag(Account, name_zh="重要", name_en="Important", actor=cast.dora)
    done("account", ids[:2], BulkAction.TAG, {"added": [tag.key]}, cast.alice)
    tag_record("account", ids[2], Tagging((tag.key,)), actor=cast.alice)
    tag_record("account", ids[2], Tagging((tag.key,)), actor=cast.alice)
    assert [(event["account_ids"], event["fields"]) for event in told("account_changed")] == [
        (ids[:2], ["custom__m_tags"]),
        (ids[2:], ["custom__m_tags"]),
    ]


def test_what_belongs_to_contacts_goes_to_the_trash_with_them_and_comes_back(kept: Kept, cast: Cast) -> None:
    contact = kept.parts["contact"]
    other = add_contact(Contact(account=kept.account, family_name="吴", given_name="桐"), actor=cast.alice)
    remove_contact_point(kept.parts["contact_point"].pk, actor=cast.alice)
    started = done("contact", [contact.pk, other.pk], BulkAction.TRASH, {}, cast.alice)
    entry = AuditEntry.objects.get(action="bulk_trash")
    moment = stored(kept, "contact", cast).trashed_at
    assert moment is not None
    assert [stored(kept, key, cast).trashed_at == moment for key in GOING_ALONG] == [False, True, True]
    assert stored(kept, "affiliation", cast).trashed_at is None
    assert entry.record_count == 2
    assert told("part_changed")[-1] == {
        "account_ids": [kept.account.pk],
        "part": "contact",
        "record_ids": sorted([contact.pk, other.pk]),
        "action": "remove_contact",
    }
    undo_change(started.id, title="", actor=cast.alice)
    assert stored(kept, "contact", cast).trashed_at is None
    assert [stored(kept, key, cast).trashed_at is None for key in GOING_ALONG] == [False, True, True]
    assert told("part_changed")[-1]["action"] == "restore_contact"


def test_the_undo_leaves_what_was_brought_back_one_by_one(kept: Kept, cast: Cast) -> None:
    contact = kept.parts["contact"]
    started = done("contact", [contact.pk], BulkAction.TRASH, {}, cast.alice)
    restore_contact(contact.pk, actor=cast.alice)
    remove_contact_point(kept.parts["contact_point"].pk, actor=cast.alice)
    assert undo_change(started.id, title="", actor=cast.alice).changed == 0
    assert stored(kept, "contact_point", cast).trashed_at is not None


def test_customers_are_found_by_their_contacts_only_while_those_are_in_use(kept: Kept, cast: Cast) -> None:
    before = tokens(kept)
    started = done("contact", [kept.parts["contact"].pk], BulkAction.TRASH, {}, cast.alice)
    assert tokens(kept) < before
    assert not SearchEntry.objects.filter(object_key="contact", record_id=kept.parts["contact"].pk).exists()
    undo_change(started.id, title="", actor=cast.alice)
    assert tokens(kept) == before
    entry = SearchEntry.objects.get(object_key="contact", record_id=kept.parts["contact"].pk)
    assert any(NUMBER[-4:] in token for token in entry.tokens)


def test_who_may_not_leaves_contacts_and_what_belongs_to_them(kept: Kept, cast: Cast) -> None:
    assert done("contact", [kept.parts["contact"].pk], BulkAction.TRASH, {}, cast.charlie).changed == 0
    assert [stored(kept, key, cast).trashed_at for key in ("contact", *GOING_ALONG)] == [None] * 4
    assert told("part_changed")[-1]["action"] != "remove_contact"


def stored(kept: Kept, key: str, cast: Cast) -> Any:
    """A part as it is in the database."""
    return grant(cast.dora, type(kept.parts[key])).get(kept.parts[key].pk)


def tokens(kept: Kept) -> set[str]:
    """What the account is found by."""
    return set(SearchEntry.objects.get(object_key="account", record_id=kept.account.pk).tokens)
