"""Objects and fields that people made do what built-in ones do, and nobody sees more of them than rights say."""

import json
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.translation import override

from guanxi.customers.models import Account
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.customfields import commands
from guanxi.platform.customfields.adapters import build_index
from guanxi.platform.customfields.models import CustomField, CustomRecord
from guanxi.platform.objects.bulk import change_many, undo_change
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.records.values import assign
from tests.cast import STAFF, Cast, SignIn
from tests.registry.contracts import NAMES, STAGES, Make, add_field, all_rows, fresh, listed, rows_of, where


def test_numbers_days_and_choices_are_compared_as_such(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    make("Small", amount=Decimal("9.50"), ends=date(2026, 3, 1), stage="draft")
    make("Large", amount=Decimal("1000"), ends=date(2027, 3, 1), stage="signed")
    make("None")
    alice = sign_in(cast.alice)
    assert [
        name
        for name in ("Small", "Large", "None")
        if name in listed(alice, contract, where=where("x_amount", "at_least", "10"))
    ] == ["Large"]
    assert "Small" in listed(alice, contract, where=where("x_ends", "before", "2026-12-31"))
    assert "Large" not in listed(alice, contract, where=where("x_ends", "before", "2026-12-31"))
    assert "Large" in listed(alice, contract, where=where("x_stage", "is", "signed"))
    empty = listed(alice, contract, where=where("x_stage", "empty"))
    assert ("None" in empty, "Small" in empty) == (True, False)
    rows = listed(alice, contract, sort="-x_amount", where=where("x_amount", "filled"))
    assert rows.index("Large") < rows.index("Small")


def test_one_name_is_enough_for_both_languages(cast: Cast, sign_in: SignIn) -> None:
    dora = sign_in(cast.dora)
    named = {"name_zh": "回访", "icon": "folder", "title_zh": "主题", "rights_of": "account"}
    address = dora.post("/settings/objects/new/", named)["Location"]
    made = object_spec(address.split("/")[-2])
    with override("en"):
        assert (str(made.label), str(made.plural), str(fields_of(made)[0].label)) == ("回访", "回访", "主题")
    field = f"{address}fields/new/?kind=text"
    assert dora.post(field, {"name_en": "Outcome"}).status_code == 303
    with override("zh-hans"):
        assert str(fields_of(object_spec(made.key))[-1].label) == "Outcome"
    refused = dora.post(field, {"name_zh": " "})
    assert (refused.status_code, "Give it a name." in refused.content.decode()) == (422, True)


def test_what_a_mask_hides_is_neither_shown_nor_filtered_nor_sorted_by(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    define_role(
        "staff",
        name="Staff",
        rows={(key, action): "owner" for key in ("account", contract.key) for action in STAFF},
        fields={("*", "identity"): 1},
        actor=system_actor("Tests"),
    )
    verbs = required_verbs(contract)
    column = next(item.column for item in fields_of(contract) if item.key == "x_secret")
    record = verbs.create({"name": "One", column: "320594199001011234"}, actor=fresh(cast.dora))
    verbs.edit(record.pk, {"owner_id": cast.alice.user_id, "unit_id": cast.alice.unit_id}, actor=fresh(cast.dora))
    alice = sign_in(cast.alice)
    for address in (
        contract.list_url + "?cols=name,x_secret",
        f"{contract.list_url}{record.pk}/",
        f"{contract.list_url}{record.pk}/preview/",
    ):
        text = alice.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "320594199001011234" not in text
    assert "34" in alice.get(f"{contract.list_url}{record.pk}/").content.decode()
    assert alice.get(contract.list_url, {"where": where("x_secret", "starts", "3")}).status_code == 422
    with pytest.raises(AccessDenied):
        verbs.edit(record.pk, {column: "1"}, actor=fresh(cast.alice))
    assert (
        alice.get(f"{contract.list_url}{record.pk}/fields/x_secret/", headers={"HX-Request": "true"}).status_code == 403
    )
    assert alice.post(f"{contract.list_url}{record.pk}/fields/x_secret/", {"x_secret": "1"}).status_code == 403


def test_charlie_finds_nothing_of_it_anywhere(contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn) -> None:
    record = make("Lighthouse", amount=Decimal("77123"), stage="draft")
    charlie = sign_in(cast.charlie)
    one = f"{contract.list_url}{record.pk}/"
    for address in (
        one,
        f"{one}preview/",
        f"{one}edit/",
        f"{one}fields/x_stage/",
        f"{one}history/",
        f"/api/v1/{contract.key}/{record.pk}",
    ):
        assert charlie.get(address, headers={"HX-Request": "true"}).status_code in (401, 403, 404), address
    for address in (f"{one}move/?lane=signed", f"{one}trash/", f"{one}restore/", f"{one}fields/x_stage/"):
        assert charlie.post(address, {"lane": "signed", "x_stage": "signed"}).status_code in (403, 404), address
    for address in (
        contract.list_url,
        f"{contract.list_url}board/",
        f"{contract.list_url}calendar/",
        f"{contract.list_url}names/?q=Light",
        "/palette/?q=Lightho",
        f"{contract.list_url}?group=x_stage",
    ):
        answer = charlie.get(address)
        assert "Lighthouse" not in answer.content.decode(), address
        assert "77123" not in answer.content.decode()
        assert "7.7" not in answer.content.decode()


def test_objects_that_share_a_table_do_not_see_each_other(contract: ObjectSpec, make: Make, cast: Cast) -> None:
    other = commands.make_object(
        {**NAMES, "name_zh": "设备", "name_en": "Machine"}, taken=(), rights_of="account", actor=fresh(cast.dora)
    )
    record = make("A contract")
    dora = fresh(cast.dora)
    machines = grant(dora, object_spec(other.key).model)
    assert machines.queryset().count() == 0
    with pytest.raises(NotFound):
        machines.get(record.pk)
    with pytest.raises(NotFound):
        required_verbs(object_spec(other.key)).trash(record.pk, actor=dora)
    assert rows_of(contract, dora, [record.pk])[0].trashed_at is None


def test_a_bulk_change_of_a_made_field_is_undone_but_for_what_was_changed_since(
    contract: ObjectSpec, make: Make, cast: Cast
) -> None:
    records = [make(f"C{place}", stage="draft" if place else None, amount=Decimal(place)) for place in range(3)]
    alice = fresh(cast.alice)
    ids = [record.pk for record in records]
    started = change_many(
        contract.key, ids, action=BulkAction.EDIT, values={"x_stage": "signed"}, title="", actor=alice
    )
    assert started.changed == 3
    assert [row.custom["t_x_stage"] for row in rows_of(contract, alice, ids)] == ["signed"] * 3
    verbs = required_verbs(contract)
    verbs.edit(ids[2], {"custom__t_x_stage": "ended"}, actor=alice)
    verbs.edit(ids[1], {"custom__n_x_amount": Decimal("5.25")}, actor=alice)
    undo_change(started.id, title="", actor=alice)
    after = rows_of(contract, alice, ids)
    assert [row.custom.get("t_x_stage") for row in after] == [None, "draft", "ended"]
    assert after[1].custom["n_x_amount"] == "5.25"


def test_the_form_asks_for_what_a_rule_needs_and_keeps_nothing_hidden(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器")
    alice = sign_in(cast.alice)
    given = {"name": "HT-1", "x_customer": f"岚川精密仪器 · {account.pk}", "x_stage": "ended"}
    refused = alice.post(f"{contract.list_url}new/", given)
    assert refused.status_code == 422
    assert all_rows(contract, fresh(cast.alice)) == []
    assert alice.post(f"{contract.list_url}new/", given | {"x_reason": "moved away"}).status_code == 303
    assert (
        alice.post(f"{contract.list_url}new/", given | {"x_stage": "draft", "x_reason": "not kept"}).status_code == 303
    )
    kept = [row.custom for row in all_rows(contract, fresh(cast.alice))]
    assert [custom.get("t_x_reason") for custom in kept] == ["moved away", None]
    assert kept[0]["l_x_customer"] == account.pk
    card = alice.get(
        f"/objects/{contract.key}/{grant(fresh(cast.alice), contract.model).queryset().order_by('pk')[0].pk}/"
    )
    assert "岚川精密仪器" in card.content.decode()


def test_a_link_names_only_what_the_reader_may_see(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    hidden = new_account("不可见的公司", owner_id=cast.charlie.user_id, unit_id=cast.charlie.unit_id)
    record = make("C", customer=hidden.pk)
    alice = sign_in(cast.alice)
    for address in (contract.list_url, f"{contract.list_url}{record.pk}/", f"{contract.list_url}board/"):
        assert "不可见的公司" not in alice.get(address).content.decode()
    refused = alice.post(f"{contract.list_url}new/", {"name": "D", "x_customer": f"x · {hidden.pk}"})
    assert refused.status_code == 422


def test_a_card_moves_between_lanes_with_sums_undo_and_version(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record = make("C", stage="draft", amount=Decimal("20000"))
    alice = sign_in(cast.alice)
    board = alice.get(f"{contract.list_url}board/").content.decode()
    assert board.index("lane-draft") < board.index(f'data-card="{record.pk}"') < board.index("lane-signed")
    headers = {"HX-Request": "true"}
    moved = alice.post(f"{contract.list_url}{record.pk}/move/", {"lane": "signed", "version": "1"}, headers=headers)
    assert moved.status_code == 200
    assert 'data-version="2"' in moved.content.decode()
    undo = json.loads(moved.headers["HX-Trigger"])["toast"]["undo"]
    assert (
        alice.post(
            f"{contract.list_url}{record.pk}/move/", {"lane": "ended", "version": "1"}, headers=headers
        ).status_code
        == 409
    )
    assert alice.post(f"{contract.list_url}{record.pk}/move/", {"lane": "nowhere"}, headers=headers).status_code == 422
    assert alice.post(undo, headers=headers).status_code == 204
    assert rows_of(contract, fresh(cast.alice), [record.pk])[0].custom["t_x_stage"] == "draft"


def test_one_field_changes_in_its_place_and_back_again(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record = make("C", amount=Decimal("10"))
    alice, headers = sign_in(cast.alice), {"HX-Request": "true"}
    address = f"{contract.list_url}{record.pk}/fields/x_amount/"
    assert 'value="10"' in alice.get(address, headers=headers).content.decode()
    saved = alice.post(address, {"x_amount": "12.5", "version": "1"}, headers=headers)
    assert "12.50" in saved.content.decode()
    stale = alice.post(address, {"x_amount": "99", "version": "1"}, headers=headers)
    assert stale.status_code == 422
    assert "12.50" in stale.content.decode()
    assert "Take theirs" in stale.content.decode()
    undo = json.loads(saved.headers["HX-Trigger"])["toast"]["undo"]
    assert alice.post(undo.replace("back=", "back=x"), headers=headers).status_code == 422
    assert alice.post(undo, headers=headers).status_code == 204
    assert rows_of(contract, fresh(cast.alice), [record.pk])[0].custom["n_x_amount"] == "10"
    assert alice.post(undo, headers=headers).status_code == 409


def test_a_change_in_its_place_brings_along_what_depends_on_it(
    contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn
) -> None:
    record = make("C", stage="draft", amount=Decimal("10"))
    alice, headers = sign_in(cast.alice), {"HX-Request": "true"}
    address = f"{contract.list_url}{record.pk}/fields/"
    saved = alice.post(f"{address}x_amount/", {"x_amount": "12.5", "version": "1"}, headers=headers)
    assert re.findall(r'id="field-(\w+)"', saved.content.decode()) == ["x_amount", "updated_at"]
    assert saved.content.decode().count("hx-swap-oob") == 1
    assert set(json.loads(saved.headers["HX-Trigger"])) == {"record-changed", "toast"}
    ended = alice.post(f"{address}x_stage/", {"x_stage": "ended", "version": "2"}, headers=headers)
    assert set(json.loads(ended.headers["HX-Trigger"])) == {"record-changed", "panel-fields", "toast"}
    refused = alice.post(f"{address}x_amount/", {"x_amount": "1", "version": "1"}, headers=headers)
    assert refused.status_code == 422
    assert "HX-Trigger" not in refused.headers
    in_a_list = alice.post(f"{address}x_amount/?place=cell", {"x_amount": "13", "version": "3"}, headers=headers)
    assert "field-updated_at" not in in_a_list.content.decode()


def test_only_who_administers_everybody_makes_fields(contract: ObjectSpec, cast: Cast, sign_in: SignIn) -> None:
    before = CustomField.objects.count()
    for actor in (cast.alice, cast.bob, cast.charlie):
        client = sign_in(actor)
        assert client.get("/settings/objects/").status_code == 403
        assert (
            client.post(f"/settings/objects/{contract.key}/fields/new/?kind=text", {"name_zh": "x"}).status_code == 403
        )
        with pytest.raises(AccessDenied):
            add_field(contract, FieldType.TEXT, "x", fresh(actor))
    assert CustomField.objects.count() == before


def test_a_retired_field_keeps_its_values(contract: ObjectSpec, make: Make, cast: Cast, sign_in: SignIn) -> None:
    record = make("C", amount=Decimal("31415"))
    field = CustomField.objects.get(key="x_amount")
    commands.retire_field(field.pk, actor=fresh(cast.dora))
    assert "31,415" not in sign_in(cast.alice).get(f"{contract.list_url}{record.pk}/").content.decode()
    commands.retire_field(field.pk, is_retired=False, actor=fresh(cast.dora))
    assert "31,415" in sign_in(cast.alice).get(f"{contract.list_url}{record.pk}/").content.decode()


def test_a_field_of_an_account_is_a_field_of_the_account(
    cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器")
    add_field(object_spec("account"), FieldType.MULTI_CHOICE, "Lines", cast.dora, choices=STAGES)
    alice = sign_in(cast.alice)
    page = alice.get(f"/accounts/{account.pk}/edit/").content.decode()
    assert 'name="x_lines"' in page
    answer = alice.post(
        f"/accounts/{account.pk}/fields/x_lines/".replace("/accounts/", "/objects/account/"),
        {"x_lines": ["draft", "ended"], "version": "1"},
    )
    assert answer.status_code == 303
    assert "Draft, Ended" in alice.get(f"/accounts/{account.pk}/").content.decode()
    assert (
        "岚川"
        in alice.get("/accounts/", {"where": where("x_lines", "is", "ended")}).content.decode().partition("<tbody")[2]
    )
    assert (
        "岚川"
        not in alice.get("/accounts/", {"where": where("x_lines", "is", "signed")})
        .content.decode()
        .partition("<tbody")[2]
    )


def test_values_of_another_type_are_refused_before_they_are_kept(contract: ObjectSpec, make: Make, cast: Cast) -> None:
    record, verbs = make("C"), required_verbs(contract)
    for column, value in (
        ("custom__n_x_amount", "much"),
        ("custom__d_x_ends", "soon"),
        ("custom__t_x_secret", "x" * 501),
    ):
        with pytest.raises((RuleViolation, AccessDenied)):
            verbs.edit(record.pk, {column: value}, actor=fresh(cast.dora))
    assert rows_of(contract, fresh(cast.alice), [record.pk])[0].version == 1


def test_a_stale_version_is_a_conflict(contract: ObjectSpec, make: Make, cast: Cast) -> None:
    record, verbs = make("C"), required_verbs(contract)
    verbs.edit(record.pk, {"name": "D"}, version=1, actor=fresh(cast.alice))
    with pytest.raises(Conflict):
        verbs.edit(record.pk, {"name": "E"}, version=1, actor=fresh(cast.alice))


def test_assigning_takes_empty_values_away() -> None:
    record = CustomRecord(custom={"t_a": "x", "n_b": "1"})
    assign(record, {"custom__t_a": "", "custom__n_b": Decimal("2.50"), "custom__d_c": date(2026, 1, 2), "name": "N"})
    assert (record.custom, record.name) == ({"n_b": "2.50", "d_c": "2026-01-02"}, "N")


@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_over_the_very_expression_and_dropped_again(cast: Cast) -> None:
    spec = object_spec("account")
    made = add_field(spec, FieldType.DATE, "Renews", cast.dora, is_indexed=True)
    build_index(made.pk, table="customers_account")
    build_index(made.pk, table="customers_account")
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [f"customfields_by_{made.pk}"])
        (definition,) = cursor.fetchone()
        assert "custom_day((custom ->> 'd_x_renews'::text))" in definition
        cursor.execute("SET enable_seqscan = off")
        query = grant(fresh(cast.dora), Account).queryset().filter(custom__d_x_renews=date(2026, 1, 1))
        assert f"customfields_by_{made.pk}" in query.explain()
        cursor.execute("RESET enable_seqscan")
    commands.edit_field(made.pk, {"is_indexed": False}, model=Account, actor=fresh(cast.dora))
    build_index(made.pk, table="customers_account")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = %s", [f"customfields_by_{made.pk}"])
        assert cursor.fetchone() == (0,)
