"""What names and numbers are found by."""

import pytest

from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.search.tokens import digit_tokens, name_tokens, query_tokens, sort_key, split_pinyin

NAME = "岚川精密仪器（苏州）"


@pytest.mark.parametrize("query", ["精密", "岚", "lcjm", "lanchuan", "jingmi", "苏州", "lan chuan", "suzh"])
def test_a_chinese_name_is_found_by_characters_pinyin_and_initials(query: str) -> None:
    tokens = name_tokens(NAME)
    assert any(set(alternative) <= tokens for alternative in query_tokens(query, reach=FieldAccess.READ))


@pytest.mark.parametrize("query", ["精川", "beijing", "xyz", "密精"])
def test_other_names_are_not_found(query: str) -> None:
    tokens = name_tokens(NAME)
    assert not any(set(alternative) <= tokens for alternative in query_tokens(query, reach=FieldAccess.READ))


def test_a_latin_name_is_found_by_the_beginnings_of_its_words() -> None:
    assert {"w:acme", "w:too"} <= name_tokens("ACME Tools Ltd")


def test_a_phone_is_found_by_any_four_digits_when_it_may_be_read() -> None:
    tokens = digit_tokens("+86 138 0013 6021")
    ((first, *rest), _) = query_tokens("0013 60", reach=FieldAccess.READ)
    assert {first, *rest} <= tokens


def test_a_masked_phone_is_searched_by_its_visible_tail_only() -> None:
    numbers, _ = query_tokens("00136021", reach=FieldAccess.MASKED)
    assert numbers == ("t:6021",)


def test_joined_pinyin_is_split_and_the_last_syllable_may_be_begun() -> None:
    assert split_pinyin("lanchuanj") == ("lan", "chuan", "j")
    assert split_pinyin("qqq") == ()


def test_the_sort_key_orders_chinese_by_pinyin() -> None:
    assert sorted(["张三", "阿里", "王五"], key=sort_key) == ["阿里", "王五", "张三"]
