"""Servers that tests pull from, started for real: MariaDB, a second PostgreSQL, a web service."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.waiting import wait_until

PASSWORD = "a secret of the tests"
MARIADB = shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
SYSTEM_TABLES = ("mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql")


def free_port() -> int:
    """A port of the own machine that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def mariadb_server(folder: Path) -> Iterator[int]:
    """A MariaDB server in a folder; yields its port. It has the user erp, who may do everything in the database erp."""
    assert MARIADB, "Install mariadb-server-core: the tests pull from a real MariaDB."
    data, port, reach = folder / "data", free_port(), folder / "s"
    account = ["--user=root"] if os.geteuid() == 0 else []
    data.mkdir()
    statements = [(Path(MARIADB).parents[1] / "share" / "mysql" / name).read_bytes() for name in SYSTEM_TABLES]
    subprocess.run(
        [MARIADB, "--no-defaults", "--bootstrap", f"--datadir={data}", *account],
        input=b"CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n" + b"\n".join(statements),
        check=True,
        capture_output=True,
    )
    begin = folder / "begin.sql"
    begin.write_text(
        "CREATE DATABASE IF NOT EXISTS erp CHARACTER SET utf8mb4;"
        f"CREATE OR REPLACE USER erp@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';"
        "GRANT ALL ON erp.* TO erp@'127.0.0.1';\n".replace(";", ";\n")
    )
    command = [MARIADB, "--no-defaults", f"--datadir={data}", f"--socket={reach}", f"--port={port}", *account]
    limits = [
        "--bind-address=127.0.0.1",
        f"--init-file={begin}",
        "--innodb-buffer-pool-size=32M",
        "--skip-name-resolve",
    ]
    with (folder / "log").open("wb") as log, subprocess.Popen([*command, *limits], stdout=log, stderr=log) as server:
        try:
            wait_until(lambda: _answers(mariadb_engine(port)))
            yield port
        finally:
            server.terminate()


def mariadb_engine(port: int) -> Engine:
    """The way of the tests into the MariaDB server."""
    name = PASSWORD.replace(" ", "%20")
    return create_engine(f"mysql+pymysql://erp:{name}@127.0.0.1:{port}/erp?charset=utf8mb4")


def _answers(engine: Engine) -> bool:
    try:
        with engine.connect() as opened:
            return bool(opened.execute(text("SELECT 1")).scalar())
    except OperationalError:
        return False
    finally:
        engine.dispose()


@dataclass(slots=True)
class WebOffice:
    """A small web service: rows by path, what it was asked, and how it behaves.

    `failures` are (status, headings) that are answered first, one for each request.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    paging: str = "page"
    port: int = 0

    def answer(self, address: str) -> tuple[bytes, dict[str, str]]:
        """The body and headings for a request."""
        split = urlsplit(address)
        given = {name: values[0] for name, values in parse_qs(split.query).items()}
        rows = [row for row in self.rows[split.path] if str(row.get("updated_at", "")) >= given.get("since", "")]
        size = int(given.get("limit", "1000"))
        first = int(given.get("page", "1")) - 1 if self.paging == "page" else int(given.get("after", "0"))
        start = first * size if self.paging == "page" else first
        part, rest = rows[start : start + size], rows[start + size :]
        body: dict[str, Any] = {"data": {"items": part}}
        headings = {}
        if rest and self.paging == "token":
            body["next"] = str(start + size)
        if rest and self.paging == "link":
            headings["Link"] = f'<{split.path}?limit={size}&after={start + size}>; rel="next"'
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"), headings


@contextmanager
def web_service() -> Iterator[WebOffice]:
    """A web service of the own machine."""
    office = WebOffice()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the server calls
            office.asked.append(self.path)
            office.secrets.append(self.headers.get("X-Key", ""))
            status, headings = office.failures.pop(0) if office.failures else (200, {})
            body, more = office.answer(self.path) if status == 200 else (b"busy", {})
            self.send_response(status)
            for name, value in (headings | more).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *details: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        office.port = server.server_port
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield office
        server.shutdown()


@dataclass(slots=True)
class Register:
    """A small register of firms: answers by path and query, what it was asked, and how it behaves.

    `failures` are statuses that are answered first, one for each request.
    """

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    failures: list[int] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        """Where it stands."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def register_service() -> Iterator[Register]:
    """A register of firms on the own machine; a firm that it does not know is answered with 404."""
    register = Register()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that the server calls
            register.asked.append(unquote(self.path))
            register.secrets.append(self.headers.get("X-Key", ""))
            found = register.answers.get(unquote(self.path))
            status = register.failures.pop(0) if register.failures else 404 if found is None else 200
            body = json.dumps(found, ensure_ascii=False).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *details: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        register.port = server.server_port
        Thread(target=server.serve_forever, daemon=True).start()
        yield register
        server.shutdown()
