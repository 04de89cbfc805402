"""Conflicts between sources of contacts’ fields and of ways to reach customers: found, decided, and told to nobody who
may not read the value."""

from collections.abc import Callable
from dataclasses import replace
from uuid import uuid4

import pytest
from django.utils import timezone

from guanxi.customers.commands import (
    add_contact,
    add_contact_point,
    create_account,
    edit_contact,
    edit_contact_point,
    remove_contact,
    restore_contact,
)
from guanxi.customers.events import AccountsMerged
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.collaboration.models import Comment
from guanxi.platform.objects.merging import Pair, merge_records, undo_merge
from guanxi.platform.objects.removal import remove_for_good, write_removal
from guanxi.stewardship.choices import ConflictState
from guanxi.stewardship.commands import decide_conflict, find_conflicts, forget_sealed, reopen_conflict
from guanxi.stewardship.jobs.desk import desk_nightly
from guanxi.stewardship.models import FieldConflict
from guanxi.stewardship.queries.conflicts import disputed_account_ids
from guanxi.stewardship.reactions.desk import take_conflicts_along
from tests.cast import Cast, SignIn
from tests.registry.test_desk import CONFLICTS, NOTES, post, waiting
from tests.registry.test_desk import fresh_counts as fresh_counts
from tests.registry.test_desk import steward as steward

MOBILE, OTHER = "138 0134 6021", "13901346022"


def erp() -> Actor:
    return replace(system_actor("ERP"), surface=Surface.API)


def contact_of(account: Account, actor: Actor) -> Contact:
    return add_contact(Contact(account=account, family_name="李", given_name="伟"), actor=actor)


def conflict_about(**record: object) -> FieldConflict:
    found: FieldConflict = unscoped(FieldConflict, reason=CONFLICTS).get(**record)
    return found


def quarrel_about_title(account: Account, *, actor: Actor) -> FieldConflict:
    """Somebody types a job title, a program writes another one."""
    contact = contact_of(account, actor)
    edit_contact(contact.pk, {"title": "采购经理"}, actor=actor)
    edit_contact(contact.pk, {"title": "采购员"}, actor=erp())
    find_conflicts([account.pk])
    return conflict_about(contact=contact.pk)


def quarrel_about_mobile(account: Account, *, actor: Actor) -> FieldConflict:
    """Somebody types a number, a program writes another one."""
    contact = contact_of(account, actor)
    way = ContactPoint(account=account, contact=contact, type="mobile", value=MOBILE)
    point = add_contact_point(way, actor=actor)
    edit_contact_point(point.pk, {"value": OTHER}, actor=erp())
    find_conflicts([account.pk])
    return conflict_about(point=point.pk)


def value_of(conflict: FieldConflict) -> str:
    if conflict.point_id:
        return str(unscoped(ContactPoint, reason=NOTES).get(pk=conflict.point_id).value)
    return str(unscoped(Contact, reason=NOTES).get(pk=conflict.record_id).title)


def test_a_field_of_a_contact_is_decided_and_taken_back(
    steward: Actor, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    conflict = quarrel_about_title(account, actor=steward)
    assert (conflict.first, conflict.second, conflict.second_name) == ("采购经理", "采购员", "ERP")
    assert waiting("conflicts", steward) == (str(conflict.pk),)
    client = sign_in(steward)
    page = client.get("/steward/conflicts/").content.decode()
    assert ("Job title · 李伟" in page, "采购经理" in page, account.name in page) == (True, True, True)
    assert post(client, "conflicts", str(conflict.pk), do="take") == 303
    assert (value_of(conflict), waiting("conflicts", steward)) == ("采购经理", ())
    decided = client.get("/steward/decided/").content.decode()
    assert ("Job title · 李伟" in decided, "not 采购员" in decided) == (True, True)
    edit_contact(conflict.contact_id or 0, {"title": "采购员"}, actor=erp())
    assert (find_conflicts([account.pk]), waiting("conflicts", steward)) == (0, ())
    edit_contact(conflict.contact_id or 0, {"title": "采购经理"}, actor=steward)
    reopen_conflict(conflict.pk, actor=steward)
    assert (value_of(conflict), waiting("conflicts", steward)) == ("采购员", (str(conflict.pk),))


def test_a_number_is_decided_and_one_that_is_only_written_otherwise_is_no_other(
    steward: Actor, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    point = add_contact_point(ContactPoint(account=account, type="mobile", value=MOBILE), actor=steward)
    edit_contact_point(point.pk, {"value": MOBILE.replace(" ", "")}, actor=erp())
    assert find_conflicts([account.pk]) == 0
    edit_contact_point(point.pk, {"value": OTHER}, actor=erp())
    assert find_conflicts([account.pk]) == 1
    conflict = conflict_about(point=point.pk)
    assert (conflict.first, conflict.second) == (MOBILE, OTHER)
    client = sign_in(steward)
    page = client.get("/steward/conflicts/").content.decode()
    assert ("Which is right: Mobile" in page, MOBILE in page, OTHER in page) == (True, True, True)
    assert post(client, "conflicts", str(conflict.pk), do="take") == 303
    kept = unscoped(ContactPoint, reason=NOTES).get(pk=point.pk)
    assert (kept.value, kept.normalised) == (MOBILE, "+8613801346021")
    edit_contact_point(point.pk, {"value": OTHER}, actor=erp())
    assert (find_conflicts([account.pk]), waiting("conflicts", steward)) == (0, ())


@pytest.mark.parametrize("access", [FieldAccess.HIDDEN, FieldAccess.MASKED])
def test_who_may_not_read_numbers_is_told_nothing_of_them(
    access: FieldAccess, steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    conflict = quarrel_about_mobile(account, actor=steward)
    rows: dict[tuple[str, str], object] = {("account", action): "unit_and_below" for action in ("view", "edit")}
    rows |= {("twin", "edit"): "everyone", ("twin", "view"): "everyone"}
    define_role("manager", name="M", rows=rows, fields={("*", "reach"): int(access)}, actor=cast.dora)
    bob = actor_by_user_id(cast.bob.user_id or 0, surface=Surface.WEB)
    client = sign_in(bob)
    assert waiting("conflicts", bob) == ()
    assert list(disputed_account_ids(bob)) == []
    assert client.get(f"/steward/conflicts/?entry={conflict.pk}").status_code == 404
    for act in ("keep", "take", "later", "ask"):
        assert post(client, "conflicts", str(conflict.pk), do=act) == 404
    assert client.post(f"/steward/conflicts/{conflict.pk}/reopen/").status_code == 404
    with pytest.raises(NotFound):
        decide_conflict(conflict.pk, is_first=True, actor=bob)
    decide_conflict(conflict.pk, is_first=False, actor=steward)
    for address in ("/steward/conflicts/", "/steward/decided/", "/steward/quality/"):
        page = client.get(address).content.decode()
        assert not any(text in page for text in (MOBILE, OTHER, "13801346021")), address
    assert value_of(conflict) == OTHER


def test_what_the_owner_is_asked_holds_no_number(
    steward: Actor, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    conflict = quarrel_about_mobile(new_account(), actor=steward)
    assert post(sign_in(cast.dora), "conflicts", str(conflict.pk), do="ask") == 303
    (text,) = unscoped(Comment, reason=NOTES).values_list("text", flat=True)
    assert "李伟" in text
    assert not any(number in text for number in (MOBILE, OTHER, "138", "139"))


def test_who_must_not_see_or_change_the_customer_decides_nothing(
    steward: Actor, cast: Cast, new_account: Callable[..., Account]
) -> None:
    conflict = quarrel_about_title(new_account(), actor=steward)
    with pytest.raises(NotFound):
        decide_conflict(conflict.pk, is_first=True, actor=cast.charlie)
    with pytest.raises(AccessDenied):
        decide_conflict(conflict.pk, is_first=True, actor=replace(steward, read_only=True))
    assert (value_of(conflict), conflict_about(pk=conflict.pk).state) == ("采购员", ConflictState.OPEN)


def test_a_third_value_is_neither_kept_nor_overwritten(steward: Actor, new_account: Callable[..., Account]) -> None:
    account = new_account()
    conflict = quarrel_about_title(account, actor=steward)
    edit_contact(conflict.contact_id or 0, {"title": "总监"}, actor=steward)
    with pytest.raises(Conflict, match="Neither of the two"):
        decide_conflict(conflict.pk, is_first=True, actor=steward)
    assert value_of(conflict) == "总监"
    find_conflicts([account.pk])
    assert (waiting("conflicts", steward), conflict_about(pk=conflict.pk).state) == ((), ConflictState.GONE)


def test_a_conflict_waits_while_its_contact_is_in_use_and_goes_with_it_to_another_customer(
    steward: Actor, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("甲")
    other = create_account({"kind": "organisation", "name": "乙", "owner_id": None}, actor=cast.dora)
    conflict = quarrel_about_title(account, actor=steward)
    contact_id = conflict.contact_id or 0
    remove_contact(contact_id, actor=steward)
    assert (waiting("conflicts", steward), list(disputed_account_ids(None))) == ((), [])
    restore_contact(contact_id, actor=steward)
    assert waiting("conflicts", steward) == (str(conflict.pk),)
    edit_contact(contact_id, {"account_id": other.pk}, actor=cast.dora)
    assert waiting("conflicts", steward) == ()
    find_conflicts([other.pk])
    assert (waiting("conflicts", steward), waiting("conflicts", cast.dora)) == ((), (str(conflict.pk),))
    assert conflict_about(pk=conflict.pk).account_id == other.pk


def test_the_night_finds_them_and_forgets_what_is_encrypted_by_now(
    steward: Actor, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account()
    quarrel_about_title(account, actor=steward)
    quarrel_about_mobile(account, actor=steward)
    rows = unscoped(FieldConflict, reason=CONFLICTS)
    rows.all().delete()
    desk_nightly(int(timezone.now().timestamp()))
    assert sorted(rows.values_list("field", flat=True)) == ["title", "value"]
    rows.filter(field="title").update(field="tax_id", contact=None)
    assert (forget_sealed(), list(rows.values_list("field", flat=True))) == (1, ["value"])


def test_conflicts_follow_their_contacts_when_customers_become_one_and_are_separated(
    steward: Actor, cast: Cast, new_account: Callable[..., Account]
) -> None:
    kept, merged = new_account("甲"), new_account("乙")
    conflict = quarrel_about_title(merged, actor=steward)
    decided = quarrel_about_mobile(merged, actor=steward)
    decide_conflict(decided.pk, is_first=False, actor=steward)
    merge = merge_records("account", Pair(kept.pk, merged.pk), taken=(), versions=None, actor=cast.dora)
    assert waiting("conflicts", steward) == ()
    take_conflicts_along(AccountsMerged(kept_id=kept.pk, merged_id=merged.pk, is_undone=False), uuid4())
    assert waiting("conflicts", steward) == (str(conflict.pk),)
    assert {row.account_id for row in unscoped(FieldConflict, reason=CONFLICTS).all()} == {kept.pk}
    undo_merge(merge.pk, actor=cast.dora)
    take_conflicts_along(AccountsMerged(kept_id=kept.pk, merged_id=merged.pk, is_undone=True), uuid4())
    assert waiting("conflicts", steward) == (str(conflict.pk),)
    assert {row.account_id for row in unscoped(FieldConflict, reason=CONFLICTS).all()} == {merged.pk}


def test_a_contact_that_is_deleted_for_good_takes_its_conflicts_along(
    steward: Actor, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account()
    quarrel_about_mobile(account, actor=steward)
    conflict = quarrel_about_title(account, actor=steward)
    contacts = list(unscoped(Contact, reason=NOTES).values_list("pk", flat=True))
    for contact_id in contacts:
        remove_contact(contact_id, actor=cast.dora)
    removal = remove_for_good("contact", contacts, title="Contacts", actor=cast.dora)
    write_removal(removal.pk)
    left = unscoped(FieldConflict, reason=CONFLICTS).values_list("pk", flat=True)
    assert (conflict.pk in left, list(left)) == (False, [])
