"""`guanxi up`: one at a time, everything comes back when killed, and nothing is left behind."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import server_state
from guanxi.platform.database.locks import is_free, read_holder
from tests.waiting import wait_until


@dataclass(frozen=True, slots=True)
class Running:
    """A running `guanxi up` of a test."""

    process: subprocess.Popen[str]
    layout: Layout
    port: int

    def children(self, word: str) -> list[psutil.Process]:
        """Return the child processes whose command line has a word."""
        children = psutil.Process(self.process.pid).children()
        return [child for child in children if not is_gone(child) and word in child.cmdline()]

    def answers(self) -> bool:
        """Return whether a page comes; a page needs the database."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def is_whole(self) -> bool:
        """Return whether database, web and worker run."""
        parts = self.children("granian") and self.children("worker")
        return bool(parts) and server_state(self.layout).is_running and self.answers()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def start(data_folder: Path, *, port: int) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "GUANXI_DATA": str(data_folder),
        "GUANXI_PORT": str(port),
        "GUANXI_POSTGRES_MEMORY_MB": "512",
    }
    return subprocess.Popen(
        (sys.executable, "-m", "guanxi", "up"),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def running(data_folder: Path) -> Iterator[Running]:
    layout, port = Layout(data_folder), free_port()
    up = Running(start(data_folder, port=port), layout, port)
    wait_until(lambda: up.process.poll() is not None or up.is_whole(), seconds=300)
    assert up.process.poll() is None, up.process.communicate()[0]
    yield up
    if up.process.poll() is None:
        up.process.terminate()
    up.process.communicate(timeout=60)
    wait_until(lambda: is_free(layout.owner_lock))


def test_it_comes_back_whatever_is_killed_and_stops_in_order(running: Running) -> None:
    victims: tuple[Callable[[], int | None], ...] = (
        lambda: first_pid(running.children("granian")),
        lambda: first_pid([child for web in running.children("granian") for child in web.children()]),
        lambda: first_pid(running.children("worker")),
        lambda: server_state(running.layout).process_id,
        lambda: read_holder(running.layout.keeper_lock),
    )
    for find in victims:
        kill_and_await_another(running, find)
    running.process.terminate()
    output = running.process.communicate(timeout=60)[0]
    assert running.process.returncode == 0
    assert f"Guanxi runs at http://127.0.0.1:{running.port}/" in output
    assert output.endswith("Guanxi is stopped.\n")
    assert is_free(running.layout.owner_lock)
    assert not running.answers()


def first_pid(found: list[psutil.Process]) -> int | None:
    """The first of processes; None while there is none, between one that was killed and the next."""
    return found[0].pid if found else None


def kill_and_await_another(running: Running, find: Callable[[], int | None]) -> None:
    victim = find()
    assert victim is not None
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: running.is_whole() and find() not in (victim, None), seconds=60)


def test_second_start_and_taken_port_are_refused(running: Running, tmp_path: Path) -> None:
    second = start(running.layout.data_folder, port=free_port())
    assert "Guanxi already runs on" in second.communicate(timeout=60)[0]
    assert second.returncode == 1
    other = start(tmp_path / "other", port=running.port)
    assert f"Port {running.port} of 127.0.0.1 is in use" in other.communicate(timeout=60)[0]
    assert other.returncode == 1
    assert not (tmp_path / "other" / "database").exists()
    assert running.is_whole()


def test_killed_supervisor_leaves_nothing_running(running: Running) -> None:
    children = psutil.Process(running.process.pid).children(recursive=True)
    running.process.kill()
    running.process.wait()
    wait_until(lambda: is_free(running.layout.owner_lock) and is_free(running.layout.keeper_lock), seconds=60)
    wait_until(lambda: all(is_gone(child) for child in children), seconds=60)
    assert not running.answers()


def is_gone(process: psutil.Process) -> bool:
    try:
        return bool(process.status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True
