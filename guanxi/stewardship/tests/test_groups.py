"""Records that hang together by pairs are one entry of the desk, and are decided in one sitting."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from guanxi.customers.commands import add_contact, add_contact_point, edit_account
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import unscoped
from guanxi.stewardship import commands
from guanxi.stewardship.adapters.scanning import scan_base
from guanxi.stewardship.choices import TwinState
from guanxi.stewardship.commands import GroupMerge
from guanxi.stewardship.commands.duplicates import REASON
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.duplicates import twin_account_ids, twin_rows
from guanxi.stewardship.queries.groups import group_of, twin_groups
from tests.cast import Cast, SignIn

NAMES = ("岚川精密仪器有限公司", "岚川精密仪器公司", "嵐川精密仪器", "白榆印务", "白榆印务公司")


@pytest.fixture
def chain(cast: Cast, new_account: Callable[..., Account]) -> list[Twin]:
    """Three records that hang together by two pairs, and a pair beside them."""
    made = [new_account(name, city=f"城{place}") for place, name in enumerate(NAMES)]
    ends = [(0, 1, 6.0), (1, 2, 9.0), (3, 4, 7.0)]
    return [
        unscoped(Twin, reason=REASON).create(
            object_key="account",
            first_id=made[first].pk,
            second_id=made[second].pk,
            weight=weight,
            reasons=[["same_name", weight]],
        )
        for first, second, weight in ends
    ]


def states() -> list[str]:
    return list(unscoped(Twin, reason=REASON).order_by("pk").values_list("state", flat=True))


def live() -> set[str]:
    return set(Account._base_manager.filter(trashed_at__isnull=True).values_list("name", flat=True))


def test_pairs_that_hang_together_are_one_entry_the_likeliest_first(chain: list[Twin], cast: Cast) -> None:
    groups = twin_groups(cast.dora, today=timezone.localdate())
    assert [group.group.twin_ids for group in groups] == [(chain[1].pk, chain[0].pk), (chain[2].pk,)]
    assert set(groups[0].names) == set(NAMES[:3])
    assert set(group_of(chain[0], cast.dora).record_ids) == {chain[0].first_id, chain[1].first_id, chain[1].second_id}


def test_a_group_is_merged_in_one_sitting_and_taken_apart_again(chain: list[Twin], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.dora)
    page = client.get(f"/steward/duplicates/?entry={chain[0].pk}").content.decode()
    assert "3 records that hang together" in page
    assert all(name in page for name in NAMES[:3])
    keep, middle, last = chain[0].first_id, chain[0].second_id, chain[1].second_id
    versions = {f"version:{pk}": 1 for pk in (keep, middle, last)}
    told = {"do": "merge", "keep": keep, "with": [middle, last], "take:city": last, "take:name": keep, **versions}
    assert client.post(f"/steward/groups/{chain[0].pk}/", told).status_code == 303
    assert live() == {NAMES[0], *NAMES[3:]}
    assert Account._base_manager.get(pk=keep).city == "城2"
    assert states() == ["merged", "open", "open", "merged"]
    assert [row.names[0] for row in twin_rows(cast.dora, today=timezone.localdate())] == [NAMES[3]]
    assert client.post(f"/steward/groups/{chain[0].pk}/reopen/").status_code == 303
    assert (live(), Account._base_manager.get(pk=keep).city) == (set(NAMES), "城0")
    assert states() == ["open"] * 4


def test_a_record_that_is_not_ticked_stays_as_it_is(chain: list[Twin], cast: Cast) -> None:
    commands.merge_group(chain[0].pk, GroupMerge(chain[1].second_id, {chain[1].first_id: []}), actor=cast.dora)
    assert live() == {NAMES[0], NAMES[2], *NAMES[3:]}
    assert states() == ["open", "merged", "open"]


def test_a_group_is_parted_or_put_off_as_a_whole(chain: list[Twin], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.dora)
    client.post(f"/steward/groups/{chain[0].pk}/", {"do": "later"})
    today = timezone.localdate()
    assert [group.group.twin_ids for group in twin_groups(cast.dora, today=today)] == [(chain[2].pk,)]
    client.post(f"/steward/groups/{chain[0].pk}/reopen/")
    client.post(f"/steward/groups/{chain[0].pk}/", {"do": "different"})
    assert states() == ["different", "different", "open"]
    client.post(f"/steward/groups/{chain[0].pk}/reopen/")
    assert (states(), len(twin_groups(cast.dora, today=today))) == (["open"] * 3, 2)


def test_what_a_person_does_not_see_hangs_together_with_nothing(chain: list[Twin], cast: Cast) -> None:
    theirs = {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}
    edit_account(chain[1].second_id, theirs, actor=cast.dora)
    foreign = GroupMerge(chain[0].first_id, {chain[2].first_id: []})
    with pytest.raises(NotFound):
        commands.merge_group(chain[0].pk, foreign, actor=cast.dora)
    assert (live(), states()) == (set(NAMES), ["open"] * 3)


@pytest.mark.django_db(transaction=True)
def test_the_scan_finds_contacts_of_the_same_customer_and_no_namesakes(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account, other = new_account(NAMES[0]), new_account("青屿生物科技有限公司")
    made = [
        add_contact(Contact(account=home, family_name="顾", given_name="明哲"), actor=cast.alice)
        for home in (account, account, other)
    ]
    for contact in made[:2]:
        point = ContactPoint(account=account, contact=contact, type="mobile", value="13801346021")
        add_contact_point(point, actor=cast.alice)
    for place in range(30):
        person = Contact(
            account=other, family_name="赵钱孙李周吴郑冯陈卫"[place % 10], given_name=f"{'明华强'[place % 3]}{place}"
        )
        add_contact(person, actor=cast.alice)
    scan_base()
    found = unscoped(Twin, reason=REASON).filter(object_key="contact", state=TwinState.OPEN)
    assert list(found.values_list("first_id", "second_id")) == [(made[0].pk, made[1].pk)]
    assert set(twin_account_ids(cast.dora)) == {account.pk}
    client = sign_in(cast.dora)
    page = client.get("/steward/").content.decode()
    assert all(words in page for words in ("Two records, one contact?", "Same phone number", "顾明哲"))
    twin = found.get()
    told = {"do": "merge", "keep": made[0].pk}
    assert client.post(f"/steward/pairs/{twin.pk}/", told).status_code == 303
    assert Contact._base_manager.get(pk=made[1].pk).trashed_at is not None
    assert ContactPoint._base_manager.filter(contact=made[0].pk).count() == 2
