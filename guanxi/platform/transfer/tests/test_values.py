"""Cells become values of their fields, and say what was mended or why they are none."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from guanxi.kernel.fields import FieldType
from guanxi.platform.transfer.cells import Cell
from guanxi.platform.transfer.values import Problem, Reading, Repair, choice_words, read_cell

GRADES = choice_words(
    [
        ("key", ["Key customer", "重点客户"]),
        ("plain", ["Plain, others", "普通客户"]),
        ("lost", ["Lost", "其他"]),
        ("never", ["Never", "其他"]),
    ]
)


def at(*parts: int, tzinfo: timezone | None = None) -> datetime:
    """An instant as a cell holds it: without an offset, unless it is given."""
    year, month, day, hour, minute, second, micro = (*parts, 0, 0, 0, 0)[:7]
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=tzinfo)


def value(cell: Cell, kind: FieldType) -> object:
    reading = read_cell(cell, kind)
    assert reading.problem == ""
    return reading.value


def problem(cell: Cell, kind: FieldType) -> str:
    reading = read_cell(cell, kind, choices=GRADES)
    assert (reading.value, reading.repair) == (None, "")
    return reading.problem


@pytest.mark.parametrize("kind", list(FieldType))
@pytest.mark.parametrize("cell", [None, "", "  ", "\u3000", "\xa0\u200b"])
def test_an_empty_cell_is_nothing(kind: FieldType, cell: Cell) -> None:
    assert read_cell(cell, kind) == Reading(None)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("上海测试有限公司", "上海测试有限公司"),
        ("  Ann  Lee ", "Ann  Lee"),
        ("\u3000林晓雯\xa0", "林晓雯"),
        ("林\u200b晓\ufeff雯", "林晓雯"),
        ("Cafe\u0301", "Café"),
        ("第一行\r\n第二行", "第一行 第二行"),
        ("a\tb\x07", "a b"),
        ("👨\u200d👩", "👨\u200d👩"),
        ('="00123"', "00123"),
        ("'=1+1", "=1+1"),
        ("'0086", "0086"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        (13800136021.0, "13800136021"),
        ("13800136021.0", "13800136021"),
        ("2.0", "2.0"),
        (2, "2"),
        (0.5, "0.5"),
        (True, "TRUE"),
        (date(2021, 3, 5), "2021-03-05"),
        (at(2021, 3, 5, 8, 30), "2021-03-05 08:30"),
        ("2E5", "2E5"),
        ("无", "无"),
    ],
)
def test_a_text_is_what_a_person_sees(cell: Cell, expected: str) -> None:
    assert read_cell(cell, FieldType.TEXT) == Reading(expected)


def test_a_long_text_keeps_its_lines() -> None:
    assert value("第一行\r\n\r\n第二行 \n", FieldType.LONG_TEXT) == "第一行\n\n第二行"


def test_errors_of_formulas_are_nothing() -> None:
    assert read_cell("#N/A", FieldType.TEXT) == Reading(None, Repair.NOTHING_SAID)


@pytest.mark.parametrize("kind", [FieldType.TEXT, FieldType.PHONE])
def test_digits_that_a_spreadsheet_has_lost_are_told(kind: FieldType) -> None:
    assert problem("1.39052E+10", kind) == Problem.LOST_DIGITS
    assert problem(440301199001011234.0, kind) == Problem.LOST_DIGITS
    assert read_cell("1.3905201234E+10", kind) == Reading("13905201234", Repair.SCIENTIFIC)
    assert read_cell(13905201234.0, kind) == Reading("13905201234")
    assert read_cell(1.3905201234e10, kind) == Reading("13905201234")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1234.50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1.234.567", "1234567"),
        ("12,34,567", "1234567"),
        ("1 234 567.5", "1234567.5"),
        ("1’234.50", "1234.50"),
        ("１，２３４．５０", "1234.50"),
        ("￥1,234", "1234"),
        ("-¥12", "-12"),
        ("¥-12", "-12"),
        ("12元", "12"),
        ("12.5万元", "125000"),
        ("人民币 3 万", "30000"),
        ("1.5亿", "150000000"),
        ("2千万", "20000000"),
        ("12w", "120000"),
        ("（123）", "-123"),
        ("(1,234.5)", "-1234.5"),
        ("123-", "-123"),
        ("−5", "-5"),
        ("+5", "5"),
        (".5", "0.5"),
        (12, "12"),
        (12.25, "12.25"),
        (Decimal("7.10"), "7.10"),
    ],
)
def test_amounts_are_read_as_people_write_them(cell: Cell, expected: str) -> None:
    assert read_cell(cell, FieldType.MONEY) == Reading(Decimal(expected))


@pytest.mark.parametrize(
    ("cell", "expected", "repair"),
    [
        ("$1,000", "1000", Repair.CURRENCY_DROPPED),
        ("US$ 5", "5", Repair.CURRENCY_DROPPED),
        ("1,5", "1.5", Repair.DECIMAL_COMMA),
        ("1.2E+05", "1.2E+5", Repair.SCIENTIFIC),
        ("1.239", "1.24", Repair.ROUNDED),
        (0.1 + 0.2, "0.30", ""),
        ("N/A", None, Repair.NOTHING_SAID),
        ("暂无", None, Repair.NOTHING_SAID),
    ],
)
def test_amounts_say_what_was_mended(cell: Cell, expected: str | None, repair: str) -> None:
    assert read_cell(cell, FieldType.MONEY) == Reading(expected and Decimal(expected), repair)


@pytest.mark.parametrize("cell", ["1,23,4", "12 或 13", "abc", "1.2.3", "50%", "--5", "1e999", "9" * 61, True, "¥$5"])
def test_what_is_no_amount_is_a_problem(cell: Cell) -> None:
    assert problem(cell, FieldType.MONEY) == Problem.NOT_A_NUMBER


def test_whole_numbers_are_whole() -> None:
    assert value("3.0", FieldType.INTEGER) == 3
    assert value(3.0, FieldType.INTEGER) == 3
    assert value("1,200", FieldType.INTEGER) == 1200
    assert read_cell("120人", FieldType.INTEGER) == Reading(120, Repair.UNIT_DROPPED)
    assert problem("3.5", FieldType.INTEGER) == Problem.NOT_WHOLE
    assert problem("50%", FieldType.INTEGER) == Problem.NOT_WHOLE


def test_shares_are_between_nothing_and_all() -> None:
    assert value("85%", FieldType.RATIO) == Decimal("0.85")
    assert value("８５％", FieldType.RATIO) == Decimal("0.85")
    assert value(0.5, FieldType.RATIO) == Decimal("0.5")
    assert value("12.5%", FieldType.NUMBER) == Decimal("0.125").quantize(Decimal("0.01"))
    assert problem("85", FieldType.RATIO) == Problem.OUT_OF_RANGE


def test_a_number_without_set_decimals_is_not_rounded() -> None:
    assert read_cell("1.23456", FieldType.NUMBER, digits=0) == Reading(Decimal("1.23456"))
    assert read_cell("1.6", FieldType.MONEY, digits=0) == Reading(Decimal(2), Repair.ROUNDED)


@pytest.mark.parametrize(
    "cell",
    [
        "2019-04-08",
        "2019/4/8",
        "2019.4.8",
        "2019年4月8日",
        "２０１９年４月８日",
        "2019年4月8号 星期一",
        "20190408",
        20190408,
        "8 Apr 2019",
        "8-Apr-2019",
        "8th April 2019",
        "April 8, 2019",
        "Mon, 8 Apr 2019",
        "Mon, 08 Apr 2019 00:00:00 +0000",
        "2019/4/8 0:00:00",
        "2019-04-08T00:00:00",
        "08.04.2019",
        date(2019, 4, 8),
        at(2019, 4, 8),
    ],
)
def test_days_are_read_in_many_hands(cell: Cell) -> None:
    assert read_cell(cell, FieldType.DATE) == Reading(date(2019, 4, 8))


@pytest.mark.parametrize(
    ("cell", "expected", "repair"),
    [
        ("2021年3月", date(2021, 3, 1), Repair.PARTIAL_DATE),
        ("2021-03", date(2021, 3, 1), Repair.PARTIAL_DATE),
        ("2021", date(2021, 1, 1), Repair.PARTIAL_DATE),
        (2021, date(2021, 1, 1), Repair.PARTIAL_DATE),
        ("Apr 2019", date(2019, 4, 1), Repair.PARTIAL_DATE),
        (43566, date(2019, 4, 11), Repair.SERIAL_DATE),
        (43566.0, date(2019, 4, 11), Repair.SERIAL_DATE),
        ("43566", date(2019, 4, 11), Repair.SERIAL_DATE),
        ("98-05-06", date(1998, 5, 6), Repair.AMBIGUOUS_DATE),
        ("21/3/5", date(2021, 3, 5), Repair.AMBIGUOUS_DATE),
        ("2019-04-08 13:30", date(2019, 4, 8), Repair.TIME_DROPPED),
        (at(2019, 4, 8, 13, 30), date(2019, 4, 8), Repair.TIME_DROPPED),
        ("0000-00-00", None, Repair.NOTHING_SAID),
        ("1900/1/0", None, Repair.NOTHING_SAID),
        ("-", None, Repair.NOTHING_SAID),
    ],
)
def test_days_say_what_was_mended(cell: Cell, expected: date | None, repair: str) -> None:
    assert read_cell(cell, FieldType.DATE) == Reading(expected, repair)


def test_days_that_can_be_read_in_two_ways_follow_the_wish_and_say_so() -> None:
    day_first = read_cell("03/04/2021", FieldType.DATE, locale_day_first=True)
    month_first = read_cell("03/04/2021", FieldType.DATE)
    assert day_first == Reading(date(2021, 4, 3), Repair.AMBIGUOUS_DATE)
    assert month_first == Reading(date(2021, 3, 4), Repair.AMBIGUOUS_DATE)
    for day_is_first in (True, False):
        assert read_cell("25/04/2021", FieldType.DATE, locale_day_first=day_is_first) == Reading(date(2021, 4, 25))
        assert read_cell("04/25/2021", FieldType.DATE, locale_day_first=day_is_first) == Reading(date(2021, 4, 25))
        assert read_cell("04/04/2021", FieldType.DATE, locale_day_first=day_is_first) == Reading(date(2021, 4, 4))


@pytest.mark.parametrize(
    "cell",
    ["2022-13-05", "2022-02-30", "30/30/2021", "soon", "农历八月十五", 5, 12.5, True, "31 Foo 2020", "9999-99-99"],
)
def test_what_is_no_day_is_a_problem(cell: Cell) -> None:
    assert problem(cell, FieldType.DATE) == Problem.NOT_A_DATE


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2019-04-08 10:30:00", at(2019, 4, 8, 10, 30)),
        ("2019/4/8 下午 3:05", at(2019, 4, 8, 15, 5)),
        ("2019年4月8日 14时30分", at(2019, 4, 8, 14, 30)),
        ("2019年4月8日14:30", at(2019, 4, 8, 14, 30)),
        ("8 Apr 2019 12:00 am", at(2019, 4, 8)),
        ("2019-04-08T10:30:00.25Z", at(2019, 4, 8, 10, 30, 0, 250_000, tzinfo=UTC)),
        ("2019-04-08T10:30:00+08:00", at(2019, 4, 8, 10, 30, tzinfo=timezone(timedelta(hours=8)))),
        ("Mon, 8 Apr 2019 10:30:00 -0330", at(2019, 4, 8, 10, 30, tzinfo=timezone(-timedelta(hours=3.5)))),
        ("2019-04-08", at(2019, 4, 8)),
        (at(2019, 4, 8, 1, 2, 3), at(2019, 4, 8, 1, 2, 3)),
    ],
)
def test_instants_keep_their_time_and_offset(cell: Cell, expected: datetime) -> None:
    reading = read_cell(cell, FieldType.DATETIME)
    assert reading == Reading(expected)
    assert isinstance(reading.value, datetime)
    assert reading.value.utcoffset() == expected.utcoffset()


def test_the_fraction_of_a_serial_day_is_its_time() -> None:
    expected = Reading(at(2019, 4, 11, 18), Repair.SERIAL_DATE)
    assert read_cell(43566.75, FieldType.DATETIME) == expected
    assert problem("2019-04-08 25:00", FieldType.DATETIME) == Problem.NOT_A_DATE


def test_yes_and_no_in_both_languages() -> None:
    for cell in ("是", "有", "√", "yes", "Y", "TRUE", "1", 1, 1.0, True, "Ｙｅｓ"):
        assert read_cell(cell, FieldType.BOOLEAN) == Reading(True)
    for cell in ("否", "无", "×", "No", "n", "false", "0", 0, 0.0, False):
        assert read_cell(cell, FieldType.BOOLEAN) == Reading(False)
    assert problem("maybe", FieldType.BOOLEAN) == Problem.NOT_YES_OR_NO
    assert problem(2, FieldType.BOOLEAN) == Problem.NOT_YES_OR_NO


def test_choices_by_key_and_label() -> None:
    for cell in ("key", "KEY", " Key Customer", "重点客户", "重点客户\u3000", "ｋｅｙ"):
        assert read_cell(cell, FieldType.CHOICE, choices=GRADES) == Reading("key")
    assert problem("重点", FieldType.CHOICE) == Problem.UNKNOWN_CHOICE
    assert problem("其他", FieldType.CHOICE) == Problem.UNKNOWN_CHOICE
    assert read_cell(2.0, FieldType.CHOICE, choices=choice_words([("2", ["Two"])])) == Reading("2")


@pytest.mark.parametrize(
    "cell", ["key;lost", "重点客户、Lost", "Key customer, lost, key", "key / LOST", "key|lost", "key；lost"]
)
def test_several_choices_in_one_cell(cell: str) -> None:
    assert read_cell(cell, FieldType.MULTI_CHOICE, choices=GRADES) == Reading(["key", "lost"])


def test_a_choice_that_holds_a_separator_is_one() -> None:
    assert read_cell("plain, Others", FieldType.MULTI_CHOICE, choices=GRADES) == Reading(["plain"])
    assert problem("key, gone", FieldType.MULTI_CHOICE) == Problem.UNKNOWN_CHOICE
    assert problem(",", FieldType.MULTI_CHOICE) == Problem.UNKNOWN_CHOICE


@pytest.mark.parametrize(
    ("cell", "expected", "repair"),
    [
        ("Su.Yun@Qiheng.EXAMPLE", "Su.Yun@qiheng.example", ""),
        (" su@qiheng.example\xa0", "su@qiheng.example", ""),
        ("su＠qiheng.example", "su@qiheng.example", ""),
        ("mailto:su@qiheng.example", "su@qiheng.example", ""),
        ("苏云 <su@qiheng.example>", "su@qiheng.example", Repair.MAIL_EXTRACTED),
        ("su@qiheng.example; lin@qiheng.example", "su@qiheng.example", Repair.FIRST_OF_SEVERAL),
        ("无", None, Repair.NOTHING_SAID),
    ],
)
def test_mail_addresses(cell: str, expected: str | None, repair: str) -> None:
    assert read_cell(cell, FieldType.EMAIL) == Reading(expected, repair)


@pytest.mark.parametrize("cell", ["su.yun", "su@qiheng", "@qiheng.example", "su@.example", "a b", 5])
def test_what_is_no_mail_address_is_a_problem(cell: Cell) -> None:
    assert problem(cell, FieldType.EMAIL) == Problem.NOT_A_MAIL


@pytest.mark.parametrize(
    ("cell", "expected", "repair"),
    [
        ("13800136021", "13800136021", ""),
        ("138 0013 6021", "138 0013 6021", ""),
        ("+86-13800136021", "+86-13800136021", ""),
        ("１３８００１３６０２１", "13800136021", ""),
        ("021-58880000", "021-58880000", ""),
        ("021-58880000转801", "021-58880000转801", ""),
        ("400-820-8820", "400-820-8820", ""),
        ("+1 212 555 0100", "+1 212 555 0100", ""),
        ("+1 212-555-0100", "+1 212-555-0100", ""),
        ("tel:+1-418-656-9254", "+1-418-656-9254", ""),
        ("021-58880000-801", "021-58880000-801", ""),
        ("\t13800136021", "13800136021", ""),
        ('="13800136021"', "13800136021", ""),
        ("13800136021.0", "13800136021", ""),
        ("13800136021/13900136022", "13800136021", Repair.FIRST_OF_SEVERAL),
        ("暂无", None, Repair.NOTHING_SAID),
    ],
)
def test_phones_are_kept_as_people_write_them(cell: Cell, expected: str | None, repair: str) -> None:
    assert read_cell(cell, FieldType.PHONE) == Reading(expected, repair)


@pytest.mark.parametrize("cell", ["12", "call me", "1380013602100000000", "张三"])
def test_what_cannot_be_dialled_is_a_problem(cell: str) -> None:
    assert problem(cell, FieldType.PHONE) == Problem.NOT_A_PHONE
