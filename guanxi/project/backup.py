"""`guanxi backup`: database, files and lake of a running installation in one archive."""

import datetime
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import guanxi
from guanxi.kernel.errors import Conflict, ExternalFailure
from guanxi.platform.database.address import libpq_uri
from guanxi.platform.database.binaries import find_binaries
from guanxi.platform.database.lease import Report
from guanxi.platform.encryption.keys import KEYS_FILE_NAME, KeyRing, joined, parse_ring, ring_text
from guanxi.project.archive import write_archive
from guanxi.project.configuration import SECRET_KEY_FILE_NAME, Configuration, database_settings
from guanxi.project.database import running_cluster

PARALLEL_JOBS = "2"
MOST_LINKING_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class BackupResult:
    """A finished backup: where it is, how many files it holds, its size in bytes."""

    file: Path
    entries: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """How PostgreSQL's programs reach a database: an address without the password, and their environment."""

    url: str
    environment: Mapping[str, str]


def back_up(configuration: Configuration, *, target: Path | None, report: Report) -> BackupResult:
    """Write a backup while people go on working.

    Steps: 1. uploaded files are linked; 2. the database is dumped in one snapshot; 3. files uploaded
    meanwhile are linked too, so each file the dump knows is there even if it is deleted now; 4. the lake is
    linked after the dump: it may be newer than the database, which does no harm since it is made from the
    database and can be made again; 5. the keys of encrypted numbers are those from before the dump and those from
    after it, for they may be exchanged meanwhile; 6. all is written into one archive, which gets its name when
    complete.

    Raises:
        Conflict: the target exists (`backup.exists`).
        ExternalFailure: the disk is full (`backup.disk_full`) or the dump failed (`backup.dump`).
    """
    created_at = datetime.datetime.now(datetime.UTC)
    target = (target or configuration.backup_folder / f"guanxi-{created_at:%Y%m%d-%H%M%S}.tar").absolute()
    if target.exists():
        raise Conflict("backup.exists", "The file %(file)s exists already.", file=str(target))
    try:
        configuration.backup_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=configuration.backup_folder, prefix=".draft-") as draft:
            _gather(configuration, Path(draft), report=report)
            report("Writing the archive.")
            manifest = write_archive(
                target,
                Path(draft),
                guanxi=guanxi.__version__,
                postgresql=find_binaries().version,
                created_at=created_at.isoformat(timespec="seconds"),
            )
    except OSError as error:
        raise _file_failure(target, error) from error
    return BackupResult(target, len(manifest.entries), target.stat().st_size)


def database_address(configuration: Configuration) -> DatabaseAddress:
    """Return how to reach the configured database; the password travels in the environment."""
    parts = database_settings(configuration)
    environment = {**os.environ, "LC_ALL": "C"}
    if parts["PASSWORD"]:
        environment["PGPASSWORD"] = parts["PASSWORD"]
    return DatabaseAddress(libpq_uri(parts, has_password=False), environment)


def run_program(address: DatabaseAddress, name: str, *arguments: str, code: str) -> str:
    """Run one of PostgreSQL's programs to its end and return what it printed.

    Raises:
        ExternalFailure: it failed; its code is `code`.
    """
    command = (find_binaries().program(name), *arguments)
    answer = subprocess.run(  # noqa: S603 - the programs of the wheel
        command, env=dict(address.environment), capture_output=True, text=True, errors="replace", check=False
    )
    if answer.returncode != 0:
        lines = [line for line in answer.stderr.splitlines() if "error" in line.lower()]
        raise ExternalFailure(
            code,
            "%(program)s failed: %(reason)s.",
            program=name,
            reason=(lines or [f"exit code {answer.returncode}"])[0].rstrip("."),
        )
    return answer.stdout


def _gather(configuration: Configuration, draft: Path, *, report: Report) -> None:
    """Bring all that belongs to the backup together in a folder, without copying files."""
    _link_tree(configuration.files_folder, draft / "files")
    keys = _keys_now(configuration)
    report("Dumping the database.")
    with running_cluster(configuration, report=report):
        address = database_address(configuration)
        options = ("--format", "directory", "--jobs", PARALLEL_JOBS, "--compress", "gzip:1", "--no-owner")
        place = ("--file", str(draft / "database"), "--dbname", address.url)
        run_program(address, "pg_dump", *options, "--no-privileges", *place, code="backup.dump")
    _link_tree(configuration.files_folder, draft / "files")
    _link_lake(configuration.lake_folder, draft / "lake")
    (draft / SECRET_KEY_FILE_NAME).write_text(configuration.secret_key, encoding="utf-8")
    (draft / KEYS_FILE_NAME).write_text(ring_text(joined(_keys_now(configuration), keys)), encoding="utf-8")


def _keys_now(configuration: Configuration) -> KeyRing:
    """Return the keys of encrypted numbers as they are at this moment."""
    path = configuration.encryption_keys_file
    return parse_ring(path.read_text(encoding="ascii") if path is not None else configuration.encryption_keys)


def _link_lake(source: Path, target: Path) -> None:
    """Link the lake as it was at one moment: again until nothing changed while it was linked."""
    for _round in range(MOST_LINKING_ROUNDS):
        before = _listing(source)
        shutil.rmtree(target, ignore_errors=True)
        _link_tree(source, target)
        if _listing(source) == before:
            return


def _listing(folder: Path) -> Mapping[str, tuple[int, int, int]]:
    """Return the files below a folder with what shows a change: inode, size, time."""
    found = {}
    for path in folder.rglob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:
            continue
        found[str(path)] = (status.st_ino, status.st_size, status.st_mtime_ns)
    return found


def _link_tree(source: Path, target: Path) -> None:
    """Give each file below `source` a second name below `target`; one that is being removed is left out."""
    for folder, _folders, names in os.walk(source):
        place = target / Path(folder).relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        for name in names:
            try:
                os.link(Path(folder) / name, place / name, follow_symlinks=False)
            except (FileExistsError, FileNotFoundError):
                continue


def _file_failure(target: Path, error: OSError) -> ExternalFailure:
    """Return the error for a backup that cannot be written."""
    if error.errno == errno.ENOSPC:
        sentence = "The disk is full; the backup %(file)s was not written. Free some space or name another disk."
        return ExternalFailure("backup.disk_full", sentence, file=str(target))
    sentence = "The backup %(file)s cannot be written: %(reason)s."
    return ExternalFailure("backup.write", sentence, file=str(target), reason=error.strerror or str(error))
