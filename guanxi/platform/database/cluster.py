"""One cluster on disk: create it, write its settings, start its server, see whether it answers."""

import os
import re
import secrets
import shutil
import signal
import stat
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from guanxi.kernel.errors import ConfigurationError, ExternalFailure
from guanxi.platform.database.account import (
    SERVICE_FOLDER,
    Account,
    can_enter,
    choose_account,
    run_as,
    server_environment,
)
from guanxi.platform.database.binaries import Binaries, binaries_for
from guanxi.platform.database.layout import DATABASE_NAME, ROLE_NAME, SOCKET_PORT, SUPERUSER_NAME, Layout
from guanxi.platform.database.lifetime import signal_at_parent_death
from guanxi.platform.database.tuning import MEGABYTE, measure_machine, server_settings

LEAST_FREE_DISK_BYTES = 256 * MEGABYTE

_SIGN_IN_RULES = f"local all {SUPERUSER_NAME},{ROLE_NAME} peer map=guanxi\n"
_INCLUDES = "include = 'guanxi.conf'\ninclude = 'custom.conf'\n"
_CUSTOM_SETTINGS = "# Settings of your own; they win over those that Guanxi writes to guanxi.conf at each start.\n"
_BOOTSTRAP = r"""
SELECT format('CREATE ROLE %I LOGIN CREATEDB', :'role')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'role')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
"""
_CAUSE = re.compile(r"(?:FATAL|PANIC|ERROR):\s+(.*)")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster that may be started: its places, the account it runs as and the programs that run it."""

    layout: Layout
    account: Account
    binaries: Binaries


def open_cluster(layout: Layout, *, memory_mb: int = 0, is_durable: bool = True) -> Cluster:
    """Return the cluster of a data folder, ready to start: created when missing, with settings as of now.

    Steps: 1. the account and the folders; 2. the disk and the version are checked; 3. a missing cluster is
    created beside its place and moved there when complete; 4. settings and sign-in rules are written.

    Raises:
        ConfigurationError: of account or programs, or the folder is not ours to use (`database.folder`,
            `database.link`, `database.version`, `database.socket`).
        ExternalFailure: the disk is full (`database.disk_full`) or creating failed (`database.create`).
    """
    account = choose_account(layout.cluster_folder)
    _make_folders(layout, account)
    _require_free_disk(layout)
    cluster = Cluster(layout, account, binaries_for(account))
    _require_version(cluster)
    if not layout.cluster_folder.exists():
        _create(cluster, is_durable=is_durable)
    machine = measure_machine(layout.database_folder, memory_mb=memory_mb)
    _write_settings(cluster, server_settings(machine, is_durable=is_durable))
    return cluster


def start_server(cluster: Cluster, *, lock_descriptor: int) -> subprocess.Popen[bytes]:
    """Start the server process; its messages come out of `stderr`.

    The process inherits the descriptor of the owner lock, so the lock is held as long as any server process
    lives, and it stops by itself, in order, when this process dies.
    """
    account = cluster.account
    return subprocess.Popen(  # noqa: S603 - our own program
        (cluster.binaries.program("postgres"), "-D", str(cluster.layout.cluster_folder.resolve())),
        cwd="/",
        env=server_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(lock_descriptor,),
        start_new_session=True,
        preexec_fn=signal_at_parent_death(signal.SIGINT),  # noqa: PLW1509 - the keeper has one thread
        user=account.user_id if account.is_other else None,
        group=account.group_id if account.is_other else None,
        extra_groups=[] if account.is_other else None,
    )


def is_ready(layout: Layout, *, process_id: int | None = None) -> bool:
    """Return whether a running server (that process, if given) says that it takes connections."""
    lines = _pid_file_lines(layout)
    if len(lines) < 8 or lines[7].strip() != "ready":
        return False
    process = server_process(layout)
    return process is not None and process_id in (None, process.pid)


def server_process(layout: Layout) -> psutil.Process | None:
    """Return the running server process of the cluster, never another process that got its number."""
    lines = _pid_file_lines(layout)
    if not lines or not lines[0].strip().isdigit():
        return None
    try:
        process = psutil.Process(int(lines[0]))
        is_ours = process.name() == "postgres" and Path(process.cwd()) == layout.cluster_folder.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return None
    return process if is_ours else None


def forget_dead_server(layout: Layout) -> None:
    """Remove the process files that a killed server left; call it only while holding the owner lock.

    PostgreSQL itself refuses to start when some other process has got the number in those files meanwhile,
    or when the dead one was never collected by its parent, as happens in containers.
    """
    socket_path = layout.socket_folder / f".s.PGSQL.{SOCKET_PORT}"
    for path in (layout.cluster_folder / "postmaster.pid", Path(f"{socket_path}.lock"), socket_path):
        path.unlink(missing_ok=True)


def ensure_database(cluster: Cluster) -> None:
    """Create the application's role and database when they are missing; the role is no superuser.

    Raises:
        ExternalFailure: the server refuses (`database.sign_in`).
    """
    answer = subprocess.run(  # noqa: S603 - our own program
        (
            cluster.binaries.program("psql"),
            *("--no-psqlrc", "--quiet", "--no-password", "--set", "ON_ERROR_STOP=1"),
            *("--set", f"role={ROLE_NAME}", "--set", f"database={DATABASE_NAME}"),
            *("--host", str(cluster.layout.socket_folder), "--port", str(SOCKET_PORT)),
            *("--username", SUPERUSER_NAME, "--dbname", "postgres"),
        ),
        env=server_environment(),
        input=_BOOTSTRAP,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode != 0:
        raise ExternalFailure(
            "database.sign_in",
            "The database server refuses its owner: %(reason)s.",
            reason=answer.stderr.strip().rstrip("."),
        )


def failure_of(cluster: Cluster, *, messages: list[str]) -> ExternalFailure:
    """Return the error for a server that did not start or stay up, from the last messages it wrote."""
    causes = [match.group(1) for line in messages if (match := _CAUSE.search(line))]
    if any("No space left on device" in line for line in messages):
        return _disk_full(cluster.layout)
    return ExternalFailure(
        "database.start",
        "The database server did not start: %(cause)s. Its messages are in %(log)s.",
        cause=(causes or messages or ["it said nothing"])[-1].rstrip("."),
        log=str(cluster.layout.log_file),
    )


def _make_folders(layout: Layout, account: Account) -> None:
    """Create the folders of the server, or say which of the existing ones cannot be used."""
    layout.make_folders()
    if layout.database_folder.is_symlink() and not layout.database_folder.exists():
        raise ConfigurationError(
            "database.link",
            "%(link)s points to %(target)s, which is missing; bring that folder back, or remove the link "
            "to begin with an empty database.",
            link=str(layout.database_folder),
            target=str(layout.database_folder.readlink()),
        )
    if not layout.database_folder.exists():
        _make_database_folder(layout, account)
    _make_private_folder(layout.socket_folder, account)
    if not can_enter(layout.database_folder.resolve(), account):
        raise ConfigurationError(
            "database.folder",
            "The system user %(account)s, as whom PostgreSQL runs, cannot enter %(folder)s; let it pass the "
            "folders above (chmod o+x), or set GUANXI_DATA to a folder that it can reach.",
            account=account.name,
            folder=str(layout.database_folder.resolve()),
        )


def _make_database_folder(layout: Layout, account: Account) -> None:
    """Create the database folder in the data folder, or in the service folder behind a link."""
    if can_enter(layout.data_folder, account):
        _make_private_folder(layout.database_folder, account)
        return
    place = SERVICE_FOLDER / "databases" / secrets.token_hex(8)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
    _make_private_folder(place, account)
    layout.database_folder.symlink_to(place)


def _make_private_folder(folder: Path, account: Account) -> None:
    """Create a folder that only the account may enter, or make sure that an existing one is such."""
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        found = folder.lstat()
        is_private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) & 0o077 == 0
        if not is_private or found.st_uid != account.user_id:
            raise ConfigurationError(
                "database.socket",
                "%(folder)s must be a folder that belongs to the system user %(account)s and is closed to "
                "all others (mode 0700); mend or remove it.",
                folder=str(folder),
                account=account.name,
            ) from None


def _require_free_disk(layout: Layout) -> None:
    """Refuse to start on a disk that is as good as full."""
    if shutil.disk_usage(layout.database_folder).free < LEAST_FREE_DISK_BYTES:
        raise _disk_full(layout)


def _disk_full(layout: Layout) -> ExternalFailure:
    """Return the error for a full disk; nothing that was saved is lost by it."""
    return ExternalFailure(
        "database.disk_full",
        "The disk of %(folder)s is full: %(free)d MB are free and the database needs at least %(least)d MB. "
        "Nothing that was saved is lost; free some space and start again.",
        folder=str(layout.database_folder.resolve()),
        free=shutil.disk_usage(layout.database_folder).free // MEGABYTE,
        least=LEAST_FREE_DISK_BYTES // MEGABYTE,
    )


def _require_version(cluster: Cluster) -> None:
    """Refuse files of another major version and folders that hold something else."""
    folder = cluster.layout.cluster_folder
    if not folder.exists():
        return
    version_file = folder / "PG_VERSION"
    found = version_file.read_text(encoding="ascii").strip() if version_file.exists() else "nothing it knows"
    if found != str(cluster.binaries.major):
        raise ConfigurationError(
            "database.version",
            "The files in %(folder)s were made by PostgreSQL %(found)s, and this Guanxi brings PostgreSQL "
            "%(brought)s. Nothing was changed. Make a backup with the Guanxi that made them (guanxi backup) "
            "and restore it with this one.",
            folder=str(folder),
            found=found,
            brought=cluster.binaries.major,
        )


def _create(cluster: Cluster, *, is_durable: bool) -> None:
    """Create the cluster: UTF-8, byte order of code points, page checksums, sign-in by peer."""
    draft = cluster.layout.database_folder.resolve() / "cluster.new"
    shutil.rmtree(draft, ignore_errors=True)
    answer = run_as(
        cluster.account,
        (
            cluster.binaries.program("initdb"),
            *("--pgdata", str(draft), "--username", SUPERUSER_NAME, "--encoding", "UTF8", "--data-checksums"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--locale", "C"),
            *("--auth-local", "peer", "--auth-host", "reject", "--no-instructions"),
            *(() if is_durable else ("--no-sync",)),
        ),
    )
    if answer.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        if "No space left on device" in answer.stderr:
            raise _disk_full(cluster.layout)
        raise ExternalFailure(
            "database.create",
            "The database cannot be created in %(folder)s: %(reason)s.",
            folder=str(draft.parent),
            reason=(answer.stderr.strip().splitlines() or ["initdb said nothing"])[-1].rstrip("."),
        )
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(_INCLUDES)
    (draft / "custom.conf").write_text(_CUSTOM_SETTINGS, encoding="utf-8")
    cluster.account.own(draft / "custom.conf")
    draft.rename(draft.with_name("cluster"))


def _write_settings(cluster: Cluster, settings: Mapping[str, str]) -> None:
    """Write settings, sign-in rules and the map of system users to roles."""
    socket_folder = cluster.layout.socket_folder
    if socket_folder.parent == cluster.layout.database_folder:
        socket_folder = socket_folder.resolve()
    places = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket_folder),
        "unix_socket_permissions": "0700",
        "port": str(SOCKET_PORT),
    }
    lines = [f"{name} = {_quoted(value)}\n" for name, value in {**settings, **places}.items()]
    users = {cluster.account.name, "root"}
    map_lines = [f'guanxi "{user}" {role}\n' for user in sorted(users) for role in (SUPERUSER_NAME, ROLE_NAME)]
    _write(cluster, "guanxi.conf", "".join(lines))
    _write(cluster, "pg_hba.conf", _SIGN_IN_RULES)
    _write(cluster, "pg_ident.conf", "".join(map_lines))


def _quoted(value: str) -> str:
    """Return a value as PostgreSQL's settings files quote it."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def _write(cluster: Cluster, name: str, text: str) -> None:
    """Replace a file of the cluster in one step, following no link that lies there."""
    path = cluster.layout.cluster_folder / name
    draft = path.with_name(f"{name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    cluster.account.own(draft)
    draft.replace(path)


def _pid_file_lines(layout: Layout) -> list[str]:
    """Return the lines of the server's process file; none when it does not exist."""
    try:
        return (layout.cluster_folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
