from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.adapters import files
from guanxi.ledger.adapters.encodings import detect_encoding
from guanxi.ledger.adapters.files import BrokenRow, FileFormat, detect_format, read_batches

TEXT = "source_id,note\n1,客户很满意，下次还来，希望能有更多的优惠活动\n2,我们的产品质量很好\n"


def written(folder: Path, content: str | bytes, *, name: str = "facts.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(path: Path) -> tuple[list[dict[str, object]], list[BrokenRow]]:
    batches = list(read_batches(path, progress=lambda done, total: None))
    rows = [row for batch in batches for row in batch.table.to_pylist()]
    return rows, [row for batch in batches for row in batch.broken]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_chinese_text_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    rows, broken = read(written(tmp_path, TEXT.encode(encoding)))
    assert broken == []
    assert [row["note"] for row in rows] == [
        "客户很满意，下次还来，希望能有更多的优惠活动",
        "我们的产品质量很好",
    ]


def test_traditional_text_in_big5_is_read(tmp_path: Path) -> None:
    text = "source_id,note\n1,客戶很滿意，下次還來，希望能有更多的優惠活動，謝謝\n" * 1
    assert read(written(tmp_path, text.encode("big5")))[0][0]["note"] == text.splitlines()[1][2:]


def test_one_damaged_place_does_not_change_the_encoding(tmp_path: Path) -> None:
    path = written(tmp_path, TEXT.encode() + b"3,\xff\n")
    assert detect_encoding(path) == "utf-8"
    assert read(path)[0][2]["note"] == "\ufffd"


def test_strange_bytes_far_below_the_heading_are_found(tmp_path: Path) -> None:
    plain = "".join(f"{number},plain\n" for number in range(60_000))
    path = written(tmp_path, b"source_id,note\n" + plain.encode() + TEXT.splitlines()[1].encode("gb18030") + b"\n")
    assert detect_encoding(path) == "gb18030"


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (b"PAR1....", FileFormat.PARQUET),
        (b'  \n{"a":1}', FileFormat.NDJSON),
        (b"\xef\xbb\xbf{", FileFormat.NDJSON),
        ('{"a":1}'.encode("utf-16"), FileFormat.NDJSON),
        (b"a,b", FileFormat.CSV),
        (b"", FileFormat.CSV),
    ],
)
def test_the_format_is_told_by_content(tmp_path: Path, head: bytes, found: FileFormat) -> None:
    assert detect_format(written(tmp_path, head)) is found


@pytest.mark.parametrize("head", [b"PK\x03\x04xlsx", b"\x1f\x8bgzip", b"\xd0\xcf\x11\xe0xls"])
def test_a_packed_file_is_refused_with_advice(tmp_path: Path, head: bytes) -> None:
    with pytest.raises(RuleViolation, match="save it as CSV"):
        detect_format(written(tmp_path, head))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows, _ = read(written(tmp_path, f"source_id{delimiter}note\n1{delimiter}x\n"))
    assert rows == [{"line": 2, "source_id": "1", "note": "x"}]


def test_an_unknown_column_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(RuleViolation) as refusal:
        read(written(tmp_path, "source_id,amuont\n1,2\n"))
    assert refusal.value.code == "file.columns"
    assert "amount" in str(refusal.value)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleViolation) as refusal:
        read(written(tmp_path, "source_id,note,note\n1,2,3\n"))
    assert refusal.value.code == "file.columns_twice"


def test_lines_are_counted_as_an_editor_does(tmp_path: Path) -> None:
    rows, broken = read(written(tmp_path, 'source_id,note\n1,"two\nlines"\n\nshort\n2,after\n3,a,b\n4,"last"'))
    assert [(row["line"], row["source_id"]) for row in rows] == [(2, "1"), (6, "2"), (8, "4")]
    assert broken == [BrokenRow(5, "short", "row.columns"), BrokenRow(7, "3,a,b", "row.columns")]


def test_a_quotation_mark_that_is_never_closed_costs_its_row_alone(tmp_path: Path) -> None:
    rows, broken = read(written(tmp_path, 'source_id,note\n1,good\n2,"never closed\n3,good\n4,good\n'))
    assert [row["source_id"] for row in rows] == ["1", "3", "4"]
    assert [(row.line, row.code) for row in broken] == [(3, "row.quotes")]


def test_an_unclosed_mark_in_a_long_file_costs_its_row_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BLOCK_BYTES", 2_000)
    lines = [f'{number},"a\nb"' if number % 7 == 0 else f"{number},plain" for number in range(1_000)]
    lines[100] = '100,"never closed'
    rows, broken = read(written(tmp_path, "source_id,note\n" + "\n".join(lines) + "\n"))
    found = {str(row["source_id"]) for row in rows}
    assert {str(number) for number in range(1_000)} - found == {"100"}
    assert [(row.line, row.code, row.text) for row in broken] == [(117, "row.quotes", '100,"never closed')]


def test_a_file_full_of_unclosed_marks_is_read_line_by_line(tmp_path: Path) -> None:
    rows, broken = read(written(tmp_path, "source_id,note\n" + '1,"open\n2,good\n' * 100))
    assert len(rows) == 100
    assert [row.line for row in broken] == list(range(2, 202, 2))


def test_stray_marks_inside_values_are_plain_characters(tmp_path: Path) -> None:
    rows, broken = read(written(tmp_path, 'source_id,note\n1,5" pipe\n2,plain\n'))
    assert [row["note"] for row in rows] == ['5" pipe', "plain"]
    assert broken == []


def test_blanks_around_values_are_dropped(tmp_path: Path) -> None:
    rows, _ = read(written(tmp_path, "source_id, note \n 1 ,\u3000茶 \n"))
    assert rows == [{"line": 2, "source_id": "1", "note": "茶"}]


def test_lines_of_json_keep_their_number(tmp_path: Path) -> None:
    rows, _ = read(written(tmp_path, '{"a":"x,\\"y\\""}\n\n{"b":2}\r\n', name="facts.ndjson"))
    assert rows == [{"line": 1, "row": '{"a":"x,\\"y\\""}'}, {"line": 3, "row": '{"b":2}'}]


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    path = tmp_path / "facts.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"source_id": ["1", "2"], "amount": [1.5, None]}), path)
    assert read(path)[0] == [
        {"line": 1, "source_id": "1", "amount": 1.5},
        {"line": 2, "source_id": "2", "amount": None},
    ]


@pytest.mark.parametrize("content", ["", "source_id,note\n", "\n\n"])
def test_a_file_without_rows_has_none(tmp_path: Path, content: str) -> None:
    assert read(written(tmp_path, content)) == ([], [])


def test_batches_stay_small_whatever_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH_ROWS", 100)
    monkeypatch.setattr(files, "BLOCK_BYTES", 512)
    path = written(tmp_path, "source_id,note\n" + "".join(f"{number},x\n" for number in range(1_050)))
    sizes = [batch.table.num_rows for batch in read_batches(path, progress=lambda done, total: None)]
    assert sum(sizes) == 1_050
    assert max(sizes) <= 100


def test_progress_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    path = written(tmp_path, TEXT)
    list(read_batches(path, progress=lambda done, total: seen.append((done, total))))
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_a_missing_file_is_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(RuleViolation, match=r"nowhere\.csv cannot be read"):
        detect_format(tmp_path / "nowhere.csv")
