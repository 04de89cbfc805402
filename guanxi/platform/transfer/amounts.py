"""Numbers as people write them: separators, currencies, ten thousands, percent, brackets for minus."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,12})?")
LONGEST = 60
MOST_DIGITS = 30

SIGNS = re.compile(r"(?:人民币|RMB|CNY|USD|EUR|HKD|GBP|JPY|TWD|US\$|HK\$|NT\$|[¥$€£])", re.IGNORECASE)
OWN_SIGNS = frozenset({"人民币", "RMB", "CNY", "¥"})
SCALES = {
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "w": 10_000,
    "k": 1_000,
    "百万": 1_000_000,
    "千万": 10_000_000,
    "亿": 100_000_000,
    "億": 100_000_000,
}
BODY = re.compile(
    r"(?P<digits>[0-9][0-9.,' ]*|\.[0-9]+)(?:[eE](?P<power>[+-]?[0-9]{1,2}))?\s*"
    r"(?P<scale>百万|千万|[百千万萬亿億kKwW])?\s*(?P<unit>[元圆块]整?|[人名个家件台套次天岁])?\s*(?P<percent>%)?"
)
BY_THOUSANDS = re.compile(r"[0-9]{1,3}([,' ])(?:[0-9]{2,3}\1)*[0-9]{3}(?:\.[0-9]+)?")
BY_POINTS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,}|[0-9]{1,3}(?: [0-9]{3})+,[0-9]+")
WITH_COMMA = re.compile(r"[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})")
SIMPLE = re.compile(r"[0-9]*\.?[0-9]+|[0-9]+\.")


@dataclass(frozen=True, slots=True)
class Amount:
    """A number that was read, and what stood beside it.

    `currency` is the sign of another currency than the yuan, "" for none; `unit` a counted thing such as 人.
    """

    value: Decimal
    is_percent: bool = False
    currency: str = ""
    unit: str = ""
    is_scientific: bool = False
    has_comma_for_point: bool = False


def amount_of(text: str) -> Amount | None:
    """The number that a text writes; None when it writes none, or when it can be read in two ways."""
    if PLAIN.fullmatch(text):
        return Amount(Decimal(text))
    if len(text) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", text).replace("−", "-").replace("–", "-").replace("’", "'").strip()
    plain, is_negative = _without_minus(plain)
    signs = SIGNS.findall(plain)
    plain, is_negative_inside = _without_minus(SIGNS.sub("", plain).strip()) if signs else (plain, False)
    match = BODY.fullmatch(plain)
    if match is None or len(signs) > 1 or (is_negative and is_negative_inside):
        return None
    number = _number(match["digits"].strip())
    if number is None:
        return None
    value = number.scaleb(int(match["power"] or 0)) * SCALES.get((match["scale"] or "").lower(), 1)
    if value.adjusted() > MOST_DIGITS:
        return None
    foreign = [sign for sign in signs if sign.upper() not in OWN_SIGNS]
    return Amount(
        -value if is_negative or is_negative_inside else value,
        is_percent=bool(match["percent"]),
        currency=foreign[0].upper() if foreign else "",
        unit="" if (match["unit"] or "元")[0] in "元圆块" else match["unit"],
        is_scientific=match["power"] is not None,
        has_comma_for_point=WITH_COMMA.fullmatch(match["digits"].strip()) is not None,
    )


def _without_minus(text: str) -> tuple[str, bool]:
    """A text without its sign, and whether it was a minus: before it, behind it, or brackets around it."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    if text.endswith("-") and not text.startswith("-"):
        return text[:-1].strip(), True
    return text[1:].strip() if text[:1] in ("+", "-") else text, text.startswith("-")


def _is_grouped(digits: str) -> bool:
    return BY_THOUSANDS.fullmatch(digits.strip()) is not None


def _number(digits: str) -> Decimal | None:
    """The number of digits with separators: 1,234.50, 1.234,50, 12,34,567, 1 234,5; None for 1,23,4."""
    if SIMPLE.fullmatch(digits):
        return Decimal(digits)
    if _is_grouped(digits):
        return Decimal(re.sub("[,' ]", "", digits))
    if BY_POINTS.fullmatch(digits) or WITH_COMMA.fullmatch(digits):
        return Decimal(re.sub("[. ]", "", digits).replace(",", "."))
    return None
