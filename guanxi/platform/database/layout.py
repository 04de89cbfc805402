"""Where the files of the embedded server lie, and how its socket is reached."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

DATABASE_NAME = "guanxi"
ROLE_NAME = "guanxi"
SUPERUSER_NAME = "postgres"
SOCKET_PORT = 5432
LONGEST_SOCKET_PATH_BYTES = 103
"""`sockaddr_un` holds 108 bytes with its final zero on Linux and 104 on macOS; the shorter one binds us."""

_SHORT_FOLDER = Path("/tmp")  # noqa: S108 - a short name that every login sees alike; owner and mode are checked


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders and files of one embedded server, all derived from the data folder."""

    data_folder: Path

    @property
    def database_folder(self) -> Path:
        """All that belongs to the server; a link when the server may not reach the data folder itself."""
        return self.data_folder / "database"

    @property
    def cluster_folder(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.database_folder / "cluster"

    @property
    def run_folder(self) -> Path:
        """Locks and state of running processes."""
        return self.data_folder / "run"

    @property
    def log_file(self) -> Path:
        """What the server reports."""
        return self.data_folder / "log" / "database.log"

    @property
    def owner_lock(self) -> Path:
        """Held by the keeper and every server process below it: free only when all of them are gone."""
        return self.run_folder / "database.owner"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper alone; its process number is written in it."""
        return self.run_folder / "database.keeper"

    @property
    def users_lock(self) -> Path:
        """Held, shared, by each process that uses the server."""
        return self.run_folder / "database.users"

    @property
    def transition_lock(self) -> Path:
        """Held while a process decides to start or to stop the server."""
        return self.run_folder / "database.transition"

    @property
    def stay_file(self) -> Path:
        """Present when the server keeps running without users."""
        return self.run_folder / "database.stay"

    @property
    def socket_folder(self) -> Path:
        """The private folder of the socket: inside the database folder, or elsewhere if that is too long."""
        natural = self.database_folder / "socket"
        socket_path = natural / f".s.PGSQL.{SOCKET_PORT}.lock"
        if len(str(socket_path).encode()) <= LONGEST_SOCKET_PATH_BYTES:
            return natural
        digest = hashlib.sha256(str(self.data_folder).encode()).hexdigest()[:16]
        return _SHORT_FOLDER / f"guanxi-{digest}"

    def make_folders(self) -> None:
        """Create the data folder and the folders for locks and messages, closed to other users.

        Started by root, the data folder itself can be passed (not listed) by others: the server's account has
        to reach the database folder in it.
        """
        self.data_folder.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        self.run_folder.mkdir(exist_ok=True, mode=0o700)
        self.log_file.parent.mkdir(exist_ok=True, mode=0o700)
