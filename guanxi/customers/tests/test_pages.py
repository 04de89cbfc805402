"""Pages of what belongs to an account: in place and as pages, for who may and who may not."""

import json
from typing import Any

import pytest
from django.utils import timezone

from guanxi.customers import commands
from guanxi.customers.commands import add_contact_point, create_account, edit_account
from guanxi.customers.models import AccountClass, Contact, ContactPoint, ImportantDate, Trait
from guanxi.customers.tests.conftest import KEY, NUMBER, Kept
from guanxi.customers.tests.test_parts import KINDS, seen_only, stored
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.platform.audit.models import AuditEntry
from tests.cast import Cast, SignIn

HTMX = {"HX-Request": "true", "HX-Target": "contacts"}
UNDO = {"HX-Request": "true"}
FORMS: dict[str, dict[str, str]] = {
    "contact": {
        "family_name": "吴",
        "decision_role": "decides",
        "closeness": "2",
        "influence": "2",
        "stance": "unknown",
    },
    "contact_point": {"type": "mobile", "value": "139 0000 1234", "consent": "given", "consent_at": "2026-01-05"},
    "important_date": {"type": "birthday", "calendar": "solar", "month": "3", "day": "9", "year": "1980"},
    "trait": {"kind": "hobby", "text": "围棋"},
    "affiliation": {"title": "监事", "decision_role": "uses"},
    "account_class": {"choice": ""},
}
FOLDERS = {"contact": "contacts", "contact_point": "points", "important_date": "dates", "trait": "traits"}
MODELS: dict[str, Any] = {
    "contact": Contact,
    "contact_point": ContactPoint,
    "important_date": ImportantDate,
    "trait": Trait,
}


def values_of(key: str, kept: Kept) -> dict[str, str]:
    """What is typed into the form of a kind of part."""
    part = kept.parts[key]
    return {"choice": f"{part.classification_id}:steady"} if isinstance(part, AccountClass) else FORMS[key]


@pytest.mark.parametrize("key", list(MODELS))
def test_a_part_is_added_in_place_and_taken_back(key: str, kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.alice), f"/accounts/{kept.account.pk}/{FOLDERS[key]}/new/"
    form = client.get(address, headers=HTMX)
    assert (form.status_code, b"<html" in form.content, b"place-form" in form.content) == (200, False, True)
    answer = client.post(address, FORMS[key], headers=HTMX)
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (200, "outerHTML")
    assert f'id="{answer.headers["HX-Retarget"][1:]}"' in answer.content.decode()
    undone = client.post(toast["undo"], headers=UNDO)
    assert (undone.status_code, undone.content) == (204, b"")
    row = grant(cast.dora, MODELS[key]).queryset().order_by("-pk").first()
    assert row is not None
    assert row.trashed_at is not None
    again = json.loads(undone.headers["HX-Trigger"])["toast"]["undo"]
    assert again.endswith("/restore/")
    assert client.post(again, headers=UNDO).status_code == 204
    assert grant(cast.dora, MODELS[key]).get(row.pk).trashed_at is None


@pytest.mark.parametrize("key", KINDS)
def test_without_a_script_the_same_addresses_are_pages(key: str, kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.alice), kept.address(key, "edit")
    page = client.get(address)
    assert (page.status_code, b"<html" in page.content, b"place-form" in page.content) == (200, True, True)
    answer = client.post(address, {**values_of(key, kept), "version": "1"})
    assert (answer.status_code, answer.headers["Location"].split("#")[0]) == (303, f"/accounts/{kept.account.pk}/")
    assert stored(kept, key, cast.dora).version == 2
    assert client.post(kept.address(key, "remove")).status_code == 303
    assert client.get(address).status_code == 404
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize("key", KINDS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("is_seen", [True, False], ids=["viewer", "stranger"])
def test_who_may_not_gets_no_form_and_changes_nothing(
    is_seen: bool, headers: dict[str, str], key: str, kept: Kept, cast: Cast, sign_in: SignIn
) -> None:
    client, expected = sign_in(seen_only(cast) if is_seen else cast.charlie), 403 if is_seen else 404
    before = AuditEntry.objects.count()
    for act in ("edit", "remove", "restore"):
        address = kept.address(key, act)
        if act == "edit":
            assert client.get(address, headers=headers).status_code == expected
        answer = client.post(address, values_of(key, kept), headers=headers)
        assert answer.status_code == expected
        assert "0013" not in answer.content.decode()
    assert stored(kept, key, cast.dora).version == 1
    assert AuditEntry.objects.count() == before


def test_who_only_sees_reads_the_card_without_ways_to_change_it(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(seen_only(cast)).get(f"/accounts/{kept.account.pk}/").content.decode()
    assert "周砚秋" in text
    assert "不饮酒" in text
    assert "0013" not in text
    assert "/edit/" not in text
    assert "/new/" not in text


def only_own_edited(cast: Cast) -> Actor:
    """Charlie with a role that sees all customers and changes the own ones alone."""
    rows: dict[tuple[str, str], object] = {("account", "view"): "everyone", ("account", "reveal"): "owner"}
    define_role(
        "manager",
        name="Manager",
        rows={**rows, ("account", "edit"): "owner", ("account", "create"): "everyone"},
        fields={("*", "reach"): int(FieldAccess.WRITE)},
        actor=cast.dora,
    )
    assert cast.charlie.user_id is not None
    return actor_by_user_id(cast.charlie.user_id, surface=cast.charlie.surface)


def test_a_card_offers_what_may_be_done_with_this_customer_alone(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    charlie = only_own_edited(cast)
    own = create_account({"kind": "organisation", "name": "自己的客户"}, actor=charlie)
    client = sign_in(charlie)
    assert "/edit/" in client.get(f"/accounts/{own.pk}/").content.decode()
    card = f"/accounts/{kept.account.pk}/"
    text = client.get(card).content.decode()
    assert "周砚秋" in text
    for offered in ("/edit/", f"{card}contacts/new/", "/cadence/", "/log/", "#log", "/reveal/"):
        assert offered not in text, offered
    for address in (f"{card}edit/", f"{card}cadence/"):
        assert client.get(address).status_code == 403
        assert client.post(address, {"ideal_days": "5", "maximum_days": "6"}).status_code == 403
    assert client.post(f"/contact-points/{kept.parts['contact_point'].pk}/reveal/").status_code == 403
    assert "#log" in client.get(f"/accounts/{own.pk}/preview/", headers=HTMX).content.decode()
    assert "#log" not in client.get(f"{card}preview/", headers=HTMX).content.decode()


def test_a_role_is_offered_to_who_may_change_both_customers(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    edit = f"/affiliations/{kept.parts['affiliation'].pk}/edit/"
    assert edit in sign_in(cast.alice).get(f"/accounts/{kept.account.pk}/").content.decode()
    assert edit in sign_in(cast.alice).get(f"/accounts/{kept.other.pk}/").content.decode()
    charlie = only_own_edited(cast)
    edit_account(kept.account.pk, {"owner_id": charlie.user_id}, actor=cast.dora)
    client = sign_in(charlie)
    card = client.get(f"/accounts/{kept.account.pk}/").content.decode()
    assert "云杉包装" in card
    assert "/contacts/new/" in card
    assert edit not in card
    assert client.get(f"/accounts/{kept.account.pk}{edit}").status_code == 403


def test_a_manager_edits_with_the_number_masked(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.bob), kept.address("contact_point", "edit")
    text = client.get(address).content.decode()
    assert "138****6021" in text
    assert 'name="value"' not in text
    assert 'name="type"' not in text
    values = {"label": "车间", "value": "139 0000 1234", "type": "mail", "consent": "given"}
    assert client.post(address, values).status_code == 303
    row = stored(kept, "contact_point", cast.dora)
    assert (row.value, row.type, row.label, row.consent) == (NUMBER, "mobile", "车间", "given")
    assert client.get(f"/accounts/{kept.account.pk}/points/new/").status_code == 403
    card = client.get(f"/accounts/{kept.account.pk}/").content.decode()
    assert "0013" not in card
    assert "points/new" not in card
    assert KEY not in card


def test_a_refusal_stands_beside_its_field_with_what_was_typed(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    values = {**FORMS["contact_point"], "value": "1380013602"}
    answer = client.post(f"/accounts/{kept.account.pk}/points/new/", values, headers=HTMX)
    text = answer.content.decode()
    assert (answer.status_code, 'value="1380013602"' in text) == (422, True)
    assert "A mobile number has 11 digits; “1380013602” has 10." in text
    stale = client.post(kept.address("trait", "edit"), {**FORMS["trait"], "version": "7"}, headers=HTMX)
    assert stale.status_code == 422
    assert "Somebody changed this record while you edited." in stale.content.decode()
    assert stored(kept, "trait", cast.dora).version == 1


def test_a_part_is_reached_through_its_own_account_alone(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    address = kept.address("trait", "edit").replace(f"/{kept.account.pk}/", f"/{kept.other.pk}/", 1)
    assert sign_in(cast.alice).get(address).status_code == 404


def test_a_role_is_typed_by_the_name_of_the_other_customer(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    client.post(kept.address("affiliation", "remove"))
    address = f"/accounts/{kept.account.pk}/affiliations/new/?contact={kept.parts['contact'].pk}"
    unknown = client.post(address, {"account_id": "没有的公司", "decision_role": "uses"}, headers=HTMX)
    assert (unknown.status_code, "No customer that you may change" in unknown.content.decode()) == (422, True)
    assert client.post(address, {"account_id": "云杉", "decision_role": "uses"}, headers=HTMX).status_code == 200
    assert "周砚秋" in client.get(f"/accounts/{kept.other.pk}/").content.decode()
    offered = client.get("/accounts/names/", {"account_id": "云杉"}).content.decode()
    assert '<option value="云杉包装">' in offered
    assert "云杉包装" not in sign_in(cast.charlie).get("/accounts/names/?account_id=云杉").content.decode()


def test_an_empty_choice_says_what_it_means(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    text = sign_in(cast.alice).get("/accounts/new/").content.decode()
    assert "---------" not in text
    assert '<option value="" selected>Choose…</option>' in text
    assert ">Customer</option>" in text


def test_what_somebody_else_saved_is_not_overwritten_after_a_typing_error(
    kept: Kept, cast: Cast, sign_in: SignIn
) -> None:
    client, address = sign_in(cast.alice), kept.address("contact", "edit")
    sign_in(cast.dora).post(address, {**FORMS["contact"], "title": "总裁", "version": "1"})
    wrong = client.post(address, {**FORMS["contact"], "family_name": "", "version": "1"}, headers=HTMX)
    assert (wrong.status_code, b'name="version" value="1"' in wrong.content) == (422, True)
    told = client.post(address, {**FORMS["contact"], "version": "1"}, headers=HTMX)
    assert (told.status_code, b'name="version" value="2"' in told.content) == (422, True)
    assert client.post(address, {**FORMS["contact"], "version": "2"}, headers=HTMX).status_code == 200


def test_a_conflict_on_the_account_keeps_what_was_typed(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    address = f"/accounts/{kept.account.pk}/edit/"
    values = {"kind": "organisation", "relation": "customer", "name": kept.account.name, "note": "初稿"}
    assert sign_in(cast.dora).post(address, {**values, "version": "1"}).status_code == 303
    stale = sign_in(cast.alice).post(address, {**values, "note": "我的话", "version": "1"})
    assert (stale.status_code, "我的话" in stale.content.decode()) == (422, True)
    assert b'name="version" value="2"' in stale.content


def test_consent_of_another_age_is_refused(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client, address = sign_in(cast.alice), f"/accounts/{kept.account.pk}/points/new/"
    assert client.post(address, {**FORMS["contact_point"], "consent_at": "0001-01-01"}).status_code == 422
    assert client.get(f"/accounts/{kept.account.pk}/").status_code == 200


def test_a_part_of_a_removed_contact_stays_removed_with_it(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client, contact = sign_in(cast.alice), kept.parts["contact"]
    point = add_contact_point(
        ContactPoint(account=kept.account, contact_id=contact.pk, type="mobile", value="13900001234"), actor=cast.alice
    )
    address = f"/accounts/{kept.account.pk}/points/{point.pk}"
    assert client.post(f"{address}/remove/", headers=UNDO).status_code == 204
    assert client.post(kept.address("contact", "remove"), headers=UNDO).status_code == 204
    assert client.post(f"{address}/restore/", headers=UNDO).status_code == 422
    assert grant(cast.dora, ContactPoint).get(point.pk).trashed_at is not None


def test_a_number_that_no_record_can_have_is_not_found(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client, huge = sign_in(cast.alice), "9" * 22
    for address in (f"/accounts/{huge}/", f"/accounts/{huge}/facts/", f"/accounts/{huge}/cadence/"):
        assert client.get(address).status_code == 404
    assert client.post(f"/promotions/{huge}/remove/").status_code == 404
    assert client.get("/accounts/", headers={"Cookie": "sessionid=\\000"}).status_code in {200, 302}
    assert kept.account.pk


def reading_only(cast: Cast, *keys: str) -> None:
    """Let the staff read these kinds of parts and write none of their fields."""
    rows: dict[tuple[str, str], object] = {("account", act): "owner" for act in ("view", "create", "edit", "reveal")}
    fields = {("*", "reach"): int(FieldAccess.MASKED), **{(key, ""): int(FieldAccess.READ) for key in keys}}
    define_role("staff", name="Staff", rows=rows, fields=fields, actor=cast.dora)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_part_that_may_only_be_read_is_shown_in_words(
    headers: dict[str, str], kept: Kept, cast: Cast, sign_in: SignIn
) -> None:
    commands.edit_contact(kept.parts["contact"].pk, {"decision_role": "decides", "closeness": 3}, actor=cast.alice)
    reading_only(cast, *KINDS)
    client = sign_in(cast.alice)
    for key, words in {
        "contact": ("周", "Decides", "Close", "Yes"),
        "contact_point": ("138****6021", "Mobile", "周砚秋"),
        "important_date": ("Birthday", "Lunar", "周砚秋"),
        "trait": ("Taboo", "不饮酒", "周砚秋"),
        "affiliation": ("云杉包装", "顾问"),
        "account_class": ("Strategic",),
    }.items():
        answer = client.get(kept.address(key, "edit"), headers=headers)
        text = answer.content.decode()
        assert answer.status_code == 200, key
        for word in words:
            assert f">{word}<" in text, (key, word)
        assert "/remove/" not in text
        version = stored(kept, key, cast.dora).version
        client.post(kept.address(key, "edit"), values_of(key, kept), headers=headers)
        assert client.post(kept.address(key, "remove"), headers=headers).status_code == 403
        assert stored(kept, key, cast.dora).version == version


def test_what_may_only_be_read_is_not_added(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    reading_only(cast, *KINDS)
    client, account = sign_in(cast.alice), f"/accounts/{kept.account.pk}"
    for folder in (*FOLDERS.values(), "classes", f"affiliations/new/?contact={kept.parts['contact'].pk}"):
        address = f"{account}/{folder}" if "?" in folder else f"{account}/{folder}/new/"
        assert client.get(address).status_code == 403, folder


def test_a_removed_or_hidden_number_is_not_revealed(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    address = f"/contact-points/{kept.parts['contact_point'].pk}/reveal/"
    assert "0013" in sign_in(cast.bob).post(address, headers=HTMX).content.decode()
    entries = AuditEntry.objects.filter(action="reveal").count()
    rows: dict[tuple[str, str], object] = {("account", act): "unit_and_below" for act in ("view", "reveal")}
    define_role("manager", name="Manager", rows=rows, fields={("*", "reach"): int(FieldAccess.HIDDEN)}, actor=cast.dora)
    hidden = sign_in(cast.bob).post(address, headers=HTMX)
    assert (hidden.status_code, b"0013" in hidden.content) == (403, False)
    commands.remove_contact(kept.parts["contact"].pk, actor=cast.alice)
    removed = sign_in(cast.alice).post(address, headers=HTMX)
    assert (removed.status_code, b"0013" in removed.content) == (404, False)
    assert AuditEntry.objects.filter(action="reveal").count() == entries


def test_there_is_no_customer_number_nought(cast: Cast, sign_in: SignIn) -> None:
    client, values = sign_in(cast.alice), {"kind": "organisation", "relation": "customer", "name": "零"}
    assert client.get("/accounts/0/edit/").status_code == 404
    assert client.post("/accounts/0/edit/", values).status_code == 404


def test_a_day_of_consent_is_the_same_day_for_everybody(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    zones = {cast.alice: "Asia/Shanghai", cast.bob: "America/Los_Angeles", cast.dora: "Pacific/Auckland"}
    for actor, zone in zones.items():
        assert actor.user_id is not None
        User.objects.filter(pk=actor.user_id).update(time_zone=zone)
    address, card = kept.address("contact_point", "edit"), f"/accounts/{kept.account.pk}/"
    for number, typist in enumerate(zones, start=1):
        day = f"2026-01-0{number}"
        values = {**FORMS["contact_point"], "consent": "withdrawn", "consent_at": day}
        assert sign_in(typist).post(address, values).status_code == 303
        kept_at = stored(kept, "contact_point", cast.dora).consent_at
        assert timezone.localtime(kept_at, timezone.get_default_timezone()).isoformat()[:19] == f"{day}T00:00:00"
        for reader in zones:
            assert f'value="{day}"' in sign_in(reader).get(address).content.decode()
            assert f"{number} Jan" in sign_in(reader).get(card).content.decode()
            again = {**values, "label": f"{reader.name} {number}"}
            assert sign_in(reader).post(address, again).status_code == 303
            assert stored(kept, "contact_point", cast.dora).consent_at == kept_at


def test_chinese_names_are_marked_for_who_is_read_to_in_english(kept: Kept, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    for address in ("/accounts/", f"/accounts/{kept.account.pk}/"):
        assert ' lang="zh">岚川精密仪器<' in client.get(address).content.decode()
    assert ' lang="zh">周砚秋<' in client.get(f"/accounts/{kept.account.pk}/").content.decode()
    client.cookies["django_language"] = "zh-hans"
    assert ' lang="zh">' not in client.get(f"/accounts/{kept.account.pk}/").content.decode()
