"""What a record is found by, given by its capability in words; made into a row of the index here. Pure functions."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from guanxi.platform.search.tokens import (
    CHINESE,
    digit_tokens,
    domain_tokens,
    mail_tokens,
    merged,
    name_tokens,
    normalise,
    number_tokens,
    syllables,
    tail_token,
)

LONGEST_TITLE = 200
NO_WORD = re.compile(r"[^\u3400-\u9fffa-z0-9]+")
BESIDE_CHINESE = re.compile(r"(?<=[\u3400-\u9fff]) | (?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class Described:
    """A record as people look for it: its name and short name, further names, phone numbers, e-mail addresses.

    `numbers` are the tokens of its encrypted numbers, which are found as a whole or not at all.
    """

    record_id: int
    title: str
    short: str = ""
    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A row of the index: the tokens, and by what a match is ranked (see `SearchEntry`)."""

    record_id: int
    tokens: list[str]
    title: str
    short: str
    sound: str
    initials: str


@dataclass(frozen=True, slots=True)
class Named:
    """A record by its name as it is compared, and how that reads: pinyin in a row, "" without Chinese characters."""

    record_id: int
    title: str
    sound: str


def index_row(record: Described) -> IndexRow:
    """The row of a record."""
    parts: list[Iterable[str]] = [name_tokens(name) for name in (record.title, record.short, *record.names) if name]
    for phone in record.phones:
        parts.extend((digit_tokens(phone), tail_token(phone)))
    for mail in record.mails:
        parts.extend((mail_tokens(mail), domain_tokens(mail)))
    parts.append(number_tokens(record.numbers))
    title = plain_title(record.title)
    sounds = _sounds(title) if CHINESE.search(title) else []
    return IndexRow(
        record_id=record.record_id,
        tokens=merged(parts),
        title=title,
        short=plain_title(record.short),
        sound="".join(sounds)[:LONGEST_TITLE],
        initials="".join(sound[0] for sound in sounds),
    )


def plain_title(text: str) -> str:
    """A name as it is compared: its characters and words alone, no blanks beside Chinese characters."""
    words = NO_WORD.sub(" ", normalise(text)).strip()
    return BESIDE_CHINESE.sub("", words)[:LONGEST_TITLE]


def _sounds(title: str) -> list[str]:
    """How a title is read: a syllable for each Chinese character, the other words as they are."""
    spaced = CHINESE.sub(lambda match: " ".join(("", *syllables(match.group()), "")), title)
    return spaced.split()
