from datetime import date, time
from decimal import Decimal

import pytest
from django.utils import translation

from guanxi.kernel.names import full_name
from guanxi.platform.ui import format as formats

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        (None, "—", "—"),
        (0, "¥0", "¥0"),
        (3240, "¥3,240", "¥3,240"),
        (9999.6, "¥1 万", "¥10K"),
        (32_000, "¥3.2 万", "¥32K"),
        (Decimal("428000.00"), "¥42.8 万", "¥428K"),
        (1_284_000, "¥128 万", "¥1.28M"),
        (1_860_000, "¥186 万", "¥1.86M"),
        (99_999_999, "¥1 亿", "¥100M"),
        (138_000_000, "¥1.38 亿", "¥138M"),
        (-186_000, "−¥18.6 万", "−¥186K"),
    ],
)
def test_money_in_short(amount: int | float | Decimal | None, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formats.money(amount) == chinese
    with translation.override("en"):
        assert formats.money(amount) == english


def test_money_to_the_cent() -> None:
    assert formats.money_full(Decimal("428000")) == "¥428,000.00"
    assert formats.money_full(Decimal("-1.5"), currency="USD") == "−$1.50"
    assert formats.money_full(Decimal("7"), currency="CHF") == "CHF 7.00"


def test_numbers_carry_a_true_minus_and_commas() -> None:
    assert formats.number(1963) == "1,963"
    assert formats.number(-6.24, decimals=1) == "−6.2"
    assert formats.signed(0.4) == "+0.4"
    assert formats.signed(-2.6) == "−2.6"
    assert formats.signed(-0.01) == "0.0"
    assert formats.percent(0.8123) == "81.2%"
    assert formats.number(None) == "—"


def test_days_in_both_languages() -> None:
    with translation.override("zh-hans"):
        assert formats.day(date(2026, 1, 9), today=TODAY) == "01-09"
        assert formats.day(date(2025, 1, 9), today=TODAY) == "2025-01-09"
        assert formats.long_day(TODAY) == "11 月 24 日 周二"
        assert formats.month(TODAY) == "2026 年 11 月"
    with translation.override("en"):
        assert formats.day(date(2026, 1, 9), today=TODAY) == "9 Jan"
        assert formats.day(date(2025, 1, 9), today=TODAY) == "9 Jan 2025"
        assert formats.long_day(TODAY) == "Tuesday 24 November"


@pytest.mark.parametrize(
    ("day", "chinese", "english"),
    [
        (24, "今天", "today"),
        (25, "明天", "tomorrow"),
        (23, "昨天", "yesterday"),
        (27, "3 天后", "in 3 days"),
        (19, "5 天前", "5 days ago"),
    ],
)
def test_days_seen_from_today(day: int, chinese: str, english: str) -> None:
    value = date(2026, 11, day)
    with translation.override("zh-hans"):
        assert formats.relative_day(value, today=TODAY) == chinese
    with translation.override("en"):
        assert formats.relative_day(value, today=TODAY) == english


def test_a_far_day_is_written_as_a_date() -> None:
    with translation.override("zh-hans"):
        assert formats.relative_day(date(2026, 9, 30), today=TODAY) == "09-30"
        assert formats.relative_day(None, today=TODAY) == "—"


def test_times_and_durations() -> None:
    with translation.override("zh-hans"):
        assert formats.duration(190) == "3 小时 10 分"
        assert formats.duration(12) == "12 分钟"
        assert formats.day_count(47) == "47 天"
    with translation.override("en"):
        assert formats.duration(190) == "3 h 10 min"
        assert formats.day_count(1) == "1 day"
    assert formats.clock(time(9, 5)) == "09:05"


def test_names_initials_and_phones() -> None:
    assert full_name("林", "晓雯") == "林晓雯"
    assert full_name("Smith", "Mary") == "Mary Smith"
    assert formats.initials("林晓雯") == "林"
    assert formats.initials("Mary Smith") == "MS"
    assert formats.initials("") == "?"
    assert formats.phone("+8613812346021") == "138 1234 6021"
    assert formats.masked_phone("13812346021") == "138 **** 6021"
    assert formats.masked_phone("12345") == "****"


def test_a_chinese_name_is_marked_on_a_page_in_another_language_alone() -> None:
    with translation.override("en"):
        assert formats.language_mark("岚川 Precision") == ' lang="zh"'
        assert formats.language_mark("Precision <b>") == ""
    with translation.override("zh-hans"):
        assert formats.language_mark("岚川") == ""
