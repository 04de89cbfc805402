"""The house says what looks alike and what is done about it: by its page, at the form, of contacts too."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from guanxi.customers.commands import Captured, add_contact, add_contact_point, capture, edit_account
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.alike import EntryPoint, Treatment
from guanxi.stewardship.choices import Evidence
from guanxi.stewardship.commands.duplicates import REASON
from guanxi.stewardship.commands.likeness import forget_house_rule, set_house_rule
from guanxi.stewardship.facade import put_on_desk
from guanxi.stewardship.forms.likeness import LikenessForm
from guanxi.stewardship.models import LikenessRule, Twin
from guanxi.stewardship.queries.likeness import house_rule
from guanxi.stewardship.rules.likeness import ACCOUNT, CONTACT, DEFAULTS, EntryRule, HouseRule, groups_of
from tests.cast import Cast, SignIn

NAME, LIKE = "岚川精密仪器（苏州）有限公司", "岚川精密仪器公司"
PAGE = "/settings/duplicates/account/"


def treating(entry: EntryPoint, treatment: Treatment, object_key: str = ACCOUNT) -> HouseRule:
    """The defaults but for one way in."""
    usual = DEFAULTS[object_key]
    return replace(usual, entries={**usual.entries, entry: EntryRule(treatment, usual.entries[entry].least)})


def posted(rule: HouseRule, object_key: str = ACCOUNT, **more: object) -> dict[str, object]:
    """What the form of a rule sends."""
    form = LikenessForm(object_key, rule)
    return {name: field.initial for name, field in form.fields.items()} | {"do": "save"} | more


def twins() -> list[tuple[int, int]]:
    return list(unscoped(Twin, reason=REASON).order_by("pk").values_list("first_id", "second_id"))


def names() -> list[str]:
    return list(Account._base_manager.order_by("pk").values_list("name", flat=True))


@pytest.fixture
def blocked(cast: Cast) -> None:
    """The house refuses at the form what looks like a customer who is there."""
    set_house_rule(ACCOUNT, treating(EntryPoint.FORM, Treatment.BLOCK), actor=cast.dora)


def test_the_page_keeps_what_it_is_told_and_gives_the_defaults_back(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.dora)
    assert house_rule(ACCOUNT) == DEFAULTS[ACCOUNT]
    page = client.get("/settings/duplicates/").content.decode()
    assert all(words in page for words in ("Two records look alike when", "Same tax id", "A public form"))
    told = posted(treating(EntryPoint.API, Treatment.BLOCK), weight_same_phone="2.5", group_6_0="same_domain")
    assert client.post(PAGE, told).status_code == 303
    kept = house_rule(ACCOUNT)
    assert (kept.entries[EntryPoint.API].treatment, kept.weights[Evidence.SAME_PHONE]) == (Treatment.BLOCK, 2.5)
    assert kept.groups == (*DEFAULTS[ACCOUNT].groups, *groups_of([["same_domain"]]))
    assert client.post(PAGE, {**told, "version": "1", "weight_same_phone": "9"}).status_code == 303
    assert client.post(PAGE, {**told, "version": "1"}).status_code == 422
    assert house_rule(ACCOUNT).weights[Evidence.SAME_PHONE] == 9.0
    assert client.post(f"{PAGE}forget/").status_code == 303
    assert house_rule(ACCOUNT) == DEFAULTS[ACCOUNT]
    assert client.get("/settings/duplicates/product/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"weight_same_phone": "99"},
        {"least_form": "40"},
        {"treatment_public_form": "block"},
        {"group_0_0": "other_name"},
        {f"group_{place}_0": "" for place in range(12)} | {"group_5_1": ""},
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_kept(wrong: dict[str, str], cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.dora).post(PAGE, {**posted(DEFAULTS[ACCOUNT]), **wrong})
    assert answer.status_code == 422
    assert unscoped(LikenessRule, reason=REASON).count() == 0
    public = treating(EntryPoint.PUBLIC_FORM, Treatment.BLOCK)
    with pytest.raises(RuleViolation, match="cannot be kept"):
        set_house_rule(ACCOUNT, public, actor=cast.dora)


def test_who_does_not_administer_sets_no_rules(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    assert (client.get(PAGE).status_code, client.post(PAGE, posted(DEFAULTS[ACCOUNT])).status_code) == (403, 403)
    assert client.post(f"{PAGE}forget/").status_code == 403
    with pytest.raises(AccessDenied):
        set_house_rule(ACCOUNT, DEFAULTS[ACCOUNT], actor=cast.alice)
    with pytest.raises(AccessDenied):
        forget_house_rule(ACCOUNT, actor=cast.alice)
    assert unscoped(LikenessRule, reason=REASON).count() == 0


def test_rules_are_tried_on_two_records_and_on_the_newest_before_they_are_saved(
    cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    first, second, third = new_account(NAME), new_account(LIKE), new_account("白榆印务有限公司")
    client = sign_in(cast.dora)

    def tried(do: str, rule: HouseRule, other: Account) -> str:
        told = posted(rule, do=do, one=f"{first.name} · {first.pk}", other=f"{other.name} · {other.pk}")
        return client.post(PAGE, told).content.decode()

    page = tried("pair", DEFAULTS[ACCOUNT], second)
    assert "Would look alike: 99.2" in page
    assert "Same name but for its legal form" in page
    assert "no line of the rules holds" in tried("pair", DEFAULTS[ACCOUNT], third)
    by_number = replace(DEFAULTS[ACCOUNT], groups=groups_of([["same_number"]]))
    assert "no line of the rules holds" in tried("pair", by_number, second)
    assert "Choose two different records" in tried("pair", by_number, first)
    assert "2 of the newest 3 look like another one" in tried("newest", DEFAULTS[ACCOUNT], second)
    assert "0 of the newest 3 look like another one" in tried("newest", by_number, second)
    assert (unscoped(LikenessRule, reason=REASON).count(), twins()) == (0, [])


def test_a_form_that_is_refused_writes_nothing_and_names_whom_the_person_sees(
    blocked: None, cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    account = new_account(NAME)
    typed = {"kind": "organisation", "name": LIKE, "relation": "customer"}
    answer = sign_in(cast.alice).post("/accounts/new/", typed)
    page = answer.content.decode()
    assert (answer.status_code, NAME in page, "does not take such records in" in page) == (422, True, True)
    assert "Create it all the same" not in page
    assert sign_in(cast.alice).post("/accounts/new/", {**typed, "force": "1"}).status_code == 403
    assert (names(), twins()) == ([account.name], [])


def test_who_decides_of_duplicates_makes_one_all_the_same_and_it_is_noted(
    blocked: None, cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    account = new_account(NAME)
    typed = {"kind": "organisation", "name": LIKE, "relation": "customer"}
    client = sign_in(cast.dora)
    assert "Create it all the same" in client.post("/accounts/new/", typed).content.decode()
    assert client.post("/accounts/new/", {**typed, "force": "1"}).status_code == 303
    fresh = Account._base_manager.latest("pk")
    assert (fresh.name, twins()) == (LIKE, [(account.pk, fresh.pk)])
    entry = AuditEntry.objects.get(action="create_all_the_same")
    assert (entry.record_id, entry.user_id, entry.record_count) == (fresh.pk, cast.dora.user_id, 1)


def test_a_refusal_does_not_tell_the_name_of_a_customer_whom_the_person_must_not_see(
    blocked: None, cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    account = new_account(NAME)
    theirs = {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}
    edit_account(account.pk, theirs, actor=cast.dora)
    page = sign_in(cast.alice).post("/accounts/new/", {"kind": "organisation", "name": LIKE}).content.decode()
    assert ("One that you do not see" in page, "Charlie" in page, NAME in page) == (True, True, False)


def test_where_nothing_is_done_nobody_is_told_and_no_steward_is_asked(
    cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    new_account(NAME)
    other = new_account(LIKE)
    rule = treating(EntryPoint.FORM, Treatment.OFF)
    off = {**rule.entries, EntryPoint.PUBLIC_FORM: EntryRule(Treatment.OFF, 0.9)}
    set_house_rule(ACCOUNT, replace(rule, entries=off), actor=cast.dora)
    typed = {"kind": "organisation", "name": LIKE}
    assert sign_in(cast.dora).post("/objects/account/alike/", typed).content.decode().strip() == ""
    assert (put_on_desk(other.pk, typed, actor=cast.dora), twins()) == (0, [])
    set_house_rule(ACCOUNT, DEFAULTS[ACCOUNT], actor=cast.dora)
    assert (put_on_desk(other.pk, typed, actor=cast.dora), len(twins())) == (1, 1)


def make_contact(account: Account, name: str, *, phone: str = "", actor: Actor) -> Contact:
    contact = add_contact(Contact(account=account, family_name=name[0], given_name=name[1:]), actor=actor)
    if phone:
        add_contact_point(ContactPoint(account=account, contact=contact, type="mobile", value=phone), actor=actor)
    return contact


def told_of_contact(client: Client, account: Account, name: str) -> str:
    typed = {"account": f"{account.name} · {account.pk}", "family_name": name[0], "given_name": name[1:]}
    return client.post("/objects/contact/alike/", typed).content.decode()


def test_who_types_a_contact_is_told_of_one_at_the_same_customer_and_of_no_namesake(
    cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    account, other = new_account(NAME), new_account("白榆印务有限公司")
    make_contact(account, "顾明哲", actor=cast.alice)
    client = sign_in(cast.alice)
    page = told_of_contact(client, account, "顧明哲")
    assert all(words in page for words in ("顾明哲", "At the same customer", "Alice"))
    assert told_of_contact(client, other, "顾明哲").strip() == ""
    foreign = new_account(LIKE)
    edit_account(account.pk, {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}, actor=cast.dora)
    masked = told_of_contact(client, foreign, "顾明哲")
    assert ("One that you do not see" in masked, "Charlie" in masked, "顾明哲" in masked) == (True, True, False)
    edit_account(account.pk, {"owner_id": None, "unit_id": None}, actor=cast.dora)
    assert "nobody looks after it" in told_of_contact(client, foreign, "顾明哲")


def test_contacts_are_refused_by_rules_of_their_own(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    set_house_rule(CONTACT, treating(EntryPoint.FORM, Treatment.BLOCK, CONTACT), actor=cast.dora)
    account = new_account(NAME)
    make_contact(account, "顾明哲", actor=cast.alice)
    typed = {"account": f"{account.name} · {account.pk}", "family_name": "顾", "given_name": "明哲"}
    before = Contact._base_manager.count()
    assert sign_in(cast.alice).post("/objects/contact/new/", typed).status_code == 422
    assert Contact._base_manager.count() == before


def test_a_captured_card_is_refused_and_says_so(cast: Cast, new_account: Callable[..., Account]) -> None:
    from_card = treating(EntryPoint.CAPTURE, Treatment.BLOCK)
    set_house_rule(ACCOUNT, from_card, actor=cast.dora)
    new_account(NAME)
    card = Captured(None, LIKE, "顾明哲", "", "", "", "", {})
    with pytest.raises(Conflict) as refused:
        capture(card, actor=cast.alice)
    assert (refused.value.code, names(), Contact._base_manager.count()) == ("record.alike", [NAME], 0)
    set_house_rule(ACCOUNT, DEFAULTS[ACCOUNT], actor=cast.dora)
    capture(card, actor=cast.alice)
    assert (len(names()), len(twins())) == (2, 1)


def test_a_role_that_may_not_make_customers_is_told_of_none(cast: Cast, sign_in: SignIn) -> None:
    define_role("staff", name="Staff", rows={("account", "view"): "owner"}, fields={}, actor=system_actor("Tests"))
    assert actor_by_user_id(cast.alice.user_id or 0).roles
    assert sign_in(cast.alice).post("/objects/contact/alike/", {"family_name": "顾"}).status_code == 403
