import json
from http import HTTPStatus

import pytest
from django.test import Client

from guanxi.ledger.models import Fact
from guanxi.ledger.tests.conftest import purchase

ADDRESS = "/api/v1/ledger/facts"


def signed(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_a_batch_is_recorded_and_each_refused_row_explained(
    client: Client, account_ids: tuple[int, ...], writing_token: str
) -> None:
    body = {
        "source": "till",
        "system": "card",
        "facts": [purchase("1"), purchase("2", amount="abc"), "nonsense"],
    }
    answer = client.post(ADDRESS, body, content_type="application/json", headers=signed(writing_token))
    assert answer.status_code == HTTPStatus.OK
    content = answer.json()
    assert (content["read"], content["recorded"], content["rejected"]) == (3, 1, 2)
    assert [(row["line"], row["code"], row["field"]) for row in content["problems"]] == [
        (2, "number.invalid", "amount"),
        (3, "row.json", ""),
    ]
    assert Fact._base_manager.count() == 1


def test_lines_of_json_are_taken_too(client: Client, account_ids: tuple[int, ...], writing_token: str) -> None:
    lines = "\n".join(json.dumps(purchase(str(number))) for number in range(3))
    answer = client.post(
        f"{ADDRESS}?source=till", lines, content_type="application/x-ndjson", headers=signed(writing_token)
    )
    assert answer.json()["recorded"] == 3


def test_sending_again_changes_nothing(client: Client, account_ids: tuple[int, ...], writing_token: str) -> None:
    body = {"source": "till", "facts": [purchase("1")]}
    for expected in (1, 0):
        answer = client.post(ADDRESS, body, content_type="application/json", headers=signed(writing_token))
        assert answer.json()["recorded"] == expected


def test_a_token_that_reads_only_is_refused(client: Client, account_ids: tuple[int, ...], reading_token: str) -> None:
    body = {"source": "till", "facts": [purchase("1")]}
    answer = client.post(ADDRESS, body, content_type="application/json", headers=signed(reading_token))
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert Fact._base_manager.count() == 0


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nobody"}])
def test_without_a_token_nothing_happens(client: Client, account_ids: tuple[int, ...], headers: dict[str, str]) -> None:
    body = {"source": "till", "facts": [purchase("1")]}
    answer = client.post(ADDRESS, body, content_type="application/json", headers=headers)
    assert answer.status_code == HTTPStatus.UNAUTHORIZED
    assert Fact._base_manager.count() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("nonsense", "batch.json"),
        ("[]", "batch.shape"),
        ('{"facts": {}}', "batch.shape"),
        ('{"facts": [], "more": 1}', "batch.shape"),
        ('{"facts": []}', "source.invalid"),
        ('{"source": "screen", "facts": []}', "source.reserved"),
    ],
)
def test_a_body_of_another_shape_is_refused(
    client: Client, account_ids: tuple[int, ...], writing_token: str, body: str, code: str
) -> None:
    answer = client.post(ADDRESS, body, content_type="application/json", headers=signed(writing_token))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert answer.json()["title"] == code


def test_the_schemas_are_published(client: Client, reading_token: str) -> None:
    answer = client.get("/api/v1/ledger/schemas", headers=signed(reading_token))
    assert set(answer.json()) >= {"purchase", "interaction"}


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
@pytest.mark.parametrize(
    "row",
    [
        "[" * 100_000 + "]" * 100_000,
        '{"source_id": "1", "note": ' + "[" * 50_000 + "]" * 50_000 + "}",
        '{"source_id": "1", "amount": ' + "9" * 5_000 + "}",
        '{"source_id": "1", "amount": NaN}',
        '{"source_id": "\\ud800", "kind": "purchase"}',
        '{"source_id": {"a": [1]}, "account_id": [1]}',
        "null",
        "7",
        '"\\u0000"',
    ],
    ids=["deep list", "deep field", "long number", "no number", "half a letter", "nested", "null", "seven", "nul"],
)
def test_rows_that_no_till_sends_are_refused_as_such(
    row: str, kind: str, client: Client, account_ids: tuple[int, ...], writing_token: str
) -> None:
    body = row if "ndjson" in kind else f'{{"source": "till", "facts": [{row}]}}'
    answer = client.post(f"{ADDRESS}?source=till", body, content_type=kind, headers=signed(writing_token))
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}
    assert answer.status_code != HTTPStatus.OK or answer.json()["rejected"] == 1
    assert Fact._base_manager.count() == 0


@pytest.mark.parametrize("name", ["source", "system"])
@pytest.mark.parametrize("value", [None, 7, {}, [1], "\x00", "a'b", "x" * 500, "\ud800", ""], ids=repr)
def test_a_source_that_cannot_be_is_refused(
    name: str, value: object, client: Client, account_ids: tuple[int, ...], writing_token: str
) -> None:
    body = json.dumps({"source": "till", name: value, "facts": [purchase("1", account_system=None)]})
    answer = client.post(ADDRESS, body, content_type="application/json", headers=signed(writing_token))
    assert answer.status_code in {HTTPStatus.OK, HTTPStatus.UNPROCESSABLE_ENTITY}
