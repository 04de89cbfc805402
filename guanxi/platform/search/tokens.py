"""Tokens: what a text can be found by. Pure functions.

A Chinese text is found by each character, each pair of neighbouring characters, the pinyin of its characters (whole or
begun) and its initials. A Latin text is found by the beginnings of its words. A number is found by any four digits in
a row. Tokens carry a one-letter prefix for their kind, so that `c:li` (a Latin word) is not `p:li` (pinyin).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from pypinyin import Style, lazy_pinyin

CHINESE = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z0-9]+")
DIGITS = re.compile(r"\d+")
LONGEST_PREFIX = 12
DIGIT_WINDOW = 4
MOST_INITIALS = 8


def normalise(text: str) -> str:
    """Full width to half width, compatibility forms to plain ones, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


@lru_cache(maxsize=50_000)
def syllables(run: str) -> tuple[str, ...]:
    """The pinyin of each character of a run of Chinese characters, without tones."""
    return tuple(lazy_pinyin(run, style=Style.NORMAL, v_to_u=False))


def sort_key(text: str) -> str:
    """The text with each Chinese character replaced by its pinyin, for ordering as Chinese readers expect."""
    spaced = CHINESE.sub(lambda match: " ".join((" ", *syllables(match.group()), " ")), normalise(text))
    return re.sub(r"\s+", " ", spaced).strip()


def name_tokens(text: str) -> set[str]:
    """All tokens by which a name is found."""
    plain = normalise(text)
    found: set[str] = set()
    for match in CHINESE.finditer(plain):
        found |= _chinese_tokens(match.group())
    for match in LATIN.finditer(plain):
        word = match.group()
        found |= {f"w:{word[:length]}" for length in range(1, min(len(word), LONGEST_PREFIX) + 1)}
    return found


def digit_tokens(text: str) -> set[str]:
    """Tokens by which a number is found by any four or more digits in a row."""
    digits = "".join(DIGITS.findall(normalise(text)))
    return {f"d:{digits[start : start + DIGIT_WINDOW]}" for start in range(len(digits) - DIGIT_WINDOW + 1)}


def tail_token(text: str) -> set[str]:
    """The token of a number's last four digits, which a mask leaves visible."""
    digits = "".join(DIGITS.findall(normalise(text)))
    return {f"t:{digits[-DIGIT_WINDOW:]}"} if len(digits) >= DIGIT_WINDOW else set()


def query_tokens(text: str, *, sees_numbers: bool) -> tuple[tuple[str, ...], ...]:
    """The alternatives of a query: a record matches when it has all tokens of one of them.

    `sees_numbers`: whether the person may read phone numbers whole; otherwise only their visible tails are searched.
    """
    plain = normalise(text).strip()
    digits = re.sub(r"[\s+\-()]", "", plain)
    if len(digits) >= DIGIT_WINDOW and digits.isdigit():
        numbers = tuple(sorted(digit_tokens(digits) if sees_numbers else tail_token(digits)))
        return (numbers, (f"w:{digits[:LONGEST_PREFIX]}",))
    if CHINESE.search(plain):
        return (tuple(sorted(_query_chinese(plain) | _query_latin(plain))),)
    words = tuple(sorted(_query_latin(plain)))
    alternatives = [words] if words else []
    letters = re.sub(r"[\s']", "", plain)
    if letters.isascii() and letters.isalpha():
        alternatives.extend((f"i:{letters}",) for _ in range(2 <= len(letters) <= MOST_INITIALS))
        split = split_pinyin(letters)
        if split:
            alternatives.append(tuple(sorted({f"p:{part}" for part in split})))
    return tuple(dict.fromkeys(alternatives))


def split_pinyin(letters: str) -> tuple[str, ...]:
    """Split joined pinyin into syllables, longest first; the last may be begun only. Empty when it is no pinyin."""
    known = _known_syllables()
    beginnings = _syllable_beginnings()

    def split_from(start: int) -> tuple[str, ...] | None:
        if start == len(letters):
            return ()
        for length in range(min(6, len(letters) - start), 0, -1):
            part = letters[start : start + length]
            is_last = start + length == len(letters)
            if part in known or (is_last and part in beginnings):
                rest = split_from(start + length)
                if rest is not None:
                    return (part, *rest)
        return None

    return split_from(0) or ()


@lru_cache(maxsize=1)
def _known_syllables() -> frozenset[str]:
    characters = (chr(code) for code in range(0x4E00, 0x9FA6))
    return frozenset(syllable for syllable in lazy_pinyin("".join(characters)) if syllable.isalpha())


@lru_cache(maxsize=1)
def _syllable_beginnings() -> frozenset[str]:
    return frozenset(known[:length] for known in _known_syllables() for length in range(1, len(known) + 1))


def _chinese_tokens(run: str) -> set[str]:
    found = {f"c:{character}" for character in run} | {f"c:{left}{right}" for left, right in pairwise(run)}
    sounds = syllables(run)
    for sound in set(sounds):
        found |= {f"p:{sound[:length]}" for length in range(1, len(sound) + 1)}
    initials = "".join(sound[:1] for sound in sounds)
    for start in range(len(initials)):
        for end in range(start + 2, min(len(initials), start + MOST_INITIALS) + 1):
            found.add(f"i:{initials[start:end]}")
    return found


def _query_chinese(plain: str) -> set[str]:
    found: set[str] = set()
    for match in CHINESE.finditer(plain):
        run = match.group()
        found |= {f"c:{left}{right}" for left, right in pairwise(run)} or {f"c:{run}"}
    return found


def _query_latin(plain: str) -> set[str]:
    return {f"w:{word[:LONGEST_PREFIX]}" for word in LATIN.findall(plain)}


def merged(parts: Iterable[set[str]]) -> list[str]:
    """All tokens of several texts, each once, in order."""
    return sorted(set().union(*parts))
