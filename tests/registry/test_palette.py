"""The command palette, the star and what was opened lately: only what is permitted, read again each time."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from guanxi.customers.commands import trash_account
from guanxi.customers.models import Account
from guanxi.platform.access.grant import may
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.models import FavouriteRecord, OpenedRecord
from guanxi.platform.objects.own_records import KEPT_OPENED, note_opened, own_records
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.ui.navigation import creations_for
from tests.cast import Cast, SignIn
from tests.registry.conftest import NAME, Secret

HTMX = {"HX-Request": "true"}


def options(client: Client, query: str) -> list[str]:
    """The lines of the palette."""
    page = client.get(f"/palette/{query}", headers=HTMX).content.decode()
    return re.findall(r'role="option".*?<span class="grow clip"[^>]*>(.*?)</span>', page, re.DOTALL)


@pytest.mark.parametrize("words", ["客户", "kehu", "kh", "cust"])
def test_a_page_is_found_in_either_language_and_by_its_sound(words: str, cast: Cast, sign_in: SignIn) -> None:
    assert "Customers" in options(sign_in(cast.alice), f"?q={words}")


def test_commands_are_offered_to_who_may_use_them(cast: Cast, sign_in: SignIn) -> None:
    alice, dora = sign_in(cast.alice), sign_in(cast.dora)
    assert "People and roles" not in options(alice, "?q=people")
    assert any(line.startswith("People") for line in options(dora, "?q=people"))
    assert "New: Customer" in options(alice, "?q=customer")
    set_role_policy("manager", rows={("account", "view"): "owner"}, fields={})
    assert options(sign_in(cast.charlie), "?q=customer") == ["Customers"]


def test_a_record_at_hand_offers_what_this_person_may_do_with_it(cast: Cast, sign_in: SignIn, secret: Secret) -> None:
    query = f"?on=account:{secret.account.pk}"
    assert {"Edit", "Log contact", "Mark with a star"} <= set(options(sign_in(cast.alice), query))
    assert "Move to the trash" not in options(sign_in(cast.alice), query)
    assert {"Assign", "Move to the trash"} <= set(options(sign_in(cast.dora), query))
    assert "Edit" not in options(sign_in(cast.charlie), query)
    assert NAME not in sign_in(cast.charlie).get(f"/palette/{query}").content.decode()


@pytest.mark.parametrize("on", ["account:0", "account:x", "nothing:1", "account", "user:1", f"account:{10**20}"])
def test_a_record_that_is_none_is_passed_over(on: str, cast: Cast, sign_in: SignIn) -> None:
    assert sign_in(cast.alice).get("/palette/", {"on": on}).status_code == 200


def test_what_was_opened_and_marked_is_offered_until_it_is_gone(cast: Cast, sign_in: SignIn, secret: Secret) -> None:
    client, pk = sign_in(cast.alice), secret.account.pk
    assert NAME not in options(client, "")
    client.get(f"/accounts/{pk}/")
    assert NAME in options(client, "")
    assert client.post(f"/objects/account/{pk}/favourite/", {"is_favourite": "1"}).status_code == 303
    page = client.get("/favourites/").content.decode()
    assert page.count(f">{NAME}</a>") == 2
    trash_account(pk, actor=cast.dora)
    assert NAME not in options(client, "")
    assert NAME not in client.get("/favourites/").content.decode()


def test_what_a_person_may_no_longer_see_is_not_offered(cast: Cast, sign_in: SignIn, secret: Secret) -> None:
    user_id, pk = cast.charlie.user_id, secret.account.pk
    assert user_id is not None
    OpenedRecord.objects.create(user_id=user_id, object_key="account", record_id=pk)
    FavouriteRecord.objects.create(user_id=user_id, object_key="account", record_id=pk)
    client = sign_in(cast.charlie)
    assert NAME not in options(client, "")
    assert NAME not in client.get("/favourites/").content.decode()


def test_a_star_on_what_one_does_not_see_is_refused_and_nothing_is_kept(
    cast: Cast, sign_in: SignIn, secret: Secret
) -> None:
    client = sign_in(cast.charlie)
    for address in (f"/objects/account/{secret.account.pk}/favourite/", "/objects/nothing/1/favourite/"):
        assert client.post(address, {"is_favourite": "1"}).status_code == 404
    assert client.get(f"/objects/account/{secret.account.pk}/favourite/").status_code == 405
    assert not FavouriteRecord.objects.exists()


def test_the_star_comes_and_goes_and_leads_to_own_pages_only(cast: Cast, sign_in: SignIn, secret: Secret) -> None:
    client, address = sign_in(cast.alice), f"/objects/account/{secret.account.pk}/favourite/"
    for _ in range(2):
        answer = client.post(address, {"is_favourite": "1", "next": "https://elsewhere.example/"})
    assert (answer.status_code, answer["Location"]) == (303, "/favourites/")
    assert 'aria-pressed="true"' in client.get("/accounts/").content.decode()
    assert client.post(address, {"is_favourite": "0"}, headers=HTMX).status_code == 204
    assert not FavouriteRecord.objects.exists()


def test_only_the_latest_opened_records_are_kept(cast: Cast, new_account: Callable[..., Account]) -> None:
    ids = [new_account(f"客户{place}").pk for place in range(KEPT_OPENED + 3)]
    for pk in ids:
        note_opened("account", pk, actor=cast.alice)
    kept = [pk for _, pk in own_records(cast.alice).opened]
    assert sorted(kept) == ids[3:]
    assert own_records(cast.bob).opened == ()


def test_the_palette_is_a_page_without_a_script(cast: Cast, sign_in: SignIn, secret: Secret) -> None:
    page = sign_in(cast.alice).get("/palette/?q=lanchuan").content.decode()
    assert f'href="/accounts/{secret.account.pk}/"' in page
    assert page.count('id="palette-results"') == 1
    assert "Nothing that you may see matches" in sign_in(cast.alice).get("/palette/?q=zzzz").content.decode()


def test_the_new_button_names_every_object_that_a_person_may_create(cast: Cast) -> None:
    creatable = {spec.key for spec in object_specs() if spec.verbs and may(cast.dora, spec.model, Action.CREATE)}
    assert creatable <= {entry.key for entry in creations_for(cast.dora)}
