import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.backend import actor_by_token
from guanxi.platform.accounts.commands import create_token
from guanxi.platform.accounts.models import ApiToken, User
from guanxi.platform.accounts.queries import own_id, system_actor
from guanxi.platform.people.tests.conftest import PASSWORD, Enter
from tests.cast import Cast

NEW = "/settings/tokens/new/"
SCHEMAS = "/api/v1/ledger/schemas"


def confirm(client: Client) -> Client:
    """Type the password once more, as making a token asks for."""
    client.post("/sign-in/reauthenticate/", {"password": PASSWORD})
    return client


def make(client: Client, **values: object) -> str:
    """Make a token by the page; returns its secret."""
    answer = client.post(NEW, {"name": "till", "lifetime": "90", "extent": "read", **values})
    found = re.search(r"guanxi_[\w-]{43}", answer.content.decode())
    assert found, answer.content.decode()
    return found.group()


def actor_for(secret: str) -> Actor:
    actor = actor_by_token(secret)
    assert actor is not None
    return actor


def calls(secret: str) -> int:
    return Client().get(SCHEMAS, headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_secret_is_shown_once_and_kept_nowhere(cast: Cast, enter: Enter) -> None:
    client = confirm(enter("alice"))
    secret = make(client)
    assert secret not in client.get("/settings/tokens/").content.decode()
    assert secret not in str(ApiToken.objects.values_list().get())
    assert calls(secret) == 200


def test_making_a_token_asks_for_the_password_again(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    answer = client.get(NEW)
    assert answer.headers["Location"].startswith("/sign-in/reauthenticate/?next=")
    assert client.post(NEW, {"name": "x", "extent": "read"}).status_code == 302
    assert not ApiToken.objects.exists()


def test_a_token_reads_only_unless_more_is_chosen(cast: Cast, enter: Enter) -> None:
    client = confirm(enter("alice"))
    assert actor_for(make(client)).read_only
    assert not actor_for(make(client, extent="all")).read_only
    assert actor_for(make(client, extent="chosen", scopes=["account:view"])).read_only
    assert not actor_for(make(client, extent="chosen", scopes=["account:view", "account:edit"])).read_only


def test_a_right_that_the_person_lacks_cannot_be_ticked(cast: Cast, enter: Enter) -> None:
    client = confirm(enter("alice"))
    for scope in ("account:delete", "user:administer", "nonsense", "account:nonsense"):
        assert client.post(NEW, {"name": "x", "extent": "chosen", "scopes": [scope]}).status_code == 422
    assert client.post(NEW, {"name": "x", "extent": "chosen"}).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_revoked_token_is_refused_at_once(cast: Cast, enter: Enter) -> None:
    client = confirm(enter("alice"))
    secret = make(client)
    number = ApiToken.objects.get().pk
    assert enter("bob").post(f"/settings/tokens/{number}/revoke/").status_code == 404
    assert calls(secret) == 200
    assert client.post(f"/settings/tokens/{number}/revoke/").status_code == 303
    assert calls(secret) == 401


def test_an_expired_token_and_one_of_a_deactivated_person_are_refused(cast: Cast, enter: Enter) -> None:
    secret = make(confirm(enter("alice")), lifetime="30")
    assert ApiToken.objects.get().expires_at
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert calls(secret) == 401
    ApiToken.objects.update(expires_at=None)
    assert calls(secret) == 200
    User.objects.filter(pk=own_id(cast.alice)).update(is_active=False)
    assert calls(secret) == 401


def test_the_last_use_is_noted_every_few_minutes(cast: Cast) -> None:
    secret = create_token(User.objects.get(pk=own_id(cast.alice)), name="x", actor=system_actor())
    actor_by_token(secret)
    first = ApiToken.objects.get().used_at
    actor_by_token(secret)
    assert first is not None
    assert ApiToken.objects.get().used_at == first


def test_a_secret_is_in_no_log(cast: Cast, enter: Enter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secret = make(confirm(enter("alice")))
    calls(secret)
    written = " ".join(f"{record.getMessage()} {getattr(record, 'params', '')}" for record in caplog.records)
    assert secret not in written
    assert PASSWORD not in written
