"""What names and numbers are found by."""

import pytest

from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.search.entries import Described, index_row, plain_title
from guanxi.platform.search.tokens import (
    digit_tokens,
    domain_tokens,
    mail_tokens,
    name_tokens,
    normalise,
    query_tokens,
    sort_key,
    split_pinyin,
)

NAME = "岚川精密仪器（苏州）"


@pytest.mark.parametrize("query", ["精密", "岚", "lcjm", "lanchuan", "jingmi", "苏州", "lan chuan", "suzh"])
def test_a_chinese_name_is_found_by_characters_pinyin_and_initials(query: str) -> None:
    tokens = set(name_tokens(NAME))
    assert any(set(alternative) <= tokens for alternative in query_tokens(query, reach=FieldAccess.READ))


@pytest.mark.parametrize("query", ["精川", "beijing", "xyz", "密精"])
def test_other_names_are_not_found(query: str) -> None:
    tokens = set(name_tokens(NAME))
    assert not any(set(alternative) <= tokens for alternative in query_tokens(query, reach=FieldAccess.READ))


def test_a_latin_name_is_found_by_the_beginnings_of_its_words() -> None:
    assert {"w:acme", "w:too"} <= set(name_tokens("ACME Tools Ltd"))


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


@pytest.mark.parametrize(("words", "name"), [("蘭川", NAME), ("岚川", "嵐川精密儀器"), ("精密儀器", NAME)])
def test_traditional_and_simplified_characters_are_the_same(words: str, name: str) -> None:
    same = name.replace("岚", "兰") if words == "蘭川" else name
    assert set(query_tokens(words, reach=FieldAccess.READ)[0]) <= set(name_tokens(same))


@pytest.mark.parametrize(
    ("written", "plain"), [("ＡＣＭＥ", "acme"), ("Société", "societe"), ("張三", "张三"), ("Straße", "strasse")]
)
def test_what_is_compared_has_no_width_no_accent_no_case(written: str, plain: str) -> None:
    assert normalise(written) == plain


MAIL = "zhou.yanqiu@lanchuan.com.cn"


@pytest.mark.parametrize("words", ["zhou.yan", "yanqiu", MAIL, "@lanch", "lanchuan", "yanqiu@lanchuan.com"])
def test_a_mail_address_is_found_by_pieces_of_name_and_domain(words: str) -> None:
    tokens = mail_tokens(MAIL) | domain_tokens(MAIL)
    assert any(set(found) <= tokens for found in query_tokens(words, reach=FieldAccess.READ))


def test_a_masked_address_is_searched_by_its_domain_only() -> None:
    tokens = mail_tokens(MAIL) | domain_tokens(MAIL)
    assert query_tokens("someone@lanchuan.com", reach=FieldAccess.MASKED) == (("a:lanchuan",),)
    for words in ("zhou.yan", "yanqiu", "yanqiu@"):
        assert not any(set(found) <= tokens for found in query_tokens(words, reach=FieldAccess.MASKED))


@pytest.mark.parametrize("words", ["13800136021", "6021", MAIL, "@lanchuan", "yanqiu"])
def test_hidden_numbers_and_addresses_are_not_searched_at_all(words: str) -> None:
    tokens = index_row(Described(1, "", phones=("13800136021",), mails=(MAIL,))).tokens
    assert not any(set(found) <= set(tokens) for found in query_tokens(words, reach=FieldAccess.HIDDEN))


def test_what_says_nothing_of_a_domain_is_not_searched() -> None:
    assert domain_tokens("a@b.com.cn") == {"a:b"}
    assert query_tokens("@com", reach=FieldAccess.READ) == ()


def test_a_title_is_compared_without_blanks_and_signs_and_read_as_pinyin() -> None:
    assert plain_title("岚川 精密（苏州）ABC Ltd.") == "岚川精密苏州abc ltd"
    row = index_row(Described(1, "岚川精密", short="岚川"))
    assert (row.title, row.short, row.sound, row.initials) == ("岚川精密", "岚川", "lanchuanjingmi", "lcjm")
    assert index_row(Described(1, "Acme Tools")).sound == ""
