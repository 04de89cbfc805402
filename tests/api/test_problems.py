import json
from dataclasses import replace

import pytest
from django.test import Client

from guanxi.platform.api import resources
from guanxi.platform.api.rates import REQUESTS_PER_MINUTE
from guanxi.platform.api.requests import MOST_BYTES
from guanxi.platform.objects import registry
from guanxi.platform.preferences.registry import set_preference
from tests.api.conftest import ACCOUNTS, Caller, NewAccount, address_of, code_of
from tests.cast import Cast

NEW = {"kind": "organisation", "name": "岚川精密仪器"}


@pytest.mark.django_db
@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer nobody"}, {"authorization": "Basic eA=="}])
@pytest.mark.parametrize("address", [ACCOUNTS, "/api/v1/openapi.json", "/api/v1/ledger/schemas", f"{ACCOUNTS}/1"])
def test_nobody_is_heard_without_a_token(address: str, headers: dict[str, str], client: Client) -> None:
    answer = client.get(address, headers=headers)
    assert (answer.status_code, code_of(answer)) == (401, "access.anonymous")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_session_is_no_token(cast: Cast, client: Client) -> None:
    client.cookies["sessionid"] = "stolen"
    assert client.get(ACCOUNTS).status_code == 401


@pytest.mark.parametrize("address", ["", "nonsense", "accounts/", "accounts/x", "accounts/1/2", "docs/"])
def test_an_unknown_address_is_a_problem(address: str, alice: Caller) -> None:
    strict = Caller(alice.token, Client(enforce_csrf_checks=True))
    for method in ("GET", "POST"):
        answer = strict.ask(method, f"/api/v1/{address}")
        assert (answer.status_code, code_of(answer)) == (404, "resource.not_found")


@pytest.mark.parametrize(
    ("method", "address", "allowed"),
    [
        ("PUT", ACCOUNTS, {"GET", "HEAD", "POST"}),
        ("DELETE", ACCOUNTS, {"GET", "HEAD", "POST"}),
        ("PUT", f"{ACCOUNTS}/1", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("GET", f"{ACCOUNTS}/bulk", {"POST"}),
        ("TRACE", f"{ACCOUNTS}/1/restore", {"POST"}),
    ],
)
def test_a_method_that_is_none_is_a_problem(method: str, address: str, allowed: set[str], alice: Caller) -> None:
    answer = alice.ask(method, address)
    assert (answer.status_code, code_of(answer)) == (405, "request.method")
    assert set(answer.headers["Allow"].split(", ")) == allowed


def test_what_can_only_be_read_is_not_written(
    alice: Caller, new_account: NewAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = new_account()
    monkeypatch.setitem(registry._objects, "account", replace(registry.object_spec("account"), verbs=None))
    assert alice.post(ACCOUNTS, NEW).status_code == 405
    assert alice.patch(address_of(account), {"version": 1}).status_code == 405


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_is_not_json_is_refused(kind: str, alice: Caller) -> None:
    answer = alice.ask("POST", ACCOUNTS, json.dumps(NEW), content_type=kind)
    assert (answer.status_code, code_of(answer)) == (415, "request.media_type")


@pytest.mark.parametrize(
    "body",
    ["nonsense", "[]", "7", "null", '{"name": NaN}', b"\xff\xfe", "[" * 100_000, '{"name": ' + "9" * 5000 + "}"],
)
def test_a_body_that_is_no_object_is_refused(body: str | bytes, alice: Caller) -> None:
    answer = alice.ask("POST", ACCOUNTS, body)
    assert (answer.status_code, code_of(answer)) == (422, "request.json")


def test_a_body_that_is_too_large_is_refused(alice: Caller) -> None:
    answer = alice.ask("POST", ACCOUNTS, b'{"name": "' + b"x" * MOST_BYTES + b'"}')
    assert (answer.status_code, code_of(answer)) == (413, "request.too_large")


def test_a_body_larger_than_the_server_reads_is_refused(alice: Caller) -> None:
    answer = alice.ask("POST", "/api/v1/ledger/facts", b"x" * (32 * 1024 * 1024 + 1))
    assert (answer.status_code, code_of(answer)) == (413, "request.too_large")


@pytest.mark.parametrize(
    ("accept", "status"), [("text/html", 406), ("*/*", 200), ("text/html, application/*;q=0.1", 200)]
)
def test_the_api_speaks_json_alone(accept: str, status: int, alice: Caller) -> None:
    answer = alice.ask("GET", ACCOUNTS, headers={"accept": accept})
    assert answer.status_code == status
    assert status == 200 or code_of(answer) == "request.accept"


def test_a_token_makes_so_many_requests_a_minute(alice: Caller, dora: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    set_preference(REQUESTS_PER_MINUTE, 3)
    monkeypatch.setattr("guanxi.platform.api.rates.time.time", lambda: 600_000_015.0)
    assert [alice.get().status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = alice.get("/api/v1/ledger/schemas")
    assert (refused.status_code, code_of(refused), refused.headers["Retry-After"]) == (429, "request.rate", "45")
    assert dora.get().status_code == 200
    monkeypatch.setattr("guanxi.platform.api.rates.time.time", lambda: 600_000_060.0)
    assert alice.get().status_code == 200


def test_a_defect_is_logged_and_told_without_its_inside(
    alice: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("secret inside")

    monkeypatch.setattr(resources, "read_page", broken)
    answer = alice.get()
    assert (answer.status_code, code_of(answer)) == (500, "request.failed")
    assert "secret inside" not in answer.content.decode()
    assert "secret inside" in caplog.text


def test_sentences_are_in_the_language_of_the_caller(alice: Caller) -> None:
    unknown = f"{ACCOUNTS}/1"
    english = alice.get(unknown).json()
    chinese = alice.ask("GET", unknown, headers={"accept-language": "zh-hans"}).json()
    silent = alice.ask("GET", unknown, headers={"accept-language": ""}).json()
    assert english["detail"] == "This record does not exist or is not shared with you."
    assert chinese["detail"] == silent["detail"] != english["detail"]
