"""The keeper: the one process that owns a data folder's server.

It starts the server, starts it again when it dies, writes down what it says, and stops it when the last
process that uses it is gone. Users never have to say good-bye: each holds a shared lock, which the kernel
gives back even when the user is killed. The other way round the kernel stops the server, in order, when the
keeper is killed; the next keeper waits for that, since every server process holds the owner lock.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from guanxi.kernel.errors import ExternalFailure, GuanxiError
from guanxi.platform.database.cluster import (
    Cluster,
    ensure_database,
    failure_of,
    forget_dead_server,
    is_ready,
    open_cluster,
    server_process,
    start_server,
)
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lifetime import SignalWatch
from guanxi.platform.database.locks import held_file, open_lock, try_lock, write_holder

MOST_FAILED_STARTS = 6
LONGEST_PAUSE_SECONDS = 16.0
LARGEST_LOG_BYTES = 32 * 1024 * 1024

_TICK_SECONDS = 0.2
_IDLE_CHECK_SECONDS = 0.5
_MESSAGES_KEPT = 100
_PROGRESS_WORDS = ("redo in progress", "syncing data directory", "resetting unlogged relations")


@dataclass(slots=True)
class Output:
    """Where the keeper writes: the server's log file, and its starter's pipe until the server is ready."""

    log_file: Path
    starter: BinaryIO | None
    messages: deque[str] = field(default_factory=lambda: deque(maxlen=_MESSAGES_KEPT))

    def tell(self, **content: object) -> None:
        """Send one line to the starter, who may have gone."""
        if self.starter is None:
            return
        try:
            self.starter.write(json.dumps(content).encode() + b"\n")
            self.starter.flush()
        except BrokenPipeError:
            self.starter = None

    def finish(self, **content: object) -> None:
        """Send the last line to the starter."""
        self.tell(**content)
        if self.starter is not None:
            self.starter.close()
            self.starter = None

    def write_log(self, text: bytes) -> None:
        """Append the server's messages to its log; on a full disk they are kept in memory alone."""
        for line in text.decode(errors="replace").splitlines():
            self.messages.append(line)
            if any(word in line for word in _PROGRESS_WORDS):
                self.tell(progress=f"The database recovers: {line.partition('LOG:')[2].strip()}.")
        try:
            if self.log_file.exists() and self.log_file.stat().st_size > LARGEST_LOG_BYTES:
                self.log_file.replace(self.log_file.with_suffix(".log.1"))
            with self.log_file.open("ab") as file:
                file.write(text)
        except OSError as error:
            self.messages.append(f"LOG: the log file cannot be written: {error}")


@dataclass(frozen=True, slots=True)
class Request:
    """What the keeper was started to do."""

    layout: Layout
    memory_mb: int
    is_durable: bool


def main() -> None:
    """Keep a server: `python -m guanxi.platform.database.keeper FOLDER`; started by `lease`, not by hand."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data_folder", type=Path)
    parser.add_argument("--memory-mb", type=int, default=0)
    parser.add_argument("--status-descriptor", type=int, required=True)
    parser.add_argument("--throwaway", action="store_true")
    options = parser.parse_args()
    os.chdir("/")
    request = Request(Layout(options.data_folder), options.memory_mb, is_durable=not options.throwaway)
    output = Output(request.layout.log_file, os.fdopen(options.status_descriptor, "wb"))
    try:
        keep(request, output)
    except GuanxiError as error:
        output.finish(code=error.code, sentence=error.sentence, data=dict(error.data))
        output.write_log(f"{error}\n".encode())
        sys.exit(1)


def keep(request: Request, output: Output) -> None:
    """Own the data folder until nobody uses its server any more.

    Steps: 1. become the only keeper; 2. wait until the processes of an earlier server are gone; 3. run the
    server, and again when it dies; 4. stop it when asked to, or when there is no user and no wish to stay.

    Raises:
        GuanxiError: the folder cannot be used, or the server does not start again and again.
    """
    layout = request.layout
    watch = SignalWatch()
    with held_file(layout.keeper_lock) as keeper_lock:
        if not try_lock(keeper_lock):
            raise ExternalFailure(
                "database.kept",
                "Another process already keeps the database of %(folder)s.",
                folder=str(layout),
            )
        write_holder(keeper_lock)
        owner_lock = open_lock(layout.owner_lock)
        _outlive_former_server(layout, output, owner_lock=owner_lock, watch=watch)
        failures = 0
        while not watch.is_stop_asked:
            cluster = _open_cluster(request, output)
            was_ready = _run_server(cluster, output, owner_lock=owner_lock, watch=watch)
            failures = 0 if was_ready else failures + 1
            if failures and (failures >= MOST_FAILED_STARTS or output.starter is not None):
                raise failure_of(cluster, messages=list(output.messages))
            if not watch.is_stop_asked:
                watch.pause(min(LONGEST_PAUSE_SECONDS, 0.5 * 2**failures))


def _open_cluster(request: Request, output: Output) -> Cluster:
    """Open the cluster; when it has to be created, say so, and where it is."""
    layout = request.layout
    is_new = not layout.cluster_folder.exists()
    if is_new:
        output.tell(progress="Creating the database.")
    cluster = open_cluster(layout, memory_mb=request.memory_mb, is_durable=request.is_durable)
    if is_new and layout.database_folder.is_symlink():
        place = layout.database_folder.readlink()
        output.tell(
            progress=f"PostgreSQL runs as the system user {cluster.account.name}, who cannot enter "
            f"{layout.data_folder}; the database is in {place}, where a link leads."
        )
    return cluster


def _outlive_former_server(layout: Layout, output: Output, *, owner_lock: int, watch: SignalWatch) -> None:
    """Take the owner lock, stopping the server of a keeper that was killed."""
    if not try_lock(owner_lock):
        output.tell(progress="An earlier database server is still stopping; waiting for it.")
        former = server_process(layout)
        if former is not None:
            former.send_signal(signal.SIGINT)
        while not try_lock(owner_lock) and not watch.is_stop_asked:
            watch.pause(_TICK_SECONDS)
    forget_dead_server(layout)


def _run_server(cluster: Cluster, output: Output, *, owner_lock: int, watch: SignalWatch) -> bool:
    """Run the server until it ends; return whether it took connections."""
    process = start_server(cluster, lock_descriptor=owner_lock)
    if process.stderr is None:
        raise RuntimeError("The server was started without a pipe for its messages.")
    os.set_blocking(process.stderr.fileno(), False)
    watch.add(process.stderr)
    try:
        was_ready = _await_readiness(cluster, process, output, watch=watch)
        while process.poll() is None:
            if watch.is_stop_asked or (was_ready and _stop_when_idle(cluster.layout, process, output, watch=watch)):
                _stop(process, output, watch=watch)
            else:
                _wait(process, output, watch=watch, seconds=_IDLE_CHECK_SECONDS)
        _read_messages(process, output)
    finally:
        if process.poll() is None:
            _stop(process, output, watch=watch)
        watch.remove(process.stderr)
        process.stderr.close()
    return was_ready


def _await_readiness(cluster: Cluster, process: subprocess.Popen[bytes], output: Output, *, watch: SignalWatch) -> bool:
    """Wait until the server takes connections, however long recovery lasts; return whether it does."""
    while process.poll() is None and not watch.is_stop_asked:
        if is_ready(cluster.layout, process_id=process.pid):
            ensure_database(cluster)
            output.finish(is_ready=True)
            return True
        _wait(process, output, watch=watch, seconds=0.02)
    return False


def _stop_when_idle(layout: Layout, process: subprocess.Popen[bytes], output: Output, *, watch: SignalWatch) -> bool:
    """Stop the server if nobody uses it and nobody asked it to stay; return whether it was stopped.

    All who start or stop using the server hold the transition lock meanwhile, so nobody can begin now.
    """
    if layout.stay_file.exists():
        return False
    with held_file(layout.transition_lock) as transition, held_file(layout.users_lock) as users:
        if not try_lock(transition) or not try_lock(users):
            return False
        watch.is_stop_asked = True
        _stop(process, output, watch=watch)
    return True


def _stop(process: subprocess.Popen[bytes], output: Output, *, watch: SignalWatch) -> None:
    """Stop the server in order: sessions end, everything is written, and that takes as long as it takes."""
    process.send_signal(signal.SIGINT)
    while process.poll() is None:
        _wait(process, output, watch=watch, seconds=_TICK_SECONDS)


def _wait(process: subprocess.Popen[bytes], output: Output, *, watch: SignalWatch, seconds: float) -> None:
    """Wait for a signal or a message of the server, at most so long."""
    watch.wait(seconds)
    _read_messages(process, output)


def _read_messages(process: subprocess.Popen[bytes], output: Output) -> None:
    """Write down what the server has said meanwhile."""
    text = process.stderr.read() if process.stderr is not None else None
    if text:
        output.write_log(text)


if __name__ == "__main__":
    main()
