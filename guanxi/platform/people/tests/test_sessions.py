from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from guanxi.platform.accounts.commands import clear_ended_sessions
from guanxi.platform.accounts.models import Session, User
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.accounts.rules import digest_of
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.people.tests.conftest import PASSWORD, PHONE, Enter
from tests.cast import Cast

PAGE = "/settings/sessions/"


def is_signed_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_session_and_person_are_one_query(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    client.get("/keyboard/")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/keyboard/").status_code == 200
    mine = [query["sql"] for query in captured if "accounts_" in query["sql"]]
    assert len(mine) == 1
    assert "accounts_session" in mine[0]


def test_the_page_names_every_browser_of_the_person_alone(cast: Cast, enter: Enter) -> None:
    laptop, phone, other = enter("alice"), enter("alice", browser=PHONE), enter("bob")
    text = laptop.get(PAGE).content.decode()
    assert ("Chrome on Windows" in text, "Safari on iPhone" in text) == (True, True)
    assert text.count("this one") == 1
    assert other.get(PAGE).content.decode().count("/end/") == 1
    assert is_signed_in(phone)


def test_what_is_stored_lets_nobody_in(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    row = Session.objects.get(user_id=own_id(cast.alice))
    assert (row.pk, row.address) == (digest_of(key), "127.0.0.1")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = row.pk
    assert thief.get(PAGE).status_code == 302
    assert key not in client.get(PAGE).content.decode()


def test_signing_in_takes_a_new_key(cast: Cast) -> None:
    client = Client()
    client.post("/sign-in/login/", {"login": "alice@example.com", "password": "wrong"})
    session = client.session
    session["planted"] = True
    session.save()
    planted = client.cookies[settings.SESSION_COOKIE_NAME].value
    client.post("/sign-in/login/", {"login": "alice@example.com", "password": PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert not is_signed_in(thief)
    assert is_signed_in(client)


def test_an_ended_session_is_refused_at_once(cast: Cast, enter: Enter) -> None:
    laptop, phone = enter("alice"), enter("alice", browser=PHONE)
    digest = phone.session.digest  # type: ignore[attr-defined]  # our own store
    answer = laptop.post(f"{PAGE}{digest}/end/")
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert (is_signed_in(phone), is_signed_in(laptop)) == (False, True)
    assert AuditEntry.objects.filter(action="end_session", user_id=own_id(cast.alice)).count() == 1


def test_nobody_ends_the_session_of_somebody_else(cast: Cast, enter: Enter) -> None:
    alice, bob = enter("alice"), enter("bob")
    digest = alice.session.digest  # type: ignore[attr-defined]  # our own store
    assert bob.post(f"{PAGE}{digest}/end/").status_code == 404
    assert bob.post(f"{PAGE}end-others/").status_code == 303
    assert is_signed_in(alice)


def test_all_others_end_together(cast: Cast, enter: Enter) -> None:
    laptop, phone, third = enter("alice"), enter("alice", browser=PHONE), enter("alice")
    laptop.post(f"{PAGE}end-others/")
    assert [is_signed_in(client) for client in (laptop, phone, third)] == [True, False, False]


def test_ending_this_session_signs_out(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    answer = client.post(f"{PAGE}{client.session.digest}/end/")  # type: ignore[attr-defined]  # our own store
    assert answer.headers["Location"] == "/sign-in/login/"
    assert not is_signed_in(client)


def test_a_changed_password_ends_all_others(cast: Cast, enter: Enter) -> None:
    laptop, phone = enter("alice"), enter("alice", browser=PHONE)
    new = "quite-another-phrase-26"
    values = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert laptop.post("/sign-in/password/change/", values).status_code == 302
    assert (is_signed_in(laptop), is_signed_in(phone)) == (True, False)
    assert Session.objects.filter(user_id=own_id(cast.alice)).count() == 1


def test_who_is_deactivated_is_out_with_the_next_request(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    User.objects.filter(pk=own_id(cast.alice)).update(is_active=False)
    assert not is_signed_in(client)


def test_a_session_of_another_password_is_no_sign_in(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    User.objects.filter(pk=own_id(cast.alice)).update(password="!")
    assert not is_signed_in(client)


def test_being_seen_is_written_every_few_minutes(cast: Cast, enter: Enter) -> None:
    client = enter("alice")
    mine = Session.objects.filter(user_id=own_id(cast.alice))
    mine.update(seen_at=timezone.now() - timedelta(minutes=4))
    before = mine.get()
    client.get("/keyboard/")
    assert mine.get().seen_at == before.seen_at
    mine.update(seen_at=timezone.now() - timedelta(minutes=6), browser="")
    client.get("/keyboard/")
    after = mine.get()
    assert after.seen_at > before.seen_at
    assert "Chrome" in after.browser
    assert after.created_at == before.created_at


@pytest.mark.usefixtures("cast")
def test_ended_sessions_are_removed(enter: Enter) -> None:
    enter("alice")
    kept = enter("bob")
    Session.objects.filter(user__email="alice@example.com").update(expire_date=timezone.now())
    assert clear_ended_sessions() == 1
    assert is_signed_in(kept)


def test_nothing_ends_without_the_token_of_the_form(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(pk=own_id(cast.alice)), backend=settings.AUTHENTICATION_BACKENDS[0])
    for address in (f"{PAGE}end-others/", f"{PAGE}{client.session.digest}/end/", "/settings/tokens/1/revoke/"):  # type: ignore[attr-defined]  # our own store
        assert client.post(address).status_code == 403
    assert is_signed_in(client)
