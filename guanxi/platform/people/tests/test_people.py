import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.platform.accounts import links
from guanxi.platform.accounts.commands import create_token, define_role
from guanxi.platform.accounts.jobs import send_sign_in_mail
from guanxi.platform.accounts.models import OrgUnit, User
from guanxi.platform.accounts.queries import own_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.people.tests.conftest import PASSWORD, Enter
from tests.cast import Cast

LIST = "/settings/people/"
INVITE = "/settings/people/invite/"
NEW = "wide-open-fields-42"
ERIN = {"email": "erin@example.com", "family_name": "Erin", "given_name": "Test", "language": "en", "roles": ["staff"]}


def mail_of_last_job() -> str:
    """Do what the worker would do with the newest job; returns the text of the mail."""
    job = ProcrastinateJob.objects.filter(task_name="accounts.send_mail").latest("id")
    send_sign_in_mail(**job.args)
    return str(mail.outbox[-1].body)


def path_in(text: str) -> str:
    found = re.search(r"http://testserver(/sign-in/password/reset/key/\S+)", text)
    assert found, text
    return found.group(1)


def choose(path: str, password: str = NEW) -> int:
    """Open a link in a fresh browser and choose a password; returns the status of the answer."""
    client = Client()
    opened = client.get(path)
    if opened.status_code != 302:
        return opened.status_code
    return client.post(opened.headers["Location"], {"password1": password, "password2": password}).status_code


def give_unit_administration(cast: Cast) -> None:
    """Let Bob's role administer the people of his unit and below."""
    rows = {("user", "administer"): "unit_and_below", ("user", "view"): "unit_and_below"}
    define_role("manager", name="Manager", rows=rows, fields={}, actor=system_actor())


@pytest.mark.usefixtures("cast")
def test_an_invited_person_chooses_a_password_once_and_signs_in(enter: Enter) -> None:
    assert enter("dora").post(INVITE, ERIN).status_code == 303
    text = mail_of_last_job()
    assert mail.outbox[-1].to == ["erin@example.com"]
    path = path_in(text)
    assert choose(path) == 302
    assert enter("erin", password=NEW).get("/settings/sessions/").status_code == 200
    assert choose(path, "another-long-one-43") == 200
    assert User.objects.get(email="erin@example.com").check_password(NEW)


@pytest.mark.usefixtures("cast")
def test_neither_queue_nor_log_holds_a_link(enter: Enter, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    enter("dora").post(INVITE, ERIN)
    key = path_in(mail_of_last_job()).split("/")[-2]
    assert key not in str(list(ProcrastinateJob.objects.values()))
    assert key not in caplog.text


@pytest.mark.usefixtures("cast")
def test_an_invitation_dies_after_its_days(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    enter("dora").post(INVITE, ERIN)
    path = path_in(mail_of_last_job())
    now = links.LinkGenerator()._now()
    monkeypatch.setattr(links.LinkGenerator, "_now", lambda _: now + timedelta(days=6, hours=23))
    assert Client().get(path).status_code == 302
    monkeypatch.setattr(links.LinkGenerator, "_now", lambda _: now + timedelta(days=7, minutes=1))
    assert Client().get(path).status_code == 200


def test_a_reset_works_once_for_an_hour_and_ends_all_sign_ins(
    cast: Cast, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in = enter("alice")
    assert Client().post("/sign-in/password/reset/", {"email": "alice@example.com"}).status_code == 302
    path = path_in(mail_of_last_job())
    with monkeypatch.context() as patch:
        now = links.LinkGenerator()._now()
        patch.setattr(links.LinkGenerator, "_now", lambda _: now + timedelta(hours=1, minutes=1))
        assert Client().get(path).status_code == 200
    assert choose(path) == 302
    assert signed_in.get("/settings/sessions/").status_code == 302
    assert choose(path, "another-long-one-43") == 200


@pytest.mark.usefixtures("cast")
def test_a_reset_tells_nobody_who_is_here() -> None:
    answers = []
    for address in ("alice@example.com", "nobody@example.com"):
        client = Client()
        answer = client.post("/sign-in/password/reset/", {"email": address})
        page = client.get(answer.headers["Location"]).content.decode()
        answers.append((answer.status_code, answer.headers["Location"], re.sub(r"[\w-]{32,64}", "", page)))
    assert answers[0] == answers[1]
    assert ProcrastinateJob.objects.filter(task_name="accounts.send_mail").count() == 1


@pytest.mark.usefixtures("cast")
def test_the_link_leads_to_our_own_host_alone() -> None:
    answer = Client(headers={"Host": "evil.example"}).post("/sign-in/password/reset/", {"email": "alice@example.com"})
    assert answer.status_code == 400
    assert not ProcrastinateJob.objects.exists()


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_who_does_not_administer_learns_and_changes_nothing(name: str, cast: Cast, enter: Enter) -> None:
    client, bob = enter(name), own_id(cast.bob)
    before = list(User.objects.order_by("pk").values())
    for address in (LIST, INVITE, f"{LIST}{bob}/", "/settings/sign-in-rules/"):
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert "bob@example.com" not in answer.content.decode()
    for act in ("", "deactivate/", "activate/", "invite/", "forget-second-factors/"):
        assert client.post(f"{LIST}{bob}/{act}", {"roles": ["administrator"]}).status_code == 403, act
    assert client.post(INVITE, ERIN).status_code == 403
    assert list(User.objects.order_by("pk").values()) == before


def test_who_administers_a_unit_reaches_nobody_else_and_gives_no_wider_role(cast: Cast, enter: Enter) -> None:
    give_unit_administration(cast)
    bob = enter("bob")
    text = bob.get(LIST).content.decode()
    assert ("alice@example.com" in text, "charlie@example.com" in text) == (True, False)
    assert bob.post(f"{LIST}{own_id(cast.charlie)}/deactivate/").status_code == 404
    east = cast.bob.unit_id
    assert bob.post(INVITE, {**ERIN, "unit_id": east, "roles": ["administrator"]}).status_code == 422
    assert bob.post(INVITE, {**ERIN, "unit_id": cast.charlie.unit_id, "roles": ["manager"]}).status_code == 422
    assert bob.post(INVITE, {**ERIN, "unit_id": "", "roles": ["manager"]}).status_code == 422
    assert not User.objects.filter(email="erin@example.com").exists()
    assert bob.post(INVITE, {**ERIN, "unit_id": east, "roles": ["manager"]}).status_code == 303
    alice = own_id(cast.alice)
    assert bob.post(f"{LIST}{alice}/", {"unit_id": cast.alice.unit_id, "roles": ["manager"]}).status_code == 303
    assert set(User.objects.get(pk=alice).roles.values_list("key", flat=True)) == {"staff", "manager"}


def test_who_administers_a_unit_does_not_touch_who_administers_all(cast: Cast, enter: Enter) -> None:
    give_unit_administration(cast)
    dora = User.objects.get(pk=own_id(cast.dora))
    dora.unit_id = cast.bob.unit_id
    dora.save()
    bob, address = enter("bob"), f"{LIST}{dora.pk}/"
    for act in ("deactivate/", "activate/", "forget-second-factors/", "invite/"):
        assert bob.post(f"{address}{act}").status_code == 403, act
    assert bob.post(address, {"unit_id": dora.unit_id, "roles": []}).status_code == 422
    assert User.objects.get(pk=dora.pk).is_active
    assert list(dora.roles.values_list("key", flat=True)) == ["administrator"]


def test_nobody_changes_the_own_rights(cast: Cast, enter: Enter) -> None:
    dora = enter("dora")
    address = f"{LIST}{own_id(cast.dora)}/"
    values = {"title": "Chief", "unit_id": cast.dora.unit_id}
    assert dora.post(address, {**values, "roles": ["staff"]}).status_code == 422
    assert dora.post(f"{address}deactivate/").status_code == 422
    assert dora.post(address, {**values, "roles": ["administrator"]}).status_code == 303
    assert User.objects.get(pk=own_id(cast.dora)).title == "Chief"


def test_changed_roles_hold_with_the_next_request(cast: Cast, enter: Enter) -> None:
    charlie, dora = enter("charlie"), enter("dora")
    assert charlie.get(LIST).status_code == 403
    values = {"unit_id": cast.charlie.unit_id, "roles": ["administrator"]}
    assert dora.post(f"{LIST}{own_id(cast.charlie)}/", values).status_code == 303
    assert charlie.get(LIST).status_code == 200
    assert AuditEntry.objects.filter(action="edit", object_key="user", user_id=cast.dora.user_id).count() == 1


def test_who_is_deactivated_is_out_everywhere_and_comes_back_without_tokens(cast: Cast, enter: Enter) -> None:
    alice, dora, number = enter("alice"), enter("dora"), own_id(cast.alice)
    secret = create_token(User.objects.get(pk=number), name="x", actor=system_actor())
    call = {"Authorization": f"Bearer {secret}"}
    assert dora.post(f"{LIST}{number}/deactivate/").status_code == 303
    assert alice.get("/settings/sessions/").status_code == 302
    assert Client().get("/api/v1/ledger/schemas", headers=call).status_code == 401
    refused = Client().post("/sign-in/login/", {"login": "alice@example.com", "password": PASSWORD})
    assert refused.headers.get("Location") == "/sign-in/inactive/"
    dora.post(f"{LIST}{number}/activate/")
    assert enter("alice").get("/settings/sessions/").status_code == 200
    assert Client().get("/api/v1/ledger/schemas", headers=call).status_code == 401


def test_an_address_is_invited_once(cast: Cast, enter: Enter) -> None:
    answer = enter("dora").post(INVITE, {**ERIN, "email": "ALICE@example.com"})
    assert answer.status_code == 422
    assert "is here already" in answer.content.decode()
    assert User.objects.count() == 4


def test_the_list_is_found_by_words_and_paged(cast: Cast, enter: Enter) -> None:
    unit = OrgUnit.objects.get(name="East")
    User.objects.bulk_create(
        User(email=f"p{number}@example.com", family_name="林", given_name=f"晓{number}", unit=unit, password="!")
        for number in range(60)
    )
    dora = enter("dora")
    assert "/ 2" in dora.get(LIST).content.decode()
    assert dora.get(f"{LIST}?q=林晓59").content.decode().count("p59@example.com") == 1
    for words in ("\x00", "%", "' OR 1=1", "x" * 5000):
        assert dora.get(LIST, {"q": words, "page": "nonsense"}).status_code == 200
