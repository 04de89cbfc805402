"""Backup and restore: what comes back is what was there, and a restore that fails changes nothing."""

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import guanxi
from guanxi.kernel.errors import Conflict, ExternalFailure, GuanxiError, RuleViolation
from guanxi.platform.database.address import libpq_uri
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import report_nothing, stop_server
from guanxi.platform.encryption.keys import new_key, parse_ring, with_primary, without, write_ring
from guanxi.project.archive import read_archive, write_archive
from guanxi.project.backup import back_up
from guanxi.project.configuration import Configuration, database_settings, load_configuration
from guanxi.project.database import running_cluster
from guanxi.project.restore import restore_backup

ROWS = [(1, "张伟", b"\x00\xff"), (2, "O'Neil; DROP TABLE", b""), (3, "李娜\n\t", b"x" * 10_000)]


@pytest.fixture
def installation(data_folder: Path) -> Iterator[Configuration]:
    configuration = load_configuration(
        {"GUANXI_DATA": str(data_folder / "crm"), "GUANXI_POSTGRES_MEMORY_MB": "512"}, data_folder
    )
    yield configuration
    stop_server(Layout(configuration.data_folder))


def fill(configuration: Configuration) -> None:
    with running_cluster(configuration), connect(configuration) as connection:
        connection.execute("CREATE TABLE customer (id bigint PRIMARY KEY, name text UNIQUE, photo bytea)")
        connection.cursor().executemany("INSERT INTO customer VALUES (%s, %s, %s)", ROWS)
    for path, content in (
        (configuration.files_folder / "a" / "合同.pdf", "pdf"),
        (configuration.lake_folder / "m.json", "{}"),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def connect(configuration: Configuration) -> psycopg.Connection:
    return psycopg.connect(libpq_uri(database_settings(configuration)), autocommit=True)


def customers(configuration: Configuration) -> list[tuple[object, ...]]:
    with running_cluster(configuration), connect(configuration) as connection:
        return connection.execute("SELECT * FROM customer ORDER BY id").fetchall()


def elsewhere(configuration: Configuration) -> Configuration:
    folder = configuration.data_folder.parent / "other"
    return load_configuration({"GUANXI_DATA": str(folder), "GUANXI_POSTGRES_MEMORY_MB": "512"}, folder.parent)


def restore(configuration: Configuration, source: Path, *, is_replacing: bool = False) -> Path | None:
    result = restore_backup(configuration, source=source, is_replacing=is_replacing, report=report_nothing)
    return result.former


def test_what_was_backed_up_comes_back(installation: Configuration) -> None:
    fill(installation)
    archive = back_up(installation, target=None, report=report_nothing).file
    assert archive.stat().st_mode & 0o077 == 0
    copy = elsewhere(installation)
    assert restore(copy, archive) is None
    assert customers(copy) == ROWS
    assert (copy.files_folder / "a" / "合同.pdf").read_text() == "pdf"
    assert (copy.lake_folder / "m.json").read_text() == "{}"
    assert elsewhere(installation).secret_key == installation.secret_key
    assert elsewhere(installation).encryption_keys == installation.encryption_keys
    assert not list(copy.data_folder.glob(".restore-*"))
    assert not list(installation.backup_folder.glob(".draft-*"))


def test_backup_has_the_keys_from_before_and_after_the_dump(installation: Configuration, tmp_path: Path) -> None:
    fill(installation)
    path = installation.encryption_keys_file
    assert path is not None
    before = parse_ring(path.read_text())
    after = with_primary(before, new_key())

    def exchange(sentence: str) -> None:
        if sentence == "Dumping the database.":
            write_ring(path, without(after, frozenset({before.primary.id})))

    back_up(installation, target=tmp_path / "one.tar", report=exchange)
    assert restore(elsewhere(installation), tmp_path / "one.tar") is None
    assert parse_ring(elsewhere(installation).encryption_keys) == after


def test_backup_of_a_version_without_keys_leaves_those_that_are_here(
    installation: Configuration, tmp_path: Path
) -> None:
    fill(installation)
    archive = back_up(installation, target=tmp_path / "one.tar", report=report_nothing).file
    (tmp_path / "old").mkdir()
    manifest = read_archive(archive, tmp_path / "old")
    (tmp_path / "old" / "encryption_keys").unlink()
    write_archive(tmp_path / "old.tar", tmp_path / "old", guanxi=manifest.guanxi, postgresql="18", created_at="")
    former = restore(installation, tmp_path / "old.tar", is_replacing=True)
    assert customers(installation) == ROWS
    assert former is not None
    path = installation.encryption_keys_file
    assert path is not None
    assert parse_ring(path.read_text()) == parse_ring(installation.encryption_keys)


def test_backup_does_not_disturb_a_running_installation(installation: Configuration, tmp_path: Path) -> None:
    fill(installation)
    with running_cluster(installation), connect(installation) as connection:
        back_up(installation, target=tmp_path / "now.tar", report=report_nothing)
        assert connection.execute("SELECT count(*) FROM customer").fetchone() == (3,)
        with pytest.raises(Conflict) as error:
            restore(installation, tmp_path / "now.tar", is_replacing=True)
        assert error.value.code == "database.in_use"


def test_restore_over_data_needs_consent_and_keeps_the_former(installation: Configuration, tmp_path: Path) -> None:
    fill(installation)
    archive = back_up(installation, target=tmp_path / "one.tar", report=report_nothing).file
    with running_cluster(installation), connect(installation) as connection:
        connection.execute("DELETE FROM customer WHERE id = 1")
    with pytest.raises(Conflict) as error:
        restore(installation, archive)
    assert error.value.code == "restore.occupied"
    assert customers(installation) == ROWS[1:]
    former = restore(installation, archive, is_replacing=True)
    assert customers(installation) == ROWS
    assert former is not None
    assert (former / "files" / "a" / "合同.pdf").exists()
    assert (former / "database" / "cluster" / "PG_VERSION").exists()


def test_backup_does_not_write_over_a_file(installation: Configuration, tmp_path: Path) -> None:
    (tmp_path / "precious.tar").write_text("mine")
    with pytest.raises(Conflict):
        back_up(installation, target=tmp_path / "precious.tar", report=report_nothing)
    assert (tmp_path / "precious.tar").read_text() == "mine"


def damage(archive: Path, kind: str) -> None:
    content = bytearray(archive.read_bytes())
    if kind == "cut short":
        archive.write_bytes(content[: len(content) // 3])  # the second half of a small archive pads it
    elif kind == "changed":
        position = content.index(b"pdf", content.index("合同.pdf".encode()) + 512)
        content[position : position + 3] = b"PDF"
        archive.write_bytes(content)
    elif kind == "no archive":
        archive.write_text("hello")
    elif kind == "foreign member":
        with tarfile.open(archive, "w") as tar:
            member = tarfile.TarInfo("../outside")
            member.size = 4
            tar.addfile(member, io.BytesIO(b"evil"))


@pytest.mark.parametrize("kind", ["cut short", "changed", "no archive", "foreign member"])
def test_damaged_archive_changes_nothing(installation: Configuration, tmp_path: Path, kind: str) -> None:
    fill(installation)
    archive = back_up(installation, target=tmp_path / "one.tar", report=report_nothing).file
    damage(archive, kind)
    with pytest.raises(RuleViolation, match="is no complete backup") as error:
        restore(installation, archive, is_replacing=True)
    assert error.value.code == "backup.damaged"
    assert customers(installation) == ROWS
    assert not list(installation.data_folder.glob(".restore-*"))
    assert not (tmp_path / "outside").exists()


def test_archive_of_a_newer_release_is_refused(
    installation: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(installation)
    archive = back_up(installation, target=tmp_path / "one.tar", report=report_nothing).file
    monkeypatch.setattr(guanxi, "__version__", "0.0.9")
    with pytest.raises(RuleViolation, match="Update Guanxi first"):
        restore(elsewhere(installation), archive, is_replacing=True)


def test_missing_archive_is_a_clear_sentence(installation: Configuration, tmp_path: Path) -> None:
    with pytest.raises(ExternalFailure, match="cannot be restored"):
        restore(installation, tmp_path / "none.tar")


def test_restore_that_cannot_move_takes_its_moves_back(
    installation: Configuration, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(installation)
    archive = back_up(installation, target=tmp_path / "one.tar", report=report_nothing).file
    rename, count = Path.rename, iter(range(100))

    def rename_four_times(path: Path, target: Path) -> Path:
        if next(count) == 4:
            raise OSError(28, "No space left on device")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", rename_four_times)
    with pytest.raises(GuanxiError, match="The former data was not changed"):
        restore(installation, archive, is_replacing=True)
    monkeypatch.undo()
    assert customers(installation) == ROWS
    assert (installation.files_folder / "a" / "合同.pdf").exists()
