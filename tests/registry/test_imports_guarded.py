"""Imports that are asked for twice or at once, and by tokens that may do little."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from openpyxl import Workbook

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound
from guanxi.platform.access.grant import grant
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import own_id
from guanxi.platform.files.storage import NewFile
from guanxi.platform.transfer import commands
from guanxi.platform.transfer.commands import check, take_file_in, undo_import, write_import
from guanxi.platform.transfer.jobs import go_on
from guanxi.platform.transfer.mapping import Columns
from guanxi.platform.transfer.models import Import, ImportedRow, ImportState
from guanxi.platform.transfer.queries import import_of, mapping_of
from tests.cast import Cast, SignIn

SHEET = "单位全称,所在城市\n岚川,苏州\n云杉,杭州\n"
MAKES = frozenset({"account:view", "account:create"})


@pytest.fixture
def take(settings: object, tmp_path: Path) -> Callable[..., Import]:
    """Takes a text in as a file."""
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test

    def taken(actor: Actor, text: str = SHEET) -> Import:
        content = text.encode()
        return take_file_in("account", NewFile("ledger.csv", len(content), [content]), actor=actor)

    return taken


def cities(actor: Actor) -> list[tuple[str, str]]:
    rows = grant(actor, Account).queryset().filter(trashed_at__isnull=True).order_by("pk")
    return list(rows.values_list("name", "city"))


def test_two_who_saw_it_ready_write_it_once(take: Callable[..., Import], cast: Cast) -> None:
    file = take(cast.dora)
    check(file.pk)
    first, second = import_of(file.pk, cast.dora), import_of(file.pk, cast.dora)
    commands.begin_import(first, title="Import", actor=cast.dora)
    write_import(file.pk)
    refused: tuple[Callable[[], object], ...] = (
        lambda: commands.begin_import(second, title="Import", actor=cast.dora),
        lambda: commands.edit_cell(second, 2, 0, "青屿"),
        lambda: commands.replace_words(second, "city", {"苏州": ""}),
        lambda: commands.set_columns(second, Columns(mapping_of(second)), actor=cast.dora),
        lambda: commands.begin_check(second, title="Try", actor=cast.dora),
    )
    for again in refused:
        with pytest.raises(Conflict):
            again()
    file.refresh_from_db()
    assert (file.state, file.written_to, file.entry_id is not None) == (ImportState.DONE, 3, True)
    assert ImportedRow.objects.filter(file=file, version__isnull=False).count() == 2
    assert cities(cast.dora) == [("岚川", "苏州"), ("云杉", "杭州")]


def test_two_who_take_it_back_take_it_back_once(take: Callable[..., Import], cast: Cast) -> None:
    file = take(cast.dora)
    write_import(file.pk)
    first, second = import_of(file.pk, cast.dora), import_of(file.pk, cast.dora)
    commands.begin_undo(first, title="Undo", actor=cast.dora)
    undo_import(file.pk)
    with pytest.raises(Conflict):
        commands.begin_undo(second, title="Undo", actor=cast.dora)
    assert (Import.objects.get(pk=file.pk).state, cities(cast.dora)) == (ImportState.UNDONE, [])


def test_a_token_that_only_makes_records_changes_none_by_an_import(take: Callable[..., Import], cast: Cast) -> None:
    write_import(take(cast.dora).pk)
    token = replace(cast.dora, scopes=MAKES)
    file = take(token, "单位全称,所在城市\n岚川,北京\n青屿,南京\n")
    commands.set_columns(file, Columns(mapping_of(file), known_by="name"), actor=token)
    commands.begin_import(file, title="Import", actor=token, is_tried=False)
    assert write_import(file.pk).counts == {"created": 1, "error": 1}
    assert cities(cast.dora) == [("岚川", "苏州"), ("云杉", "杭州"), ("青屿", "南京")]
    with pytest.raises(AccessDenied):
        commands.begin_undo(import_of(file.pk, token), title="Undo", actor=token)
    assert len(cities(cast.dora)) == 3


def test_a_token_of_other_scopes_reaches_no_import(take: Callable[..., Import], cast: Cast) -> None:
    file = take(cast.dora)
    token = replace(cast.dora, scopes=frozenset({"product:view", "product:edit", "product:create"}))
    with pytest.raises(NotFound):
        import_of(file.pk, token)
    assert import_of(file.pk, replace(cast.dora, scopes=MAKES)).pk == file.pk


def test_texts_that_no_database_takes_stop_no_import(settings: object, tmp_path: Path, cast: Cast) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # the settings of the test
    book, content = Workbook(), io.BytesIO()
    for row in (
        ("单位全称", "首次合作", "X_x0000_Y"),
        ("青屿_x0000_", "so_x0000_on", "z"),
        ("云杉", "2020-01-02", "_x0000_"),
    ):
        book.worksheets[0].append(row)
    book.save(content)
    card = b"BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=%s:=E5=B2=9A=00=5Cud800\nEND:VCARD\n"
    files = {
        "book.xlsx": content.getvalue(),
        **{f"{name}.vcf": card % name.encode() for name in ("unicode_escape", "idna", "zlib", "undefined")},
    }
    for name, packed in files.items():
        file = take_file_in("account", NewFile(name, len(packed), [packed]), actor=cast.dora)
        assert check(file.pk).state == ImportState.READY
        assert write_import(file.pk).state == ImportState.DONE
    assert cities(cast.dora)[:1] == [("云杉", "")]


def test_words_that_no_database_takes_are_refused_or_cleaned(
    take: Callable[..., Import], cast: Cast, sign_in: SignIn
) -> None:
    file, client = take(cast.dora), sign_in(cast.dora)
    address = f"/import/{file.pk}/"
    for sent, status in (
        ({"do": "words", "field": "city", "text": "苏\x00州", "as": "杭\x00州"}, 303),
        ({"do": "words", "field": "\x00", "text": "a", "as": "b"}, 422),
        ({"do": "template", "name": "a\x00"}, 422),
        ({"do": "cell", "row": "2", "column": "0", "as": "岚\x00川"}, 303),
        ({"column0": "name", "column1": "city", "system": "a\x00"}, 422),
    ):
        assert client.post(f"{address}change/", sent).status_code == status, sent
    file.refresh_from_db()
    assert (file.replaced, mapping_of(file)) == ({"city": {"苏州": "杭州"}}, {0: "name", 1: "city"})
    assert client.get(f"{address}?cell={'9' * 5_000}:1").status_code == 200


def test_an_import_of_who_has_left_holds_up_no_other(take: Callable[..., Import], cast: Cast) -> None:
    gone, other = take(cast.alice), take(cast.dora)
    for file in (gone, other):
        check(file.pk)
    long_ago = timezone.now() - timedelta(hours=1)
    Import.objects.update(state=ImportState.WRITING, moved_at=long_ago)
    User.objects.filter(pk=own_id(cast.alice)).update(is_active=False)
    go_on(0)
    states = dict(Import.objects.values_list("pk", "state"))
    assert states == {gone.pk: ImportState.STOPPED, other.pk: ImportState.DONE}
    assert len(cities(cast.dora)) == 2
