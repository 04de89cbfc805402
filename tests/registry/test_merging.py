"""Merging two records loses nothing, and separating them gives everything back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import override

from guanxi.customers.choices import PointType, TraitKind
from guanxi.customers.commands import add_contact, add_contact_point, add_trait, create_account, edit_account
from guanxi.customers.models import Account, AccountAlias, AccountClass, Classification, Contact, ContactPoint, Trait
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.ledger.queries import fact_counts, facts_of_account, purchases_by_category
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.objects.merging import REASON, Pair, joined_counts, merge_records, merged_into, undo_merge
from guanxi.platform.objects.models import FavouriteRecord, Merge
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.search.models import SearchEntry
from guanxi.value.adapters import engine, live_facts
from tests.cast import Cast

KEPT, MERGED = "岚川精密仪器（苏州）有限公司", "岚川精密(苏州)公司"


def account_of(record_id: int) -> Account:
    found: Account = unscoped(Account, reason=REASON).get(pk=record_id)
    return found


def customer(name: str, contact: str, phone: str, *, actor: Actor) -> Account:
    """A customer with a contact, a phone number, and a purchase."""
    account = create_account({"kind": "organisation", "name": name}, actor=actor)
    person = add_contact(Contact(account=account, family_name=contact[0], given_name=contact[1:]), actor=actor)
    add_contact_point(
        ContactPoint(account=account, contact=person, type=PointType.MOBILE.value, value=phone), actor=actor
    )
    fact = NewFact("purchase", "buy", timezone.now() - timedelta(days=3), amount=Decimal(100), quantity=Decimal(1))
    record_fact(account.pk, fact=fact, actor=actor)
    return account


@pytest.fixture
def pair(cast: Cast) -> Pair:
    """Two customers of two people who do not see each other's."""
    kept = customer(KEPT, "王五", "13801346021", actor=cast.alice)
    merged = customer(MERGED, "李四", "13801346022", actor=cast.dora)
    add_trait(Trait(account=merged, kind=TraitKind.HOBBY, text="钓鱼"), actor=cast.dora)
    theirs = {"city": "苏州", "owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}
    edit_account(merged.pk, theirs, actor=cast.dora)
    return Pair(kept.pk, merged.pk)


def everything(pair: Pair) -> dict[str, object]:
    """What the two records are and have, but for versions."""
    own = {"version", "updated_at", "_state"}
    accounts = {
        pk: {k: v for k, v in vars(account_of(pk)).items() if k not in own} for pk in (pair.kept_id, pair.merged_id)
    }
    parts = [
        sorted(unscoped(Contact, reason=REASON).values_list("pk", "account_id")),
        sorted(unscoped(ContactPoint, reason=REASON).values_list("pk", "account_id")),
        sorted(unscoped(Trait, reason=REASON).values_list("pk", "account_id")),
    ]
    found = sorted(SearchEntry.objects.values_list("object_key", "record_id", "title", "tokens"))
    return {
        "accounts": accounts,
        "parts": parts,
        "found": found,
        "aliases": list(AccountAlias.objects.values_list("former_id")),
    }


def test_all_that_belongs_to_one_goes_over_and_comes_back(pair: Pair, cast: Cast) -> None:
    before = everything(pair)
    merge = merge_records("account", pair, taken=["city"], actor=cast.dora)
    kept, merged = account_of(pair.kept_id), account_of(pair.merged_id)
    assert (kept.city, kept.name, kept.trashed_at, merged.trashed_at is not None) == ("苏州", KEPT, None, True)
    assert set(unscoped(Contact, reason=REASON).values_list("account_id", flat=True)) == {pair.kept_id}
    assert set(unscoped(Trait, reason=REASON).values_list("account_id", flat=True)) == {pair.kept_id}
    assert not SearchEntry.objects.filter(object_key="account", record_id=pair.merged_id).exists()
    assert merged_into("account", pair.merged_id) == pair.kept_id
    undo_merge(merge.pk, actor=cast.dora)
    assert everything(pair) == before
    assert merged_into("account", pair.merged_id) is None


def test_facts_keep_their_account_and_are_read_with_the_kept_one(pair: Pair, cast: Cast) -> None:
    merge = merge_records("account", pair, actor=cast.dora)
    for actor in (cast.alice, cast.dora):
        assert [item.count for item in fact_counts(actor, pair.kept_id)] == [2]
        assert len(facts_of_account(actor, pair.kept_id).rows) == 2
        assert purchases_by_category(actor, pair.kept_id)[0].amount == Decimal(200)
    assert fact_counts(cast.charlie, pair.kept_id) == ()
    assert facts_of_account(cast.charlie, pair.kept_id).rows == ()
    undo_merge(merge.pk, actor=cast.dora)
    assert [item.count for item in fact_counts(cast.alice, pair.kept_id)] == [1]
    assert [item.count for item in fact_counts(cast.charlie, pair.merged_id)] == [1]


@pytest.mark.django_db(transaction=True)
def test_analyses_read_the_facts_of_both_as_the_kept_one_s(pair: Pair, cast: Cast) -> None:
    merge_records("account", pair, actor=cast.dora)
    with engine() as (backend, _materialise):
        accounts = live_facts(backend, [pair.kept_id]).account_id.to_pyarrow().to_pylist()
    assert accounts == [pair.kept_id, pair.kept_id]


def test_what_the_kept_record_has_already_stays_with_the_merged_one(pair: Pair, cast: Cast) -> None:
    scheme = unscoped(Classification, reason=REASON).create(key="tier", name_zh="等级")
    for record_id, key in ((pair.kept_id, "a"), (pair.merged_id, "b")):
        unscoped(AccountClass, reason=REASON).create(account_id=record_id, classification=scheme, class_key=key)
        FavouriteRecord.objects.create(user_id=cast.dora.user_id or 0, object_key="account", record_id=record_id)
    merge = merge_records("account", pair, actor=cast.dora)
    assert merge.held == {"customers.accountclass": 1}
    classes = dict(unscoped(AccountClass, reason=REASON).values_list("account_id", "class_key"))
    assert classes == {pair.kept_id: "a", pair.merged_id: "b"}
    undo_merge(merge.pk, actor=cast.dora)
    assert dict(unscoped(AccountClass, reason=REASON).values_list("account_id", "class_key")) == classes
    assert FavouriteRecord.objects.count() == 2


def test_changes_since_the_merge_stay_when_it_is_taken_back(pair: Pair, cast: Cast) -> None:
    merge = merge_records("account", pair, taken=["city"], actor=cast.dora)
    edit_account(pair.kept_id, {"industry": "仪器"}, actor=cast.alice)
    added = add_contact(Contact(account_id=pair.kept_id, family_name="赵", given_name="六"), actor=cast.alice)
    assert undo_merge(merge.pk, actor=cast.dora).is_kept
    kept = account_of(pair.kept_id)
    assert (kept.city, kept.industry) == ("苏州", "仪器")
    assert unscoped(Contact, reason=REASON).get(pk=added.pk).account_id == pair.kept_id


def test_merges_behind_one_another_are_taken_back_in_turn(pair: Pair, cast: Cast) -> None:
    third = customer("岚川", "孙七", "13801346023", actor=cast.dora)
    before = everything(pair)
    first = merge_records("account", pair, actor=cast.dora)
    second = merge_records("account", Pair(third.pk, pair.kept_id), actor=cast.dora)
    assert merged_into("account", pair.merged_id) == third.pk
    assert [item.count for item in fact_counts(cast.dora, third.pk)] == [3]
    with pytest.raises(Conflict):
        undo_merge(first.pk, actor=cast.dora)
    undo_merge(second.pk, actor=cast.dora)
    assert [item.count for item in fact_counts(cast.dora, pair.kept_id)] == [2]
    undo_merge(first.pk, actor=cast.dora)
    assert everything(pair) == before


def test_who_may_not_edit_the_one_and_delete_the_other_merges_nothing(pair: Pair, cast: Cast) -> None:
    before = everything(pair)
    with pytest.raises(AccessDenied):
        merge_records("account", pair, actor=cast.charlie)
    with pytest.raises(AccessDenied):
        merge_records("account", pair, actor=cast.alice)
    with pytest.raises(RuleViolation):
        merge_records("account", Pair(pair.kept_id, pair.kept_id), actor=cast.dora)
    with pytest.raises(Conflict):
        merge_records("account", pair, versions={pair.kept_id: 99, pair.merged_id: 1}, actor=cast.dora)
    assert everything(pair) == before
    merge = merge_records("account", pair, actor=cast.dora)
    with pytest.raises(AccessDenied):
        undo_merge(merge.pk, actor=cast.alice)
    Merge.objects.update(merged_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Conflict):
        undo_merge(merge.pk, actor=cast.dora)


def merging_person(person: Actor, *, hands_over: str | None) -> Actor:
    """Somebody who may merge all there is and hand over so many of them."""
    rows: dict[tuple[str, str], object] = {("*", action): "everyone" for action in ("view", "edit", "delete")}
    rows |= {("account", "transfer"): hands_over} if hands_over else {}
    define_role("manager", name="Merging", rows=rows, fields={}, actor=system_actor("Tests"))
    return actor_by_user_id(person.user_id or 0)


def test_a_merge_gives_nobody_away_without_the_right_to_hand_over(pair: Pair, cast: Cast) -> None:
    before = everything(pair)
    with pytest.raises(RuleViolation) as refused:
        merge_records("account", pair, taken=("owner",), actor=merging_person(cast.bob, hands_over=None))
    assert refused.value.code == "merge.field"
    bob = merging_person(cast.bob, hands_over="owner")
    with pytest.raises(AccessDenied):
        merge_records("account", pair, taken=("owner",), actor=bob)
    assert everything(pair) == before
    merge_records("account", pair, taken=("city",), actor=bob)
    assert account_of(pair.kept_id).owner_id == cast.alice.user_id


def test_an_owner_taken_by_a_merge_is_given_back_by_who_may_hand_over(pair: Pair, cast: Cast) -> None:
    merge = merge_records("account", pair, taken=("owner",), actor=cast.dora)
    with pytest.raises(AccessDenied):
        undo_merge(merge.pk, actor=merging_person(cast.bob, hands_over=None))
    assert account_of(pair.kept_id).owner_id == cast.charlie.user_id
    undo_merge(merge.pk, actor=cast.dora)
    assert account_of(pair.kept_id).owner_id == cast.alice.user_id


def test_the_preview_counts_what_comes_together(pair: Pair, cast: Cast) -> None:
    with override("en"):
        counts = {str(item.label): (item.kept, item.merged) for item in joined_counts(listed_object("account"), pair)}
    assert counts["Contacts"] == (1, 1)
    assert counts["Notes worth knowing"] == (0, 1)
    assert grant(cast.dora, Account).queryset().count() == 2


def test_two_contacts_become_one(cast: Cast) -> None:
    account = customer(KEPT, "王五", "13801346021", actor=cast.alice)
    first = unscoped(Contact, reason=REASON).get()
    twin = add_contact(Contact(account=account, family_name="王", given_name="武"), actor=cast.alice)
    point = add_contact_point(
        ContactPoint(account=account, contact=twin, type="mail", value="wang@qiheng.example"), actor=cast.alice
    )
    merge = merge_records("contact", Pair(first.pk, twin.pk), actor=cast.dora)
    assert unscoped(ContactPoint, reason=REASON).get(pk=point.pk).contact_id == first.pk
    undo_merge(merge.pk, actor=cast.dora)
    assert unscoped(ContactPoint, reason=REASON).get(pk=point.pk).contact_id == twin.pk
