"""Using the server: it is started for the first user and stops after the last one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from guanxi.kernel.errors import Conflict, ExternalFailure
from guanxi.platform.database.cluster import is_ready, server_process
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.locks import (
    held_file,
    is_free,
    locked,
    read_holder,
    try_lock,
    wait_for_lock,
)

Report = Callable[[str], None]
"""Receives whole sentences about what is being waited for."""

_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """How a server is started: its share of memory in megabytes (0: by the machine); durable or throwaway."""

    memory_mb: int = 0
    is_durable: bool = True


@dataclass(frozen=True, slots=True)
class ServerState:
    """What is known of a server: whether it takes connections, its process, whether others use it."""

    is_running: bool
    process_id: int | None
    is_used: bool
    stays: bool


def report_nothing(_sentence: str) -> None:
    """Ignore what is being waited for."""


@contextmanager
def running_server(
    layout: Layout, *, options: ServerOptions | None = None, report: Report = report_nothing
) -> Iterator[None]:
    """Use the server for a while: share the running one, or start it; the last user stops it.

    Raises:
        GuanxiError: the server cannot be started; the sentence says why and what to do.
    """
    layout.make_folders()
    with held_file(layout.users_lock) as users:
        with locked(layout.transition_lock):
            wait_for_lock(users, is_shared=True)
            _start_if_needed(layout, options=options or ServerOptions(), stays=False, report=report)
        try:
            yield
        finally:
            with locked(layout.transition_lock):
                if try_lock(users) and not layout.stay_file.exists():
                    _stop(layout)


def keep_alive(layout: Layout, *, options: ServerOptions, report: Report = report_nothing) -> None:
    """Start the server again if its keeper was killed; cheap, meant to be called every second by a user.

    Raises:
        GuanxiError: the server cannot be started.
    """
    with held_file(layout.transition_lock) as transition:
        if try_lock(transition) and is_free(layout.keeper_lock):
            _start_if_needed(layout, options=options, stays=layout.stay_file.exists(), report=report)


def start_server_to_stay(layout: Layout, *, options: ServerOptions, report: Report = report_nothing) -> None:
    """Start the server and leave it running without users, until it is stopped.

    Raises:
        GuanxiError: the server cannot be started.
    """
    layout.make_folders()
    with locked(layout.transition_lock):
        _start_if_needed(layout, options=options, stays=True, report=report)


def stop_server(layout: Layout) -> bool:
    """Stop the server; return whether it was running.

    Raises:
        Conflict: other processes use it (`database.in_use`).
    """
    if not layout.run_folder.exists():
        return False
    with locked(layout.transition_lock), held_file(layout.users_lock) as users:
        if not try_lock(users):
            raise Conflict(
                "database.in_use",
                "The database of %(folder)s is in use by other Guanxi commands; stop those first.",
                folder=str(layout.data_folder),
            )
        layout.stay_file.unlink(missing_ok=True)
        return _stop(layout)


def server_state(layout: Layout) -> ServerState:
    """Return what is known of the server at this moment."""
    if not layout.run_folder.exists():
        return ServerState(is_running=False, process_id=None, is_used=False, stays=False)
    process = server_process(layout)
    with held_file(layout.users_lock) as users:
        is_used = not try_lock(users)
    return ServerState(
        is_running=process is not None and is_ready(layout),
        process_id=process.pid if process is not None else None,
        is_used=is_used,
        stays=process is not None and layout.stay_file.exists(),
    )


def _start_if_needed(layout: Layout, *, options: ServerOptions, stays: bool, report: Report) -> None:
    """Start a keeper unless one is alive, and wait until its server takes connections.

    Called with the transition lock held: nobody else starts or stops the server meanwhile.
    """
    if not is_free(layout.keeper_lock):
        if stays:
            layout.stay_file.touch()
        if _is_ready_in_the_end(layout, report=report):
            return
    if stays:
        layout.stay_file.touch()
    else:
        layout.stay_file.unlink(missing_ok=True)
    _start_keeper(layout, options=options, report=report)


def _is_ready_in_the_end(layout: Layout, *, report: Report) -> bool:
    """Wait while a living keeper brings its server back; return False when it gave up."""
    if is_ready(layout):
        return True
    report("The database is starting again; waiting for it.")
    while not is_free(layout.keeper_lock):
        if is_ready(layout):
            return True
        time.sleep(_POLL_SECONDS)
    return False


def _start_keeper(layout: Layout, *, options: ServerOptions, report: Report) -> None:
    """Start a keeper in a session of its own and follow what it tells until its server is ready."""
    reader, writer = os.pipe()
    command = [sys.executable, "-m", "guanxi.platform.database.keeper", str(layout.data_folder)]
    command += ["--memory-mb", str(options.memory_mb), "--status-descriptor", str(writer)]
    command += [] if options.is_durable else ["--throwaway"]
    with layout.log_file.open("ab") as log:
        keeper = subprocess.Popen(  # noqa: S603 - our own module
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(writer,),
            start_new_session=True,
        )
    os.close(writer)
    with os.fdopen(reader, "r", encoding="utf-8") as lines:
        for line in lines:
            content = json.loads(line)
            if "progress" in content:
                report(content["progress"])
            elif "is_ready" in content:
                return
            else:
                keeper.wait()
                raise ExternalFailure(content["code"], content["sentence"], **content["data"])
    keeper.wait()
    raise ExternalFailure(
        "database.keeper",
        "The process that keeps the database ended before the server was ready; see %(log)s.",
        log=str(layout.log_file),
    )


def _stop(layout: Layout) -> bool:
    """Ask the keeper to stop its server and wait until every process of it is gone."""
    if is_free(layout.keeper_lock):
        return False
    keeper = read_holder(layout.keeper_lock)
    if keeper is not None:
        os.kill(keeper, signal.SIGTERM)
    with held_file(layout.owner_lock) as owner, held_file(layout.keeper_lock) as kept:
        wait_for_lock(kept)
        wait_for_lock(owner)
    return True
