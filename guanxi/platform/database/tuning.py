"""Server settings that fit the machine."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
GIGABYTE = 1024 * MEGABYTE
LEAST_SHARED_MEMORY_BYTES = 256 * MEGABYTE

_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_SHARED_MEMORY_FOLDER = Path("/dev/shm")  # noqa: S108 - only measured


@dataclass(frozen=True, slots=True)
class Machine:
    """What the server may use: processors, and bytes of memory, free disk and free POSIX shared memory."""

    memory_bytes: int
    processors: int
    free_disk_bytes: int
    shared_memory_bytes: int


def measure_machine(folder: Path, *, memory_mb: int = 0) -> Machine:
    """Return what this machine, or the container around us, offers to a server whose files lie in `folder`.

    `memory_mb` replaces the memory that was found; 0 keeps it.
    """
    has_shared_memory = _SHARED_MEMORY_FOLDER.is_dir()
    return Machine(
        memory_bytes=memory_mb * MEGABYTE or _memory_bytes(),
        processors=psutil.cpu_count() or 1,
        free_disk_bytes=shutil.disk_usage(folder).free,
        shared_memory_bytes=shutil.disk_usage(_SHARED_MEMORY_FOLDER).free if has_shared_memory else 0,
    )


def server_settings(machine: Machine, *, is_durable: bool = True) -> Mapping[str, str]:
    """Return the settings of PostgreSQL by name.

    `is_durable` False is for throwaway test data alone: a crash of the machine may then damage the files.
    """
    switch = "on" if is_durable else "off"
    return {
        **_memory_settings(machine),
        **_disk_settings(machine),
        "fsync": switch,
        "full_page_writes": switch,
        "synchronous_commit": switch,
        "max_connections": "200",
        "max_parallel_workers": str(max(machine.processors, 1)),
        "max_parallel_workers_per_gather": str(min(max(machine.processors - 1, 1), 2)),
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        "log_startup_progress_interval": "2s",
    }


def _memory_settings(machine: Machine) -> Mapping[str, str]:
    """Return the settings that share out the memory."""
    memory = machine.memory_bytes
    is_shared_memory_small = machine.shared_memory_bytes < LEAST_SHARED_MEMORY_BYTES
    return {
        "shared_buffers": _megabytes(memory // 4, least=32, most=4 * KILOBYTE),
        "effective_cache_size": _megabytes(memory * 5 // 8, least=64, most=KILOBYTE * KILOBYTE),
        "work_mem": _megabytes(memory // 128, least=4, most=64),
        "maintenance_work_mem": _megabytes(memory // 16, least=32, most=512),
        "dynamic_shared_memory_type": "mmap" if is_shared_memory_small else "posix",
    }


def _disk_settings(machine: Machine) -> Mapping[str, str]:
    """Return the settings of log and disk: rare checkpoints, without filling a small disk with log.

    The programs of the wheel can compress the log by pglz alone, which made bulk loads after a checkpoint 2.7 times
    slower to save a third of it.
    """
    return {
        "max_wal_size": _megabytes(machine.free_disk_bytes // 8, least=128, most=4 * KILOBYTE),
        "min_wal_size": "80MB",
        "wal_compression": "off",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
    }


def _megabytes(size_bytes: int, *, least: int, most: int) -> str:
    """Return a size in the unit that PostgreSQL reads, within bounds given in megabytes."""
    return f"{min(max(size_bytes // MEGABYTE, least), most)}MB"


def _memory_bytes() -> int:
    """Return the memory of the machine, or of the container when that is less."""
    limits: list[int] = [psutil.virtual_memory().total]
    for path in _CGROUP_LIMITS:
        if os.access(path, os.R_OK):
            text = path.read_text(encoding="ascii").strip()
            limits.extend([int(text)] if text.isdigit() else [])
    return min(limits)
