"""How fast records are recognised as one at 1,000,000 accounts: while typing, in a file, in a scan.

Typing asks whole requests of one kept connection. A file is compared in blocks of 2,000 rows, half of them as somebody
else writes customers who are there. The scan is the whole one, from the database to the kept pairs, beside the share of
it that Splink itself takes.
"""

import statistics
import time
from collections.abc import Sequence

import pyarrow

from bench.crowd import ACCOUNTS, connect, gather
from bench.pages import TIMES, Client, floor_times, free_port, start, stopped
from bench.record import record
from guanxi.platform.objects.alike import Candidate, EntryPoint
from guanxi.stewardship.adapters import scanning
from guanxi.stewardship.analyses.matching import scored_pairs
from guanxi.stewardship.queries.batches import file_matcher

WHO = "admin"
MOST_TYPING = 50.0
MOST_SCAN, MOST_RATIO = 300.0, 1.3
ASKED = 300
"""So many names: of fewer the slowest twentieth is a matter of chance."""
BLOCK, BLOCKS, MOST_A_ROW = 2_000, 5, 0.1


def main() -> None:
    """Measure typing, files and the scan."""
    gather()
    typing()
    in_files()
    scan()


def typing() -> None:
    """The answer while somebody types a name, of growing length; other names warm the server up."""
    with connect() as connection:
        rows = connection.execute(
            "SELECT name FROM customers_account WHERE kind = 'organisation' ORDER BY md5(id::text) LIMIT %s",
            [TIMES + ASKED],
        ).fetchall()
    names = [str(name) for (name,) in rows]
    port = free_port()
    server, _seconds = start(port)
    try:
        client = Client(port, WHO)
        floor = statistics.median(floor_times())
        client.get("/accounts/new/")
        _asked(client, names[:TIMES])
        found = sorted(_asked(client, names[TIMES:]))
    finally:
        stopped(server)
    values = {"p50": statistics.median(found), "p95": found[int(len(found) * 0.95) - 1], "p95_limit": MOST_TYPING}
    record(
        "customers_typing",
        "ms",
        rows=ACCOUNTS,
        what="limit of p95, ms",
        reference=MOST_TYPING,
        floor=floor,
        **values,
    )


def _asked(client: Client, names: Sequence[str]) -> list[float]:
    """How long each answer took, in milliseconds."""
    found = []
    for number, name in enumerate(names):
        form = {"kind": "organisation", "name": name[: 3 + number % (len(name) - 2)]}
        started = time.perf_counter()
        client.post("/objects/account/alike/", form, is_fragment=True)
        found.append((time.perf_counter() - started) * 1000)
    return found


def in_files() -> None:
    """What comparing a row of a file with the base and with its own earlier rows takes; the first block warms up."""
    with connect() as connection:
        rows = connection.execute(
            "SELECT name, city FROM customers_account WHERE kind = 'organisation' ORDER BY md5(id::text) LIMIT %s",
            [BLOCK * (BLOCKS + 1) // 2],
        ).fetchall()
    values: list[dict[str, object]] = []
    for place, (name, city) in enumerate(rows):
        values.append({"kind": "organisation", "name": str(name).replace("有限公司", "公司"), "city": city})
        values.append({"kind": "organisation", "name": f"云杉{place}岭{name}", "mobile": f"139{place:08}"})
    candidates = [Candidate(number, told) for number, told in enumerate(values, 2)]
    matcher, found, took = file_matcher("account", EntryPoint.IMPORT, remembers=True), 0, []
    for begin in range(0, len(candidates), BLOCK):
        started = time.perf_counter()
        hits = matcher.hits(candidates[begin : begin + BLOCK])
        took.append((time.perf_counter() - started) * 1000 / BLOCK)
        found += len(hits)
    values_of = {"value": statistics.median(took[1:]), "slowest": max(took[1:]), "found": found}
    record(
        "customers_alike_in_files", "ms a row", rows=ACCOUNTS, what="limit, ms a row", reference=MOST_A_ROW, **values_of
    )


def scan() -> None:
    """The scan of the whole base, beside what Splink alone takes of it."""
    alone = []

    def watched(*given: object, **named: object) -> pyarrow.Table:
        started = time.perf_counter()
        pairs = scored_pairs(*given, **named)  # type: ignore[arg-type]
        alone.append(time.perf_counter() - started)
        return pairs

    vars(scanning)["scored_pairs"] = watched
    started = time.perf_counter()
    pairs = scanning.scan_base()
    seconds = time.perf_counter() - started
    record(
        "customers_splink_1m",
        "s",
        rows=ACCOUNTS,
        value=seconds,
        what="limit, s",
        reference=MOST_SCAN,
        pairs=pairs,
        splink_alone=sum(alone),
        ratio=seconds / sum(alone),
        ratio_limit=MOST_RATIO,
    )


if __name__ == "__main__":
    main()
