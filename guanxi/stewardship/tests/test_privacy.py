"""Requests of the people whom the base speaks of: an erased person is found nowhere; who may, and who may not."""

import csv
import io
import json
import logging
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import duckdb
import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from pyarrow import parquet

from guanxi.care.facade import is_rest_day
from guanxi.customers.commands import (
    add_contact,
    add_contact_point,
    add_external_keys,
    add_important_date,
    add_trait,
    create_account,
    edit_account,
)
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Trait
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound
from guanxi.ledger.commands import NewFact, ingest_rows, record_fact
from guanxi.ledger.datasets import FACTS
from guanxi.ledger.models import Fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.comments import add_comment
from guanxi.platform.collaboration.commands.documents import add_document
from guanxi.platform.files.storage import NewFile
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.lake.refresh import part_files, refresh_dataset
from guanxi.platform.objects.erasing import REASON
from guanxi.platform.objects.merging import Pair, merge_records
from guanxi.platform.transfer.commands import take_file_in, write_import
from guanxi.stewardship import commands
from guanxi.stewardship.adapters import erasing
from guanxi.stewardship.adapters.erasing import replay_erasures, write_erasure
from guanxi.stewardship.choices import RequestKind, RequestState, RequestWay
from guanxi.stewardship.commands.privacy import NewRequest
from guanxi.stewardship.models import ConsentRecord, Erasure, SubjectRequest, Twin
from guanxi.stewardship.queries.consent import consents_of
from guanxi.stewardship.rules.privacy import due_day
from tests.cast import Cast, SignIn

NAME, FAMILY, GIVEN = "欧阳熹彤", "欧阳", "熹彤"
PHONE, MAIL, SECRET = "13801346077", "xitong.ouyang@lanchuan.example", "翡冷翠密语"
WORDS = (NAME, GIVEN, PHONE, MAIL, SECRET, "ouyangxitong", "xitong")
ELSEWHERE = "云杉包装"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    """Files, lake and list of erasures in a folder of the test's own."""
    settings.DATA_FOLDER, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    settings.LAKE_FOLDER = tmp_path / "lake"
    settings.LAKE_FOLDER.mkdir()


def person(actor: Actor) -> Account:
    """A person whose name, numbers and secret stand wherever a user can write them."""
    account = create_account({"kind": "person", "name": NAME, "note": SECRET, "city": "苏州"}, actor=actor)
    edit_account(account.pk, {"note": f"{SECRET}二", "tax_id": "91320594MA1X2C7Q0A"}, actor=actor)
    contact = add_contact(Contact(account=account, family_name=FAMILY, given_name=GIVEN, title=SECRET), actor=actor)
    add_contact_point(ContactPoint(account=account, contact=contact, type="mobile", value=PHONE), actor=actor)
    add_contact_point(ContactPoint(account=account, type="mail", value=MAIL), actor=actor)
    add_trait(Trait(account=account, contact=contact, kind="hobby", text=SECRET), actor=actor)
    birthday = ImportantDate(account=account, contact=contact, type="birthday", label=SECRET, month=3, day=8)
    add_important_date(birthday, actor=actor)
    add_external_keys("till", [("K-1", account.pk)], actor=actor)
    return account


def facts_of(account: Account, actor: Actor) -> None:
    """Facts about the person, in the ledger and waiting."""
    at = datetime(2026, 3, 4, 9, tzinfo=timezone.get_current_timezone())
    call = NewFact("interaction", "call", at, channel="phone", payload={"note": SECRET})
    bought = NewFact("purchase", "buy", at, quantity=Decimal(2), amount=Decimal("310.50"), payload={"note": SECRET})
    for fact in (call, bought):
        record_fact(account.pk, fact=fact, actor=actor)
    row = {"kind": "interaction", "sub_kind": "call", "occurred_at": "2026-03-05T10:00:00+08:00", "channel": "phone"}
    known = {**row, "source_id": f"call-{PHONE}", "account_key": "K-1", "note": NAME}
    waiting = {**row, "source_id": "2", "account_key": "unknown", "note": f"{NAME} rang"}
    ingest_rows([known, waiting], source="till", system="till", actor=actor)


def beside(account: Account, cast: Cast) -> None:
    """What stands beside the record: talk, files, pairs, jobs, an import, a record merged into it."""
    add_comment("account", account.pk, text=f"{NAME} {SECRET}", actor=cast.dora)
    content = f"{NAME},{PHONE},{SECRET}".encode()
    add_document("account", account.pk, file=NewFile(f"{NAME}.txt", len(content), [content]), actor=cast.dora)
    sheet = f"客户名称,类型,手机,备注\n{NAME}二,个人,{PHONE},{SECRET}\n{ELSEWHERE},机构,,\n".encode()
    write_import(take_file_in("account", NewFile(f"{NAME}.csv", len(sheet), [sheet]), actor=cast.dora).pk)
    twin = unscoped(Account, reason=REASON).get(name=f"{NAME}二")
    merge_records("account", Pair(account.pk, twin.pk), taken=(), actor=cast.dora)
    first, second = sorted((account.pk, twin.pk))
    pairs = unscoped(Twin, reason=REASON)
    assert pairs.filter(object_key="account", first_id=first, second_id=second).exists()
    commands.record_consent(agreed(account, "given", wording=SECRET), actor=cast.dora)
    JobRun.objects.create(job_name="test", title=f"Letter to {NAME}", message=MAIL)


def agreed(account: Account, state: str, *, wording: str = "I agree.") -> ConsentRecord:
    """A consent to marketing by e-mail that is given or taken back now."""
    return ConsentRecord(
        account=account,
        purpose="marketing",
        channel="mail",
        state=state,
        way="mail",
        wording=wording,
        at=timezone.now(),
    )


def found_in_tables() -> Iterator[str]:
    """The tables and columns that hold one of the words, whatever their types are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        for schema, table, column in cursor.fetchall():
            cursor.execute(f'SELECT DISTINCT "{column}"::text FROM "{schema}"."{table}"')  # noqa: S608  # every table there is
            texts = [row[0] or "" for row in cursor.fetchall()]
            yield from (f"{table}.{column}: {text[:80]}" for text in texts for word in WORDS if word in text)


def found_in_files() -> Iterator[str]:
    """The files that hold one of the words, in their names or in their content; Parquet is read."""
    for path in Path(settings.DATA_FOLDER).rglob("*"):
        if path.is_file():
            content = path.read_bytes().decode("utf-8", errors="replace")
            if path.suffix == ".parquet":
                content += str(parquet.read_table(path).to_pylist())
            yield from (f"{path}" for word in WORDS if word in content or word in path.name)


@pytest.mark.django_db(transaction=True)
def test_an_erased_person_is_found_nowhere_and_the_books_stay(
    cast: Cast, caplog: pytest.LogCaptureFixture, sign_in: SignIn
) -> None:
    caplog.set_level(logging.DEBUG, logger="guanxi")
    account = person(cast.dora)
    facts_of(account, cast.dora)
    beside(account, cast)
    refresh_dataset(FACTS)
    tables = {line.partition(":")[0] for line in found_in_tables()}
    assert {"customers_account.name", "ledger_fact.payload", "collaboration_comment.text"} <= tables
    assert len(set(found_in_files())) >= 3
    request = commands.erase_subject("account", account.pk, reason=f"{NAME} wrote", actor=cast.dora)
    commands.approve_erasure(request.pk, actor=second_administrator())
    began = timezone.now()
    done = write_erasure(request.pk)
    assert (timezone.now() - began).total_seconds() < 10
    assert done.state == RequestState.DONE
    assert list(found_in_tables()) == []
    assert list(found_in_files()) == []
    assert not [word for word in WORDS if word in caplog.text]
    facts = unscoped(Fact, reason=REASON).filter(account=account.pk).order_by("pk")
    assert [(fact.kind, fact.amount) for fact in facts][1:2] == [("purchase", Decimal("310.50"))]
    assert {fact.contact_id for fact in facts} == {None}
    assert unscoped(Account, reason=REASON).get(pk=account.pk).name == f"erased #{account.pk}"
    lake = duckdb.execute(
        "SELECT amount, contact_id FROM read_parquet(?) ORDER BY id", [[str(path) for path in part_files(FACTS)]]
    ).fetchall()
    assert (len(lake), lake[1]) == (len(facts), (310.5, None))
    answer = sign_in(cast.dora).get(reverse("privacy_request", args=[request.pk]))
    assert answer.status_code == 200
    assert NAME not in answer.content.decode()


def second_administrator() -> Actor:
    """An actor with every right who is not Dora."""
    return system_actor("Second administrator")


@pytest.mark.django_db(transaction=True)
def test_an_erasure_that_was_interrupted_goes_on_and_again_changes_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = person(cast.dora)
    request = commands.erase_subject("account", account.pk, reason="", actor=cast.dora)
    commands.approve_erasure(request.pk, actor=second_administrator())
    real, calls = erasing._write_step, []

    def dying(request_id: int, rule: Any) -> SubjectRequest:
        calls.append(rule.key)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(request_id, rule)

    monkeypatch.setattr(erasing, "_write_step", dying)
    with pytest.raises(KeyboardInterrupt):
        write_erasure(request.pk)
    monkeypatch.setattr(erasing, "_write_step", real)
    assert write_erasure(request.pk).state == RequestState.DONE
    assert list(found_in_tables()) == []
    version = unscoped(Account, reason=REASON).get(pk=account.pk).version
    write_erasure(request.pk)
    assert unscoped(Account, reason=REASON).get(pk=account.pk).version == version


@pytest.mark.django_db(transaction=True)
def test_who_is_brought_back_by_a_backup_is_erased_again(cast: Cast) -> None:
    account = person(cast.dora)
    request = commands.erase_subject("account", account.pk, reason="", actor=cast.dora)
    commands.approve_erasure(request.pk, actor=second_administrator())
    write_erasure(request.pk)
    assert replay_erasures() == 0
    Erasure.objects.all().delete()
    row = unscoped(Account, reason=REASON).filter(pk=account.pk)
    row.update(name=NAME, note=SECRET, trashed_at=None)
    assert replay_erasures() == 1
    assert list(found_in_tables()) == []
    assert NAME not in (Path(settings.DATA_FOLDER) / erasing.FILE_NAME).read_text()


@pytest.mark.django_db(transaction=True)
def test_erasing_a_contact_leaves_the_customer_and_the_others(cast: Cast) -> None:
    account = create_account({"kind": "organisation", "name": ELSEWHERE}, actor=cast.dora)
    other = add_contact(Contact(account=account, family_name="王", given_name="磊"), actor=cast.dora)
    contact = add_contact(Contact(account=account, family_name=FAMILY, given_name=GIVEN, title=SECRET), actor=cast.dora)
    add_contact_point(ContactPoint(account=account, contact=contact, type="mobile", value=PHONE), actor=cast.dora)
    fact = NewFact(
        "interaction", "call", timezone.now(), channel="phone", contact_id=contact.pk, payload={"note": NAME}
    )
    record_fact(account.pk, fact=fact, actor=cast.dora)
    request = commands.erase_subject("contact", contact.pk, reason="", actor=cast.dora)
    commands.approve_erasure(request.pk, actor=second_administrator())
    write_erasure(request.pk)
    assert list(found_in_tables()) == []
    assert unscoped(Account, reason=REASON).get(pk=account.pk).name == ELSEWHERE
    assert unscoped(Contact, reason=REASON).get(pk=other.pk).name == "王磊"


def test_a_second_person_approves(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    request = commands.erase_subject("account", account.pk, reason="", actor=cast.dora)
    with pytest.raises(AccessDenied):
        commands.approve_erasure(request.pk, actor=cast.dora)
    assert unscoped(SubjectRequest, reason=REASON).get(pk=request.pk).state == RequestState.OPEN
    with pytest.raises(Conflict):
        commands.erase_subject("account", account.pk, reason="", actor=cast.dora)


def test_who_may_not_see_requests_neither_reads_nor_answers_them(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    request = commands.erase_subject("account", account.pk, reason="", actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        client = sign_in(actor)
        assert client.get(reverse("privacy")).status_code == 403
        assert client.get(reverse("privacy_request", args=[request.pk])).status_code == 403
        for name in ("privacy_answer", "privacy_erase", "privacy_copy"):
            assert client.post(reverse(name, args=[request.pk])).status_code == 403
    with pytest.raises((AccessDenied, NotFound)):
        commands.enter_request(
            NewRequest("account", account.pk, RequestKind.EXPORT, date(2026, 1, 5)), actor=cast.charlie
        )
    assert unscoped(SubjectRequest, reason=REASON).get(pk=request.pk).state == RequestState.OPEN


@pytest.mark.django_db(transaction=True)
def test_the_copy_holds_everything_and_runs_no_formula(cast: Cast, sign_in: SignIn) -> None:
    account = person(cast.dora)
    facts_of(account, cast.dora)
    content = SECRET.encode()
    add_document("account", account.pk, file=NewFile("letter.txt", len(content), [content]), actor=cast.dora)
    edit_account(account.pk, {"note": "=1+1"}, actor=cast.dora)
    new = NewRequest("account", account.pk, RequestKind.EXPORT, timezone.localdate())
    request = commands.enter_request(new, actor=cast.dora)
    answer = sign_in(cast.dora).post(reverse("privacy_copy", args=[request.pk]))
    with ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]  # a stream
        names = archive.namelist()
        points = json.loads(archive.read("account-contactpoint.json"))
        contents = json.loads(archive.read("contents.json"))
        rows = list(csv.DictReader(io.StringIO(archive.read("account.csv").decode("utf-8-sig"))))
        files = [archive.read(name) for name in names if name.startswith("files/")]
    assert {"account.json", "contact.json", "account-fact.json", "account-relationship.json"} <= set(names)
    assert len(names) == len(set(names))
    assert contents["account-contactpoint"] == len(points)
    assert {point["value"] for point in points} >= {MAIL}
    assert (rows[0]["name"], rows[0]["note"], files) == (NAME, "'=1+1", [content])


@pytest.mark.django_db(transaction=True)
def test_nothing_is_copied_before_somebody_knows_who_asks(cast: Cast, sign_in: SignIn) -> None:
    account = person(cast.dora)
    today = timezone.localdate()
    new = NewRequest("account", account.pk, RequestKind.EXPORT, today, RequestWay.WEB, needs_identity=True)
    request, client = commands.enter_request(new, actor=system_actor("Visitor")), sign_in(cast.dora)
    address = reverse("privacy_copy", args=[request.pk])
    assert address not in client.get(reverse("privacy_request", args=[request.pk])).content.decode()
    assert client.post(address).status_code == 422
    assert not AuditEntry.objects.filter(action="export").exists()
    commands.confirm_identity(request.pk, actor=cast.dora)
    assert client.post(address).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_the_copy_holds_what_its_taker_may_see_alone(cast: Cast, sign_in: SignIn) -> None:
    rows: dict[tuple[str, str], object] = {("account", action): "owner" for action in ("view", "create", "edit")}
    rows |= {("account", "export"): "owner", ("subject_request", "view"): "everyone"}
    rows["subject_request", "export"] = "everyone"
    hidden = {("*", "identity"): int(FieldAccess.HIDDEN), ("*", "reach"): int(FieldAccess.MASKED)}
    account = person(cast.dora)
    edit_account(account.pk, {"owner_id": cast.alice.user_id}, actor=cast.dora)
    commands.record_consent(agreed(account, "given", wording=SECRET), actor=cast.dora)
    new = NewRequest("account", account.pk, RequestKind.EXPORT, timezone.localdate())
    request = commands.enter_request(new, actor=cast.dora)
    for role in ("staff", "manager"):
        define_role(role, name=role.title(), rows=rows, fields=hidden, actor=system_actor("Tests"))
    address = reverse("privacy_copy", args=[request.pk])
    assert sign_in(cast.charlie).post(address).status_code == 404
    answer = sign_in(cast.alice).post(address)
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]  # a stream
    with ZipFile(io.BytesIO(content)) as archive:
        told = json.loads(archive.read("contents.json"))
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert (told["account"], told["account-consentrecord"], told["account-contactpoint"]) == (1, 1, 2)
    assert [name for name, text in texts.items() for word in (PHONE, MAIL, "K-1", "MA1X2C7Q0A") if word in text] == []
    assert NAME in texts["account.csv"]


def test_the_clock_counts_working_days_or_thirty_days() -> None:
    assert due_day(date(2026, 3, 2), law="pipl", is_rest_day=is_rest_day) == date(2026, 3, 23)
    assert due_day(date(2026, 3, 2), law="gdpr", is_rest_day=is_rest_day) == date(2026, 4, 1)


def test_the_latest_consent_holds_and_none_is_changed(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    address = reverse("consents", args=[account.pk])
    form = {"purpose": "marketing", "channel": "mail", "state": "given", "way": "mail", "wording": "I agree."}
    for state in ("given", "withdrawn"):
        assert sign_in(cast.alice).post(address, {**form, "state": state}).status_code == 303
    lines = consents_of(account.pk, cast.alice)
    assert [(line.is_given, line.holds) for line in lines] == [(False, True), (True, False)]
    assert sign_in(cast.alice).post(address, {**form, "wording": ""}).status_code == 422


def test_who_does_not_see_the_customer_sees_and_notes_no_consent(
    cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    account = new_account()
    address = reverse("consents", args=[account.pk])
    form = {"purpose": "marketing", "channel": "mail", "state": "given", "way": "mail", "wording": "I agree."}
    assert sign_in(cast.charlie).get(address).status_code == 404
    assert sign_in(cast.charlie).post(address, form).status_code == 404
    with pytest.raises(AccessDenied):
        commands.record_consent(agreed(account, "given"), actor=cast.token)
    assert consents_of(account.pk, cast.alice) == ()
