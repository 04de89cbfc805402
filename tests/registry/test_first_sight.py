"""What a page says to who comes to it for the first time, and what it lets them do next."""

from datetime import date

import pytest

from guanxi.kernel.fields import FieldType
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import active_people, own_id, system_actor
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.objects.spec import ObjectSpec
from tests.cast import STAFF, Cast, SignIn
from tests.registry.contracts import Make, add_field, fresh, where

NEXT = "Contracts yet"
LOOSEN = "Remove a filter or look for other words."


def test_an_object_without_records_offers_the_first_and_a_search_without_hits_to_loosen_it(
    contract: ObjectSpec, cast: Cast, sign_in: SignIn
) -> None:
    alice = sign_in(cast.alice)
    first = alice.get(contract.list_url).content.decode()
    assert (NEXT in first, LOOSEN in first) == (True, False)
    assert f'<a class="btn btn-primary" href="{contract.list_url}new/"' in first.partition(NEXT)[2]
    searched = alice.get(contract.list_url, {"q": "lighthouse"}).content.decode()
    assert (NEXT in searched, LOOSEN in searched) == (False, True)


def test_numbers_and_mailboxes_of_a_card_lead_to_a_call_and_a_letter_unless_masked(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    add_field(contract, FieldType.PHONE, "Phone", cast.dora)
    add_field(contract, FieldType.EMAIL, "Mail", cast.dora)
    add_field(contract, FieldType.PHONE, "Hidden", cast.dora, sensitivity="identity")
    record = make("One", phone="13801346021", mail="zhang@example.com")
    column = next(item.column for item in fields_of(contract) if item.key == "x_hidden")
    required_verbs(contract).edit(record.pk, {column: "13911112222"}, actor=fresh(cast.dora))
    rows = {(key, action): "owner" for key in ("account", contract.key) for action in STAFF}
    define_role("staff", name="Staff", rows=rows, fields={("*", "identity"): 1}, actor=system_actor("Tests"))
    card = sign_in(cast.alice).get(f"/objects/{contract.key}/{record.pk}/").content.decode()
    assert '<a href="tel:13801346021">138 0134 6021</a>' in card
    assert '<a href="mailto:zhang@example.com">zhang@example.com</a>' in card
    assert ("13911112222" in card, "tel:139" in card) == (False, False)


def test_an_address_that_only_buttons_send_to_says_so_and_keeps_its_status(cast: Cast, sign_in: SignIn) -> None:
    answer = sign_in(cast.alice).get("/objects/account/bulk/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "This page opens by its button only" in answer.content.decode()


@pytest.mark.parametrize("address", ["/settings/people/", "/settings/security/", "/settings/reads/"])
def test_people_stand_in_the_order_in_which_their_names_are_read_out(address: str, cast: Cast, sign_in: SignIn) -> None:
    names = {"alice": ("陈", "志远"), "bob": ("赵", "一凡"), "charlie": ("何", "静怡")}
    for actor, (family, given) in zip((cast.alice, cast.bob, cast.charlie), names.values(), strict=True):
        User.objects.filter(pk=own_id(actor)).update(family_name=family, given_name=given)
    assert len(active_people()) >= len(names)
    page = sign_in(cast.dora).get(address).content.decode().partition("<main")[2]
    places = [page.index(name) for name in ("陈志远", "何静怡", "赵一凡")]
    assert places == sorted(places)


def test_the_form_of_a_field_has_parts_and_takes_its_rules(contract: ObjectSpec, cast: Cast, sign_in: SignIn) -> None:
    dora = sign_in(cast.dora)
    new = f"/settings/objects/{contract.key}/fields/new/"
    assert "such as a stage" in dora.get(new).content.decode()
    page = dora.get(new, {"kind": "text"}).content.decode()
    titles = ["Rights and speed", "When it is shown", "When it must be filled in"]
    assert [title for title in titles if title in page] == titles
    told = {"name_zh": "备注", "name_en": "Remark", "visible_field": "x_stage", "visible_values": "Signed"}
    assert dora.post(f"{new}?kind=text", told).status_code == 303
    page = dora.get(f"/settings/objects/{contract.key}/").content.decode()
    assert "Remark" in page
    assert "x_remark" in {item.key for item in fields_of(object_spec(contract.key))}


@pytest.mark.parametrize("way", ["board", "calendar"])
def test_boards_and_calendars_say_what_narrows_them_down(
    way: str, contract: ObjectSpec, cast: Cast, sign_in: SignIn
) -> None:
    query = {"where": where("x_reason", "filled")}
    page = sign_in(cast.alice).get(f"/objects/{contract.key}/{way}/", query).content.decode()
    chip = page.partition('class="chip f"')[2].partition("</a>")[0]
    assert "Reason" in chip


def test_a_month_without_entries_says_so(contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn) -> None:
    make("One", ends=date(2026, 3, 17))
    alice, calendar = sign_in(cast.alice), f"/objects/{contract.key}/calendar/"
    full, free = (alice.get(calendar, {"month": month}).content.decode() for month in ("2026-03", "2026-05"))
    assert ("Nothing stands in this month" in full, "Nothing stands in this month" in free) == (False, True)
    assert '17<span class="only-p"> Tue</span>' in full


def test_a_condition_that_was_added_takes_the_focus(contract: ObjectSpec, cast: Cast, sign_in: SignIn) -> None:
    alice, builder = sign_in(cast.alice), f"/objects/{contract.key}/filter/"
    row = {"f0": "x_amount", "o0": "at_least", "v0": "5", "g0": "0"}
    added, shown = (
        alice.get(builder, {**row, "do": do}, headers={"HX-Request": "true"}).content.decode() for do in ("add", "show")
    )
    assert (added.count("autofocus"), shown.count("autofocus")) == (1, 0)
    assert 'id="field-of-1"' in added.partition("autofocus")[0]
