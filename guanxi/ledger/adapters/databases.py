"""Reading SQL databases: PostgreSQL, MariaDB or MySQL, SQLite.

Rows are read in pages by (cursor, key), each in a short read-only transaction with a time limit: memory does not grow
with the table, nothing is held open in the other system, and rows that change meanwhile come again at the end.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any
from urllib.parse import quote

import sqlglot
from sqlalchemy import URL, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool
from sqlglot import expressions
from sqlglot.errors import SqlglotError

from guanxi.kernel.errors import ExternalFailure, RuleViolation
from guanxi.ledger.adapters.addresses import require_socket, resolved, sqlite_path
from guanxi.ledger.adapters.sources import BLOCK_ROWS, SAMPLE_ROWS, Sample, SourceBlock, SourceRow
from guanxi.ledger.analyses.places import Place, Stamp
from guanxi.ledger.choices import ConnectionKind
from guanxi.ledger.models import Connection, Pull
from guanxi.platform.transfer.cells import Cell, storable

CONNECT_SECONDS = 10
MOST_TABLES = 500
KEY_ROWS = 10_000
PORTS = {ConnectionKind.POSTGRESQL: 5432, ConnectionKind.MYSQL: 3306}
DIALECTS = {ConnectionKind.POSTGRESQL: "postgres", ConnectionKind.MYSQL: "mysql", ConnectionKind.SQLITE: "sqlite"}
TABLE = re.compile(r"[^\s;()'\"`\[\]\\]{1,120}")
READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
SCHEMA_PRAGMAS = frozenset({"table_info", "table_xinfo", "table_list", "read_uncommitted"})
OPCODES_BETWEEN_LOOKS = 10_000


class DatabaseSource:
    """One pull's table or query in a SQL database.

    A page that is not full was the last one: a table that changes all the time would never come to an end otherwise.
    """

    def __init__(self, connection: Connection, pull: Pull) -> None:
        self._pull, self._kind = pull, ConnectionKind(connection.kind)
        self._engine = _engine(connection)

    def __enter__(self) -> "DatabaseSource":
        """Nothing is held open between two pages."""
        return self

    def __exit__(self, *details: object) -> None:
        """Let go of the driver."""
        self._engine.dispose()

    def sample(self) -> Sample:
        """The first rows."""
        names, rows = self._read(f"SELECT * FROM {self._base()} LIMIT {SAMPLE_ROWS}", {})  # noqa: S608  # checked below
        return Sample(names, rows)

    def tables(self) -> Sequence[str]:
        """Tables and views of the database, by name."""
        with _explained(), self._engine.connect() as opened:
            looked = inspect(opened)
            return sorted([*looked.get_table_names(), *looked.get_view_names()])[:MOST_TABLES]

    def blocks(self, start: Place) -> Iterator[SourceBlock]:
        """All rows from a place on: those without a stamp first, for nobody knows when they changed."""
        if not self._pull.cursor_column:
            yield from self._by_key(start)
            return
        clock = self._clock()
        cursor = self._quoted(self._pull.cursor_column)
        key: Stamp | None = None
        while rows := self._page(f"{cursor} IS NULL", key=key, order=()):
            yield SourceBlock(rows, None)
            if len(rows) < BLOCK_ROWS:
                break
            key = _stamp(rows[-1], self._pull.key_column)
        yield from self._by_stamp(start, clock)

    def all_keys(self) -> Iterator[Sequence[str]]:
        """The keys of all rows, page by page."""
        name, after = self._quoted(self._pull.key_column), None
        while True:
            later = f"WHERE {name} > :key" if after is not None else f"WHERE {name} IS NOT NULL"
            sql = f"SELECT {name} FROM {self._base()} {later} ORDER BY {name} LIMIT {KEY_ROWS}"  # noqa: S608  # quoted
            _names, rows = self._read(sql, {"key": after} if after is not None else {})
            if rows:
                after = next(iter(rows[-1].values()))
                yield [str(next(iter(row.values()))) for row in rows]
            if len(rows) < KEY_ROWS:
                return

    def _by_key(self, start: Place) -> Iterator[SourceBlock]:
        key = start.key
        while rows := self._page("", key=key, order=()):
            key = _stamp(rows[-1], self._pull.key_column)
            yield SourceBlock(rows, Place(key=key))
            if len(rows) < BLOCK_ROWS:
                return

    def _by_stamp(self, start: Place, clock: datetime | None) -> Iterator[SourceBlock]:
        cursor, key_name = self._quoted(self._pull.cursor_column), self._quoted(self._pull.key_column)
        stamp, key = start.stamp, start.key
        while True:
            if stamp is None:
                condition = f"{cursor} IS NOT NULL"
            elif key is None:
                condition = f"{cursor} >= :stamp"
            else:
                condition = f"({cursor} > :stamp OR ({cursor} = :stamp AND {key_name} > :key))"
            rows = self._page(condition, stamp=stamp, key=key, order=(cursor,))
            if not rows:
                return
            stamp, key = _stamp(rows[-1], self._pull.cursor_column), _stamp(rows[-1], self._pull.key_column)
            yield SourceBlock(rows, Place(stamp, key, clock))
            if len(rows) < BLOCK_ROWS:
                return

    def _page(
        self, condition: str, *, key: Stamp | None, stamp: Stamp | None = None, order: Sequence[str]
    ) -> tuple[SourceRow, ...]:
        """The next rows that a condition leaves, in the order of the key after that of `order`."""
        name = self._quoted(self._pull.key_column)
        conditions = [f"{name} IS NOT NULL", *([condition] if condition else [])]
        if key is not None and not order:
            conditions.append(f"{name} > :key")
        sql = (
            f"SELECT * FROM {self._base()} WHERE {' AND '.join(conditions)} "  # noqa: S608  # names are quoted, values bound
            f"ORDER BY {', '.join((*order, name))} LIMIT {BLOCK_ROWS}"
        )
        bound = {"key": key, "stamp": stamp}
        return self._read(
            sql, {item: value for item, value in bound.items() if f":{item}" in sql.rsplit("WHERE", maxsplit=1)[-1]}
        )[1]

    def _read(self, sql: str, values: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[SourceRow, ...]]:
        """The names of the columns and the rows of a statement, in a transaction of its own."""
        with _explained(), self._engine.connect() as opened:
            result = opened.execute(text(sql), values)
            names = tuple(result.keys())
            rows = tuple(dict(zip(names, map(_cell, row), strict=True)) for row in result)
            opened.rollback()
        return names, rows

    def _clock(self) -> datetime | None:
        _names, rows = self._read("SELECT CURRENT_TIMESTAMP AS now_at", {})
        now = next(iter(rows[0].values()))
        try:
            return now if isinstance(now, datetime) else datetime.fromisoformat(str(now))
        except ValueError:
            return None

    def _quoted(self, name: str) -> str:
        if not name:
            raise RuleViolation("pull.key", "Choose the column by which rows are known.")
        return self._engine.dialect.identifier_preparer.quote(name).replace(":", "\\:")

    def _base(self) -> str:
        """The table, or the query as a table, as it stands after FROM. Raises: RuleViolation("pull.statement")."""
        statement = self._pull.statement.strip().rstrip(";").strip()
        if TABLE.fullmatch(statement):
            quote_name = self._engine.dialect.identifier_preparer.quote
            return ".".join(quote_name(part) for part in statement.split(".")).replace(":", "\\:")
        require_query(statement, kind=self._kind)
        return "(\n" + statement.replace(":", "\\:") + "\n) source_rows"


def require_query(statement: str, *, kind: ConnectionKind) -> None:
    """Only one query that reads is let through. Raises: RuleViolation("pull.statement")."""
    try:
        parsed = sqlglot.parse(statement, dialect=DIALECTS[kind])
    except (SqlglotError, RecursionError) as error:
        raise RuleViolation(
            "pull.statement", "This is neither the name of a table nor a SELECT that can be read.", field="statement"
        ) from error
    only = parsed[0] if len(parsed) == 1 else None
    is_reading = isinstance(only, expressions.Query) and not any(
        only.find_all(expressions.Insert, expressions.Update, expressions.Delete, expressions.Into, expressions.Command)
    )
    if not is_reading:
        raise RuleViolation("pull.statement", "Only one SELECT is allowed, which changes nothing.", field="statement")


def _engine(connection: Connection) -> Engine:
    """The driver for a connection, read-only and with time limits. Raises: RuleViolation, ExternalFailure."""
    kind = ConnectionKind(connection.kind)
    if kind is ConnectionKind.SQLITE:
        return _sqlite_engine(connection)
    port = connection.port or PORTS[kind]
    is_socket = connection.address.startswith("/")
    number = require_socket(connection.address) if is_socket else resolved(connection.address, port)
    seconds = connection.timeout_seconds
    shared = {"poolclass": NullPool, "hide_parameters": True}
    if kind is ConnectionKind.POSTGRESQL:
        limits = f"-c default_transaction_read_only=on -c statement_timeout={seconds}s -c TimeZone=UTC"
        details = {"connect_timeout": CONNECT_SECONDS, "options": limits, "application_name": "guanxi"}
        if not is_socket:
            details["hostaddr"] = number
        return create_engine(_url("postgresql+psycopg", connection, port=port), connect_args=details, **shared)
    details = {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds + CONNECT_SECONDS, "charset": "utf8mb4"}
    details |= {"unix_socket": f"{number}/mysqld.sock"} if is_socket else {"host": number}
    engine = create_engine(_url("mysql+pymysql", connection, port=port), connect_args=details, **shared)
    event.listen(engine, "connect", lambda opened, _record: _limit_mysql(opened, seconds))
    return engine


def _url(driver: str, connection: Connection, *, port: int) -> URL:
    return URL.create(
        driver,
        username=connection.user_name or None,
        password=str(connection.secret) or None,
        host=connection.address,
        port=port,
        database=connection.database or None,
    )


def _limit_mysql(opened: Any, seconds: int) -> None:
    """Let a session only read, and no statement take longer than it may; the two families name that differently."""
    with opened.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute("SELECT VERSION()")
        is_mariadb = "mariadb" in str(cursor.fetchone()[0]).lower()
        limit = f"max_statement_time = {seconds}" if is_mariadb else f"max_execution_time = {seconds * 1_000}"
        cursor.execute(f"SET SESSION {limit}")


def _sqlite_engine(connection: Connection) -> Engine:
    """A file that is opened for reading; statements can read tables of this file alone, within their time."""
    path, seconds = sqlite_path(connection.address), connection.timeout_seconds

    def opened() -> sqlite3.Connection:
        found = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=CONNECT_SECONDS)
        found.set_authorizer(_allowed)
        ends_at = monotonic() + seconds
        found.set_progress_handler(lambda: int(monotonic() > ends_at), OPCODES_BETWEEN_LOOKS)
        return found

    return create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)


def _allowed(action: int, first: str | None, *_rest: str | None) -> int:
    """What a statement may do in a SQLite file: read, and ask what columns there are."""
    is_schema = action == sqlite3.SQLITE_PRAGMA and (first or "") in SCHEMA_PRAGMAS
    is_loading = action == sqlite3.SQLITE_FUNCTION and "load_extension" in _rest
    is_fine = (action in READING and not is_loading) or is_schema or action == sqlite3.SQLITE_TRANSACTION
    return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY


class _explained:  # noqa: N801  # reads as a verb where it is used
    """Turns what a driver reports into one sentence; what was sent to it is never part of it."""

    def __enter__(self) -> None:
        """Nothing yet."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raise: ExternalFailure("connection.failed")."""
        if isinstance(error, SQLAlchemyError):
            told = str(getattr(error, "orig", None) or error).strip().splitlines()
            raise ExternalFailure(
                "connection.failed", "The database answered: %(reason)s", reason=(told[0] if told else "")[:300]
            ) from None


def _stamp(row: SourceRow, column: str) -> Stamp:
    value = row.get(column)
    if value is None:
        raise RuleViolation("pull.column", "There is no column %(column)s.", column=column)
    return value


def _cell(value: object) -> Cell:
    """What a driver gives as a cell; what has no type of its own there becomes a text."""
    if isinstance(value, str):
        return storable(value)
    if value is None or isinstance(value, bool | int | float | Decimal | datetime | date):
        return value
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
