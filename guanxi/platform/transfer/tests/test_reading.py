"""Table files of all kinds become rows; what is no table, or made to harm, is refused."""

import csv
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.transfer.cells import Cell
from guanxi.platform.transfer.delimited import MOST_LINES
from guanxi.platform.transfer.reading import Format, Row, Source, first_rows, header_of, rows_of, sniff
from guanxi.platform.transfer.tests.old_workbook import old_workbook

CHINESE = "客户名称,联系人,城市\n上海启衡贸易有限公司,林晓雯,上海\n北京华信科技有限公司,苏云,北京\n"
TRADITIONAL = "客戶名稱,聯絡人,城市\n臺灣積體電路股份有限公司,陳怡君,新竹\n國泰人壽保險股份有限公司,林志豪,臺北\n"
JAPANESE = "会社名,担当者,都市\n株式会社サンプル,やまだたろう,とうきょう\nトヨタ自動車,すずき,なごや\n"
FRENCH = "Société,Prénom,Ville\nCrédit Générale,Éloïse,Orléans\nMüller & Söhne,Jürgen,Köln\n"
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: bytes | str, name: str = "customers.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def read(path: Path) -> tuple[Source, tuple[str, ...], list[Row]]:
    source = sniff(path, path.name)
    return source, header_of(path, source), list(rows_of(path, source))


def cells(path: Path) -> list[tuple[Cell, ...]]:
    return [row.cells for row in read(path)[2]]


def refused(path: Path) -> str:
    with pytest.raises(RuleViolation) as caught:
        read(path)
    return caught.value.code


def book(path: Path, rows: Sequence[Sequence[object]]) -> Path:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    made.save(path)
    return path


def with_member(path: Path, name: str, content: bytes) -> Path:
    """A copy of a workbook with one member replaced."""
    copy = path.with_name(f"copy-{path.name}")
    with ZipFile(path) as old, ZipFile(copy, "w", ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return copy


SHEET = "xl/worksheets/sheet1.xml"


GREEDY = b"""<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
 count="4294967295" uniqueCount="4294967295"><si><t>number</t></si></sst>"""
"""Shared texts that claim to be so many that the quick reader ends its process."""


def sheet_xml(rows: str) -> bytes:
    start = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return f"{start}<sheetData>{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    ("text", "encoding", "known_as"),
    [
        (CHINESE, "utf-8", "utf-8"),
        (CHINESE, "utf-8-sig", "utf-8-sig"),
        (CHINESE, "utf-16", "utf-16"),
        (CHINESE, "utf-16-le", "utf-16-le"),
        (CHINESE, "utf-16-be", "utf-16-be"),
        (CHINESE, "gbk", "gb18030"),
        (CHINESE + "𠮷野家餐饮有限公司,䶮先生,广州\n", "gb18030", "gb18030"),
        (TRADITIONAL, "big5", "big5hkscs"),
        (JAPANESE, "shift_jis", "cp932"),
        (FRENCH, "latin-1", "cp1252"),
        (FRENCH, "cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_seen_by_the_content(write: Write, text: str, encoding: str, known_as: str) -> None:
    source, header, rows = read(write(text.encode(encoding)))
    lines = text.splitlines()
    assert source == Source(Format.CSV, encoding=known_as, delimiter=",", header_line=1)
    assert header == tuple(lines[0].split(","))
    assert rows == [Row(number, tuple(line.split(","))) for number, line in enumerate(lines[1:], start=2)]


def test_chinese_that_comes_late_in_a_long_file_is_seen(write: Write) -> None:
    plain = "name,city\n" + "Plain Company,Shanghai\n" * 100_000
    source, _, rows = read(write(plain.encode() + "上海启衡贸易有限公司,上海\n".encode("gbk")))
    assert source.encoding == "gb18030"
    assert rows[-1] == Row(100_002, ("上海启衡贸易有限公司", "上海"))


def test_a_byte_that_cannot_be_read_damages_its_row_alone(write: Write) -> None:
    _, _, rows = read(write(CHINESE.encode() + b"\xff\xe4\xb8,a,b\n" + "丙公司,a,b\n".encode()))
    assert [row.is_damaged for row in rows] == [False, False, True, False]
    assert rows[2] == Row(4, ("\ufffd\ufffd", "a", "b"), True)


def test_zero_bytes_are_left_out(write: Write) -> None:
    assert cells(write("name,city\n" + "Plain,Shanghai\n" * 20 + "A\0nn,Bei\0jing\n"))[-1] == ("Ann", "Beijing")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen(write: Write, delimiter: str) -> None:
    lines = ["name", "note", "amount"], ["甲", "a b", "1.5"], ["乙", "c d", "2.5"]
    source, header, rows = read(write("\n".join(delimiter.join(line) for line in lines)))
    assert (source.delimiter, header) == (delimiter, ("name", "note", "amount"))
    assert [row.cells for row in rows] == [("甲", "a b", "1.5"), ("乙", "c d", "2.5")]


def test_commas_inside_do_not_hide_the_delimiter(write: Write) -> None:
    text = "name;revenue;margin\nLee, Ann;1,5;2,5\nKim, Bo;2,25;3,5\nWu, Li;3,5;1,25\n"
    assert cells(write(text))[0] == ("Lee, Ann", "1,5", "2,5")


def test_a_chinese_comma_delimits_only_when_all_lines_agree(write: Write) -> None:
    assert cells(write("名称，城市\n甲，上海\n乙，北京\n")) == [("甲", "上海"), ("乙", "北京")]
    assert cells(write("名称\n甲，上海\n乙\n")) == [("甲，上海",), ("乙",)]


def test_a_spreadsheets_own_line_names_the_delimiter(write: Write) -> None:
    source, header, rows = read(write("sep=;\nname;city\n甲;上海\n"))
    assert (source.delimiter, source.header_line, header) == (";", 2, ("name", "city"))
    assert rows == [Row(3, ("甲", "上海"))]


def test_quotes_hold_delimiters_quotes_and_line_breaks(write: Write) -> None:
    text = 'name,note\r\n"甲, 乙","said ""yes""\r\nand left"\r\n丙,x\r\n'
    assert read(write(text))[2] == [Row(2, ("甲, 乙", 'said "yes"\r\nand left')), Row(4, ("丙", "x"))]


def test_line_ends_of_all_systems(write: Write) -> None:
    for end in ("\n", "\r\n", "\r"):
        assert read(write(end.join(("name,city", "甲,上海", "", "乙,北京"))))[2] == [
            Row(2, ("甲", "上海")),
            Row(4, ("乙", "北京")),
        ]


@pytest.mark.parametrize("more", [0, 3, MOST_LINES * 3])
def test_a_quote_that_is_never_closed_costs_its_own_row_alone(write: Write, more: int) -> None:
    text = 'name,city\n甲,上海\n"乙,北京\n' + "丙,广州\n" * more
    assert read(write(text))[2] == [
        Row(2, ("甲", "上海")),
        Row(3, ('"乙', "北京"), True),
        *(Row(number, ("丙", "广州")) for number in range(4, 4 + more)),
    ]


def test_a_stray_quote_does_not_swallow_rows_up_to_the_next_quoted_cell(write: Write) -> None:
    text = 'name,city\n"甲 5,上海\n乙,北京\n"丙, 丁",广州\n戊,深圳\n'
    assert [(row.number, row.cells[-1]) for row in read(write(text))[2]] == [
        (2, "上海"),
        (3, "北京"),
        (4, "广州"),
        (5, "深圳"),
    ]


def test_ragged_rows_are_filled_and_surplus_cells_kept(write: Write) -> None:
    text = "a,b,c\n1\n1,2,3,,\n1,2,3,,5\n ,,\n,,\n\n1,,\n"
    assert read(write(text))[2] == [
        Row(2, ("1", None, None)),
        Row(3, ("1", "2", "3")),
        Row(4, ("1", "2", "3", None, "5")),
        Row(8, ("1", None, None)),
    ]


def test_titles_and_merged_headings_above_the_header_are_skipped(write: Write) -> None:
    text = (
        "2021年客户名单,,,,\n制表人：苏云,日期：2021-03-05,,,\n\n基本信息,,,联系方式,\n"
        "名称,城市,行业,电话,邮箱\n甲公司,上海,制造,13800136021,a@qiheng.example\n"
    )
    source, header, rows = read(write(text))
    assert (source.header_line, header) == (5, ("名称", "城市", "行业", "电话", "邮箱"))
    assert [row.number for row in rows] == [6]


def test_names_of_columns_are_trimmed_and_doubles_kept(write: Write) -> None:
    assert read(write(" 名称 ,,电话,电话,\n甲,x,1,2,3\n"))[1] == ("名称", "", "电话", "电话")


def test_a_file_that_begins_with_values_has_no_header(write: Write) -> None:
    source, header, rows = read(write("甲公司,13800136021\n乙公司,13900136022\n"))
    assert (source.header_line, header, len(rows)) == (0, ("", ""), 2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "import.empty"),
        (b"\xef\xbb\xbf \r\n\t\r\n", "import.empty"),
        (b"%PDF-1.7 ...", "import.format"),
        (b"\x89PNG\r\n\x1a\n....", "import.format"),
        (bytes(range(256)) * 40, "import.format"),
        ("<html><table><tr><td>甲</td></tr></table></html>", "import.format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 5_000, "import.unreadable"),
        (b"PK\x03\x04" + b"x" * 5_000, "import.unreadable"),
        (",".join(f"c{number}" for number in range(10_000)) + "\n", "import.columns"),
        ("x" * (1 << 24), "import.unreadable"),
    ],
)
def test_what_is_no_table_of_customers_is_refused(write: Write, content: bytes | str, code: str) -> None:
    assert refused(write(content, "strange.csv")) == code


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(count: int) -> tuple[int, int]:
        path = tmp_path / f"{count}.csv"
        with path.open("w", encoding="gbk", newline="") as file:
            line = csv.writer(file)
            line.writerow(["名称", "电话", "备注"])
            line.writerows(
                (f"客户{number}有限公司", 13_800_000_000 + number, "老客户, 上海") for number in range(count)
            )
        tracemalloc.start()
        found = sum(1 for _ in rows_of(path, sniff(path, path.name)))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found, most

    small, large = peak(50_000), peak(200_000)
    assert (small[0], large[0]) == (50_000, 200_000)
    assert large[1] < 1.2 * small[1]


def test_a_workbook_gives_its_values(tmp_path: Path) -> None:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(["客户名单"])
    sheet.merge_cells("A1:G1")
    sheet.append(["名称", "电话", "成立", "联系", "金额", "重点", "备注"])
    touched = datetime(2019, 4, 8, 13, 30)  # noqa: DTZ001  # as a workbook holds it
    sheet.append(["甲", 13800136021, date(2019, 4, 8), touched, 12.5, True, time(10)])
    sheet.append([])
    sheet.append(["乙", None, None, None, "=1+1", False])
    sheet["F6"], sheet["F6"].data_type = "#N/A", "e"
    sheet["A6"] = "丙"
    sheet.merge_cells("A6:C6")
    made.create_sheet("第二").append(["a", "b"])
    made.save(tmp_path / "book.bin")
    source, header, rows = read(tmp_path / "book.bin")
    assert source == Source(Format.XLSX, sheet="Sheet", sheets=("Sheet", "第二"), header_line=2)
    assert header == ("名称", "电话", "成立", "联系", "金额", "重点", "备注")
    assert rows == [
        Row(3, ("甲", 13800136021.0, date(2019, 4, 8), touched, 12.5, True, "10:00:00")),
        Row(5, ("乙", None, None, None, None, False, None)),
        Row(6, ("丙", None, None, None, None, None, None)),
    ]
    other = sniff(tmp_path / "book.bin", "book.xlsx", sheet="第二")
    assert (other.sheet, header_of(tmp_path / "book.bin", other)) == ("第二", ("a", "b"))


def test_a_sheet_is_streamed_with_the_same_values_when_it_is_not_laid_out(tmp_path: Path) -> None:
    moment = datetime(2019, 4, 8, 13, 30)  # noqa: DTZ001  # as a workbook holds it
    path = book(tmp_path / "a.xlsx", [[1, "number"], [1.5, moment], [], [date(2019, 4, 8), 2]])
    streamed = with_member(path, "xl/sharedStrings.xml", GREEDY)
    source, _, rows = read(path)
    assert read(streamed)[2] == rows
    assert first_rows(path, source, 1) == rows[:1]
    assert first_rows(path, source, 9) == rows


def test_an_old_workbook_gives_its_values(write: Write) -> None:
    source, header, rows = read(write(old_workbook(), "old.xls"))
    assert source == Source(Format.XLS, sheet="客户", sheets=("客户", "空"), header_line=2)
    assert header == ("名称", "电话", "成立日期", "重点")
    assert rows == [
        Row(3, ("上海甲公司", 13800136021.0, date(2019, 4, 8), True)),
        Row(5, ("乙公司", None, None, None)),
    ]


def test_a_cell_far_away_does_not_make_a_sheet_large(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["名称"]])
    text = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
    far = f'<row r="1">{text.format("A1", "名称")}</row><row r="900000">{text.format("CV900000", "远")}</row>'
    path = with_member(path, SHEET, sheet_xml(far))
    assert [(row.number, row.cells[-1]) for row in read(path)[2]] == [(900_000, "远")]


def test_a_sheet_with_too_many_columns_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [[f"列{number}" for number in range(1_001)]])
    assert refused(path) == "import.columns"


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    assert refused(book(tmp_path / "a.xlsx", [])) == "import.empty"


def test_a_workbook_that_unpacks_to_far_more_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["名称"]])
    assert refused(with_member(path, "xl/media/big.bin", b"\0" * (60 << 20))) == "import.bomb"
    with ZipFile(path, "a") as archive:
        for number in range(2_001):
            archive.writestr(f"xl/media/{number}", b"")
    assert refused(path) == "import.bomb"


def test_a_broken_workbook_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", [["名称"], ["甲"]])
    assert refused(with_member(path, SHEET, b"<worksheet><sheetData><row")) in ("import.unreadable", "import.empty")
    path.write_bytes(path.read_bytes()[:-200])
    assert refused(path) == "import.unreadable"


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "x")
    assert refused(tmp_path / "a.zip") == "import.format"
