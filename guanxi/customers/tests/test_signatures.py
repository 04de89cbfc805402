"""Signatures that nobody wrote but that look as people's do, and the share of fields that is read right.

Of the last ten, which were written after the reader, it read 46 of 49 fields right before it was mended by them.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from guanxi.customers.analyses.signatures import FIELDS, read_signature

LEAST_SHARE = 0.95

CASES = json.loads(Path(__file__).with_name("signatures.json").read_text(encoding="utf-8"))


def shares() -> tuple[float, Counter[str], Counter[str]]:
    """The share of expected fields that are read right, and by field how many are expected and missed."""
    expected: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for case in CASES:
        found = read_signature(case["text"])
        for key, value in case["expected"].items():
            expected[key] += 1
            missed[key] += found[key] != value
    return 1 - missed.total() / expected.total(), expected, missed


def test_nearly_all_fields_are_read_right() -> None:
    share, expected, missed = shares()
    assert len(CASES) >= 40
    assert share >= LEAST_SHARE, {key: f"{missed[key]} of {expected[key]}" for key in FIELDS if missed[key]}


@pytest.mark.parametrize("text", ["", "\n\n--\n", "Best regards", "x" * 5_000, "谢谢\n此致\n敬礼", "\x00\ufffd" * 40])
def test_what_says_nothing_gives_nothing(text: str) -> None:
    assert read_signature(text).found == ()


def test_each_value_names_its_line() -> None:
    found = {item.key: item.line for item in read_signature("谢谢\n王志强\n采购部经理\n13812345678").found}
    assert found == {"name": 2, "title": 3, "department": 3, "mobile": 4}


def test_a_fax_number_is_nobodys() -> None:
    assert read_signature("张三\n传真：0512-62881234\nFax: 0512-62881235").found == read_signature("张三").found


def test_long_and_hostile_texts_are_read_at_once() -> None:
    words = ("0", "a@", "有限", "+1 ", "(", "Aa ", "市路 ", "a.", "www.", "1-")
    for text in (f"{word * 9_000}\n" * 60 for word in words):
        read_signature(text)
