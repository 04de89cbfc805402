"""Gifts: what may be given to whom, what is counted, and who sees it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.customers.commands import add_contact, add_trait, edit_account, set_relations
from guanxi.customers.models import Account, Contact, Trait
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.ledger.facade import FactRow, facts_of_account, ingest_rows, void_fact
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.accounts.queries import actor_by_user_id, own_id, system_actor
from guanxi.stewardship.commands.gifts import (
    NewGiving,
    give,
    remove_gift_budget,
    set_gift_budget,
    set_gift_limit,
)
from guanxi.stewardship.models import GiftBudget, GiftLimit
from guanxi.stewardship.queries.gifts import gift_year
from guanxi.stewardship.rules.gifts import Limit, is_at_limit, require_within_limit
from tests.cast import STAFF, Cast, SignIn

NewAccount = Callable[..., Account]
YEAR = timezone.localdate().year


def today() -> date:
    return timezone.localdate()


def tea(price: int, **values: object) -> NewGiving:
    """A gift of tea of today."""
    given: dict[str, object] = {
        "is_gift": True,
        "item": "龙井茶",
        "worth": Decimal(price),
        "given_on": today(),
        **values,
    }
    return NewGiving(**given)  # type: ignore[arg-type]  # the values of a test


def facts(account: Account, actor: Actor) -> tuple[FactRow, ...]:
    return facts_of_account(actor, account.pk).rows


def contact_of(account: Account, cast: Cast) -> Contact:
    return add_contact(Contact(account=account, family_name="周", given_name="砚秋"), actor=cast.alice)


@pytest.fixture
def leader(cast: Cast) -> Actor:
    """Bob, whose role lets him set budgets of his branch and what is below it."""
    rows: dict[tuple[str, str], object] = {("account", action): "unit_and_below" for action in STAFF}
    rows |= {("gift_budget", action): "unit_and_below" for action in ("view", "create", "edit")}
    define_role(
        "manager", name="Manager", rows=rows, fields={("*", "cost"): int(FieldAccess.READ)}, actor=system_actor("Tests")
    )
    return actor_by_user_id(own_id(cast.bob))


def test_a_giving_is_a_fact_with_all_that_was_stated(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    contact = contact_of(account, cast)
    giving = tea(
        300, contact_id=contact.pk, quantity=Decimal(2), occasion="中秋", note="喜欢绿茶", user_id=cast.bob.user_id
    )
    fact_id = give(account.pk, giving, actor=cast.alice)
    (fact,) = facts(account, cast.alice)
    assert (fact.id, fact.kind, fact.sub_kind) == (fact_id, "interaction", "gift_given")
    assert (fact.amount, fact.quantity, fact.contact_id) == (Decimal(300), Decimal(2), contact.pk)
    assert (fact.user_id, fact.occurred_at.date()) == (cast.bob.user_id, today())
    assert fact.payload == {"gift": "龙井茶", "occasion": "中秋", "note": "喜欢绿茶"}


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"item": " "}, "gift.item", "item"),
        ({"worth": Decimal(-1)}, "gift.worth", "worth"),
        ({"quantity": Decimal(0)}, "gift.quantity", "quantity"),
        ({"given_on": timezone.localdate() + timedelta(days=2)}, "gift.day", "given_on"),
        ({"given_on": timezone.localdate() - timedelta(days=400)}, "gift.day", "given_on"),
        ({"user_id": 10**15}, "gift.giver", "user_id"),
    ],
)
def test_what_cannot_be_given_is_refused_beside_its_field(
    cast: Cast, new_account: NewAccount, values: dict[str, object], code: str, field: str
) -> None:
    account = new_account()
    with pytest.raises(RuleViolation) as refused:
        give(account.pk, tea(100, **values), actor=cast.alice)
    assert (refused.value.code, refused.value.data["field"]) == (code, field)
    assert facts(account, cast.alice) == ()


def test_somebody_of_another_customer_receives_nothing_here(cast: Cast, new_account: NewAccount) -> None:
    account, other = new_account("岚川"), new_account("云杉")
    contact = contact_of(other, cast)
    with pytest.raises(RuleViolation) as refused:
        give(account.pk, tea(100, contact_id=contact.pk), actor=cast.alice)
    assert refused.value.code == "part.contact"
    assert facts(account, cast.alice) == ()


def test_who_may_not_change_the_customer_gives_nothing(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    with pytest.raises(NotFound):
        give(account.pk, tea(100), actor=cast.charlie)
    with pytest.raises(AccessDenied):
        give(account.pk, tea(100), actor=cast.token)
    assert facts(account, cast.alice) == ()


def test_a_gift_beyond_the_limits_is_refused_with_what_is_left(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    contact = contact_of(account, cast)
    set_gift_limit({"relation": "", "per_gift": Decimal(500), "per_year": Decimal(800)}, actor=cast.dora)
    with pytest.raises(RuleViolation) as dear:
        give(account.pk, tea(501, contact_id=contact.pk), actor=cast.alice)
    assert (dear.value.code, dear.value.data["most"]) == ("gift.too_dear", "500.00")
    give(account.pk, tea(500, contact_id=contact.pk), actor=cast.alice)
    with pytest.raises(RuleViolation) as much:
        give(account.pk, tea(301, contact_id=contact.pk), actor=cast.alice)
    assert (much.value.code, much.value.data["left"]) == ("gift.too_much", "300.00")
    give(account.pk, tea(300, contact_id=contact.pk), actor=cast.alice)
    give(account.pk, tea(500), actor=cast.alice)
    assert [fact.amount for fact in facts(account, cast.alice)] == [Decimal(500), Decimal(300), Decimal(500)]


def test_a_relation_has_its_own_limit_and_materials_have_none(cast: Cast, new_account: NewAccount) -> None:
    set_relations((("customer", "客户", "Customer"), ("government", "政府机构", "Government")))
    set_gift_limit({"relation": "", "per_gift": Decimal(500)}, actor=cast.dora)
    set_gift_limit({"relation": "government", "per_gift": Decimal(0)}, actor=cast.dora)
    office = new_account("市政府办公室")
    edit_account(office.pk, {"relation_id": "government"}, actor=cast.dora)
    with pytest.raises(RuleViolation) as refused:
        give(office.pk, tea(1), actor=cast.alice)
    assert refused.value.code == "gift.too_dear"
    give(office.pk, tea(900, is_gift=False, item="样本手册"), actor=cast.alice)
    (fact,) = facts(office, cast.alice)
    assert (fact.sub_kind, fact.payload["material"]) == ("material_posted", "样本手册")
    (row,) = gift_year(cast.alice, YEAR).givings
    assert (row.is_gift, row.item) == (False, "样本手册")


def test_a_gift_that_was_withdrawn_leaves_room_again(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    set_gift_limit({"relation": "", "per_year": Decimal(300)}, actor=cast.dora)
    fact_id = give(account.pk, tea(300), actor=cast.alice)
    void_fact(fact_id, reason="wrong customer", actor=cast.alice)
    give(account.pk, tea(300), actor=cast.alice)
    assert gift_year(cast.alice, YEAR).worth == Decimal(300)


def test_the_year_before_is_counted_by_itself(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    set_gift_limit({"relation": "", "per_year": Decimal(300)}, actor=cast.dora)
    back = timezone.localdate() - timedelta(days=timezone.localdate().timetuple().tm_yday)
    give(account.pk, tea(300, given_on=back), actor=cast.alice)
    give(account.pk, tea(300), actor=cast.alice)
    assert (gift_year(cast.alice, YEAR - 1).worth, gift_year(cast.alice, YEAR).worth) == (Decimal(300), Decimal(300))


def test_a_budget_binds_the_departments_below_and_says_who_may_raise_it(
    cast: Cast, leader: Actor, new_account: NewAccount
) -> None:
    account = new_account()
    assert leader.unit_id is not None
    budget = set_gift_budget(leader.unit_id, year=YEAR, amount=Decimal(1000), actor=leader)
    give(account.pk, tea(700), actor=cast.alice)
    give(account.pk, tea(200, is_gift=False, item="年历"), actor=cast.alice)
    with pytest.raises(RuleViolation) as refused:
        give(account.pk, tea(101), actor=cast.alice)
    assert (refused.value.code, refused.value.data["left"], refused.value.data["unit"]) == (
        "gift.budget",
        "100.00",
        "East",
    )
    assert "Bob" in str(refused.value.data["names"])
    assert gift_year(leader, YEAR).worth == Decimal(900)
    set_gift_budget(
        leader.unit_id, year=YEAR, amount=Decimal(1200), budget_id=budget.pk, version=budget.version, actor=leader
    )
    give(account.pk, tea(101), actor=cast.alice)
    ((_budget, spending),) = gift_year(leader, YEAR).budgets
    assert (spending.amount, spending.spent, spending.left) == (Decimal(1200), Decimal(1001), Decimal(199))


def test_budgets_are_set_for_what_one_leads(cast: Cast, leader: Actor) -> None:
    west = OrgUnit.objects.get(name="West").pk
    with pytest.raises(NotFound):
        set_gift_budget(west, year=YEAR, amount=Decimal(5), actor=leader)
    with pytest.raises(AccessDenied):
        set_gift_budget(west, year=YEAR, amount=Decimal(5), actor=cast.alice)
    with pytest.raises(AccessDenied):
        set_gift_limit({"relation": "", "per_gift": Decimal(5)}, actor=leader)
    assert gift_year(cast.dora, YEAR).budgets == ()
    made = set_gift_budget(west, year=YEAR, amount=Decimal(5), actor=cast.dora)
    with pytest.raises(Conflict) as taken:
        set_gift_budget(west, year=YEAR, amount=Decimal(6), actor=cast.dora)
    assert taken.value.code == "record.taken"
    with pytest.raises(NotFound):
        remove_gift_budget(made.pk, actor=leader)
    assert [budget.amount for budget, _ in gift_year(cast.dora, YEAR).budgets] == [Decimal(5)]


def test_a_limit_needs_a_sum_and_a_relation_that_there_is(cast: Cast) -> None:
    for values, code in (
        ({"relation": ""}, "gift.limit"),
        ({"relation": "nobody", "per_gift": Decimal(5)}, "gift.relation"),
    ):
        with pytest.raises(RuleViolation) as refused:
            set_gift_limit(values, actor=cast.dora)
        assert refused.value.code == code
    assert not GiftLimit.pgh_event_model.objects.exists()  # type: ignore[attr-defined]  # made by the triggers


def test_a_form_that_is_sent_twice_gives_once(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    set_gift_limit({"relation": "", "per_year": Decimal(300)}, actor=cast.dora)
    first = give(account.pk, tea(300), once="form", actor=cast.alice)
    assert give(account.pk, tea(300), once="form", actor=cast.alice) == first
    assert len(facts(account, cast.alice)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_give_at_once_the_second_finds_the_limit_used(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    set_gift_limit({"relation": "", "per_year": Decimal(500)}, actor=cast.dora)
    start = Barrier(2)

    def run(giver: Actor) -> str:
        try:
            start.wait()
            give(account.pk, tea(300), actor=giver)
        except RuleViolation as error:
            return error.code
        else:
            return "given"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(run, (cast.alice, cast.bob)))
    assert outcomes == ["gift.too_much", "given"]
    assert gift_year(cast.alice, YEAR).worth == Decimal(300)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_spend_the_last_of_a_budget_one_gets_it(cast: Cast, leader: Actor, new_account: NewAccount) -> None:
    one, other = new_account("岚川"), new_account("云杉")
    assert leader.unit_id is not None
    set_gift_budget(leader.unit_id, year=YEAR, amount=Decimal(500), actor=leader)
    start = Barrier(2)

    def run(place: tuple[Account, Actor]) -> str:
        try:
            start.wait()
            give(place[0].pk, tea(300), actor=place[1])
        except RuleViolation as error:
            return error.code
        else:
            return "given"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(run, ((one, cast.alice), (other, leader))))
    assert outcomes == ["gift.budget", "given"]
    assert gift_year(leader, YEAR).worth == Decimal(300)


def test_nobody_counts_what_customers_got_whom_they_must_not_see(
    cast: Cast, leader: Actor, new_account: NewAccount, sign_in: SignIn
) -> None:
    account = new_account("岚川精密仪器")
    contact = contact_of(account, cast)
    set_gift_budget(OrgUnit.objects.get(name="Company").pk, year=YEAR, amount=Decimal(5000), actor=cast.dora)
    give(account.pk, tea(432, contact_id=contact.pk), actor=cast.alice)
    found = gift_year(cast.charlie, YEAR)
    assert (found.givings, found.receivers, found.worth) == ((), (), Decimal(0))
    hidden = sign_in(cast.charlie).get("/gifts/").content.decode()
    assert "岚川" not in hidden
    assert "周砚秋" not in hidden
    assert "432" not in hidden
    (receiver,) = gift_year(leader, YEAR).receivers
    assert (receiver.name, receiver.home, receiver.worth) == ("周砚秋", "岚川精密仪器", Decimal(432))
    assert "¥432.00" in sign_in(leader).get("/gifts/").content.decode()


def test_what_is_left_is_told_to_who_sees_the_whole_department_alone(
    cast: Cast, leader: Actor, new_account: NewAccount, sign_in: SignIn
) -> None:
    account = new_account()
    set_gift_budget(OrgUnit.objects.get(name="East").pk, year=YEAR, amount=Decimal(1000), actor=cast.dora)
    give(account.pk, tea(321), actor=cast.alice)
    rows: dict[tuple[str, str], object] = {("account", action): "owner" for action in STAFF}
    rows["gift_budget", "view"] = "everyone"
    define_role("staff", name="Staff", rows=rows, fields={}, actor=system_actor("Tests"))
    assert "¥679.00" in sign_in(leader).get("/gifts/").content.decode()
    own = sign_in(actor_by_user_id(own_id(cast.alice))).get("/gifts/").content.decode()
    assert "¥321.00" in own
    assert "¥679.00" not in own
    assert "You do not see all customers of this department" in own


def test_what_came_from_other_systems_counts_against_the_limit(cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    set_gift_limit({"relation": "", "per_year": Decimal(300)}, actor=cast.dora)
    row = {
        "source_id": "1",
        "kind": "interaction",
        "sub_kind": "gift_given",
        "occurred_at": timezone.now().isoformat(),
        "account_id": account.pk,
        "amount": 250,
    }
    ingest_rows([row], source="office", actor=system_actor("Tests"))
    with pytest.raises(RuleViolation) as refused:
        give(account.pk, tea(51), actor=cast.alice)
    assert refused.value.data["left"] == "50.00"


def test_the_form_keeps_what_was_typed_when_it_is_refused(cast: Cast, new_account: NewAccount, sign_in: SignIn) -> None:
    account = new_account()
    set_gift_limit({"relation": "", "per_gift": Decimal(200)}, actor=cast.dora)
    browser = sign_in(cast.alice)
    page = browser.get(f"/accounts/{account.pk}/gifts/new/")
    assert "one gift at most ¥200.00" in page.content.decode()
    typed = {
        "kind": "gift",
        "item": "龙井茶",
        "worth": "250",
        "quantity": "1",
        "user_id": str(cast.alice.user_id),
        "given_on": str(today()),
        "once": "a",
    }
    refused = browser.post(f"/accounts/{account.pk}/gifts/new/", typed)
    assert refused.status_code == 422
    assert "A gift to this receiver may be worth 200.00 at most." in refused.content.decode()
    assert "龙井茶" in refused.content.decode()
    done = browser.post(f"/accounts/{account.pk}/gifts/new/", {**typed, "worth": "200", "once": "a\x00b"})
    assert (done.status_code, done.headers["Location"]) == (303, f"/accounts/{account.pk}/#gifts")
    card = browser.get(f"/accounts/{account.pk}/").content.decode()
    assert "Gift given: 龙井茶" in card
    assert "¥200.00 this year" in card


def test_the_form_reminds_of_taboos_first(cast: Cast, new_account: NewAccount, sign_in: SignIn) -> None:
    account = new_account()
    contact = contact_of(account, cast)
    for kind, text in (("hobby", "钓鱼"), ("taboo", "忌送钟"), ("family", "女儿上大学")):
        add_trait(Trait(account=account, contact=contact, kind=kind, text=text), actor=cast.alice)
    page = sign_in(cast.alice).get(f"/accounts/{account.pk}/gifts/new/").content.decode()
    assert page.index("忌送钟") < page.index("钓鱼")
    assert "女儿上大学" not in page


def test_the_card_of_a_contact_leads_to_the_form_with_the_contact(
    cast: Cast, new_account: NewAccount, sign_in: SignIn
) -> None:
    account = new_account()
    contact = contact_of(account, cast)
    answer = sign_in(cast.alice).get(f"/contacts/{contact.pk}/gift/")
    assert answer.headers["Location"] == f"/accounts/{account.pk}/gifts/new/?contact={contact.pk}"
    assert sign_in(cast.charlie).get(f"/contacts/{contact.pk}/gift/").status_code == 404


def test_the_page_sets_budgets_and_limits(cast: Cast, sign_in: SignIn) -> None:
    browser = sign_in(cast.dora)
    unit = OrgUnit.objects.get(name="East").pk
    made = browser.post("/gifts/budgets/new/", {"unit": unit, "year": YEAR, "amount": "900"})
    assert (made.status_code, made.headers["Location"]) == (303, f"/gifts/?year={YEAR}")
    again = browser.post("/gifts/budgets/new/", {"unit": unit, "year": YEAR, "amount": "1"})
    assert again.status_code == 422
    ((budget, _spending),) = gift_year(cast.dora, YEAR).budgets
    stale = browser.post(f"/gifts/budgets/{budget.pk}/", {"amount": "5", "version": "99"})
    assert stale.status_code == 422
    assert browser.post(f"/gifts/budgets/{budget.pk}/", {"amount": "950", "version": "1"}).status_code == 303
    assert browser.post("/gifts/limits/new/", {"relation": "", "per_gift": "300"}).status_code == 303
    page = browser.get("/gifts/").content.decode()
    assert "¥950.00" in page
    assert "one gift at most ¥300.00" in page
    assert browser.post(f"/gifts/budgets/{budget.pk}/remove/").status_code == 303
    assert gift_year(cast.dora, YEAR).budgets == ()
    assert sign_in(cast.alice).get("/gifts/budgets/new/").status_code == 403
    assert GiftBudget.pgh_event_model.objects.count() == 2  # type: ignore[attr-defined]  # made by the triggers


def test_limits_without_a_database() -> None:
    require_within_limit(Decimal(10), given=Decimal(0), limit=Limit(), year=2026)
    assert is_at_limit(Decimal(90), Limit(per_year=Decimal(100)))
    assert not is_at_limit(Decimal(89), Limit(per_year=Decimal(100)))
    assert not is_at_limit(Decimal(89), Limit(per_gift=Decimal(1)))
