"""Telephone numbers in cells: whether one is there, and whether a spreadsheet has eaten its digits."""

import re
from decimal import Decimal
from enum import Enum, auto
from functools import lru_cache

import phonenumbers

DEFAULT_REGION = "CN"
USUAL = re.compile(
    r"(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}"
    r"|0[1-9][0-9]{1,2}[ -]?[2-8][0-9]{6,7}|400[ -]?[0-9]{3}[ -]?[0-9]{4}"
)
SCIENTIFIC = re.compile(r"([1-9])(?:\.([0-9]+))?[eE]\+?([0-9]{2})")
LOST_ZEROS = 4
"""A long number that ends in so many zeros and was written in scientific notation was not such a number."""

SEVERAL = re.compile(r"\s*[;,/、\n|]\s*|\s+(?=1[3-9][0-9]{9}\b)")
EXTENSION = re.compile(r"\s*(?:转|轉|分机|ext\.?|#|-)\s*([0-9]{1,6})$", re.IGNORECASE)


class Digits(Enum):
    """What scientific notation has left of a number."""

    WHOLE = auto()
    LOST = auto()


def written_out(text: str) -> tuple[str, Digits] | None:
    """A number in a spreadsheet's scientific notation with all its digits; None for other texts.

    The zeros that stand for digits that were not written are lost ones when there are four and more.
    """
    match = SCIENTIFIC.fullmatch(text)
    if match is None:
        return None
    number = str(Decimal(text).quantize(Decimal(1)) if int(match[3]) < 25 else Decimal(text).to_integral_value())
    zeros = len(number) - len(number.rstrip("0"))
    if "E" in number or len(match[2] or "") > int(match[3]):
        return None
    return number, Digits.LOST if zeros >= LOST_ZEROS else Digits.WHOLE


def is_phone(text: str) -> bool:
    """Whether a text can be dialled, with or without an extension: a number of its own region, or of China."""
    if USUAL.fullmatch(text):
        return True
    return _is_possible(text) or (EXTENSION.search(text) is not None and _is_possible(EXTENSION.sub("", text)))


@lru_cache(maxsize=4096)
def _is_possible(text: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, DEFAULT_REGION))
    except phonenumbers.NumberParseException:
        return False


def several_of(text: str) -> list[str]:
    """The numbers of a cell that names several of them."""
    return [part for part in SEVERAL.split(text) if part]
