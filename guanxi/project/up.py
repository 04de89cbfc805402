"""`guanxi up`: the database, the web server and the worker, started in order and kept running."""

import errno
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import guanxi
from guanxi.kernel.errors import ConfigurationError, Conflict, ExternalFailure
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import Report, keep_alive
from guanxi.platform.database.lifetime import SignalWatch, signal_at_parent_death
from guanxi.platform.database.locks import held_file, read_holder, try_lock, write_holder
from guanxi.project.configuration import Configuration
from guanxi.project.database import running_cluster, server_options
from guanxi.project.demo.sign_in import sign_in_lines

LARGEST_LOG_BYTES = 32 * 1024 * 1024
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 30.0
WEB_START_SECONDS = 120.0

_TICK_SECONDS = 0.5
_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on


@dataclass(slots=True)
class Service:
    """A program that is kept running: command and log, process, time of its start, number of its deaths."""

    name: str
    command: tuple[str, ...]
    log_file: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    deaths: int = 0


def run_all(configuration: Configuration, *, with_demo: bool, report: Report) -> None:
    """Run Guanxi until SIGINT, SIGTERM or SIGHUP; then stop everything in order.

    Steps: 1. become the only one for this data folder, with a free port; 2. start the database; 3. migrate, if
    this version has not yet, and erase again whom a backup brought back; 4. load the demo company if asked for;
    5. start web and worker and say the address; 6. start again what dies; 7. stop web and worker, then the database.

    Raises:
        GuanxiError: it runs already (`up.running`), the port is taken (`up.port`), a part does not start.
    """
    layout = Layout(configuration.data_folder)
    layout.make_folders()
    with only_one(configuration, layout):
        _require_free_port(configuration)
        watch = SignalWatch()
        with running_cluster(configuration, report=report):
            _bring_up_to_date(configuration, layout, watch=watch)
            if not watch.is_stop_asked:
                _erase_again(configuration, layout, watch=watch)
            if with_demo and not watch.is_stop_asked:
                _load_demo(configuration, layout, watch=watch, report=report)
            if not watch.is_stop_asked:
                _serve(configuration, watch=watch, report=report)
        report("Guanxi is stopped.")


def _bring_up_to_date(configuration: Configuration, layout: Layout, *, watch: SignalWatch) -> None:
    """Migrate and collect static files, unless this very version did so here before.

    What the version consists of is noted in the data folder once it is done; a restored cluster is another one and is
    brought up to date. A database elsewhere is asked each time, for others may have changed it.
    """
    version = installed_version(layout)
    if _is_noted("up-to-date", version, configuration, layout) and configuration.static_folder.exists():
        return
    _run_command("migrate", (), log_file=_log_file(configuration, "migrate"), watch=watch)
    if not watch.is_stop_asked:
        _note("up-to-date", version, layout)


def _erase_again(configuration: Configuration, layout: Layout, *, watch: SignalWatch) -> None:
    """Erase whom a restored backup brought back, before anybody is served.

    Asked once for each cluster, for what is erased later is erased there; of a database elsewhere each time.
    """
    if not (configuration.data_folder / "erasures.jsonl").exists():
        return
    if _is_noted("erased-again", _cluster_identity(layout), configuration, layout):
        return
    _run_command("privacy", (), log_file=_log_file(configuration, "privacy"), watch=watch)
    if not watch.is_stop_asked:
        _note("erased-again", _cluster_identity(layout), layout)


def _load_demo(configuration: Configuration, layout: Layout, *, watch: SignalWatch, report: Report) -> None:
    """Load the demo company into an empty installation, and say who can sign in.

    That there is something already is remembered in the data folder: to ask the database anew costs a program's start.
    """
    if _is_noted("demo", _cluster_identity(layout), configuration, layout):
        report("\n".join(sign_in_lines()))
        return
    _run_command("demo", ("--if-empty",), log_file=None, watch=watch)
    if not watch.is_stop_asked:
        _note("demo", _cluster_identity(layout), layout)


def _is_noted(name: str, text: str, configuration: Configuration, layout: Layout) -> bool:
    """Whether the data folder holds this note about the embedded database."""
    path = layout.run_folder / name
    return configuration.is_database_embedded and path.exists() and path.read_text(encoding="utf-8") == text


def _note(name: str, text: str, layout: Layout) -> None:
    """Note in the data folder what need not be asked again."""
    (layout.run_folder / name).write_text(text, encoding="utf-8")


def _cluster_identity(layout: Layout) -> str:
    """Text that is another one for every other cluster of the embedded server: where and when it was made."""
    made_with_the_cluster = layout.cluster_folder / "PG_VERSION"
    made_at = made_with_the_cluster.stat().st_mtime_ns if made_with_the_cluster.exists() else 0
    return f"{made_with_the_cluster} {made_at}"


def installed_version(layout: Layout) -> str:
    """A digest of the migrations and static files of this installation and of the very cluster they go to."""
    package = Path(guanxi.__file__).parent
    files = sorted([*package.rglob("migrations/*.py"), *package.rglob("static/**/*")])
    parts = [f"{path} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join([guanxi.__version__, _cluster_identity(layout), *parts]).encode()).hexdigest()


@contextmanager
def only_one(configuration: Configuration, layout: Layout) -> Iterator[None]:
    """Be the only `guanxi up` of the data folder."""
    path = layout.run_folder / "up"
    with held_file(path) as lock:
        if not try_lock(lock):
            raise Conflict(
                "up.running",
                "Guanxi already runs on %(folder)s (process %(process)s).",
                folder=str(configuration.data_folder),
                process=read_holder(path),
            )
        write_holder(lock)
        yield


def _require_free_port(configuration: Configuration) -> None:
    """Refuse a port that another program listens on, before anything is started."""
    try:
        family, kind, _protocol, _name, address = socket.getaddrinfo(
            configuration.host, configuration.port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Conflict(
                "up.port",
                "Port %(port)d of %(host)s is in use by another program; choose another one with "
                "GUANXI_PORT or --port.",
                port=configuration.port,
                host=configuration.host,
            ) from error
        raise ConfigurationError(
            "up.address",
            "Guanxi cannot listen on %(host)s, port %(port)d: %(reason)s.",
            host=configuration.host,
            port=configuration.port,
            reason=error.strerror or str(error),
        ) from error


def _run_command(name: str, arguments: tuple[str, ...], *, log_file: Path | None, watch: SignalWatch) -> None:
    """Run a command of ours to its end; a signal to stop ends it too. Without a log file it may print."""
    command = (sys.executable, "-m", "guanxi", name, *arguments)
    process = _start_process(command, log_file=log_file)
    while process.poll() is None:
        watch.wait(_TICK_SECONDS)
        if watch.is_stop_asked:
            _stop_process(process)
    if process.returncode != 0 and not watch.is_stop_asked:
        raise ExternalFailure(
            "up.command",
            "The step %(name)s failed: %(reason)s",
            name=name,
            reason=_last_line(log_file) if log_file is not None else "see above.",
        )


def _serve(configuration: Configuration, *, watch: SignalWatch, report: Report) -> None:
    """Run web and worker until a signal asks to stop; the worker starts when the first page has been answered."""
    services = (
        Service("web", _web_command(configuration), _log_file(configuration, "web")),
        Service("worker", (sys.executable, "-m", "guanxi", "worker"), _log_file(configuration, "worker")),
    )
    try:
        _start(services[0])
        _await_web(services[0], configuration, watch=watch)
        if not watch.is_stop_asked:
            report(f"Guanxi runs at {address_of(configuration)}; its messages are in {configuration.log_folder}.")
        while not watch.is_stop_asked:
            watch.wait(_TICK_SECONDS)
            for service in services:
                _look_after(service, report=report)
            if configuration.is_database_embedded:
                options = server_options(configuration)
                keep_alive(Layout(configuration.data_folder), options=options, report=report)
    finally:
        report("Guanxi is stopping.")
        _stop_all(services)


def address_of(configuration: Configuration) -> str:
    """Return the address that a browser on this machine opens."""
    host = _EVERY_ADDRESS.get(configuration.host, configuration.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{configuration.port}/"


def _web_command(configuration: Configuration) -> tuple[str, ...]:
    """Return the command of the web server."""
    return (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "guanxi.project.wsgi:application"),
        *("--host", configuration.host, "--port", str(configuration.port)),
        *("--workers", str(configuration.web_workers), "--blocking-threads", str(configuration.web_threads)),
        *("--backpressure", str(configuration.web_threads * 32), "--no-ws", "--log-level", "warning"),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "10s"),
    )


def _await_web(web: Service, configuration: Configuration, *, watch: SignalWatch) -> None:
    """Wait until the web server answers a first page.

    Raises:
        ExternalFailure: it died or did not answer in time (`up.web`).
    """
    deadline = time.monotonic() + WEB_START_SECONDS
    while not watch.is_stop_asked:
        if _answers(configuration):
            return
        is_dead = web.process is None or web.process.poll() is not None
        if is_dead or time.monotonic() > deadline:
            raise ExternalFailure(
                "up.web",
                "The web server did not start: %(reason)s Its messages are in %(log)s.",
                reason=_last_line(web.log_file),
                log=str(web.log_file),
            )
        watch.wait(0.1)


def _answers(configuration: Configuration) -> bool:
    """Return whether the web server answers a request."""
    host = _EVERY_ADDRESS.get(configuration.host, configuration.host)
    connection = http.client.HTTPConnection(host, configuration.port, timeout=30)
    try:
        connection.request("GET", "/", headers={"Host": _allowed_host(configuration)})
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _allowed_host(configuration: Configuration) -> str:
    """Return a host name that Django accepts in a request."""
    names = [name.lstrip(".") for name in configuration.allowed_hosts if name != "*"]
    return (names or ["localhost"])[0]


def _look_after(service: Service, *, report: Report) -> None:
    """Start a service again when it died, after a pause that grows while it keeps dying."""
    now = time.monotonic()
    if service.process is not None and service.process.poll() is not None:
        _kill_group(service.process)
        service.deaths = 1 if now - service.started_at > STEADY_SECONDS else service.deaths + 1
        pause = min(LONGEST_PAUSE_SECONDS, 0.25 * 2**service.deaths)
        service.process, service.start_again_at = None, now + pause
        report(f"The {service.name} process ended; it starts again. Its messages are in {service.log_file}.")
    if service.process is None and now >= service.start_again_at:
        _start(service)
    _turn_over(service.log_file)


def _start(service: Service) -> None:
    """Start the process of a service."""
    service.process = _start_process(service.command, log_file=service.log_file)
    service.started_at = time.monotonic()


def _start_process(command: tuple[str, ...], *, log_file: Path | None) -> subprocess.Popen[bytes]:
    """Start a program in a group of its own that ends with us; its output goes to the log or to ours."""
    environment: Mapping[str, str] = {**os.environ, "PYTHONUNBUFFERED": "1"}
    output = os.open(log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log_file is not None else None
    try:
        return subprocess.Popen(  # noqa: S603 - our own programs
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=signal_at_parent_death(signal.SIGTERM),  # noqa: PLW1509 - this process has one thread
        )
    finally:
        if output is not None:
            os.close(output)


def _stop_all(services: tuple[Service, ...]) -> None:
    """Ask all services to stop at once and wait for each."""
    running = [service.process for service in services if service.process is not None]
    for process in running:
        process.terminate()
    for process in running:
        _stop_process(process)


def _stop_process(process: subprocess.Popen[bytes]) -> None:
    """Ask a process to stop, wait, and kill what is left of its group."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    _kill_group(process)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kill what a dead process left in its group: the children of a killed web server keep its port."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _log_file(configuration: Configuration, name: str) -> Path:
    """Return the log of a service."""
    return configuration.log_folder / f"{name}.log"


def _turn_over(log_file: Path) -> None:
    """Keep one former log beside the present one; the writer appends, so it goes on in the emptied file."""
    if log_file.stat().st_size > LARGEST_LOG_BYTES:
        shutil.copyfile(log_file, log_file.with_suffix(".log.1"))
        os.truncate(log_file, 0)


def _last_line(log_file: Path) -> str:
    """Return the last line that a process wrote, as the reason of its end."""
    with log_file.open("rb") as file:
        file.seek(max(0, log_file.stat().st_size - 4096))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing."
