from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from guanxi.platform.objects import registry
from tests.api.conftest import ACCOUNTS, Caller, NewAccount, code_of
from tests.cast import Cast, signed_in

DOCUMENT = "/api/v1/openapi.json"
TRIES = 25
ALL = list(HealthCheck)


def document(caller: Caller) -> dict[str, Any]:
    answer = caller.get(DOCUMENT)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def properties(caller: Caller, name: str) -> set[str]:
    return set(document(caller)["components"]["schemas"][name]["properties"])


def test_the_document_is_openapi_3_1(alice: Caller) -> None:
    found = document(alice)
    assert found["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(found).validate()
    assert {ACCOUNTS, f"{ACCOUNTS}/{{id}}", f"{ACCOUNTS}/bulk", "/api/v1/ledger/facts"} <= set(found["paths"])


def test_the_document_knows_what_the_caller_may(alice: Caller, bob: Caller, dora: Caller) -> None:
    assert "tax_id" in properties(dora, "AccountNew")
    assert "tax_id" in properties(alice, "Account")
    assert "tax_id" not in properties(alice, "AccountNew") | properties(alice, "AccountChange")
    assert "tax_id" not in properties(bob, "Account")
    assert {"id", "version", "owner", "unit", "created_at", "index"}.isdisjoint(properties(dora, "AccountNew"))


def test_an_object_without_verbs_can_only_be_read(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._objects, "account", replace(registry.object_spec("account"), verbs=None))
    found = document(alice)
    OpenAPIV31SpecValidator(found).validate()
    assert {method for path in (ACCOUNTS, f"{ACCOUNTS}/{{id}}") for method in found["paths"][path]} == {
        "get",
        "parameters",
    }


def test_an_object_without_a_name_is_no_resource(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._objects, "account", replace(registry.object_spec("account"), api_name=""))
    assert ACCOUNTS not in document(alice)["paths"]
    assert code_of(alice.get()) == "resource.not_found"


def test_people_read_the_reference_page(cast: Cast) -> None:
    assert Client().get("/api/v1/docs").status_code == 302
    client = signed_in(cast.bob)
    page = client.get("/api/v1/docs").content.decode()
    assert "/api/v1/accounts/{id}/restore" in page
    assert "Credit rating" in page
    assert "tax_id" not in page
    assert client.get(DOCUMENT).status_code == 200
    assert client.get(ACCOUNTS).status_code == 401


@pytest.fixture
def described(dora: Caller, new_account: NewAccount, unhurried: None) -> Iterator[Any]:
    """The API as it describes itself to the administrator, with some records; the test's connection is kept open."""
    for name in ("Ash", "Beech", "Cedar"):
        new_account(name, city="苏州")
    signed = {"Authorization": f"Bearer {dora.token}"}
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    schema = schemathesis.openapi.from_wsgi(DOCUMENT, WSGIHandler(), headers=signed)
    yield schema.include(path_regex=f"^{ACCOUNTS}")
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_api_is_as_its_document_says(mode: GenerationMode, described: Any, dora: Caller) -> None:
    operations = [found.ok() for found in described.get_all_operations()]
    assert len(operations) == 7
    for operation in operations:
        _try(operation, mode, token=dora.token)


def _try(operation: Any, mode: GenerationMode, *, token: str) -> None:
    """Send requests that follow the description of an operation, or break it, and hold the answers against it."""

    @hypothesis_settings(max_examples=TRIES, deadline=None, derandomize=True, database=None, suppress_health_check=ALL)
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        signed = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=signed, excluded_checks=[positive_data_acceptance])

    tried()
