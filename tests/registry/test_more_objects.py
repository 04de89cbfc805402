"""Contacts, products and categories: their pages, their search, their rights and their number of queries."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.catalog.models import Category, Product
from guanxi.customers.commands import add_contact, create_contact, edit_account, edit_contact, trash_account
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, NotFound
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import create_token, define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import Verbs
from guanxi.platform.ui import lists
from tests.api.conftest import Caller
from tests.cast import Cast, SignIn
from tests.registry.conftest import MakeAccounts, Secret

BASELINE = Path(__file__).with_name("query_counts_more.json")
REASON = "demo: the demo company is made by the system"
CONTACT = "周砚秋"
HTMX = {"HX-Request": "true"}


def _program(actor: Actor) -> Caller:
    """A program that may do what the person may."""
    assert actor.user_id is not None
    user = User.objects.get(pk=actor.user_id)
    return Caller(create_token(user, name="test", is_read_only=False, actor=system_actor("Tests")))


def _verbs(key: str) -> Verbs:
    found = object_spec(key).verbs
    assert found is not None
    return found


def _contact(secret: Secret) -> Contact:
    return unscoped(Contact, reason=REASON).get(account=secret.account.pk)


@pytest.mark.parametrize("words", [CONTACT, "zhouyanqiu", "zyq", "岚川", "6021"])
def test_a_contact_is_found_by_name_pinyin_customer_and_number(
    words: str, cast: Cast, secret: Secret, sign_in: SignIn
) -> None:
    for actor, is_found in ((cast.alice, True), (cast.bob, True), (cast.charlie, False)):
        text = sign_in(actor).get("/contacts/", {"q": words}).content.decode()
        assert (f"/objects/contact/{_contact(secret).pk}/" in text) == is_found


def test_a_contact_is_not_found_by_the_hidden_part_of_a_number(cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    assert CONTACT in sign_in(cast.alice).get("/contacts/", {"q": "80013"}).content.decode()
    assert CONTACT not in sign_in(cast.bob).get("/contacts/", {"q": "80013"}).content.decode()


def test_a_contact_is_found_by_the_new_name_of_its_customer(cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    edit_account(secret.account.pk, {"name": "启衡光学"}, actor=cast.alice)
    assert CONTACT in sign_in(cast.alice).get("/contacts/", {"q": "qhgx"}).content.decode()


def test_contacts_are_seen_as_their_customers_are(cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    address = f"/objects/contact/{_contact(secret).pk}/"
    for place in (address, f"{address}preview/"):
        seen = {name: sign_in(getattr(cast, name)).get(place, headers=HTMX) for name in ("alice", "bob", "charlie")}
        assert [answer.status_code for answer in seen.values()] == [200, 200, 404]
        assert "138 0013 6021" in seen["alice"].content.decode()
        assert "0013" not in seen["bob"].content.decode()
        assert "6021" in seen["bob"].content.decode()
    assert sign_in(cast.charlie).get(f"{address}edit/").status_code == 404
    assert sign_in(cast.charlie).post(f"{address}trash/").status_code == 404
    assert _contact(secret).trashed_at is None


def test_a_contact_is_trashed_and_restored_by_who_may_edit_its_customer(
    cast: Cast, secret: Secret, sign_in: SignIn
) -> None:
    contact, client = _contact(secret), sign_in(cast.alice)
    assert "/trash/" in client.get(f"/objects/contact/{contact.pk}/").content.decode()
    assert client.post(f"/objects/contact/{contact.pk}/trash/").status_code == 303
    assert CONTACT not in client.get("/contacts/").content.decode()
    assert client.post(f"/objects/contact/{contact.pk}/restore/").status_code == 303
    assert CONTACT in client.get("/contacts/").content.decode()


def test_contacts_of_a_trashed_customer_are_out_of_sight(cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    trash_account(secret.account.pk, actor=cast.dora)
    assert CONTACT not in sign_in(cast.dora).get("/contacts/").content.decode()
    assert _program(cast.dora).get("/api/v1/contacts").json()["items"] == []


def test_a_contact_is_made_for_a_customer_one_may_edit_alone(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    values = {"account_id": account.pk, "family_name": "林", "given_name": "晓雯"}
    made = create_contact(values, actor=cast.alice)
    assert (made.name, made.name_key) == ("林晓雯", "lin xiao wen")
    with pytest.raises(NotFound):
        create_contact(values, actor=cast.charlie)
    set_role_policy("manager", rows={("account", "view"): "everyone", ("account", "edit"): "owner"}, fields={})
    with pytest.raises(AccessDenied):
        create_contact(values, actor=_fresh(cast.charlie))
    assert unscoped(Contact, reason=REASON).count() == 1


def _fresh(actor: Actor) -> Actor:
    assert actor.user_id is not None
    return actor_by_user_id(actor.user_id)


def test_a_contact_moves_to_no_customer_one_may_not_edit(
    cast: Cast, secret: Secret, new_account: Callable[..., Account]
) -> None:
    own, other = new_account("另一家"), new_account("别人的")
    edit_account(other.pk, {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}, actor=cast.dora)
    contact = _contact(secret)
    with pytest.raises(NotFound):
        edit_contact(contact.pk, {"account_id": other.pk}, actor=cast.alice)
    assert _contact(secret).version == contact.version
    edit_contact(contact.pk, {"account_id": own.pk}, actor=cast.alice)
    assert unscoped(ContactPoint, reason=REASON).get().account_id == own.pk


def test_the_api_tells_the_customer_of_a_contact(cast: Cast, secret: Secret) -> None:
    answer = _program(cast.alice).get("/api/v1/contacts", expand="account").json()
    (item,) = answer["items"]
    assert (item["name"], item["account"]) == (CONTACT, secret.account.pk)
    assert answer["expanded"]["account"][str(secret.account.pk)]["name"] == secret.account.name
    assert _program(cast.charlie).get("/api/v1/contacts").json()["items"] == []


@pytest.fixture
def drill(cast: Cast) -> Product:
    """A product in a category, with a cost."""
    category = _verbs("category").create(
        {"key": "tools", "name": "电动工具", "name_en": "Power tools"}, actor=cast.dora
    )
    values = {"code": "DR-18", "name": "冲击钻", "name_en": "Impact drill", "category_id": category.pk}
    made = _verbs("product").create({**values, "price": "899.00", "cost": "512.35"}, actor=cast.dora)
    assert isinstance(made, Product)
    return made


def _seller(cast: Cast) -> None:
    """Let staff see products, whose cost stays masked."""
    rows = {("product", "view"): "everyone", ("product", "edit"): "everyone", ("category", "view"): "everyone"}
    define_role("staff", name="Staff", rows=rows, fields={("*", "cost"): int(FieldAccess.MASKED)}, actor=cast.dora)


@pytest.mark.parametrize("words", ["冲击", "chongjizuan", "cjz", "impact", "DR-18"])
def test_a_product_is_found_in_both_languages(words: str, cast: Cast, drill: Product, sign_in: SignIn) -> None:
    assert "Impact drill" in sign_in(cast.dora).get("/objects/product/", {"q": words}).content.decode()


def test_names_are_those_of_the_language_of_the_page(cast: Cast, drill: Product, sign_in: SignIn) -> None:
    client = sign_in(cast.dora)
    for address in ("/objects/product/", f"/objects/product/{drill.pk}/"):
        text = client.get(address).content.decode()
        assert "Impact drill" in text
        assert "Power tools" in text
        client.cookies["django_language"] = "zh-hans"
        text = client.get(address).content.decode()
        assert "冲击钻" in text
        assert "电动工具" in text
        assert "Impact drill" not in text or address != "/objects/product/"
        client.cookies["django_language"] = "en"


def test_the_cost_of_a_product_is_masked(cast: Cast, drill: Product, sign_in: SignIn) -> None:
    _seller(cast)
    client = sign_in(cast.alice)
    pages = [client.get(address) for address in ("/objects/product/", f"/objects/product/{drill.pk}/")]
    for answer in (*pages, _program(_fresh(cast.alice)).get("/api/v1/products")):
        text = answer.content.decode()
        assert "899" in text
        assert "512" not in text
    assert client.get("/objects/product/", {"sort": "cost"}).status_code == 200
    assert client.post(f"/objects/product/{drill.pk}/fields/cost/", {"cost": "1", "version": "1"}).status_code == 403
    assert str(unscoped(Product, reason=REASON).get().cost) == "512.35"


def test_a_category_shows_its_products(cast: Cast, drill: Product, sign_in: SignIn) -> None:
    assert "Impact drill" in sign_in(cast.dora).get(f"/objects/category/{drill.category_id}/").content.decode()


def test_a_product_takes_no_category_that_is_none(cast: Cast, drill: Product) -> None:
    answer = _program(cast.dora).patch(f"/api/v1/products/{drill.pk}", {"category": 999_999, "version": 1})
    assert answer.status_code == 422
    assert unscoped(Product, reason=REASON).get().category_id == drill.category_id


@pytest.mark.parametrize("count", [3, 30])
def test_the_number_of_queries_of_a_list_is_the_committed_one(
    count: int, cast: Cast, sign_in: SignIn, make_accounts: MakeAccounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", count - 1)
    for number, account in enumerate(make_accounts(count)):
        contact = Contact(account=account, family_name="周", given_name=f"一{number}")
        add_contact(contact, actor=cast.alice)
    category = _verbs("category").create({"key": "tools", "name": "电动工具"}, actor=cast.dora)
    for number in range(count):
        values = {"code": f"P{number}", "name": f"冲击钻{number}", "category_id": category.pk}
        _verbs("product").create(values, actor=cast.dora)
    contact_id = grant(cast.dora, Contact).queryset().order_by("pk").values_list("pk", flat=True)[0]
    addresses = {
        "contacts": "/contacts/",
        "contacts, searched": "/contacts/?q=zhou",
        "contacts of an owner": "/contacts/?owner=me",
        "contact": f"/objects/contact/{contact_id}/",
        "products": "/objects/product/",
        "categories": "/objects/category/",
    }
    client, counts = sign_in(cast.dora), {}
    for name, address in addresses.items():
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200, name
        counts[name] = len(captured)
    assert counts == json.loads(BASELINE.read_text(encoding="utf-8"))


def test_the_columns_of_names_are_kept(drill: Product) -> None:
    assert drill.name_key == "chong ji zuan"
    assert unscoped(Category, reason=REASON).get().name_key == "dian dong gong ju"
