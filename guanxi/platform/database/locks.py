"""Locks between processes, given back by the kernel when their holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guanxi.kernel.errors import ConfigurationError


def open_lock(path: Path) -> int:
    """Return a descriptor of a lock file, which is created when missing; programs we start do not get it.

    Raises:
        ConfigurationError: the data folder is not ours to use (`database.lock`).
    """
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            "database.lock",
            "%(file)s cannot be opened: %(reason)s. Use a data folder that belongs to you.",
            file=str(path),
            reason=error.strerror or str(error),
        ) from error


def try_lock(descriptor: int, *, is_shared: bool = False) -> bool:
    """Take the lock if that is possible at once; return whether it is ours now."""
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_lock(descriptor: int, *, is_shared: bool = False) -> None:
    """Take the lock, waiting until it can be had."""
    fcntl.flock(descriptor, fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX)


def is_free(path: Path) -> bool:
    """Return whether nobody holds the lock exclusively at this moment."""
    with held_file(path) as descriptor:
        return try_lock(descriptor, is_shared=True)


@contextmanager
def held_file(path: Path) -> Iterator[int]:
    """Open a lock file for a while; leaving gives back whatever lock was taken on it."""
    descriptor = open_lock(path)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock exclusively for a while, waiting for it as long as needed."""
    with held_file(path) as descriptor:
        wait_for_lock(descriptor)
        yield


def write_holder(descriptor: int) -> None:
    """Note in the lock file which process holds the lock."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)


def read_holder(path: Path) -> int | None:
    """Return the number of the process that noted itself last in the lock file."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None
    return int(text) if text.isdigit() else None
