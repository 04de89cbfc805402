"""Server settings by the size of the machine."""

from pathlib import Path

import pytest

from guanxi.platform.database.tuning import GIGABYTE, MEGABYTE, Machine, measure_machine, server_settings


def machine(memory_gigabytes: float = 16, *, free_disk_gigabytes: float = 500, shared: int = GIGABYTE) -> Machine:
    return Machine(
        memory_bytes=int(memory_gigabytes * GIGABYTE),
        processors=2,
        free_disk_bytes=int(free_disk_gigabytes * GIGABYTE),
        shared_memory_bytes=shared,
    )


@pytest.mark.parametrize(
    ("memory_gigabytes", "shared_buffers", "work_mem"),
    [(0.25, "64MB", "4MB"), (2, "512MB", "16MB"), (8, "2048MB", "64MB"), (64, "4096MB", "64MB")],
)
def test_memory_is_a_quarter_and_capped(memory_gigabytes: float, shared_buffers: str, work_mem: str) -> None:
    settings = server_settings(machine(memory_gigabytes))
    assert settings["shared_buffers"] == shared_buffers
    assert settings["work_mem"] == work_mem


def test_log_does_not_fill_a_small_disk() -> None:
    assert server_settings(machine(free_disk_gigabytes=4))["max_wal_size"] == "512MB"
    assert server_settings(machine())["max_wal_size"] == "4096MB"


def test_small_shared_memory_is_not_relied_on() -> None:
    assert server_settings(machine(shared=64 * MEGABYTE))["dynamic_shared_memory_type"] == "mmap"
    assert server_settings(machine())["dynamic_shared_memory_type"] == "posix"


def test_only_throwaway_data_is_written_without_care() -> None:
    assert {server_settings(machine())[name] for name in ("fsync", "full_page_writes", "synchronous_commit")} == {"on"}
    assert server_settings(machine(), is_durable=False)["fsync"] == "off"


def test_given_memory_replaces_the_measured_one(tmp_path: Path) -> None:
    assert measure_machine(tmp_path, memory_mb=700).memory_bytes == 700 * MEGABYTE
    assert measure_machine(tmp_path).memory_bytes > 0
