"""Tokens: what a text can be found by. Pure functions.

A Chinese text is found by each character, each pair of neighbouring characters, the pinyin of its characters (whole or
begun) and its initials; traditional characters count as the simplified ones. A Latin text is found by the beginnings of
its words, accents aside. A number is found by any four digits in a row, an e-mail address by the beginnings of the
words before the @ and of the parts of its domain. Tokens carry a one-letter prefix for their kind, so that `w:li` (a
Latin word) is not `p:li` (pinyin).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib import import_module
from itertools import chain, pairwise
from zlib import crc32

from pypinyin import Style, lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict
from pypinyin.style import convert

from guanxi.platform.access.rules import FieldAccess

CHINESE = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-z0-9]+")
ACCENTED = re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]")
DIGITS = re.compile(r"\d+")
LONGEST_PREFIX = 12
DIGIT_WINDOW = 4
MOST_INITIALS = 8
# Texts that are worked out once for all that is made of them, such as an account's name for its contacts.
RECENT = 8_192
SHORTEST_MAIL_WORD = 3
# Parts of domains that say nothing about whose mail it is.
COMMON_LABELS = frozenset({"com", "cn", "net", "org", "gov", "edu", "co", "ac", "hk", "tw", "www"})
Alternatives = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=RECENT)
def normalise(text: str) -> str:
    """Full width to half width, accents off, traditional characters to simplified ones, lower case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    if plain.isascii():
        return plain
    if ACCENTED.search(plain):
        bare = "".join(part for part in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(part))
        plain = unicodedata.normalize("NFC", bare)
    return plain.translate(_simplified_characters()) if CHINESE.search(plain) else plain


@cache
def _simplified_characters() -> Mapping[int, str]:
    """The simplified form of each traditional character, one by one: what a word is found by is found by its parts."""
    converter = import_module("opencc").OpenCC("t2s")  # read when it is first needed: its tables take a while
    known = [chr(code) for code in range(0x3400, 0xA000)]
    found = zip(known, converter.convert("\n".join(known)).split("\n"), strict=True)
    return {ord(character): simple for character, simple in found if simple != character}


@lru_cache(maxsize=50_000)
def syllables(run: str) -> tuple[str, ...]:
    """The pinyin of each character of a run of Chinese characters, without tones."""
    return tuple(lazy_pinyin(run, style=Style.NORMAL, v_to_u=False))


def sort_key(text: str) -> str:
    """The text with each Chinese character replaced by its pinyin, for ordering as Chinese readers expect."""
    spaced = CHINESE.sub(lambda match: " ".join((" ", *syllables(match.group()), " ")), normalise(text))
    return re.sub(r"\s+", " ", spaced).strip()


@lru_cache(maxsize=RECENT)
def name_tokens(text: str) -> tuple[str, ...]:
    """All tokens by which a name is found, each once, in order."""
    plain = normalise(text)
    found: set[str] = set()
    for match in CHINESE.finditer(plain):
        found |= _chinese_tokens(match.group())
    for match in LATIN.finditer(plain):
        found |= {f"w:{part}" for part in _beginnings(match.group())}
    return tuple(sorted(found))


def digit_tokens(text: str) -> set[str]:
    """Tokens by which a number is found by any four or more digits in a row."""
    digits = "".join(DIGITS.findall(normalise(text)))
    return {f"d:{digits[start : start + DIGIT_WINDOW]}" for start in range(len(digits) - DIGIT_WINDOW + 1)}


def tail_token(text: str) -> set[str]:
    """The token of a number's last four digits, which a mask leaves visible."""
    digits = "".join(DIGITS.findall(normalise(text)))
    return {f"t:{digits[-DIGIT_WINDOW:]}"} if len(digits) >= DIGIT_WINDOW else set()


def mail_tokens(text: str) -> set[str]:
    """Tokens by which an e-mail address is found by who may read it whole: those of the part before the @."""
    return {f"m:{part}" for word in LATIN.findall(normalise(text).partition("@")[0]) for part in _beginnings(word)}


def domain_tokens(text: str) -> set[str]:
    """Tokens of an e-mail address's domain, which a mask leaves visible."""
    labels = _labels(normalise(text).partition("@")[2])
    return {f"a:{part}" for label in labels for part in _beginnings(label)}


@cache
def mark_of(object_key: str) -> str:
    """Three letters before the tokens of an object's records, so that the index is asked for those of one object alone.

    Two objects may share them: whoever asks compares the object's key as well.
    """
    return f"{crc32(object_key.encode()) & 0xFFF:03x}"


def marked(object_key: str, tokens: Iterable[str]) -> list[str]:
    """Tokens as they stand in the index."""
    mark = mark_of(object_key)
    return [mark + token for token in tokens]


def number_tokens(numbers: Iterable[str]) -> set[str]:
    """Tokens of encrypted numbers: what tells whether two are equal, and nothing else of them."""
    return {f"n:{number}" for number in numbers}


def query_tokens(text: str, *, reach: FieldAccess) -> Alternatives:
    """The alternatives of a query: a record matches when it has all tokens of one of them.

    `reach` says how much of phone numbers and e-mail addresses the person may read: of masked ones only the tail and
    the domain are searched, hidden ones not at all.
    """
    plain = normalise(text).strip()
    digits = re.sub(r"[\s+\-()]", "", plain)
    if len(digits) >= DIGIT_WINDOW and digits.isascii() and digits.isdigit():
        numbers = tuple(sorted(digit_tokens(digits) if reach >= FieldAccess.READ else tail_token(digits)))
        words: Alternatives = ((f"w:{digits[:LONGEST_PREFIX]}",),)
        return (numbers, *words) if reach > FieldAccess.HIDDEN else words
    if CHINESE.search(plain):
        return (tuple(sorted(_query_chinese(plain) | _query_latin(plain))),)
    if "@" in plain:
        return _query_address(plain, reach=reach)
    return tuple(dict.fromkeys((*_query_letters(plain), *_query_mail(plain, reach=reach))))


def _query_letters(plain: str) -> Alternatives:
    """A Latin text as words, as initials, as pinyin."""
    words = tuple(sorted(_query_latin(plain)))
    alternatives = [words] if words else []
    letters = letters_of(plain)
    if 2 <= len(letters) <= MOST_INITIALS:
        alternatives.append((f"i:{letters}",))
    if letters and (split := split_pinyin(letters)):
        alternatives.append(tuple(sorted({f"p:{part}" for part in split})))
    return tuple(alternatives)


def letters_of(plain: str) -> str:
    """The text as letters in a row when it may be pinyin or initials; else ""."""
    letters = re.sub(r"[\s']", "", plain)
    return letters if letters.isascii() and letters.isalpha() else ""


def _query_address(plain: str, *, reach: FieldAccess) -> Alternatives:
    """A text with an @: what stands before it and the domain behind it."""
    if reach == FieldAccess.HIDDEN:
        return ()
    before, _, domain = plain.partition("@")
    found = {f"a:{label[:LONGEST_PREFIX]}" for label in _labels(domain)}
    if reach >= FieldAccess.READ:
        found |= {f"m:{word[:LONGEST_PREFIX]}" for word in LATIN.findall(before)}
    return (tuple(sorted(found)),) if found else ()


def _query_mail(plain: str, *, reach: FieldAccess) -> Alternatives:
    """Words that may be the beginnings of a mail address's name or domain."""
    words = [word[:LONGEST_PREFIX] for word in LATIN.findall(plain) if len(word) >= SHORTEST_MAIL_WORD]
    names = tuple(sorted({f"m:{word}" for word in words})) if reach >= FieldAccess.READ else ()
    labels = {f"a:{word}" for word in words if word not in COMMON_LABELS} if reach > FieldAccess.HIDDEN else set()
    return tuple(tokens for tokens in (names, tuple(sorted(labels))) if tokens)


def _labels(domain: str) -> list[str]:
    """The parts of a domain that tell whose it is."""
    return [word for word in LATIN.findall(domain) if word not in COMMON_LABELS]


def _beginnings(word: str) -> set[str]:
    return {word[:length] for length in range(1, min(len(word), LONGEST_PREFIX) + 1)}


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
    toned = {sound for sounds in pinyin_dict.values() for sound in sounds.split(",")}
    plain = (convert(sound, Style.NORMAL, strict=False) for sound in toned)
    return frozenset(syllable for syllable in plain if syllable.isascii() and syllable.isalpha())


@lru_cache(maxsize=1)
def _syllable_beginnings() -> frozenset[str]:
    return frozenset(known[:length] for known in _known_syllables() for length in range(1, len(known) + 1))


@cache
def _begun_sounds(sound: str) -> tuple[str, ...]:
    return tuple(f"p:{sound[:length]}" for length in range(1, len(sound) + 1))


def _chinese_tokens(run: str) -> set[str]:
    found = {f"c:{character}" for character in run}
    found.update(f"c:{left}{right}" for left, right in pairwise(run))
    sounds = syllables(run)
    for sound in sounds:
        found.update(_begun_sounds(sound))
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


def merged(parts: Iterable[Iterable[str]]) -> list[str]:
    """All tokens of several texts, each once, in order."""
    return list(dict.fromkeys(sorted(chain.from_iterable(parts))))
