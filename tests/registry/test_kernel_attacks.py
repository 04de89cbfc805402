"""What attacks on objects and fields that people made are answered with: nothing shown, nothing changed, no crash."""

import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.commands.localisation import keep_rates
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.customfields import commands
from guanxi.platform.objects.bulk import change_many, undo_change
from guanxi.platform.objects.conditions import parse_where
from guanxi.platform.objects.jobs import reindex_object
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.registry import object_spec, required_verbs
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.preferences.models import ExchangeRate
from guanxi.platform.preferences.rates import Rate
from tests.cast import STAFF, Cast, SignIn
from tests.registry.contracts import NAMES, Make, add_field, fresh, listed, model_of, rows_of, where
from tests.registry.test_more_objects import _program

HTMX = {"HX-Request": "true"}


def test_nobody_finds_a_record_by_a_text_that_became_protected(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
) -> None:
    field = add_field(contract, FieldType.TEXT, "Nick", cast.dora)
    make("One", nick="Zanzibar")
    alice = sign_in(cast.alice)
    assert "One" in listed(alice, contract, q="Zanzibar")
    commands.edit_field(field.pk, {"sensitivity": "identity"}, model=model_of(contract), actor=fresh(cast.dora))
    job = ProcrastinateJob.objects.get(task_name="objects.reindex")
    reindex_object(**job.args)
    assert "One" not in listed(alice, contract, q="Zanzibar")
    assert "One" in listed(alice, contract, q="One")
    commands.edit_field(field.pk, {"sensitivity": ""}, model=model_of(contract), actor=fresh(cast.dora))
    reindex_object(contract.key)
    assert "One" in listed(alice, contract, q="Zanzibar")
    commands.retire_field(field.pk, actor=fresh(cast.dora))
    assert ProcrastinateJob.objects.filter(task_name="objects.reindex").count() == 3
    reindex_object(contract.key)
    assert "One" not in listed(alice, contract, q="Zanzibar")


def test_records_are_found_by_what_many_were_changed_to_and_no_more_by_what_they_were(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
) -> None:
    add_field(contract, FieldType.TEXT, "Tag", cast.dora)
    record = make("One", tag="Zanzibar")
    alice = sign_in(cast.alice)
    done = change_many(
        contract.key,
        [record.pk],
        action=BulkAction.EDIT,
        values={"x_tag": "Quokka"},
        title="",
        actor=fresh(cast.alice),
    )
    assert "One" in listed(alice, contract, q="Quokka")
    assert "One" not in listed(alice, contract, q="Zanzibar")
    undo_change(done.id, title="", actor=fresh(cast.alice))
    assert "One" in listed(alice, contract, q="Zanzibar")


def test_a_form_tells_no_rule_about_a_field_that_is_hidden(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
) -> None:
    rows = {(key, action): "owner" for key in ("account", contract.key) for action in STAFF}
    define_role("staff", name="Staff", rows=rows, fields={("*", "cost"): 0}, actor=system_actor("Tests"))
    add_field(contract, FieldType.INTEGER, "Salary", cast.dora, sensitivity="cost")
    rule = json.dumps(["x_salary", "at_least", "99555"])
    add_field(contract, FieldType.TEXT, "Perk", cast.dora, visible_when=rule)
    one = f"{contract.list_url}{make('One').pk}/"
    for address in (f"{one}edit/", f"{contract.list_url}new/"):
        text = sign_in(cast.alice).get(address).content.decode()
        assert ("x_salary" in text, "99555" in text, "x_stage" in text) == (False, False, True)
        assert "99555" in sign_in(cast.dora).get(address).content.decode()


def test_a_link_to_an_object_out_of_sight_is_out_of_sight_and_comes_back_with_it(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
) -> None:
    names = {**NAMES, "name_zh": "设备", "name_en": "Machine"}
    other = commands.make_object(names, taken=(), rights_of="account", actor=fresh(cast.dora))
    add_field(contract, FieldType.LINK, "Engine", fresh(cast.dora), target=other.key)
    drill = required_verbs(object_spec(other.key)).create({"name": "Drill"}, actor=fresh(cast.alice))
    record, alice = make("One", engine=drill.pk), sign_in(cast.alice)
    one = f"{contract.list_url}{record.pk}/"
    assert "Drill" in alice.get(one).content.decode()
    commands.retire_object(other.key, actor=fresh(cast.dora))
    pages = ("", "?cols=name,x_engine&group=x_engine", "board/", f"{record.pk}/", f"{record.pk}/edit/", "new/")
    for page in (*pages, f"{record.pk}/preview/", f"{record.pk}/history/"):
        answer = alice.get(contract.list_url + page, headers=HTMX if "preview" in page else {})
        assert (answer.status_code, b"Drill" in answer.content) == (200, False), page
    assert alice.get(f"{one}fields/x_engine/", headers=HTMX).status_code == 404
    assert alice.post(f"{one}edit/", {"name": "Two", "version": "1"}).status_code == 303
    commands.retire_object(other.key, is_retired=False, actor=fresh(cast.dora))
    assert "Drill" in alice.get(one).content.decode()


@pytest.mark.parametrize("number", ["1e-999999999", "1e-20000", "0e-99999", "0e999999999", "1e400", "NaN", "-inf"])
def test_numbers_of_a_million_digits_are_refused_everywhere(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
    number: str,
) -> None:
    record = make("One", amount=Decimal("5"))
    condition = where("x_amount", "at_least", number)
    assert sign_in(cast.alice).get(contract.list_url, {"where": condition}).status_code == 422
    program = _program(fresh(cast.alice))
    assert program.get(f"/api/v1/{contract.key}", where=condition).status_code == 422
    answer = program.patch(f"/api/v1/{contract.key}/{record.pk}", {"x_amount": number, "version": 1})
    assert answer.status_code == 422
    assert rows_of(contract, fresh(cast.alice), [record.pk])[0].custom["n_x_amount"] == "5"


@pytest.mark.parametrize("text", ["\\ud800", "\\u0000"])
def test_a_condition_with_half_a_letter_is_none(text: str) -> None:
    with pytest.raises(RuleViolation):
        parse_where(f'["name","contains","{text}"]')


def test_addresses_and_forms_that_no_page_makes_are_refused(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
) -> None:
    add_field(contract, FieldType.DATETIME, "At", cast.dora)
    record, alice = make("One", stage="draft"), sign_in(cast.alice)
    board = f"{contract.list_url}board/"
    assert alice.get(f"{board}?lane=%00", headers=HTMX).status_code == 422
    assert alice.get(f"{board}?lane=draft", headers=HTMX).status_code == 200
    assert alice.get(f"{contract.list_url}new/?x_customer={'9' * 30}").status_code == 200
    for moment in ("0001-01-01T00:00", "9999-12-31T23:59"):
        sent = {"name": "Two", "x_at": moment}
        assert alice.post(f"{contract.list_url}new/", sent).status_code == 422
        sent = {"action": "edit", "id": str(record.pk), "field": "x_at", "value": moment, "do": "yes"}
        assert alice.post(f"/objects/{contract.key}/bulk/", sent).status_code == 422
    for field in ("kind_id", "owner", "custom", ""):
        sent = {"action": "edit", "id": str(record.pk), "field": field, "value": "1", "do": "yes"}
        assert alice.post(f"/objects/{contract.key}/bulk/", sent).status_code == 200
    assert rows_of(contract, fresh(cast.alice), [record.pk])[0].version == 1
    assert object_spec(contract.key).board_field == "x_stage"


def test_a_record_is_changed_also_where_it_leads_to_what_the_person_does_not_see(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
    new_account: Callable[..., Account],
) -> None:
    account, other = new_account("岚川"), new_account("海岳")
    record, alice = make("One", customer=account.pk), sign_in(cast.alice)
    for known in (account, other):
        edit_account(known.pk, {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}, actor=cast.dora)
    one = f"{contract.list_url}{record.pk}/"
    page = alice.get(f"{one}edit/").content.decode()
    assert ("岚川" in page, f'value="{account.pk}"' in page) == (False, True)
    sent = {"name": "Two", "x_customer": str(account.pk), "version": "1"}
    assert alice.post(f"{one}edit/", sent).status_code == 303
    assert alice.post(f"{one}fields/x_customer/", {"x_customer": str(other.pk)}, headers=HTMX).status_code == 422
    assert alice.post(f"{contract.list_url}new/", {"name": "Three", "x_customer": str(account.pk)}).status_code == 422
    kept = rows_of(contract, fresh(cast.alice), [record.pk])[0]
    assert (kept.name, kept.custom["l_x_customer"]) == ("Two", account.pk)


@pytest.mark.parametrize("value", ["1e-9", "1e-999999999", "0", "NaN", "1e400"])
def test_a_rate_that_cannot_be_kept_is_refused(cast: Cast, value: str) -> None:
    with pytest.raises(RuleViolation):
        keep_rates([Rate("USD", date(2026, 11, 20), Decimal(value))], actor=cast.dora)
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_name_that_people_give_runs_or_breaks_an_exported_file(
    contract: ObjectSpec,
    make: Make,
    cast: Cast,
    sign_in: SignIn,
    kind: str,
) -> None:
    choices = [["a", "=甲", "=Alpha"], ["b", "乙", "Beta"]]
    add_field(contract, FieldType.MULTI_CHOICE, "=SUM(A1)", cast.dora, choices=choices)
    add_field(contract, FieldType.DATE, "Long\x01ago", cast.dora)
    commands.edit_object(contract.key, {"plural_en": "A/B [tests]: all?"}, actor=fresh(cast.dora))
    make("=cmd|'/C calc'!A1", sum_a1=["a", "b"], long_ago=date(1, 1, 1))
    address = f"/objects/{contract.key}/export/?format={kind}&cols=name,x_sum_a1,x_long_ago"
    answer: Any = sign_in(fresh(cast.dora)).get(address)
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content)
    if kind == "csv":
        assert "'=cmd" in content.decode()
        assert "'=SUM(A1)" in content.decode()
        assert "Alpha" in content.decode()
        return
    book: Any = load_workbook(BytesIO(content))
    head, row = book.active.iter_rows()
    assert [cell.data_type for cell in (*head[:2], *row[:2])] == ["s"] * 4
    assert row[1].value == "=Alpha, Beta"
