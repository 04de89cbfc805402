"""Who sees, changes and finds what: the cast against accounts and what follows them."""

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from guanxi.customers.commands import add_contact_point, edit_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.customers.queries import contact_points, found_accounts
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.access.rules import (
    Action,
    AnyOf,
    Everyone,
    FieldAccess,
    Nobody,
    Owner,
    Unit,
    parse_rule,
    widest,
)
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id
from tests.cast import Cast

MakeAccount = Callable[..., Account]


def test_rules_are_read_from_their_json_form() -> None:
    assert parse_rule({"any_of": ["owner", "unit_and_below"]}) == AnyOf((Owner(), Unit(and_below=True)))


@pytest.mark.parametrize("data", ["root", {"any": []}, 7, None, {"field_in": {"field": 1, "values": []}}])
def test_anything_outside_the_language_is_refused(data: object) -> None:
    with pytest.raises(RuleViolation):
        parse_rule(data)


def test_several_roles_give_the_widest_rule() -> None:
    assert widest((Owner(), Nobody(), Everyone())) == Everyone()
    assert widest((Owner(), Nobody())) == Owner()
    assert widest(()) == Nobody()


@pytest.mark.django_db
def test_owner_and_unit_see_an_account_and_others_do_not_learn_of_it(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    assert grant(cast.alice, Account).get(account.pk).pk == account.pk
    assert grant(cast.bob, Account).get(account.pk).pk == account.pk
    assert grant(cast.dora, Account).get(account.pk).pk == account.pk
    with pytest.raises(NotFound):
        grant(cast.charlie, Account).get(account.pk)


@pytest.mark.django_db
def test_what_belongs_to_an_account_is_seen_as_the_account_is(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    point = ContactPoint(account=account, type="mobile", value="138 0013 6021")
    add_contact_point(point, actor=cast.alice)
    assert grant(cast.bob, ContactPoint).queryset().count() == 1
    assert grant(cast.charlie, ContactPoint).queryset().count() == 0


@pytest.mark.django_db
def test_a_masked_number_shows_its_tail_only(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    add_contact_point(ContactPoint(account=account, type="mobile", value="13800136021"), actor=cast.alice)
    assert contact_points([account.pk], cast.alice)[account.pk][0].text == "13800136021"
    seen = contact_points([account.pk], cast.bob)[account.pk][0]
    assert (seen.text, seen.is_masked) == ("138****6021", True)


@pytest.mark.django_db
def test_a_masked_number_is_not_found_by_its_hidden_part(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    add_contact_point(ContactPoint(account=account, type="mobile", value="13800136021"), actor=cast.alice)

    def finds(words: str, *, who: str) -> bool:
        actor = getattr(cast, who)
        found = found_accounts(words, actor)
        return found is not None and grant(actor, Account).queryset().filter(pk__in=found.ids).exists()

    assert finds("80013", who="alice")
    assert not finds("80013", who="bob")
    assert finds("6021", who="bob")
    assert not finds("6021", who="charlie")


@pytest.mark.django_db
def test_a_read_only_token_reads_and_changes_nothing(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    assert grant(cast.token, Account).get(account.pk).name == account.name
    with pytest.raises(AccessDenied):
        edit_account(account.pk, {"name": "other"}, actor=cast.token)
    assert grant(cast.alice, Account).get(account.pk).name == account.name


@pytest.mark.django_db
def test_a_field_that_may_not_be_written_is_refused_and_nothing_changes(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    with pytest.raises(AccessDenied, match="tax_id"):
        edit_account(account.pk, {"name": "other", "tax_id": "91320594MA1X0000"}, actor=cast.alice)
    unchanged = grant(cast.dora, Account).get(account.pk)
    assert (unchanged.name, unchanged.tax_id, unchanged.version) == (account.name, "", 1)


@pytest.mark.django_db
def test_a_changed_rule_is_in_force_with_the_next_request(cast: Cast, new_account: MakeAccount) -> None:
    new_account()
    assert grant(cast.bob, Account).queryset().count() == 1
    set_role_policy("manager", rows={("account", "view"): "nobody"}, fields={})
    assert cast.bob.user_id is not None
    fresh = actor_by_user_id(cast.bob.user_id)
    assert not may(fresh, Account, Action.VIEW)
    with pytest.raises(AccessDenied):
        grant(fresh, Account)


@pytest.mark.django_db
def test_sensitive_fields_follow_the_roles(cast: Cast) -> None:
    assert grant(cast.alice, Account).field_access("tax_id") == FieldAccess.MASKED
    assert grant(cast.bob, Account).field_access("tax_id") == FieldAccess.HIDDEN
    assert grant(cast.dora, Account).field_access("tax_id") == FieldAccess.WRITE
    assert grant(cast.token, Account).field_access("name") == FieldAccess.READ


@pytest.mark.django_db
def test_a_rolled_back_rule_is_never_taken_for_a_later_one(cast: Cast) -> None:
    assert cast.bob.user_id is not None
    bob = cast.bob.user_id

    def refuse_and_fail() -> None:
        with transaction.atomic():
            set_role_policy("manager", rows={("account", "view"): "nobody"}, fields={})
            assert not may(actor_by_user_id(bob), Account, Action.VIEW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        refuse_and_fail()
    set_role_policy("manager", rows={("account", "view"): "everyone"}, fields={})
    assert may(actor_by_user_id(bob), Account, Action.VIEW)


EDITING: tuple[object, ...] = (
    "everyone",
    "nobody",
    "owner",
    "unit",
    "unit_and_below",
    {"field_in": {"field": "region", "values": ["华东"]}},
    {"field_in": {"field": "relation", "values": ["customer"]}},
    {"field_in": {"field": "owner_id", "values": ["0"]}},
    {"all_of": ["unit_and_below", {"field_in": {"field": "kind", "values": ["person", "organisation"]}}]},
    {"any_of": [{"field_in": {"field": "region", "values": ["华南"]}}, "owner"]},
)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", EDITING, ids=str)
def test_what_a_record_at_hand_tells_is_what_the_database_answers(
    rule: object, cast: Cast, new_account: MakeAccount
) -> None:
    accounts = [new_account(region="华东"), new_account(region="华南"), new_account(relation_id="media")]
    rows = {("account", "view"): "everyone", ("account", "edit"): rule}
    for role in ("staff", "manager"):
        define_role(role, name=role, rows=rows, fields={}, actor=cast.dora)
    for actor in (cast.alice, cast.bob, cast.charlie):
        assert actor.user_id is not None
        fresh = actor_by_user_id(actor.user_id)
        for account in accounts:
            seen = grant(fresh, Account).get(account.pk)
            edited = grant(cast.dora, Account).queryset().none()
            if may(fresh, Account, Action.EDIT):
                edited = grant(fresh, Account, Action.EDIT).queryset().filter(pk=account.pk)
            assert may_act_on(fresh, seen, Action.EDIT) == edited.exists()


@pytest.mark.django_db
def test_who_may_only_read_may_act_on_nothing(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account()
    assert may_act_on(cast.alice, account, Action.EDIT)
    assert not may_act_on(cast.token, account, Action.EDIT)
    assert may_act_on(cast.token, account, Action.VIEW)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", EDITING, ids=str)
def test_what_follows_a_record_may_be_acted_on_as_that_one(rule: object, cast: Cast, new_account: MakeAccount) -> None:
    accounts = [new_account(region="华东"), new_account(region="华南"), new_account(relation_id="media")]
    for account in accounts:
        add_contact_point(ContactPoint(account=account, type="phone", value="0512 6288 0013"), actor=cast.alice)
    rows = {("account", "view"): "everyone", ("account", "edit"): rule}
    for role in ("staff", "manager"):
        define_role(role, name=role, rows=rows, fields={}, actor=cast.dora)
    for actor in (cast.alice, cast.bob, cast.charlie):
        assert actor.user_id is not None
        fresh = actor_by_user_id(actor.user_id)
        for point in grant(fresh, ContactPoint).queryset():
            account = grant(fresh, Account).get(point.account_id)
            for action in (Action.CREATE, Action.EDIT, Action.DELETE):
                assert may_act_on(fresh, point, action) == may_act_on(fresh, account, Action.EDIT)
            assert may_act_on(fresh, point, Action.VIEW)
            assert not may_act_on(fresh, point, Action.ADMINISTER)


@pytest.mark.django_db
def test_what_follows_a_record_asks_for_it_once(
    cast: Cast, new_account: MakeAccount, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    add_contact_point(ContactPoint(account=new_account(), type="phone", value="0512 6288 0013"), actor=cast.alice)
    point = grant(cast.alice, ContactPoint).queryset().get()
    with django_assert_num_queries(1):
        assert may_act_on(cast.alice, point, Action.EDIT)
        assert may_act_on(cast.alice, point, Action.DELETE)
        assert not may_act_on(cast.token, point, Action.EDIT)
