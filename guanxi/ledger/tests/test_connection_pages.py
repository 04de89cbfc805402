"""The pages of connections: who may open them, what they save, that the secret is never shown."""

import json

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.choices import ConnectionKind, PullTarget
from guanxi.ledger.commands.connections import create_connection, create_pull, edit_connection
from guanxi.ledger.commands.forgetting import forget_pulled
from guanxi.ledger.commands.pulling import PULL_JOB, PullOrder, run_pull
from guanxi.ledger.models import Connection, Fact, Pull, PulledRow, PullRun, RefusedRow, WaitingFact
from guanxi.ledger.queries.pulls import due_pulls
from guanxi.ledger.tests.house import Office, accounts, sqlite_office
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import NewUser, create_user, define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.objects.erasing import Subject

REASON = "demo: the demo company is made by the system"
SECRET = "never to be shown"
TEA = "INSERT INTO customers VALUES (1, '云杉包装有限公司', '苏州', '', '2026-03-01 10:00:00')"


@pytest.fixture
def office(system: Actor) -> Office:
    """A back office with one customer, and one row that cannot be taken."""
    office = sqlite_office(system, file="pages.sqlite")
    office.run(TEA, f"INSERT INTO customers VALUES (2, '{'长' * 250}', 'Bonn', '', '2026-03-01 11:00:00')")
    return office


@pytest.fixture
def administrator(system: Actor) -> User:
    """Who administers connections."""
    rows = {("connection", action): "everyone" for action in ("view", "create", "edit", "administer")}
    rows |= {("account", "view"): "everyone"}
    define_role("integrator", name="Integrator", rows=rows, fields={}, actor=system)
    return create_user(NewUser("ida@example.org", "a long password", "Ida", "I", roles=("integrator",)), actor=system)


@pytest.fixture
def seller(system: Actor) -> User:
    """Who does not."""
    define_role("seller", name="Seller", rows={("account", "view"): "everyone"}, fields={}, actor=system)
    return create_user(NewUser("sam@example.org", "a long password", "Sam", "S", roles=("seller",)), actor=system)


def signed_in(user: User) -> Client:
    """A browser of a person, in English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def addresses(office: Office) -> list[str]:
    """All pages about connections."""
    pull, connection = office.pulls[PullTarget.ACCOUNT].pk, office.connection.pk
    return [
        reverse("connections"),
        reverse("connection_new"),
        reverse("connection", args=[connection]),
        reverse("pull_new", args=[connection]),
        *(reverse(name, args=[pull]) for name in ("pull", "pull_edit", "pull_columns", "pull_refused")),
    ]


def test_every_page_opens_for_who_administers_and_for_nobody_else(
    office: Office, administrator: User, seller: User, system: Actor
) -> None:
    run_pull(office.pulls[PullTarget.ACCOUNT].pk, PullOrder(), actor=system)
    assert [signed_in(administrator).get(address).status_code for address in addresses(office)] == [200] * 8
    assert {signed_in(seller).get(address).status_code for address in addresses(office)} <= {403, 404}


def test_who_may_not_cannot_start_a_run(office: Office, seller: User) -> None:
    address = reverse("pull_start", args=[office.pulls[PullTarget.ACCOUNT].pk])
    assert signed_in(seller).post(address, {"trial": "1"}).status_code == 403
    assert (PullRun.objects.count(), accounts()) == (0, set())


@pytest.mark.parametrize(
    ("posted", "since"), [({}, ""), ({"since": " "}, "whole"), ({"since": " 2026-03-01 "}, "2026-03-01")]
)
def test_reading_again_with_an_empty_field_means_everything(
    posted: dict[str, str], since: str, office: Office, administrator: User
) -> None:
    pull = office.pulls[PullTarget.ACCOUNT]
    assert signed_in(administrator).post(reverse("pull_start", args=[pull.pk]), posted).status_code == 303
    (job,) = ProcrastinateJob.objects.filter(task_name=PULL_JOB)
    assert (job.args["pull_id"], job.args["since"]) == (pull.pk, since)


def test_the_secret_is_kept_encrypted_and_never_shown(administrator: User, db: None) -> None:
    client = signed_in(administrator)
    values = {"name": "ERP", "system": "erp", "kind": "postgresql", "address": "127.0.0.1", "secret": SECRET}
    answer = client.post(reverse("connection_new"), {**values, "timeout_seconds": 60, "is_active": "on"})
    assert answer.status_code == 303
    connection = Connection._base_manager.get()
    assert str(connection.secret) == SECRET
    shown = client.get(reverse("connection", args=[connection.pk])).content.decode()
    assert SECRET not in shown
    stored = Connection._base_manager.extra(select={"raw": "secret"}).values_list("raw", flat=True)[0]
    assert SECRET not in stored
    refused = client.post(reverse("connection_new"), {**values, "timeout_seconds": 0})
    assert refused.status_code == 422
    assert SECRET not in refused.content.decode()


def test_a_connection_that_leads_elsewhere_needs_its_secret_again(db: None, system: Actor) -> None:
    values = {"system": "shop", "name": "Shop", "kind": "rest", "address": "https://shop.example/", "secret": SECRET}
    connection = create_connection(values, actor=system)
    with pytest.raises(RuleViolation, match="leads elsewhere"):
        edit_connection(connection.pk, {"address": "https://evil.example/", "secret": ""}, actor=system)
    assert Connection._base_manager.get().address == "https://shop.example/"


def test_columns_are_guessed_shown_with_rows_and_saved(office: Office, administrator: User, system: Actor) -> None:
    pull = create_pull(
        office.connection.pk, {"name": "again", "target": "purchase", "statement": "order_lines"}, actor=system
    )
    office.run("INSERT INTO order_lines VALUES (1, 'O-1', 1, 'GREEN', 2, 176, '2026-03-02', '2026-03-02')")
    client, address = signed_in(administrator), reverse("pull_columns", args=[pull.pk])
    page = client.get(address).content.decode()
    assert "O-1" in page
    names = ["id", "order_no", "customer_id", "sku", "qty", "total", "ordered_at", "updated_at"]
    fields = {"order_no": "basket_id", "customer_id": "account_key", "total": "amount", "ordered_at": "occurred_at"}
    given = {f"field-{number}": fields.get(name, "") for number, name in enumerate(names)}
    rest = {"key_column": "id", "cursor_column": "updated_at", "overlap": 300, "deletions": "none"}
    assert client.post(address, {**rest, **given, "field-5": ""}).status_code == 422
    assert Pull._base_manager.get(pk=pull.pk).mapping == []
    assert client.post(address, {**rest, **given}).status_code == 303
    assert dict(Pull._base_manager.get(pk=pull.pk).mapping) == fields


def test_refused_rows_are_a_file_with_reasons(office: Office, administrator: User, system: Actor) -> None:
    pull = office.pulls[PullTarget.ACCOUNT]
    run_pull(pull.pk, PullOrder(), actor=system)
    answer = signed_in(administrator).get(reverse("pull_refused", args=[pull.pk]))
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # a stream of bytes
    assert "Bonn" in text
    assert "长长长" in text.partition(",")[2]
    assert text.count("\r\n") == 2


def test_pulls_are_due_by_their_schedule(office: Office, system: Actor) -> None:
    Pull._base_manager.filter(target="account").update(every_minutes=60)
    assert due_pulls(timezone.now()) == (office.pulls[PullTarget.ACCOUNT].pk,)
    run_pull(office.pulls[PullTarget.ACCOUNT].pk, PullOrder(), actor=system)
    assert due_pulls(timezone.now()) == ()


def test_who_is_erased_is_forgotten_and_never_comes_back(office: Office, system: Actor) -> None:
    pull = office.pulls[PullTarget.ACCOUNT]
    run_pull(pull.pk, PullOrder(), actor=system)
    taken = PulledRow.objects.get(key="1")
    assert taken.record_id is not None
    forget_pulled(Subject("account", taken.record_id, (("account", (taken.record_id,)),), ("长长长",)))
    assert (PulledRow.objects.filter(key="1").count(), RefusedRow.objects.count()) == (0, 0)
    office.run("UPDATE customers SET name = '又来', updated_at = '2026-05-01' WHERE id = 1")
    office.run("INSERT INTO order_lines VALUES (1, 'O-1', 1, '', 2, 176, '2026-03-02', '2026-03-02')")
    run_pull(pull.pk, PullOrder(since="whole"), actor=system)
    run_pull(office.pulls[PullTarget.PURCHASE].pk, PullOrder(), actor=system)
    assert "又来" not in json.dumps(sorted(accounts()), ensure_ascii=False)
    assert (WaitingFact.objects.count(), unscoped(Fact, reason=REASON).filter(source="erp").count()) == (0, 0)


def test_a_file_outside_the_folder_is_refused(db: None, system: Actor) -> None:
    for address in ("../run/secret_key", "/etc/passwd", "nothing.sqlite"):
        with pytest.raises(RuleViolation, match="no SQLite file"):
            create_connection(
                {"system": "x", "name": "X", "kind": ConnectionKind.SQLITE.value, "address": address}, actor=system
            )
    assert Connection._base_manager.count() == 0
