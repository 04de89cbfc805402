"""The sieve: batches of rows checked, resolved and turned into what PostgreSQL's COPY reads, column by column
in DuckDB.

Steps for each batch: 1 check and normalise all rows by one statement made from the vocabulary, 2 look up the
accounts, products and people they name, 3 find numbers of the source that come twice, 4 write the good rows
as COPY text. Two batches may be under work at once: one being checked while the other is being recorded.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import TracebackType

import duckdb
import pyarrow

from guanxi.ledger.adapters.files import RowBatch
from guanxi.ledger.analyses.checking import Reading, check_sql, flat_reading, json_reading, keys_sql, quoted

MEMORY_LIMIT = "400MB"
SEPARATOR = "\x01"
EVENT_ACCOUNTS = 500
COPY_COLUMNS = (
    "source", "source_id", "digest", "account_id", "contact_id", "user_id", "kind", "sub_kind", "occurred_at",
    "is_typed", "channel", "product_id", "quantity", "amount", "cost", "place", "corrects", "payload",
)  # fmt: skip
WAITING_COLUMNS = ("source", "source_id", "digest", "system", "key", "row")
ESCAPED = ("source_id", "channel", "place", "corrects", "payload")
_WAITING_ROW = (
    "source_id", "kind", "sub_kind", "account_system", "account_key", "contact_id", "user_id", "channel",
    "product", "quantity", "amount", "cost", "place", "corrects",
)  # fmt: skip

Lookup = Callable[[Sequence[str]], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Lookups:
    """How names become ids; each takes the texts to look up and returns the ids of those that exist.

    `account_keys` takes a system first. `reachable_accounts` holds the ids that the actor may record facts
    for, or is None for all.
    """

    account_keys: Callable[[str, Sequence[str]], Mapping[str, int]]
    account_ids: Lookup
    products: Lookup
    contacts: Lookup
    users: Lookup
    reachable_accounts: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What holds for all rows of one run: their source, the system of bare account keys, the time, the
    rights.
    """

    source: str
    system: str
    now: datetime
    time_zone: str
    is_typed: bool = False
    may_correct: bool = True


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was not recorded: where, why (a code of the vocabulary's reasons), and the row as it
    came.
    """

    line: int
    code: str
    field: str
    row: object


@dataclass(frozen=True, slots=True)
class SiftedBatch:
    """One batch under work. `table` is its table in the sieve, `rows` how many rows came.

    `source_ids` holds the numbers of all rows that can be recorded or must wait, joined by U+0001; `first_id`
    and `last_id` bound them in byte order. `broken` are rows that could not be split.
    """

    table: str
    rows: int
    source_ids: str
    first_id: str
    last_id: str
    feed: pyarrow.Array
    is_json: bool
    broken: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many rows of a batch go which way."""

    ready: int = 0
    waiting: int = 0
    repeated: int = 0
    conflicts: int = 0
    rejected: int = 0


@dataclass(slots=True)
class Sieve:
    """A DuckDB in memory that lives for one run; a context manager."""

    occasion: Occasion
    lookups: Lookups
    _connection: duckdb.DuckDBPyConnection = field(init=False, repr=False)
    _number: int = field(default=0, init=False, repr=False)

    def __enter__(self) -> "Sieve":
        """Open the database."""
        self._connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "memory_limit": MEMORY_LIMIT,
                "threads": "1",
            }
        )
        self._connection.execute(f"SET GLOBAL TimeZone = '{self.occasion.time_zone}'")
        self._connection.execute("CREATE TABLE known (name VARCHAR, key VARCHAR, id BIGINT)")
        self._connection.execute(_ESCAPE_MACRO)
        if self.lookups.reachable_accounts is not None:
            reachable = pyarrow.table({"id": pyarrow.array(self.lookups.reachable_accounts, pyarrow.int64())})
            self._connection.from_arrow(reachable).create("reachable")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        self._connection.close()

    def sift(self, batch: RowBatch) -> SiftedBatch:
        """Check, resolve and write out one batch; it stays in the sieve until `forget`."""
        cursor = self._connection.cursor()
        self._number += 1
        table = f"memory.main.batch_{self._number}"
        cursor.register("incoming", batch.table)
        reading, is_json = _reading(cursor, batch.table.column_names)
        parameters = {
            "system": self.occasion.system,
            "now": self.occasion.now,
            "may_correct": self.occasion.may_correct,
        }
        cursor.execute(check_sql("checked", reading=reading), parameters)
        self._look_up(cursor)
        cursor.execute(self._settle_sql(table))
        _keep_original(cursor, table)
        _mark_repeated_within(cursor, table)
        ids, first_id, last_id = _source_ids(cursor, table)
        broken = tuple(Rejection(row.line, row.code, "", row.text) for row in batch.broken)
        feed = self._feed(cursor, table)
        return SiftedBatch(table, batch.table.num_rows + len(broken), ids, first_id, last_id, feed, is_json, broken)

    def mark_standing(self, batch: SiftedBatch, standing: Sequence[tuple[str, int]]) -> SiftedBatch:
        """Set aside rows whose number of the source stands already, given as (source id, digest) pairs."""
        cursor = self._connection.cursor()
        table = pyarrow.table(
            {
                "source_id": pyarrow.array([row[0] for row in standing], pyarrow.string()),
                "digest": pyarrow.array([row[1] for row in standing], pyarrow.int64()),
            }
        )
        cursor.register("standing", table)
        cursor.execute(_MARK_STANDING.format(table=batch.table))
        return replace(batch, feed=self._feed(cursor, batch.table))

    def corrections(self, batch: SiftedBatch) -> tuple[str, ...]:
        """The numbers of the source that the recordable rows of a batch correct."""
        rows = self._connection.cursor().execute(
            f"SELECT DISTINCT corrects FROM {batch.table} "  # noqa: S608  # our name
            "WHERE corrects IS NOT NULL AND state IN ('ready', 'waiting')"
        )
        return tuple(row[0] for row in rows.fetchall())

    def mark_corrected(self, batch: SiftedBatch, corrected: Sequence[str]) -> SiftedBatch:
        """Set aside corrections of facts for which another correction stands, or comes earlier in the
        batch.
        """
        cursor = self._connection.cursor()
        cursor.register("corrected", pyarrow.table({"number": pyarrow.array(corrected, pyarrow.string())}))
        cursor.execute(_MARK_CORRECTED.format(table=batch.table))
        return replace(batch, feed=self._feed(cursor, batch.table))

    def outcome(self, batch: SiftedBatch) -> Outcome:
        """How many rows go which way."""
        cursor = self._connection.cursor()
        cursor.execute(f"SELECT state, count(*) FROM {batch.table} GROUP BY 1")  # noqa: S608  # our name
        counts = dict(cursor.fetchall())
        return Outcome(
            counts.get("ready", 0),
            counts.get("waiting", 0),
            counts.get("repeated", 0),
            counts.get("conflict", 0),
            counts.get("rejected", 0) + len(batch.broken),
        )

    def waiting_feed(self, batch: SiftedBatch) -> pyarrow.Array:
        """The rows whose account is not known yet, as COPY text for `WAITING_COLUMNS`."""
        entries = ", ".join(f"'{name}', {name}" for name in _WAITING_ROW)
        row = (
            f"json_merge_patch('{{}}', json_object({entries}, 'occurred_at', occurred_at || '+00:00', "
            "'payload', CAST(payload AS JSON)))"
        )
        columns = (
            f"'{self.occasion.source}'", "copied(source_id)", "digest", "copied(account_system)",
            "copied(account_key)", f"copied(CAST({row} AS VARCHAR))",
        )  # fmt: skip
        return _lines(
            self._connection.cursor(),
            f"SELECT {_joined(columns)} FROM {batch.table} WHERE state = 'waiting'",  # noqa: S608  # our names
        )

    def touched(self, batch: SiftedBatch) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """The accounts (none when there are over `EVENT_ACCOUNTS`) and kinds of the recordable rows."""
        cursor = self._connection.cursor()
        ready = f"FROM {batch.table} WHERE state = 'ready'"
        limit = EVENT_ACCOUNTS + 1
        accounts = cursor.execute(f"SELECT DISTINCT account {ready} ORDER BY 1 LIMIT {limit}").fetchall()
        kinds = cursor.execute(f"SELECT DISTINCT kind {ready} ORDER BY 1").fetchall()
        ids = tuple(row[0] for row in accounts)
        return ids if len(ids) <= EVENT_ACCOUNTS else (), tuple(row[0] for row in kinds)

    def rejections(self, batch: SiftedBatch) -> Iterator[Rejection]:
        """The refused rows of a batch and those in conflict with what stands, in the order of their lines."""
        yield from batch.broken
        cursor = self._connection.cursor()
        cursor.execute(
            f"SELECT i.*, t.problem FROM {_original(batch.table)} i "  # noqa: S608  # our names
            f"JOIN {batch.table} t USING (line) ORDER BY line"
        )
        names = [column[0] for column in cursor.description or ()]
        while rows := cursor.fetchmany(1000):
            for values in rows:
                row = dict(zip(names, values, strict=True))
                code, _, name = str(row.pop("problem")).partition("|")
                line = int(row.pop("line"))
                yield Rejection(line, code, name, row["row"] if batch.is_json else row)
        cursor.execute(
            "SELECT line, coalesce(problem, 'fact.conflict|source_id'), source_id, corrects "  # noqa: S608  # our name
            f"FROM {batch.table} WHERE state = 'conflict' ORDER BY line"
        )
        while rows := cursor.fetchmany(1000):
            for line, problem, source_id, corrects in rows:
                code, _, name = problem.partition("|")
                yield Rejection(line, code, name, {"source_id": source_id, "corrects": corrects})

    def settled_lines(self, batch: SiftedBatch) -> tuple[int, ...]:
        """The lines of the rows that are in the ledger by now."""
        rows = self._connection.cursor().execute(
            f"SELECT line FROM {batch.table} WHERE state IN ('ready', 'repeated') ORDER BY line"  # noqa: S608  # our name
        )
        return tuple(row[0] for row in rows.fetchall())

    def forget(self, batch: SiftedBatch) -> None:
        """Drop a batch that is done."""
        cursor = self._connection.cursor()
        cursor.execute(f"DROP TABLE {batch.table}")
        cursor.execute(f"DROP TABLE {_original(batch.table)}")

    def _look_up(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Fetch the ids of all names of good rows that are not known yet."""
        for system in _unknown(cursor, "account_system", "account_key"):
            keys = _unknown(cursor, "account_key", "account_key", system=system)
            found = self.lookups.account_keys(system, keys)
            _remember(cursor, f"account_key:{system}", found)
        plain = (
            ("account_id", self.lookups.account_ids),
            ("product", self.lookups.products),
            ("contact_id", self.lookups.contacts),
            ("user_id", self.lookups.users),
        )
        for name, look_up in plain:
            texts = _unknown(cursor, name, name)
            if texts:
                _remember(cursor, name, look_up(texts))

    def _settle_sql(self, table: str) -> str:
        """The statement that joins the ids and decides the state of each row."""
        is_limited = self.lookups.reachable_accounts is not None
        unknown_key = "WHEN account_key IS NOT NULL AND ak.id IS NULL THEN 'account.unknown|account_key'"
        beyond = (
            "WHEN coalesce(ai.id, ak.id) NOT IN (SELECT id FROM reachable) THEN 'account.unknown|' || "
            "CASE WHEN account_key IS NULL THEN 'account_id' ELSE 'account_key' END"
        )
        return _SETTLE.format(table=table, limited=f"{unknown_key} {beyond}" if is_limited else "")

    def _feed(self, cursor: duckdb.DuckDBPyConnection, table: str) -> pyarrow.Array:
        """The recordable rows as COPY text, ordered by account and time so that near rows share index
        pages.
        """
        values = {
            "source": f"'{self.occasion.source}'",
            "digest": "digest",
            "account_id": "account",
            "kind": "kind",
            "sub_kind": "sub_kind",
            "occurred_at": "occurred_at || '+00'",
            "is_typed": "'t'" if self.occasion.is_typed else "'f'",
            "source_id": "copied(source_id)",
        }
        columns = [
            values.get(name, f"copied({name})" if name in ESCAPED else f"coalesce({name}::VARCHAR, '\\N')")
            for name in COPY_COLUMNS
        ]
        return _lines(
            cursor,
            f"SELECT {_joined(columns)} FROM {table} WHERE state = 'ready' ORDER BY account, occurred_at",  # noqa: S608  # our names
        )


_ESCAPE_MACRO = r"""
CREATE MACRO copied(x) AS CASE
    WHEN x IS NULL THEN '\N'
    WHEN contains(x, '\') OR contains(x, chr(9)) OR contains(x, chr(10)) OR contains(x, chr(13))
    THEN replace(replace(replace(replace(x, '\', '\\'), chr(9), '\t'), chr(10), '\n'), chr(13), '\r')
    ELSE x END
"""

_SETTLE = """
CREATE TABLE {table} AS
WITH resolved AS (
    SELECT c.* REPLACE (coalesce(problem, CASE
            WHEN c.account_id IS NOT NULL AND ai.id IS NULL THEN 'account.unknown|account_id'
            WHEN c.product IS NOT NULL AND p.id IS NULL THEN 'product.unknown|product'
            WHEN c.contact_id IS NOT NULL AND co.id IS NULL THEN 'contact.unknown|contact_id'
            WHEN c.user_id IS NOT NULL AND u.id IS NULL THEN 'user.unknown|user_id'
            {limited} END) AS problem),
        coalesce(ai.id, ak.id) AS account, p.id AS product_id
    FROM checked c
    LEFT JOIN known ai ON ai.name = 'account_id' AND ai.key = c.account_id::VARCHAR
    LEFT JOIN known ak ON ak.name = 'account_key:' || c.account_system AND ak.key = c.account_key
    LEFT JOIN known p ON p.name = 'product' AND p.key = c.product
    LEFT JOIN known co ON co.name = 'contact_id' AND co.key = c.contact_id::VARCHAR
    LEFT JOIN known u ON u.name = 'user_id' AND u.key = c.user_id::VARCHAR
)
SELECT *, CASE
    WHEN problem IS NOT NULL THEN 'rejected' WHEN account IS NULL THEN 'waiting' ELSE 'ready' END AS state
FROM resolved
"""

_MARK_STANDING = """
UPDATE {table} AS t SET state = CASE WHEN t.digest = s.digest THEN 'repeated' ELSE 'conflict' END
FROM standing s WHERE s.source_id = t.source_id AND t.state IN ('ready', 'waiting')
"""

_MARK_REPEATED = """
UPDATE {table} AS t SET state = CASE WHEN t.digest = f.digest THEN 'repeated' ELSE 'conflict' END
FROM (
    SELECT source_id, min(line) AS line, arg_min(digest, line) AS digest
    FROM {table} WHERE state IN ('ready', 'waiting') GROUP BY source_id HAVING count(*) > 1
) f
WHERE f.source_id = t.source_id AND t.line > f.line AND t.state IN ('ready', 'waiting')
"""


_MARK_CORRECTED = """
UPDATE {table} AS t SET state = 'conflict', problem = 'fact.corrected|corrects'
FROM (
    SELECT corrects, min(line) AS line, corrects IN (SELECT number FROM corrected) AS is_taken
    FROM {table} WHERE corrects IS NOT NULL AND state IN ('ready', 'waiting') GROUP BY corrects
) f
WHERE f.corrects = t.corrects AND t.state IN ('ready', 'waiting') AND (f.is_taken OR t.line > f.line)
"""


def feed_bytes(feed: pyarrow.Array) -> Iterator[memoryview]:
    """The COPY text of a feed without a copy: the characters of an Arrow text column lie one after the
    other.
    """
    for chunk in feed.chunks if isinstance(feed, pyarrow.ChunkedArray) else (feed,):
        if len(chunk):
            _, offsets, characters = chunk.cast(pyarrow.large_string()).buffers()
            places = memoryview(offsets).cast("q")
            yield memoryview(characters)[places[chunk.offset] : places[chunk.offset + len(chunk)]]


def _reading(cursor: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> tuple[Reading, bool]:
    """How to read a batch: as columns, or as JSON objects with the keys that occur in it."""
    names = [name for name in columns if name != "line"]
    if names == ["row"]:
        keys = [row[0] for row in cursor.execute(keys_sql("row")).fetchall()]
        inner = [row[0] for row in cursor.execute(keys_sql("row", at="$.payload")).fetchall()]
        return json_reading(keys, payload_keys=inner), True
    inner = []
    if "payload" in names:
        inner = [row[0] for row in cursor.execute(keys_sql("payload")).fetchall()]
    return flat_reading(names, payload_keys=inner), False


def _unknown(cursor: duckdb.DuckDBPyConnection, column: str, needed: str, *, system: str | None = None) -> list[str]:
    """The distinct texts of a column of good rows that are not among the known."""
    name = "'account_key:' || account_system" if needed == "account_key" else f"'{column}'"
    condition = "AND account_system = $system" if system is not None else ""
    sql = (
        f"SELECT DISTINCT {quoted(column)}::VARCHAR FROM checked c WHERE problem IS NULL "  # noqa: S608  # our names
        f"AND {quoted(needed)} IS NOT NULL {condition} "
        f"AND NOT EXISTS (FROM known k WHERE k.name = {name} AND k.key = c.{quoted(needed)}::VARCHAR)"
    )
    rows = cursor.execute(sql, {"system": system} if system is not None else {}).fetchall()
    return [row[0] for row in rows]


def _remember(cursor: duckdb.DuckDBPyConnection, name: str, found: Mapping[str, int]) -> None:
    if not found:
        return
    table = pyarrow.table(
        {
            "key": pyarrow.array(found.keys(), pyarrow.string()),
            "id": pyarrow.array(found.values(), pyarrow.int64()),
        }
    )
    cursor.register("found", table)
    cursor.execute("INSERT INTO known SELECT $name, key, id FROM found", {"name": name})
    cursor.unregister("found")


def _mark_repeated_within(cursor: duckdb.DuckDBPyConnection, table: str) -> None:
    """Set aside rows whose number of the source stands earlier in the same batch."""
    counted = cursor.execute(
        f"SELECT count(*) - count(DISTINCT source_id) FROM {table} WHERE state <> 'rejected'"  # noqa: S608  # our name
    ).fetchone()
    if counted and counted[0]:
        cursor.execute(_MARK_REPEATED.format(table=table))


def _source_ids(cursor: duckdb.DuckDBPyConnection, table: str) -> tuple[str, str, str]:
    row = cursor.execute(
        f"SELECT string_agg(source_id, chr(1)), min(source_id), max(source_id) "  # noqa: S608  # our name
        f"FROM (SELECT source_id FROM {table} WHERE state IN ('ready', 'waiting') ORDER BY source_id)"
    ).fetchone() or ("", "", "")
    return row[0] or "", row[1] or "", row[2] or ""


def _lines(cursor: duckdb.DuckDBPyConnection, sql: str) -> pyarrow.Array:
    return cursor.execute(sql).to_arrow_table().column(0)


def _joined(columns: Sequence[str]) -> str:
    return "concat_ws(chr(9), " + ", ".join(columns) + ") || chr(10) AS line"


def _keep_original(cursor: duckdb.DuckDBPyConnection, table: str) -> None:
    """Keep refused rows as they came; an empty table when there are none."""
    refused = f"SELECT line FROM {table} WHERE state = 'rejected'"  # noqa: S608  # our name
    is_any = cursor.execute(f"SELECT EXISTS ({refused})").fetchone() == (True,)
    rows = f"SEMI JOIN ({refused}) r USING (line)" if is_any else "LIMIT 0"
    cursor.execute(f"CREATE TABLE {_original(table)} AS SELECT i.* FROM incoming i {rows}")  # noqa: S608  # our names


def _original(table: str) -> str:
    return f"{table}_original"
