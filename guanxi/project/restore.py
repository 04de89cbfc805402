"""`guanxi restore`: an installation from the archive of a backup; what was there before is kept."""

import datetime
import secrets
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import guanxi
from guanxi.kernel.errors import Conflict, ExternalFailure, RuleViolation
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import Report, stop_server
from guanxi.platform.encryption.keys import KEYS_FILE_NAME
from guanxi.project.archive import Manifest, read_archive
from guanxi.project.backup import PARALLEL_JOBS, DatabaseAddress, database_address, run_program
from guanxi.project.configuration import SECRET_KEY_FILE_NAME, Configuration
from guanxi.project.database import running_cluster
from guanxi.project.up import only_one

_PARTS = ("database", "files", "lake")
_DRAFT_PREFIX = ".restore-"
_COUNT_TABLES = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND n.nspname NOT LIKE 'pg_toast%'"
)


@dataclass(frozen=True, slots=True)
class RestoreResult:
    """A finished restore: the data folder, the number of files, and where the former data was set aside."""

    data_folder: Path
    entries: int
    former: Path | None


def restore_backup(configuration: Configuration, *, source: Path, is_replacing: bool, report: Report) -> RestoreResult:
    """Bring an installation back from an archive.

    Steps: 1. refuse when Guanxi runs here, or data is here and `is_replacing` is not set; 2. unpack the
    archive beside the data and verify every checksum; 3. load the database: an embedded one into a new
    cluster, another one within a single transaction; 4. set the former data aside, never delete it, and
    move the new data to its place. Until step 4 the former data is not touched.

    Raises:
        Conflict: Guanxi runs here (`up.running`, `database.in_use`), or data is here (`restore.occupied`).
        RuleViolation: the archive is damaged, or made by a newer Guanxi (`restore.newer`).
        ExternalFailure: a file cannot be used (`restore.file`), or loading failed (`restore.load`).
    """
    layout = Layout(configuration.data_folder)
    layout.make_folders()
    try:
        with only_one(configuration, layout):
            if configuration.is_database_embedded:
                stop_server(layout)
            _remove_leftovers(configuration.data_folder)
            _require_room(configuration, is_replacing=is_replacing)
            return _restore(configuration, source=source, is_replacing=is_replacing, report=report)
    except OSError as error:
        raise ExternalFailure(
            "restore.file",
            "The backup %(file)s cannot be restored: %(reason)s. The former data was not changed.",
            file=str(source),
            reason=str(error),
        ) from error


def _restore(configuration: Configuration, *, source: Path, is_replacing: bool, report: Report) -> RestoreResult:
    """Unpack, verify, load and move into place."""
    data_folder = configuration.data_folder
    draft = data_folder / f"{_DRAFT_PREFIX}{secrets.token_hex(4)}"
    unpacked = draft / "unpacked"
    Layout(draft).make_folders()
    unpacked.mkdir(mode=0o700)
    try:
        report("Unpacking and verifying the archive.")
        manifest = read_archive(source, unpacked)
        _require_known_version(source, manifest)
        report("Loading the database.")
        if configuration.is_database_embedded:
            _load_embedded(replace(configuration, data_folder=draft), unpacked / "database", report=report)
        else:
            _load(database_address(configuration), unpacked / "database", is_replacing=is_replacing)
        former = _move_into_place(draft, data_folder)
    finally:
        _discard(draft)
    return RestoreResult(data_folder, len(manifest.entries), former)


def _require_room(configuration: Configuration, *, is_replacing: bool) -> None:
    """Refuse to restore over data, unless it shall be replaced."""
    if is_replacing:
        return
    is_occupied = any(_holds_something(configuration.data_folder / part) for part in _PARTS)
    if not configuration.is_database_embedded:
        address = database_address(configuration)
        options = ("--no-psqlrc", "--tuples-only", "--no-align", "--dbname", address.url)
        count = run_program(address, "psql", *options, "--command", _COUNT_TABLES, code="restore.load")
        is_occupied = is_occupied or int(count) > 0
    if is_occupied:
        raise Conflict(
            "restore.occupied",
            "%(folder)s or its database holds data already; restore into another folder (--into), or set "
            "the present data aside (--replace).",
            folder=str(configuration.data_folder),
        )


def _holds_something(path: Path) -> bool:
    """Return whether a folder has any content."""
    return path.is_symlink() or (path.is_dir() and any(path.iterdir()))


def _require_known_version(source: Path, manifest: Manifest) -> None:
    """Refuse an archive of a newer Guanxi: its tables may be unknown here."""
    if _release(manifest.guanxi) > _release(guanxi.__version__):
        raise RuleViolation(
            "restore.newer",
            "%(file)s was made by Guanxi %(found)s; this is %(own)s. Update Guanxi first.",
            file=str(source),
            found=manifest.guanxi,
            own=guanxi.__version__,
        )


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version."""
    return tuple(int(part) for part in version.split(".")[:3] if part.isdigit())


def _load_embedded(configuration: Configuration, dump: Path, *, report: Report) -> None:
    """Load the dump into a new cluster in the draft's own data folder, and stop its server."""
    with running_cluster(configuration, report=report):
        address = database_address(configuration)
        options = ("--jobs", PARALLEL_JOBS, "--exit-on-error", "--no-owner", "--no-privileges")
        run_program(address, "pg_restore", *options, "--dbname", address.url, str(dump), code="restore.load")
        run_program(address, "psql", "--no-psqlrc", "--dbname", address.url, "-c", "ANALYZE", code="restore.load")


def _load(address: DatabaseAddress, dump: Path, *, is_replacing: bool) -> None:
    """Load the dump into a server of its own, all or nothing."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    options += ["--clean", "--if-exists"] if is_replacing else []
    run_program(address, "pg_restore", *options, "--dbname", address.url, str(dump), code="restore.load")


def _move_into_place(draft: Path, data_folder: Path) -> Path | None:
    """Put the new parts where the former ones were, which go into a folder of their own.

    All are renames within one file system; when one fails, those before it are taken back. The secret key and the
    keys of encrypted numbers of a folder without data have protected nothing yet and are simply replaced. A backup of
    a version that did not encrypt has none: then those that are here go on.
    """
    stamp = datetime.datetime.now(datetime.UTC).strftime("%Y%m%d-%H%M%S")
    former, unpacked = data_folder / f"before-restore-{stamp}", draft / "unpacked"
    secrets_of = {name: Path("run") / name for name in (SECRET_KEY_FILE_NAME, KEYS_FILE_NAME)}
    arriving = [(unpacked / "files", Path("files")), (unpacked / "lake", Path("lake"))]
    arriving += [(draft / "database", Path("database"))]
    arriving += [(unpacked / name, part) for name, part in secrets_of.items()]
    arriving = [(path, part) for path, part in arriving if path.exists()]
    arrived = {part for _path, part in arriving}
    parts = arrived - set(secrets_of.values()) | {Path("files"), Path("lake")}
    leaving = sorted(part for part in parts if _holds(data_folder / part))
    if leaving:
        leaving += [part for part in secrets_of.values() if part in arrived and _holds(data_folder / part)]
    moves = [(data_folder / part, former / part) for part in leaving]
    _rename_all(moves + [(path, data_folder / part) for path, part in arriving])
    return former if former.exists() else None


def _holds(path: Path) -> bool:
    """Return whether something lies there, be it a link that points nowhere."""
    return path.exists() or path.is_symlink()


def _rename_all(moves: list[tuple[Path, Path]]) -> None:
    """Rename one after the other; on a failure take back what was done."""
    done: list[tuple[Path, Path]] = []
    try:
        for path, target in moves:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.rename(target)
            done.append((path, target))
    except OSError:
        for path, target in reversed(done):
            target.rename(path)
        raise


def _remove_leftovers(data_folder: Path) -> None:
    """Remove the drafts of restores that were killed."""
    for draft in data_folder.glob(f"{_DRAFT_PREFIX}*"):
        stop_server(Layout(draft))
        _discard(draft)


def _discard(draft: Path) -> None:
    """Remove a draft with the database folder that its link may name."""
    link = draft / "database"
    if link.is_symlink():
        shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(draft, ignore_errors=True)
