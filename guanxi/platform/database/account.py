"""The system account that the server runs as, and what that account can reach.

PostgreSQL refuses to run as root. Started by an ordinary user, the server is that user's process; started
by root it gets an unprivileged account of its own. Permissions of folders that exist already are never
loosened for it: what it cannot reach is put where it can, below `/var/lib/guanxi`.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from guanxi.kernel.errors import ConfigurationError

ACCOUNT_NAME = "guanxi"
SERVICE_FOLDER = Path("/var/lib/guanxi")


@dataclass(frozen=True, slots=True)
class Account:
    """A system account; `is_other` when it is not the one that runs this process."""

    name: str
    user_id: int
    group_id: int
    is_other: bool

    def own(self, path: Path) -> None:
        """Give a file or folder to the account."""
        if self.is_other:
            os.chown(path, self.user_id, self.group_id, follow_symlinks=False)


def choose_account(cluster_folder: Path) -> Account:
    """Return the account for the server of `cluster_folder`, which may not exist yet.

    Root uses the owner of existing files, else the account `guanxi`, which it creates when there is none.

    Raises:
        ConfigurationError: our user has no name (`database.account_unnamed`), the files belong to somebody
            else (`database.account_owner`), or no account can be created (`database.account_missing`).
    """
    owner = cluster_folder.stat().st_uid if cluster_folder.exists() else None
    current = os.geteuid()
    if current == 0:
        entry = _entry_by_id(owner) if owner else _service_entry()
    elif owner in (None, current):
        entry = _entry_by_id(current)
    else:
        raise ConfigurationError(
            "database.account_owner",
            "The database in %(folder)s belongs to the system user %(owner)s; start Guanxi as that user.",
            folder=str(cluster_folder),
            owner=_entry_by_id(owner or 0).pw_name,
        )
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other=entry.pw_uid != current)


def can_enter(folder: Path, account: Account) -> bool:
    """Return whether the account may enter the folder, asked of the system in that account's name."""
    if not account.is_other:
        return os.access(folder, os.X_OK)
    return run_as(account, ("/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder))).returncode == 0


def run_as(account: Account, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as the account, from `/`, in English and without our environment."""
    return subprocess.run(  # noqa: S603 - the commands are ours
        command,
        cwd="/",
        env=server_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        user=account.user_id if account.is_other else None,
        group=account.group_id if account.is_other else None,
        extra_groups=[] if account.is_other else None,
    )


def server_environment() -> dict[str, str]:
    """Return the environment of server programs: nothing of ours but the search path."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _entry_by_id(user_id: int) -> pwd.struct_passwd:
    """Return the account with a number."""
    try:
        return pwd.getpwuid(user_id)
    except KeyError as error:
        raise ConfigurationError(
            "database.account_unnamed",
            "The system user number %(number)s has no name, which PostgreSQL needs; add it to /etc/passwd.",
            number=user_id,
        ) from error


def _service_entry() -> pwd.struct_passwd:
    """Return the account `guanxi`, creating it when it is missing."""
    entry = _find_service_entry() or _create_service_entry()
    if entry is None or entry.pw_uid == 0:
        raise ConfigurationError(
            "database.account_missing",
            "PostgreSQL does not run as root, and the system user %(name)s cannot be created; "
            "create it (useradd --system %(name)s) or start Guanxi as an ordinary user.",
            name=ACCOUNT_NAME,
        )
    return entry


def _find_service_entry() -> pwd.struct_passwd | None:
    """Return the account `guanxi` when it exists."""
    try:
        return pwd.getpwnam(ACCOUNT_NAME)
    except KeyError:
        return None


def _create_service_entry() -> pwd.struct_passwd | None:
    """Create the account `guanxi`, which cannot sign in, by the tools of Debian, Red Hat or Alpine."""
    home = str(SERVICE_FOLDER)
    recipes = (
        ("useradd", "--system", "--user-group", "--no-create-home", "--home-dir", home, "--shell"),
        ("adduser", "-S", "-D", "-H", "-h", home, "-s"),
    )
    for tool, *options in recipes:
        path = shutil.which(tool, path="/usr/sbin:/sbin:/usr/bin:/bin")
        if path is not None:
            command = (path, *options, shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false")
            subprocess.run((*command, ACCOUNT_NAME), capture_output=True, check=False)  # noqa: S603 - ours
            if (entry := _find_service_entry()) is not None:
                return entry
    return None
