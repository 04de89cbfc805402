"""Identity and bank numbers: no table holds one in clear, who may read one finds it, a new key leaves no old one."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from guanxi.customers.commands import create_account, edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.accounts.commands import create_token
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.collaboration.commands.restoring import restore_values
from guanxi.platform.customfields import commands
from guanxi.platform.customfields.adapters import build_index
from guanxi.platform.customfields.models import CustomField
from guanxi.platform.encryption.cipher import key_id_of
from guanxi.platform.encryption.in_use import Unreadable, ring
from guanxi.platform.encryption.keys import new_key, new_ring, ring_text, with_primary, without, write_ring
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.objects import reencrypting
from guanxi.platform.objects.bulk import change_many, undo_change
from guanxi.platform.objects.cli import list_keys, rotate
from guanxi.platform.objects.jobs import keep_encrypted, reencrypt_numbers, reindex_object
from guanxi.platform.objects.models import BulkAction
from guanxi.platform.objects.queries import views_of
from guanxi.platform.objects.reencrypting import (
    DUE,
    GRACE,
    is_work_left,
    key_counts,
    reencrypt,
    retire_unused,
    rotate_keys,
)
from guanxi.platform.objects.registry import fields_of, object_spec, required_verbs
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.records.values import CUSTOM
from guanxi.platform.ui.hits import found_hits
from tests.api.conftest import ACCOUNTS, Caller
from tests.cast import Cast, SignIn
from tests.registry.conftest import NAME, REASON, TAX_ID, Secret
from tests.registry.contracts import Make, add_field, fresh, listed, model_of, rows_of, where

CARD = "6222021001123456789"
SHORTEST_PIECE = 8
HTMX = {"HX-Request": "true"}


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keys of the test's own."""
    path = tmp_path / "encryption_keys"
    write_ring(path, new_ring())
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS_FILE", path)
    return path


@pytest.fixture
def card(contract: ObjectSpec, cast: Cast) -> CustomField:
    """A field of contracts that holds numbers of bank cards; administrators write them."""
    return add_field(contract, FieldType.TEXT, "Card", cast.dora, sensitivity="bank")


def tables_with(number: str) -> dict[str, str]:
    """The tables in which some row has a piece of a number, with that piece."""
    pieces = [number[start : start + SHORTEST_PIECE] for start in range(len(number) - SHORTEST_PIECE + 1)]
    found: dict[str, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(
                f"SELECT piece FROM {table} AS t, unnest(%s::text[]) AS piece WHERE strpos(t::text, piece) > 0",  # noqa: S608  # each table
                [pieces],
            )
            row = cursor.fetchone()
            if row is not None:
                found[table] = row[0]
    return found


def opened(contract: ObjectSpec, actor: Actor, pk: int, key: str) -> Any:
    """What a field of a contract holds for an actor."""
    item = next(item for item in fields_of(contract) if item.key == key)
    (record,) = rows_of(contract, actor, [pk])
    return item.value_of(record)


def column_of(contract: ObjectSpec, key: str) -> str:
    return next(item.column for item in fields_of(contract) if item.key == key)


def protect(contract: ObjectSpec, key: str, sensitivity: str, actor: Actor) -> None:
    """Put a field of contracts under another protection."""
    made = CustomField.objects.get(object_key=contract.key, key=key)
    commands.edit_field(made.pk, {"sensitivity": sensitivity}, model=model_of(contract), actor=actor)


def names_found(object_key: str, words: str, actor: Actor) -> list[str]:
    """What the palette finds."""
    found = found_hits(object_spec(object_key), words, view=View(actor, timezone.localdate()), limit=10)
    return [hit.name for hit in found.hits] if found else []


def stored_texts() -> list[str]:
    """The tax ids as the tables hold them, those of the history too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tax_id FROM customers_account UNION ALL SELECT tax_id FROM customers_accountevent")
        return [row[0] for row in cursor.fetchall() if row[0]]


def test_no_table_holds_a_number_in_clear_whatever_was_done_with_it(
    secret: Secret, contract: ObjectSpec, make: Make, card: CustomField, cast: Cast, sign_in: SignIn
) -> None:
    dora, account = sign_in(fresh(cast.dora)), secret.account
    column = column_of(contract, "x_card")
    records = [make("One"), make("Two")]
    ids = [record.pk for record in records]
    values = {"x_card": CARD}
    started = change_many(contract.key, ids, action=BulkAction.EDIT, values=values, title="", actor=fresh(cast.dora))
    assert (started.changed, opened(contract, cast.dora, ids[0], "x_card")) == (2, CARD)
    required_verbs(contract).edit(ids[1], {column: CARD + "0"}, actor=fresh(cast.dora))
    undo_change(started.id, title="", actor=fresh(cast.dora))
    assert [opened(contract, cast.dora, pk, "x_card") for pk in ids] == [None, CARD + "0"]
    for number in (CARD, CARD + "1"):
        place = f"/objects/{contract.key}/{ids[0]}/fields/x_card/"
        version = rows_of(contract, cast.dora, [ids[0]])[0].version
        answer = dora.post(place, {"x_card": number, "version": str(version)}, headers=HTMX)
        assert answer.status_code == 200
        undo = json.loads(answer.headers["HX-Trigger"])
        assert number[:SHORTEST_PIECE] not in json.dumps(undo)
    user = User.objects.get(pk=cast.dora.user_id or 0)
    caller = Caller(create_token(user, name="Test", is_read_only=False, actor=cast.dora))
    body = {"kind": "organisation", "relation": "customer", "name": "云杉", "tax_id": TAX_ID}
    assert caller.post(ACCOUNTS, body, Idempotency_Key="1").status_code == 201
    query = urlencode({"where": where("tax_id", "is", TAX_ID)})
    kept = {"name": "Mine", "audience": "me", "query": query}
    assert dora.post(f"/objects/account/views/new/?{query}", kept).status_code == 303
    assert TAX_ID in views_of("account", cast.dora)[0].query
    edit_account(account.pk, {"tax_id": "110101199003074514"}, actor=cast.dora)
    for asked in ({"q": TAX_ID}, {"where": json.dumps(["all", ["tax_id", "is", TAX_ID], ["city", "empty"]])}):
        assert dora.get("/accounts/", asked).status_code == 200
        assert dora.get("/objects/account/export/", asked).status_code == 200
    assert AuditEntry.objects.filter(action="export", reason__contains="tax_id").exists()
    for number in (TAX_ID, CARD, "110101199003074514"):
        assert tables_with(number) == {}


def test_who_may_read_a_number_finds_it_whole_and_in_no_other_way(
    secret: Secret, cast: Cast, sign_in: SignIn, new_account: Callable[..., Account]
) -> None:
    new_account("云杉包装")
    dora = sign_in(cast.dora)
    for written in (TAX_ID, TAX_ID.lower(), "9132 0594-MA1X K7QW5P"):
        page = dora.get("/accounts/", {"where": where("tax_id", "is", written)}).content.decode()
        assert (NAME in page, "云杉包装" in page) == (True, False)
        assert names_found("account", written, cast.dora) == [NAME]
    assert NAME in dora.get("/accounts/", {"where": where("tax_id", "is", "1", TAX_ID)}).content.decode()
    assert NAME not in dora.get("/accounts/", {"where": where("tax_id", "is_not", TAX_ID)}).content.decode()
    assert "云杉包装" in dora.get("/accounts/", {"where": where("tax_id", "is_not", TAX_ID)}).content.decode()
    assert NAME in dora.get("/accounts/", {"where": where("tax_id", "filled")}).content.decode()
    assert "云杉包装" in dora.get("/accounts/", {"where": where("tax_id", "empty")}).content.decode()
    for operator in ("contains", "starts", "at_least"):
        assert dora.get("/accounts/", {"where": where("tax_id", operator, TAX_ID)}).status_code == 422
    assert "is of" not in dora.get("/objects/account/filter/", {"f0": "tax_id"}).content.decode()
    for piece in (TAX_ID[:10], TAX_ID[-8:], TAX_ID[:-1]):
        assert names_found("account", piece, cast.dora) == []
    plain = dora.get("/accounts/?cols=name,tax_id").content.decode()
    assert dora.get("/accounts/?cols=name,tax_id&sort=tax_id").content.decode().count(NAME) == plain.count(NAME)
    assert 'sort=tax_id"' not in plain
    found = grant(cast.dora, Account).queryset()
    assert found.filter(tax_id=TAX_ID.lower()).count() == found.filter(tax_id__in=[TAX_ID, "2"]).count() == 1
    assert found.filter(tax_id="").count() == 1


def test_a_masked_reader_finds_nothing_by_a_number(secret: Secret, cast: Cast, sign_in: SignIn) -> None:
    for actor in (cast.alice, cast.bob, cast.charlie):
        assert names_found("account", TAX_ID, actor) == []
        assert sign_in(actor).get("/accounts/", {"where": where("tax_id", "is", TAX_ID)}).status_code == 422
    assert "****5P" in sign_in(cast.alice).get(f"/accounts/{secret.account.pk}/").content.decode()


def test_a_made_number_is_filtered_found_and_restored(
    contract: ObjectSpec, make: Make, card: CustomField, cast: Cast, sign_in: SignIn
) -> None:
    verbs, column, dora = required_verbs(contract), column_of(contract, "x_card"), fresh(cast.dora)
    one, _two = make("One"), make("Two")
    verbs.edit(one.pk, {column: "6222 0210 0112 3456 789"}, actor=dora)
    assert rows_of(contract, dora, [one.pk])[0].custom[card_key(column)].startswith("enc:1:")
    client = sign_in(dora)
    page = listed(client, contract, where=where("x_card", "is", CARD), cols="name,x_card")
    assert ("One" in page, "Two" in page, "6222 0210 0112 3456 789" in page) == (True, False, True)
    assert "Two" in listed(client, contract, where=where("x_card", "is_not", CARD))
    assert "Two" in listed(client, contract, where=where("x_card", "empty"))
    assert names_found(contract.key, CARD, dora) == ["One"]
    assert names_found(contract.key, CARD, fresh(cast.alice)) == []
    version = verbs.edit(one.pk, {"name": "Uno"}, actor=dora).version
    assert names_found(contract.key, CARD, dora) == ["Uno"]
    verbs.edit(one.pk, {column: None}, version=version, actor=dora)
    assert (opened(contract, dora, one.pk, "x_card"), names_found(contract.key, CARD, dora)) == (None, [])
    kept = contract.model.pgh_event_model.objects.filter(pgh_obj_id=one.pk).order_by("-pgh_id")[0]  # type: ignore[attr-defined]  # pghistory sets it
    restore_values(contract.key, one.pk, event_id=kept.pk, actor=dora)
    assert opened(contract, dora, one.pk, "x_card") == "6222 0210 0112 3456 789"
    assert names_found(contract.key, CARD, dora) == ["Uno"]


def card_key(column: str) -> str:
    return column.removeprefix(f"{CUSTOM}__")


@pytest.mark.django_db(transaction=True)
def test_an_index_serves_the_comparison(contract: ObjectSpec, card: CustomField, cast: Cast) -> None:
    build_index(card.pk, table=contract.model._meta.db_table)
    questions: tuple[tuple[type[Any], str, str], ...] = (
        (Account, "tax_id__token__in", "customers_account_tax_id"),
        (contract.model, f"{column_of(contract, 'x_card')}__token__in", f"customfields_token_{card.pk}"),
    )
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        for model, lookup, index in questions:
            assert index in grant(fresh(cast.dora), model).queryset().filter(**{lookup: ["x"]}).order_by().explain()
        cursor.execute("RESET enable_seqscan")


def test_what_stood_there_in_clear_is_encrypted_with_its_history_and_leaves_no_trace(
    secret: Secret, contract: ObjectSpec, make: Make, cast: Cast
) -> None:
    item = next(item for item in fields_of(contract) if item.key == "x_reason")
    record = make("One", reason=CARD)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_account SET tax_id = %s WHERE id = %s", [TAX_ID, secret.account.pk])
        cursor.execute("UPDATE customers_accountevent SET tax_id = %s", [TAX_ID])
    protect(contract, item.key, "bank", cast.dora)
    assert "customers_account" in tables_with(TAX_ID)
    assert opened(contract, cast.dora, record.pk, "x_reason") == CARD
    events = len(stored_texts())
    assert is_work_left()
    done = reencrypt()
    assert done is not None
    assert done.fresh == {"account", contract.key}
    for object_key in sorted(done.fresh):
        reindex_object(object_key)
    assert (tables_with(TAX_ID), tables_with(CARD), len(stored_texts())) == ({}, {}, events)
    assert unscoped(Account, reason=REASON).get(pk=secret.account.pk).tax_id == TAX_ID
    assert opened(contract, cast.dora, record.pk, "x_reason") == CARD
    assert (DUE in key_counts(), is_work_left(), reencrypt()) == (False, False, reencrypting.Renewed())
    protect(contract, item.key, "", cast.dora)
    reencrypt()
    assert rows_of(contract, fresh(cast.dora), [record.pk])[0].custom[card_key(item.column)] == CARD


def test_a_rotation_that_is_killed_half_way_goes_on_and_then_drops_the_former_key(
    keys: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencrypting, "BLOCK", 2)
    accounts = [
        create_account({"kind": "organisation", "name": f"客户{n}", "tax_id": f"{TAX_ID}{n}"}, actor=cast.dora)
        for n in range(5)
    ]
    edit_account(accounts[0].pk, {"tax_id": TAX_ID}, actor=cast.dora)
    former = ring().primary.id
    key_id = rotate_keys(actor=system_actor("Tests"))
    renew = reencrypting._renew_row
    calls = 0

    def killed(*args: Any, **kwargs: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 4:
            raise KeyboardInterrupt
        renew(*args, **kwargs)

    monkeypatch.setattr(reencrypting, "_renew_row", killed)
    with pytest.raises(KeyboardInterrupt):
        reencrypt()
    assert {key_id_of(text) for text in stored_texts()} == {former, key_id}
    monkeypatch.setattr(reencrypting, "_renew_row", renew)
    keep_encrypted(0)
    run = JobRun.objects.get(job_name=reencrypting.RUN_JOB)
    reencrypt_numbers(run.pk)
    run.refresh_from_db()
    assert (run.state, run.done > 0) == (RunState.DONE, True)
    assert {key_id_of(text) for text in stored_texts()} == {key_id}
    assert retire_unused(timezone.now()) == frozenset()
    assert retire_unused(timezone.now() + GRACE + timedelta(minutes=1)) == {former}
    assert [key.id for key in ring().keys] == [key_id]
    found = dict(grant(cast.dora, Account).queryset().values_list("pk", "tax_id"))
    assert [found[account.pk] for account in accounts] == [TAX_ID, *(f"{TAX_ID}{n}" for n in range(1, 5))]
    assert names_found("account", f"{TAX_ID}3", cast.dora) == ["客户3"]


def test_a_number_without_its_key_is_told_as_such_and_never_written_over(
    keys: Path, secret: Secret, contract: ObjectSpec, make: Make, card: CustomField, cast: Cast, sign_in: SignIn
) -> None:
    verbs, column, dora = required_verbs(contract), column_of(contract, "x_card"), fresh(cast.dora)
    record = make("One")
    verbs.edit(record.pk, {column: CARD}, actor=dora)
    kept, lost = keys.read_text(), ring().primary.id
    before = (stored_texts(), rows_of(contract, dora, [record.pk])[0].custom)
    write_ring(keys, new_ring())
    client = sign_in(dora)
    pages = (
        f"/accounts/{secret.account.pk}/",
        "/accounts/?cols=name,tax_id",
        f"/objects/{contract.key}/{record.pk}/",
        f"/objects/account/{secret.account.pk}/edit/",
        f"/objects/{contract.key}/{record.pk}/history/",
    )
    for address in pages[:3]:
        assert "Cannot be read: its key is missing." in client.get(address).content.decode()
    for address in pages:
        assert client.get(address).status_code in (200, 302)
    assert isinstance(opened(contract, dora, record.pk, "x_card"), Unreadable)
    edit_account(secret.account.pk, {"city": "杭州"}, actor=cast.dora)
    form = {"name": "Uno", "x_card": "1", "version": str(rows_of(contract, dora, [record.pk])[0].version)}
    assert "disabled" in client.get(f"/objects/{contract.key}/{record.pk}/edit/").content.decode()
    assert client.post(f"/objects/{contract.key}/{record.pk}/edit/", form).status_code == 303
    verbs.edit(record.pk, {"name": "Uno"}, actor=dora)
    for number in ("", "110101199003074514"):
        with pytest.raises(RuleViolation):
            edit_account(secret.account.pk, {"tax_id": number}, actor=cast.dora)
        with pytest.raises(RuleViolation):
            verbs.edit(record.pk, {column: number}, actor=dora)
    bulk = change_many(contract.key, [record.pk], action=BulkAction.EDIT, values={"x_card": "1"}, title="", actor=dora)
    assert bulk.changed == 0
    assert rows_of(contract, dora, [record.pk])[0].custom[card_key(column)] == before[1][card_key(column)]
    assert set(stored_texts()) == set(before[0])
    done = reencrypt()
    assert (done.unreadable if done else 0) > 0
    assert lost in key_counts()
    keys.write_text(kept)
    assert unscoped(Account, reason=REASON).get(pk=secret.account.pk).tax_id == TAX_ID
    assert opened(contract, dora, record.pk, "x_card") == CARD


def test_a_text_that_looks_encrypted_is_a_text_like_any_other(
    secret: Secret, contract: ObjectSpec, make: Make, card: CustomField, cast: Cast
) -> None:
    verbs, dora = required_verbs(contract), fresh(cast.dora)
    record = make("One")
    verbs.edit(record.pk, {column_of(contract, "x_card"): CARD}, actor=dora)
    stolen = rows_of(contract, dora, [record.pk])[0].custom[card_key(column_of(contract, "x_card"))]
    other = verbs.create({"name": "Two", column_of(contract, "x_card"): stolen}, actor=dora)
    assert opened(contract, dora, other.pk, "x_card") == stolen
    with pytest.raises(RuleViolation):
        verbs.create({"name": "Three", column_of(contract, "x_reason"): stolen}, actor=dora)
    text = stored_texts()[0]
    edit_account(secret.account.pk, {"tax_id": "1"}, actor=cast.dora)
    with pytest.raises(RuleViolation):  # longer than a number is
        edit_account(secret.account.pk, {"tax_id": text}, actor=cast.dora)


def test_only_texts_can_hold_encrypted_numbers(contract: ObjectSpec, cast: Cast) -> None:
    with pytest.raises(RuleViolation, match="only a field of text"):
        add_field(contract, FieldType.INTEGER, "Number", cast.dora, sensitivity="bank")
    assert not CustomField.objects.filter(name_en="Number").exists()


def test_a_field_that_rules_go_by_is_not_encrypted(contract: ObjectSpec, cast: Cast) -> None:
    known = add_field(contract, FieldType.TEXT, "Class", cast.dora)
    told = add_field(contract, FieldType.TEXT, "Told", cast.dora, visible_when=where(known.key, "is", "A"))
    with pytest.raises(RuleViolation, match="goes by what stands in this field"):
        protect(contract, known.key, "bank", cast.dora)
    assert CustomField.objects.get(pk=known.pk).sensitivity == ""
    commands.edit_field(told.pk, {"visible_when": ""}, model=model_of(contract), actor=cast.dora)
    protect(contract, known.key, "bank", cast.dora)
    assert CustomField.objects.get(pk=known.pk).sensitivity == "bank"


def test_the_command_line_lists_and_rotates_keys_and_shows_no_secret(
    keys: Path, secret: Secret, cast: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit_account(secret.account.pk, {"tax_id": TAX_ID}, actor=cast.dora)
    former = ring().primary
    rotate(here=True, as_json=True)
    made = json.loads(capsys.readouterr().out)
    assert (made["key"], made["run"], made["rows"] > 0) == (ring().primary.id, None, True)
    entry = AuditEntry.objects.get(action="rotate_keys")
    assert (entry.reason, entry.surface) == (made["key"], "command_line")
    list_keys(as_json=True)
    told = capsys.readouterr().out
    assert [(line["id"], line["state"]) for line in json.loads(told)["keys"]] == [
        (made["key"], "encrypts"),
        (former.id, "reads"),
    ]
    assert not any(line.split()[-2] in told for line in keys.read_text().splitlines())
    write_ring(keys, new_ring())
    list_keys()
    assert f"{made['key']}  missing" in capsys.readouterr().out
    rotate()
    assert JobRun.objects.filter(job_name=reencrypting.RUN_JOB).count() == 1
    before = keys.read_text()
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS_FILE", None)
    with pytest.raises(RuleViolation, match="GUANXI_ENCRYPTION_KEYS"):
        rotate()
    assert keys.read_text() == before


def test_keys_that_a_setting_gives_are_exchanged_there(
    keys: Path, secret: Secret, monkeypatch: pytest.MonkeyPatch
) -> None:
    former = ring()
    later = with_primary(former, new_key())
    reencrypt()
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS_FILE", None)
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS", ring_text(former))
    assert not is_work_left()
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS", ring_text(later))
    assert is_work_left()
    reencrypt()
    assert (is_work_left(), set(key_counts())) == (False, {later.primary.id})
    monkeypatch.setattr(settings, "ENCRYPTION_KEYS", ring_text(without(later, frozenset({former.primary.id}))))
    assert unscoped(Account, reason=REASON).get(pk=secret.account.pk).tax_id == TAX_ID
