"""Search through every surface that finds: the best match first, and nothing that a right or a mask hides."""

from collections.abc import Callable, Sequence

import pytest
from django.utils import timezone

from guanxi.customers.commands import add_contact, add_contact_point, edit_account, edit_contact, trash_account
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.objects import listing
from guanxi.platform.objects.cli import reindex_objects
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import View
from guanxi.platform.search.models import SearchEntry
from guanxi.platform.ui.hits import found_hits
from tests.cast import Cast, SignIn
from tests.registry.conftest import PHONE, Secret
from tests.registry.contracts import add_field, fresh

MAIL = "zhou.yanqiu@lanchuan.com.cn"
MakeAccount = Callable[..., Account]


def names_found(words: str, actor: Actor) -> Sequence[str]:
    """What the palette finds, in its order."""
    found = found_hits(object_spec("account"), words, view=View(actor, timezone.localdate()), limit=10)
    return [hit.name for hit in found.hits] if found else []


@pytest.fixture
def reached(cast: Cast, secret: Secret) -> Account:
    """Alice's customer, with an e-mail address as well."""
    point = ContactPoint(account=secret.account, type="mail", value=MAIL)
    add_contact_point(point, actor=cast.alice)
    return secret.account


def test_the_very_name_comes_first_then_its_beginning_then_the_rest(cast: Cast, new_account: MakeAccount) -> None:
    told = new_account("云杉包装")
    add_contact(Contact(account=told, family_name="苏", given_name="博", is_main=True), actor=cast.alice)
    new_account("上海苏博食品")
    new_account("华东一号", short_name="苏博")
    new_account("苏博食品")
    new_account("苏博")
    best_first = ["苏博", "苏博食品", "华东一号", "上海苏博食品", "云杉包装"]
    assert names_found("苏博", cast.alice) == best_first
    assert names_found("蘇博", cast.alice) == best_first
    assert names_found("subo", cast.alice)[:2] == ["苏博", "苏博食品"]


@pytest.mark.parametrize("cap", [0, 2])
def test_of_very_many_matches_those_that_begin_with_the_words_come_first(
    cap: int, cast: Cast, new_account: MakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "RANKED_CAP", cap)
    for name in ("东精密", "西精密", "南精密", "精密", "精密一", "北精密"):
        new_account(name)
    found = names_found("精密", cast.alice)
    assert (found[:2], len(found)) == (["精密", "精密一"], 6)


def test_the_list_is_ordered_by_the_match_until_a_sort_is_chosen(
    cast: Cast, sign_in: SignIn, new_account: MakeAccount
) -> None:
    for name in ("安精密", "精密"):
        new_account(name)
    client = sign_in(cast.alice)

    def listed(address: str) -> bool:
        page = client.get(address).content.decode()
        return page.index(">精密</a>") < page.index(">安精密</a>")

    assert listed("/accounts/?q=精密")
    assert not listed("/accounts/?q=精密&sort=name")
    assert "Best match first" in client.get("/accounts/?q=精密&sort=name").content.decode()


@pytest.mark.parametrize("words", ["岚川", "嵐川", "lanchuan", "lc", "6021", "13800136021", "@lanchuan", "周砚秋"])
def test_who_may_not_see_a_record_finds_it_by_nothing(
    words: str, cast: Cast, sign_in: SignIn, reached: Account
) -> None:
    assert names_found(words, cast.alice) == [reached.name]
    assert names_found(words, cast.charlie) == []
    client = sign_in(cast.charlie)
    for address in (f"/palette/?q={words}", f"/accounts/?q={words}", f"/api/v1/accounts?q={words}"):
        assert reached.name not in client.get(address).content.decode()


def test_what_a_mask_hides_finds_nothing(cast: Cast, reached: Account) -> None:
    assert [words for words in ("6021", "@lanchuan", "lanchuan.com") if not names_found(words, cast.bob)] == []
    hidden = ("80013", "0013602", "yanqiu@", "zhou.yan", "yanqiu.com")
    assert [words for words in hidden if names_found(words, cast.bob)] == []
    assert [words for words in ("80013", PHONE, "zhou.yan", MAIL) if not names_found(words, cast.alice)] == []


def test_a_hidden_field_finds_nothing_at_all(cast: Cast, reached: Account) -> None:
    rows: dict[tuple[str, str], object] = {("account", "view"): "unit_and_below"}
    set_role_policy("manager", rows=rows, fields={("*", "reach"): 0})
    assert cast.bob.user_id is not None
    bob = actor_by_user_id(cast.bob.user_id)
    assert names_found("岚川", bob) == [reached.name]
    assert [words for words in ("6021", PHONE, "@lanchuan", MAIL) if names_found(words, bob)] == []


def test_a_change_and_the_trash_show_in_search_at_once(cast: Cast, new_account: MakeAccount) -> None:
    account = new_account("岚川精密")
    edit_account(account.pk, {"name": "青禾乳业"}, actor=cast.alice)
    assert (names_found("岚川", cast.alice), names_found("青禾", cast.alice)) == ([], ["青禾乳业"])
    trash_account(account.pk, actor=cast.dora)
    assert names_found("青禾", cast.alice) == []


def test_customers_and_contacts_are_found_by_what_stands_in_fields_that_people_made(
    cast: Cast, new_account: MakeAccount
) -> None:
    dora = fresh(cast.dora)
    nick = add_field(object_spec("account"), FieldType.TEXT, "Nick", dora)
    hobby = add_field(object_spec("contact"), FieldType.TEXT, "Hobby", dora)
    secret = add_field(object_spec("account"), FieldType.TEXT, "Secret", dora, sensitivity="identity")
    hotline = add_field(object_spec("account"), FieldType.PHONE, "Hotline", dora)
    desk = add_field(object_spec("account"), FieldType.EMAIL, "Desk", dora)
    private = add_field(object_spec("account"), FieldType.PHONE, "Private", dora, sensitivity="reach")
    account = new_account("Blue Harbour")
    contact = add_contact(Contact(account=account, family_name="Ford", given_name="Ann"), actor=fresh(cast.alice))
    values = {nick.key: "Zinnia House", secret.key: "QX77", hotline.key: "400-820-5566", private.key: "13911112222"}
    values[desk.key] = "orders@zinnia-house.cn"
    edit_account(account.pk, {f"custom__t_{key}": value for key, value in values.items()}, actor=fresh(cast.dora))
    edit_contact(contact.pk, {f"custom__t_{hobby.key}": "Falconry"}, actor=fresh(cast.alice))
    assert names_found("zinnia", fresh(cast.alice)) == ["Blue Harbour"]
    assert names_found("qx77", fresh(cast.dora)) == []
    found = found_hits(object_spec("contact"), "falcon", view=View(fresh(cast.alice), timezone.localdate()), limit=10)
    assert found is not None
    assert [(hit.name, hit.hints) for hit in found.hits] == [("Ann Ford", ("Blue Harbour",))]
    SearchEntry.objects.all().delete()
    reindex_objects(["account"])
    for words in ("zinnia", "5566", "8205566", "orders@", "@zinnia-house.cn"):
        assert names_found(words, fresh(cast.alice)) == ["Blue Harbour"]
    assert [words for words in ("2222", "13911112222") if names_found(words, fresh(cast.dora))] == []


def test_an_index_that_was_lost_is_written_anew(
    cast: Cast, reached: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    SearchEntry.objects.all().delete()
    assert names_found("岚川", cast.alice) == []
    reindex_objects(["account"], as_json=True)
    assert capsys.readouterr().out == '{"account": 1}\n'
    assert [words for words in ("岚川", "6021", "yanqiu@lanchuan") if not names_found(words, cast.alice)] == []
