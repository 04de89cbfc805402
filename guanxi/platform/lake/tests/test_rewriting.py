"""A file of the lake that is written anew holds what it held, but for the rows that changed."""

from pathlib import Path

import pyarrow
from pyarrow import parquet

from guanxi.platform.lake.rewriting import write_anew


def test_rows_of_all_groups_stay_and_changed_ones_are_as_they_are_now(tmp_path: Path) -> None:
    rows = pyarrow.table(
        {"id": range(9), "place": ["苏州", None, "杭州"] * 3, "word": [f"w{number}" for number in range(9)]}
    )
    former = tmp_path / "part_0.parquet"
    parquet.write_table(rows, former, row_group_size=3, use_dictionary=["place"])
    now = pyarrow.table({"word": ["w1", "new", "w8"], "id": [1, 3, 8], "place": [None, "南京", None]})
    fresh = write_anew(former, [3, 4, 5, 8], now)
    found = sorted(parquet.read_table(fresh, partitioning=None).to_pylist(), key=lambda row: row["id"])
    kept = [row for row in rows.to_pylist() if row["id"] not in (3, 4, 5, 8)]
    changed = [{"id": 3, "place": "南京", "word": "new"}, {"id": 8, "place": None, "word": "w8"}]
    assert found == sorted([*kept, *changed], key=lambda row: row["id"])
    assert (former.exists(), fresh.parent) == (True, tmp_path)
