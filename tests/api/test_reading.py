import json
from collections.abc import Callable

import pytest

from guanxi.customers.commands import edit_account, trash_account
from tests.api.conftest import ACCOUNTS, Caller, NewAccount, address_of, code_of
from tests.cast import Cast

NAMES = ("Beech", "Ash", "Cedar", "Alder", "Birch")
TAX_ID = "91320594MA1XK7QW5P"


def names(answer: object) -> list[str]:
    return [row["name"] for row in answer.json()["items"]]  # type: ignore[attr-defined]  # a test client's answer


def all_pages(caller: Caller, **parameters: str) -> list[int]:
    """The ids of all pages, one after the other."""
    found: list[int] = []
    cursor = ""
    for _ in range(20):
        answer = caller.get(**parameters, **({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.content
        found += [row["id"] for row in answer.json()["items"]]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found
    raise AssertionError("The pages do not end.")


def test_a_list_holds_what_the_caller_may_see(
    alice: Caller, bob: Caller, charlie: Caller, new_account: NewAccount
) -> None:
    for name in NAMES:
        new_account(name, city="苏州")
    assert names(alice.get()) == list(NAMES)
    assert names(bob.get()) == list(NAMES)
    assert charlie.get().json() == {"items": [], "next_cursor": None}


def test_a_record_has_its_fields_in_plain_json(alice: Caller, cast: Cast, new_account: NewAccount) -> None:
    account = new_account("岚川精密仪器", city="苏州", since_on="2024-05-01")
    answer = alice.get(address_of(account))
    found = answer.json()
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert (found["id"], found["version"], found["name"], found["since_on"]) == (
        account.pk,
        1,
        "岚川精密仪器",
        "2024-05-01",
    )
    assert (found["owner"], found["unit"], found["relation"]) == (cast.alice.user_id, cast.alice.unit_id, "customer")
    assert found["created_at"].endswith("Z")
    assert found["index"] is None
    assert {"name_key", "trashed_at", "owner_id"}.isdisjoint(found)


def test_only_the_fields_that_are_asked_for(alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    expected = {"id": account.pk, "version": 1, "name": account.name, "index": None}
    assert alice.get(fields="name,index").json()["items"] == [expected]
    assert alice.get(address_of(account), fields="name,index").json() == expected


@pytest.mark.parametrize(
    "sort", ["name", "-name", "city,-name", "-since_on", "since_on,name", "-id", "-index", "owner"]
)
def test_pages_follow_on_each_other(sort: str, alice: Caller, new_account: NewAccount) -> None:
    for number, name in enumerate(NAMES):
        new_account(name, city="苏州" if number % 2 else "", since_on=f"2024-05-0{number + 1}" if number % 2 else None)
    whole = [row["id"] for row in alice.get(sort=sort).json()["items"]]
    assert len(whole) == len(NAMES)
    assert [all_pages(alice, sort=sort, limit=str(limit)) for limit in (1, 2, 3)] == [whole] * 3


def test_a_list_is_sorted(alice: Caller, new_account: NewAccount) -> None:
    for name in NAMES:
        new_account(name)
    assert names(alice.get(sort="name")) == sorted(NAMES)
    assert names(alice.get(sort="-name")) == sorted(NAMES, reverse=True)


def test_a_page_is_not_shifted_by_what_comes_or_goes(alice: Caller, cast: Cast, new_account: NewAccount) -> None:
    accounts = [new_account(name) for name in sorted(NAMES)]
    first = alice.get(sort="name", limit="2").json()
    new_account("Aaa")
    trash_account(accounts[0].pk, actor=cast.dora)
    second = alice.get(sort="name", limit="2", cursor=first["next_cursor"])
    assert names(second) == sorted(NAMES)[2:4]


def test_a_cursor_serves_its_own_list_alone(alice: Caller, new_account: NewAccount) -> None:
    for name in NAMES:
        new_account(name)
    cursor = alice.get(sort="name", limit="2").json()["next_cursor"]
    for parameters in ({"sort": "-name"}, {"sort": "name", "q": "ash"}, {"sort": "name", "trashed": "true"}):
        assert code_of(alice.get(cursor=cursor, **parameters)) == "list.cursor"
    for spoilt in ("nonsense", cursor[:-2], cursor + "x", "é"):
        assert code_of(alice.get(sort="name", cursor=spoilt)) == "list.cursor"


def test_conditions_narrow_a_list(alice: Caller, new_account: NewAccount) -> None:
    for number, name in enumerate(NAMES):
        new_account(name, city="苏州" if number % 2 else "上海")
    where = ["all", ["city", "is", "苏州"], ["name", "contains", "a"]]
    answer = alice.get(where=json.dumps(where), count="exact")
    assert names(answer) == ["Ash", "Alder"]
    assert (answer.json()["count"], answer.json()["is_count_capped"]) == (2, False)


@pytest.mark.parametrize("count", ["capped", "exact"])
def test_a_list_is_counted_on_demand(count: str, alice: Caller, new_account: NewAccount) -> None:
    for name in NAMES:
        new_account(name)
    found = alice.get(count=count, limit="2").json()
    assert (len(found["items"]), found["count"], found["is_count_capped"]) == (2, 5, False)
    assert "count" not in alice.get(count="none").json()


@pytest.mark.parametrize(("words", "expected"), [("岚川", 1), ("lanchuan", 1), ("lc", 1), ("云杉", 0), ("!", 0)])
def test_words_find_records(words: str, expected: int, alice: Caller, charlie: Caller, new_account: NewAccount) -> None:
    new_account("岚川精密仪器")
    assert len(alice.get(q=words, count="exact").json()["items"]) == expected
    assert charlie.get(q=words).json()["items"] == []


def test_links_are_expanded_beside_the_records(alice: Caller, cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    owner = str(cast.alice.user_id)
    expected = {
        "owner": {owner: {"id": cast.alice.user_id, "name": cast.alice.name, "title": ""}},
        "unit": {str(cast.alice.unit_id): {"id": cast.alice.unit_id, "name": "Region"}},
        "relation": {"customer": {"id": "customer", "name": "Customer"}},
    }
    links = "owner,unit,relation"
    assert alice.get(expand=links, fields="name").json()["expanded"] == expected
    assert alice.get(address_of(account), expand=links).json()["expanded"] == expected


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"nonsense": "1"}, "request.parameter"),
        ({"city": "苏州"}, "request.parameter"),
        ({"limit": "0"}, "request.value"),
        ({"limit": "201"}, "request.value"),
        ({"limit": "٣"}, "request.value"),
        ({"count": "all"}, "request.value"),
        ({"trashed": "1"}, "request.value"),
        ({"fields": ""}, "request.value"),
        ({"fields": "name_key"}, "field.unknown"),
        ({"fields": "owner__password"}, "field.unknown"),
        ({"sort": "name_key"}, "list.sort"),
        ({"sort": "owner__email"}, "list.sort"),
        ({"sort": "name,-name"}, "request.value"),
        ({"fields": "name,name"}, "request.value"),
        ({"sort": "-index,name"}, "list.sort"),
        ({"where": "nonsense"}, "list.where"),
        ({"where": '["owner__email","contains","a"]'}, "list.where"),
        ({"where": '["name","is","\\ud800"]'}, "list.where"),
        ({"where": '["since_on","before","0001-01-01"]'}, "list.where"),
        ({"where": '["since_on","after","9999-12-31"]'}, "list.where"),
        ({"where": '["created_at","is","9999-12-31"]'}, "list.where"),
        ({"expand": "name"}, "field.expand"),
        ({"expand": "tax_id"}, "field.expand"),
        ({"q": "a\x00"}, "request.parameter"),
        ({"q": " "}, "request.value"),
    ],
)
def test_what_is_not_understood_is_refused(parameters: dict[str, str], code: str, alice: Caller) -> None:
    answer = alice.get(**parameters)
    assert (answer.status_code, code_of(answer)) == (422, code)


def test_a_parameter_that_comes_twice_is_refused(alice: Caller) -> None:
    assert code_of(alice.get(f"{ACCOUNTS}?limit=1&limit=2")) == "request.parameter"


def test_a_masked_value_comes_masked_and_a_hidden_one_not_at_all(
    alice: Caller, bob: Caller, dora: Caller, cast: Cast, new_account: NewAccount
) -> None:
    account = new_account()
    edit_account(account.pk, {"tax_id": TAX_ID}, actor=cast.dora)
    assert dora.get(address_of(account)).json()["tax_id"] == TAX_ID
    assert alice.get(address_of(account)).json()["tax_id"] == "****5P"
    assert "tax_id" not in bob.get(address_of(account)).json()
    assert code_of(bob.get(fields="tax_id")) == "field.unknown"
    for caller in (alice, bob):
        assert code_of(caller.get(sort="tax_id")) == "list.sort"
        assert code_of(caller.get(where=json.dumps(["tax_id", "is", TAX_ID]))) == "list.where"
    assert len(dora.get(where=json.dumps(["tax_id", "is", TAX_ID])).json()["items"]) == 1
    assert len(dora.get(where=json.dumps(["tax_id", "is", "1", TAX_ID.lower()])).json()["items"]) == 1
    assert code_of(dora.get(sort="tax_id")) == "list.sort"
    assert code_of(dora.get(where=json.dumps(["tax_id", "contains", TAX_ID[:6]]))) == "list.where"


def test_what_may_not_be_seen_is_not_there(charlie: Caller, alice: Caller, cast: Cast, new_account: NewAccount) -> None:
    account = new_account()
    for answer in (charlie.get(address_of(account)), alice.get(f"{ACCOUNTS}/{account.pk + 1000}")):
        assert (answer.status_code, code_of(answer)) == (404, "record.not_found")
    trash_account(account.pk, actor=cast.dora)
    assert code_of(alice.get(address_of(account))) == "record.not_found"
    assert alice.get().json()["items"] == []
    assert [row["id"] for row in alice.get(trashed="true").json()["items"]] == [account.pk]


def test_a_head_request_answers_without_a_body(alice: Caller) -> None:
    answer = alice.ask("HEAD", ACCOUNTS)
    assert (answer.status_code, answer.content) == (200, b"")


def test_the_number_of_queries_does_not_depend_on_the_number_of_records(
    alice: Caller, new_account: NewAccount, django_assert_num_queries: Callable[..., object]
) -> None:
    for name in NAMES:
        new_account(name)
    alice.get(expand="owner")
    for limit in ("1", "5"):
        with django_assert_num_queries(11):  # type: ignore[attr-defined]  # pytest-django's fixture has no type
            assert alice.get(expand="owner", limit=limit).status_code == 200
