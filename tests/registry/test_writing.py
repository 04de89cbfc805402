"""What a person may not change stays as it is, whichever way it is tried."""

import json

import pytest
from django.test import Client

from guanxi.customers.models import Account
from guanxi.ledger.models import Fact
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.commands import create_token
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from tests.cast import Cast, SignIn
from tests.registry.conftest import NAME, TAX_ID, Secret

HTMX = {"HX-Request": "true"}


def attempts(secret: Secret) -> dict[str, dict[str, str]]:
    """Every address that changes or reveals something of the account, with what is sent."""
    account = f"/accounts/{secret.account.pk}"
    return {
        f"{account}/log/": {"sub_kind": "call", "note": "x"},
        f"{account}/edit/": {"name": "other", "kind": "organisation", "relation": "customer"},
        f"/facts/{secret.fact_id}/void/": {},
        f"/contact-points/{secret.point.pk}/reveal/": {},
    }


def state(cast: Cast, secret: Secret) -> tuple[str, int, int, int]:
    """The account's name and version, the number of facts, the number of audit entries."""
    account = grant(cast.dora, Account).get(secret.account.pk)
    facts = grant(cast.dora, Fact).queryset().count()
    return account.name, account.version, facts, AuditEntry.objects.count()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_stranger_changes_and_reveals_nothing(
    headers: dict[str, str], cast: Cast, secret: Secret, sign_in: SignIn
) -> None:
    before, client = state(cast, secret), sign_in(cast.charlie)
    for address, values in attempts(secret).items():
        answer = client.post(address, values, headers=headers)
        assert answer.status_code in {403, 404}, address
        assert NAME not in answer.content.decode()
        assert state(cast, secret) == before, address


def test_nothing_changes_without_the_token_of_the_form(cast: Cast, secret: Secret) -> None:
    assert cast.alice.user_id is not None
    before, client = state(cast, secret), Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=cast.alice.user_id), backend="guanxi.platform.accounts.backend.Backend")
    for address, values in attempts(secret).items():
        assert client.post(address, values).status_code == 403, address
    assert client.post("/weights/publish/").status_code == 403
    assert state(cast, secret) == before


def test_nothing_changes_by_reading(cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    before, client = state(cast, secret), sign_in(cast.alice)
    statuses = {address: client.get(address).status_code for address in attempts(secret)}
    assert set(statuses.values()) == {200, 405}
    assert state(cast, secret) == before


def test_revealing_is_written_down(cast: Cast, secret: Secret, sign_in: SignIn) -> None:
    answer = sign_in(cast.bob).post(f"/contact-points/{secret.point.pk}/reveal/", headers=HTMX)
    assert (answer.status_code, "0013" in answer.content.decode()) == (200, True)
    entry = AuditEntry.objects.get(action="reveal")
    assert (entry.user_id, entry.record_id) == (cast.bob.user_id, secret.point.pk)


def test_a_field_that_may_not_be_written_is_not_taken_from_the_form(
    cast: Cast, secret: Secret, sign_in: SignIn
) -> None:
    values = {"name": "other", "kind": "organisation", "relation": "customer", "tax_id": "X"}
    answer = sign_in(cast.alice).post(f"/accounts/{secret.account.pk}/edit/", values)
    assert answer.status_code == 303
    account = grant(cast.dora, Account).get(secret.account.pk)
    assert account.name == "other"
    assert account.tax_id == TAX_ID


@pytest.mark.parametrize(("who", "is_read_only"), [("charlie", False), ("alice", True)])
def test_the_api_takes_no_fact_from_strangers_and_readers(
    who: str, is_read_only: bool, cast: Cast, secret: Secret, client: Client
) -> None:
    before = state(cast, secret)
    user = User.objects.get(pk=getattr(cast, who).user_id)
    token = create_token(user, name="test", is_read_only=is_read_only, actor=system_actor())
    fact = {
        "source_id": "1",
        "kind": "interaction",
        "sub_kind": "call",
        "occurred_at": "2026-01-02T03:04:05Z",
        "account_id": secret.account.pk,
    }
    answer = client.post(
        "/api/v1/ledger/facts",
        json.dumps({"source": "till", "facts": [fact]}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 403 if is_read_only else answer.json()["recorded"] == 0
    assert NAME not in answer.content.decode()
    assert state(cast, secret)[:3] == before[:3]


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic eDp5"])
def test_the_api_asks_for_a_token(header: str, client: Client) -> None:
    answer = client.get("/api/v1/ledger/schemas", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
