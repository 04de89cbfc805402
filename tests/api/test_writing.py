from collections.abc import Callable, Mapping
from typing import Any

import pytest

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.search.models import SearchEntry
from tests.api.conftest import ACCOUNTS, Caller, NewAccount, address_of, code_of
from tests.cast import Cast

NEW: Mapping[str, Any] = {"kind": "organisation", "name": "岚川精密仪器", "since_on": "2024-05-01"}


def stored() -> list[dict[str, Any]]:
    return [dict(row) for row in Account._base_manager.order_by("pk").values()]


def errors_of(answer: Any) -> dict[str, str]:
    assert (answer.status_code, code_of(answer)) == (422, "values.invalid")
    return {row["pointer"]: row["code"] for row in answer.json()["data"]["errors"]}


def test_a_record_is_created_by_the_command(alice: Caller, cast: Cast) -> None:
    answer = alice.post(ACCOUNTS, NEW)
    found = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{ACCOUNTS}/{found['id']}"
    assert answer.headers["ETag"] == '"1"'
    assert found == alice.get(answer.headers["Location"]).json()
    assert (found["owner"], found["since_on"]) == (cast.alice.user_id, "2024-05-01")
    assert SearchEntry.objects.filter(record_id=found["id"]).exists()
    entry = AuditEntry.objects.get(record_id=found["id"])
    assert (entry.action, entry.surface, entry.user_id) == ("create", "api", cast.alice.user_id)


def test_a_record_is_changed_from_the_version_that_was_seen(alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    answer = alice.patch(address_of(account), {"version": 1, "city": "苏州", "relation": "media", "since_on": None})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert {key: answer.json()[key] for key in ("version", "city", "relation", "since_on")} == {
        "version": 2,
        "city": "苏州",
        "relation": "media",
        "since_on": None,
    }
    late = alice.patch(address_of(account), {"version": 1, "city": "上海"})
    assert (late.status_code, code_of(late)) == (409, "record.changed")
    assert late.json()["data"] == {"version": 2}
    assert Account._base_manager.get(pk=account.pk).city == "苏州"


def test_an_etag_may_stand_in_place_of_the_version(alice: Caller, new_account: NewAccount) -> None:
    address = address_of(new_account())
    assert alice.patch(address, {"city": "苏州"}, If_Match='"1"').status_code == 200
    late = alice.patch(address, {"city": "上海"}, If_Match='"1"')
    assert (late.status_code, code_of(late)) == (412, "record.changed")
    for tag in ("*", "1", 'W/"1"', '"x"'):
        assert code_of(alice.patch(address, {"version": 2}, If_Match=tag)) == "request.if_match"


@pytest.mark.parametrize("version", [None, 0, -1, "1", True, 1.0, 2**40])
def test_a_change_without_a_version_is_refused(version: object, alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    before = stored()
    body = {"city": "苏州"} | ({"version": version} if version is not None else {})
    assert code_of(alice.patch(address_of(account), body)) == "request.version"
    assert stored() == before


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id", 7, "field.not_settable"),
        ("owner", 7, "field.not_settable"),
        ("unit", 7, "field.not_settable"),
        ("trashed_at", None, "field.not_settable"),
        ("created_at", "2024-05-01T00:00:00Z", "field.not_settable"),
        ("updated_at", "2024-05-01T00:00:00Z", "field.not_settable"),
        ("index", 100, "field.not_settable"),
        ("grade", "S", "field.not_settable"),
        ("owner_id", 7, "field.unknown"),
        ("name_key", "a", "field.unknown"),
        ("nonsense", "a", "field.unknown"),
        ("\ud800/~", "a", "field.unknown"),
        ("name", "", "value.null"),
        ("name", "  ", "value.null"),
        ("name", None, "value.null"),
        ("name", 7, "value.text"),
        ("name", ["a"], "value.text"),
        ("name", "a\x00", "value.text"),
        ("name", "\ud800", "value.text"),
        ("name", "x" * 201, "value.length"),
        ("kind", "ghost", "value.choice"),
        ("kind", "", "value.choice"),
        ("relation", "ghost", "value.choice"),
        ("relation", 7, "value.choice"),
        ("since_on", "2024-13-01", "value.date"),
        ("since_on", "20240501", "value.date"),
        ("since_on", "2024-05-01T00:00:00Z", "value.date"),
        ("since_on", 20240501, "value.date"),
        ("note", {"a": 1}, "value.text"),
    ],
)
def test_a_value_that_cannot_be_is_refused(
    field: str, value: object, code: str, alice: Caller, new_account: NewAccount
) -> None:
    account = new_account()
    before = stored()
    pointer = "/?" if field.startswith("\ud800") else f"/{field}"
    assert errors_of(alice.post(ACCOUNTS, {**NEW, field: value})) == {pointer: code}
    assert errors_of(alice.patch(address_of(account), {"version": 1, field: value})) == {pointer: code}
    assert stored() == before


def test_all_refused_values_are_told_at_once(alice: Caller) -> None:
    answer = alice.post(ACCOUNTS, {"kind": "ghost", "nonsense": 1, "name": ""})
    assert errors_of(answer) == {"/kind": "value.choice", "/nonsense": "field.unknown", "/name": "value.null"}
    assert errors_of(alice.post(ACCOUNTS, {})) == {"/kind": "value.null", "/name": "value.null"}
    assert stored() == []


def test_the_version_is_no_value_of_a_new_record(alice: Caller) -> None:
    assert errors_of(alice.post(ACCOUNTS, {**NEW, "version": 7})) == {"/version": "field.not_settable"}


def test_a_field_that_may_not_be_written_is_refused(
    alice: Caller, bob: Caller, cast: Cast, new_account: NewAccount
) -> None:
    account = new_account()
    edit_account(account.pk, {"tax_id": "91320594MA1XK7QW5P"}, actor=cast.dora)
    before = stored()
    masked = alice.patch(address_of(account), {"version": 2, "tax_id": "1"})
    assert (masked.status_code, code_of(masked)) == (403, "field.not_writable")
    assert errors_of(bob.patch(address_of(account), {"version": 2, "tax_id": "1"})) == {"/tax_id": "field.unknown"}
    assert code_of(alice.post(ACCOUNTS, {**NEW, "tax_id": "1"})) == "field.not_writable"
    assert stored() == before


def test_a_token_that_reads_only_may_only_read(
    calling: Callable[..., Caller], cast: Cast, new_account: NewAccount
) -> None:
    account, caller = new_account(), calling(cast.dora, is_read_only=True)
    before, address = stored(), address_of(account)
    assert caller.get(address).status_code == 200
    for answer in (
        caller.post(ACCOUNTS, NEW),
        caller.post(f"{ACCOUNTS}/bulk", {"rows": [NEW]}),
        caller.patch(address, {"version": 1, "city": "苏州"}),
        caller.delete(address),
        caller.post(f"{address}/restore", None),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "access.read_only")
    assert stored() == before


def test_a_stranger_changes_nothing(charlie: Caller, new_account: NewAccount) -> None:
    account = new_account()
    before, address = stored(), address_of(account)
    for answer in (
        charlie.patch(address, {"version": 1, "city": "苏州"}),
        charlie.patch(address, {"version": 7, "nonsense": "苏州"}),
        charlie.delete(address),
    ):
        assert (answer.status_code, code_of(answer)) == (404, "record.not_found")
    assert stored() == before


def test_the_trash_takes_a_record_and_gives_it_back(dora: Caller, alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    address = address_of(account)
    assert code_of(alice.delete(address)) == "access.denied"
    answer = dora.delete(address)
    assert (answer.status_code, answer.content) == (204, b"")
    assert not SearchEntry.objects.filter(record_id=account.pk).exists()
    for late in (
        dora.get(address),
        dora.delete(address),
        dora.patch(address, {"version": 2, "city": "苏州"}),
    ):
        assert (late.status_code, code_of(late)) == (404, "record.not_found")
    assert dora.get(q="lanchuan").json()["items"] == []
    back = dora.post(f"{address}/restore", None)
    assert (back.status_code, back.json()["version"]) == (200, 3)
    assert dora.post(f"{address}/restore", None).json()["version"] == 3
    assert [row["id"] for row in dora.get(q="lanchuan").json()["items"]] == [account.pk]


def test_each_row_of_a_bulk_has_an_outcome_of_its_own(alice: Caller, new_account: NewAccount) -> None:
    account, stale = new_account("Ash"), new_account("Beech")
    rows = [
        {**NEW, "name": "Cedar"},
        {"id": account.pk, "version": 1, "city": "苏州"},
        {"id": stale.pk, "version": 9, "city": "苏州"},
        {"kind": "ghost", "name": "Ghost"},
        {"id": account.pk + 1000, "version": 1, "city": "苏州"},
        {"id": "1", "version": 1},
        {"id": account.pk},
        {**NEW, "name": "Alder"},
    ]
    answer = alice.post(f"{ACCOUNTS}/bulk", {"rows": rows})
    found = answer.json()
    assert (answer.status_code, found["written"], found["refused"]) == (200, 3, 5)
    assert [row["status"] for row in found["rows"]] == [201, 200, 409, 422, 404, 422, 422, 201]
    assert [row["problem"]["title"] for row in found["rows"] if "problem" in row] == [
        "record.changed",
        "values.invalid",
        "record.not_found",
        "row.id",
        "request.version",
    ]
    assert [(row["name"], row["city"]) for row in stored()] == [
        ("Ash", "苏州"),
        ("Beech", ""),
        ("Cedar", ""),
        ("Alder", ""),
    ]
    assert AuditEntry.objects.filter(record_id=stale.pk).count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"rows": []}, {"rows": {}}, {"rows": [1]}, {"rows": [{}], "more": 1}, {"rows": [{}] * 1001}]
)
def test_a_bulk_of_another_shape_is_refused(body: object, alice: Caller) -> None:
    assert code_of(alice.post(f"{ACCOUNTS}/bulk", body)) == "bulk.shape"
