"""One cell as a value of a field's type: what it means, what was mended, or why it means nothing.

Nothing is guessed in silence: each reading that is more than taking the cell as it stands carries a repair, so that
the person who imports can look at it. Common cells come first, for there are millions.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from math import isfinite

from guanxi.kernel.fields import FieldType
from guanxi.platform.transfer.amounts import PLAIN, Amount, amount_of
from guanxi.platform.transfer.cells import Cell
from guanxi.platform.transfer.days import ISO, DayRepair, Moment, is_never, moment_of, moment_of_number
from guanxi.platform.transfer.phones import USUAL, Digits, is_phone, several_of, written_out

MOST_EXACT = 1e15
"""From here on a spreadsheet's number has lost digits: it keeps fifteen."""

INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
    "|(?<![\u0600-\u0dff\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
"""Characters that show nothing. Joiners stay where scripts and pictures need them."""

BLANKS = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\t]")
LINE_ENDS = re.compile("\r\n?|[\u2028\u2029\x85]")
AS_TEXT = re.compile(r'="(.*)"|\'([=+\-@\t\r].*|[0-9]+)', re.DOTALL)
"""How spreadsheets and exports mark a text that looks like a number or formula."""

ZERO_POINT = re.compile(r"([0-9]{6,15})\.0+")
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
NOTHINGS = frozenset(
    {"-", "--", "—", "——", "/", "\\", "n/a", "na", "null", "nan", "none", "nil", "无", "暂无", "不详", "未知", "待定"}
    | {word.casefold() for word in ERRORS}
)
"""What people and programs write for "no value" where a text is not expected."""

YES = frozenset({"是", "有", "对", "真", "已", "√", "✓", "✔", "☑", "yes", "y", "true", "t", "1", "on"})
NO = frozenset({"否", "无", "不", "没有", "错", "假", "未", "×", "✗", "✘", "☐", "no", "n", "false", "f", "0", "off"})
SEPARATORS = re.compile(r"\s*[,;、/|\n]\s*")
MAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@((?:[^\s@<>()\[\],;:\"./]+\.)+[^\s@<>()\[\],;:\"./0-9]{2,})")
MAIL_INSIDE = re.compile(r"[^\s@<>()\[\],;:\"、，；]+@[^\s@<>()\[\],;:\"、，；]+\.[^\s@<>()\[\],;:\".、，；]{2,}")
LOOKED_AT = frozenset("='# 0123456789")
"""First characters of texts that may not mean what they look like."""

USUAL_DAY = re.compile("(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])")
USUAL_MAIL = re.compile(r"[A-Za-z0-9._+-]+@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}")


class Repair(StrEnum):
    """What was mended in reading a cell: worth a look, but no reason to leave the row out."""

    PARTIAL_DATE = "partial_date"
    SERIAL_DATE = "serial_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    TIME_DROPPED = "time_dropped"
    SCIENTIFIC = "scientific"
    ROUNDED = "rounded"
    DECIMAL_COMMA = "decimal_comma"
    CURRENCY_DROPPED = "currency_dropped"
    UNIT_DROPPED = "unit_dropped"
    FIRST_OF_SEVERAL = "first_of_several"
    MAIL_EXTRACTED = "mail_extracted"
    NOTHING_SAID = "nothing_said"


class Problem(StrEnum):
    """Why a cell is no value of its field."""

    NOT_A_NUMBER = "not_a_number"
    NOT_WHOLE = "not_whole"
    OUT_OF_RANGE = "out_of_range"
    NOT_A_DATE = "not_a_date"
    NOT_YES_OR_NO = "not_yes_or_no"
    UNKNOWN_CHOICE = "unknown_choice"
    NOT_A_MAIL = "not_a_mail"
    NOT_A_PHONE = "not_a_phone"
    LOST_DIGITS = "lost_digits"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cell says: `value` is None for nothing and for a problem.

    `repair` and `problem` are codes of Repair and Problem, "" for none.
    """

    value: object
    repair: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the field of a column takes: see `read_cell`."""

    kind: FieldType
    digits: int
    choices: Mapping[str, str]
    is_day_first: bool


NOTHING = Reading(None)
NOTHING_SAID = Reading(None, Repair.NOTHING_SAID)
TRUE = Reading(True)
FALSE = Reading(False)
COMMON_TRUTHS: Mapping[str, Reading] = dict.fromkeys(YES, TRUE) | dict.fromkeys(NO, FALSE)
NO_CHOICES: Mapping[str, str] = {}


def read_cell(
    cell: Cell,
    kind: FieldType,
    *,
    digits: int = 2,
    choices: Mapping[str, str] | None = None,
    locale_day_first: bool = False,
) -> Reading:
    """The value of a cell for a field of a type.

    Texts, phones, mail and addresses are str; integers int; numbers, money and ratios Decimal; days date; instants
    datetime, aware only where an offset was written; choices a key, several ones a list of keys; links and files the
    text by which the importer finds them. `digits` are the decimals that money is rounded to (0 leaves a number as it
    is). `choices` are the words of `choice_words`. `locale_day_first` reads 03/04/2021 as the third of April.
    """
    if cell is None or cell == "":
        return NOTHING
    if type(cell) is str:
        common = _read_common_text(cell, kind) if kind in PLAIN_TEXTS else _read_common(cell, kind, digits, choices)
        if common is not None:
            return common
    if kind in PLAIN_TEXTS:
        return _read_text(cell, kind)
    return _READERS[kind](cell, Expected(kind, digits, choices or NO_CHOICES, locale_day_first))


def _read_common_text(cell: str, kind: FieldType) -> Reading | None:  # noqa: ARG001  # as for other kinds
    """A text that needs no look at its characters; None for all others."""
    if cell[0] in LOOKED_AT or cell[-1] == " " or not cell.isprintable():
        return None
    return Reading(cell) if cell.isascii() or unicodedata.is_normalized("NFC", cell) else None


def _read_common(cell: str, kind: FieldType, digits: int, choices: Mapping[str, str] | None) -> Reading | None:
    """A cell as programs write it; None for all others."""
    match kind:
        case FieldType.CHOICE:
            key = choices.get(cell) if choices else None
            return None if key is None else Reading(key)
        case FieldType.DATE:
            return Reading(date.fromisoformat(cell)) if USUAL_DAY.fullmatch(cell) else None
        case FieldType.PHONE:
            return Reading(cell) if USUAL.fullmatch(cell) else None
        case FieldType.EMAIL:
            return Reading(cell) if USUAL_MAIL.fullmatch(cell) else None
        case FieldType.BOOLEAN:
            return COMMON_TRUTHS.get(cell)
        case FieldType.INTEGER:
            return Reading(int(cell)) if len(cell) < 16 and cell.isascii() and cell.isdecimal() else None
        case FieldType.MONEY | FieldType.NUMBER:
            whole, _, part = cell.partition(".")
            is_common = len(whole) < 16 and len(part) <= digits and cell.isascii() and (whole + part).isdecimal()
            return Reading(Decimal(cell)) if is_common else None
        case _:
            return None


def choice_words(offered: Iterable[tuple[str, Iterable[str]]]) -> Mapping[str, str]:
    """The words by which choices may be written, for `read_cell`: each key and its labels in all languages.

    A word that means two choices means none, but for a choice's own key.
    """
    found: dict[str, set[str]] = {}
    keys: dict[str, str] = {}
    for key, labels in offered:
        keys[folded(key)] = key
        for label in labels:
            found.setdefault(folded(label), set()).add(key)
    words = {word: next(iter(meant)) for word, meant in found.items() if word and len(meant) == 1}
    return words | keys


def folded(text: str) -> str:
    """A word as it is compared: without case, width and blanks around it."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def cleaned(text: str, *, keeps_lines: bool = False) -> str:
    """A text as a person sees it: composed, without characters that show nothing, trimmed; on one line unless kept."""
    if text.isascii():
        if text.isprintable():
            return text.strip() if text[0] not in "='" else _unmarked(text.strip())
    elif text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text.strip()
    plain = _unmarked(LINE_ENDS.sub("\n", text).strip())
    plain = INVISIBLE.sub("", BLANKS.sub(" ", unicodedata.normalize("NFC", plain))).strip()
    return plain if keeps_lines else " ".join(plain.split("\n"))


def _unmarked(text: str) -> str:
    match = AS_TEXT.fullmatch(text)
    if match is None:
        return text
    return str(match[1] if match[1] is not None else match[2])


def _read_text(cell: Cell, kind: FieldType) -> Reading:
    if type(cell) is not str:
        return _read_other_as_text(cell)
    text = cleaned(cell, keeps_lines=kind is FieldType.LONG_TEXT)
    if not text:
        return NOTHING
    first = text[0]
    if first == "#" and text in ERRORS:
        return NOTHING_SAID
    if "0" <= first <= "9":
        if text.endswith("0") and (match := ZERO_POINT.fullmatch(text)):
            return Reading(match[1])
        if "E+" in text:
            return _read_scientific(text) or Reading(text)
    return Reading(text)


def _read_scientific(text: str) -> Reading | None:
    """A number in scientific notation with all digits, or the problem that it has lost some; None for others."""
    found = written_out(text)
    if found is None:
        return None
    number, digits = found
    return Reading(None, "", Problem.LOST_DIGITS) if digits is Digits.LOST else Reading(number, Repair.SCIENTIFIC)


def _read_other_as_text(cell: Cell) -> Reading:
    """A number, day or truth as a spreadsheet shows it."""
    if isinstance(cell, bool):
        return Reading("TRUE" if cell else "FALSE")
    if isinstance(cell, float):
        if not isfinite(cell):
            return NOTHING
        if abs(cell) >= MOST_EXACT:
            return Reading(None, "", Problem.LOST_DIGITS)
        return Reading(str(int(cell)) if cell.is_integer() else repr(cell))
    if isinstance(cell, datetime):
        return Reading(cell.isoformat(" ", "seconds" if cell.second else "minutes"))
    return Reading(cell.isoformat() if isinstance(cell, date) else str(cell))


def _read_amount(cell: Cell, expected: Expected) -> Reading:
    """Numbers, money and ratios."""
    if isinstance(cell, str):
        if PLAIN.fullmatch(cell):
            return _fitted_number(Amount(Decimal(cell)), expected)
        text = cleaned(cell)
        amount = amount_of(text)
        if amount is not None:
            return _fitted_number(amount, expected)
        return _nothing_or(text, Problem.NOT_A_NUMBER)
    if isinstance(cell, bool | date) or cell is None:
        return Reading(None, "", Problem.NOT_A_NUMBER)
    number = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
    return _fitted_number(Amount(number), expected) if number.is_finite() else NOTHING


def _fitted_number(amount: Amount, expected: Expected) -> Reading:
    """A number as the field takes it, with what was left out of it."""
    if expected.kind is FieldType.INTEGER:
        return _whole(amount)
    if amount.is_percent and expected.kind is FieldType.MONEY:
        return Reading(None, "", Problem.NOT_A_NUMBER)
    value = amount.value / 100 if amount.is_percent else amount.value
    if expected.kind is FieldType.RATIO:
        return Reading(value) if 0 <= value <= 1 else Reading(None, "", Problem.OUT_OF_RANGE)
    repair = _repair_of(amount)
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and -exponent > expected.digits and (expected.digits or expected.kind is MONEY):
        try:
            rounded = value.quantize(Decimal(1).scaleb(-expected.digits))
        except InvalidOperation:
            return Reading(None, "", Problem.OUT_OF_RANGE)
        is_noise = abs(rounded - value) < NOISE
        return Reading(rounded, repair or ("" if is_noise else Repair.ROUNDED))
    return Reading(value, repair)


MONEY = FieldType.MONEY
NOISE = Decimal("1e-9")
"""What binary fractions add: 0.30000000000000004."""


def _whole(amount: Amount) -> Reading:
    if amount.is_percent or abs(amount.value - amount.value.to_integral_value()) > NOISE:
        return Reading(None, "", Problem.NOT_WHOLE)
    return Reading(int(amount.value.to_integral_value()), _repair_of(amount))


def _repair_of(amount: Amount) -> str:
    if amount.currency:
        return Repair.CURRENCY_DROPPED
    if amount.unit:
        return Repair.UNIT_DROPPED
    if amount.is_scientific:
        return Repair.SCIENTIFIC
    return Repair.DECIMAL_COMMA if amount.has_comma_for_point else ""


def _nothing_or(text: str, problem: Problem) -> Reading:
    """Nothing for an empty text or a word that says so, else the problem."""
    if not text:
        return NOTHING
    return NOTHING_SAID if text.casefold() in NOTHINGS else Reading(None, "", problem)


def _read_date(cell: Cell, expected: Expected) -> Reading:
    if type(cell) is date:
        return Reading(cell)
    if isinstance(cell, str) and ISO.fullmatch(cell):
        try:
            return Reading(date.fromisoformat(cell))
        except ValueError:
            return NOTHING_SAID if is_never(cell) else Reading(None, "", Problem.NOT_A_DATE)
    found = _moment(cell, expected)
    if isinstance(found, Reading):
        return found
    repair = DAY_REPAIRS[found.repair]
    return Reading(found.at.date(), repair or (Repair.TIME_DROPPED if found.has_time else ""))


def _read_datetime(cell: Cell, expected: Expected) -> Reading:
    if isinstance(cell, datetime):
        return Reading(cell)
    found = _moment(cell, expected)
    return found if isinstance(found, Reading) else Reading(found.at, DAY_REPAIRS[found.repair])


DAY_REPAIRS: Mapping[DayRepair | None, str] = {
    None: "",
    DayRepair.PARTIAL: Repair.PARTIAL_DATE,
    DayRepair.SERIAL: Repair.SERIAL_DATE,
    DayRepair.AMBIGUOUS: Repair.AMBIGUOUS_DATE,
}


def _moment(cell: Cell, expected: Expected) -> Moment | Reading:
    """The day or instant of a cell, or the reading of a cell that has none."""
    if isinstance(cell, datetime):
        return Moment(cell, cell.time() != time())
    if isinstance(cell, date):
        return Moment(datetime.combine(cell, time()))
    if isinstance(cell, str):
        text = cleaned(cell)
        number = float(text) if SERIAL.fullmatch(text) else None
        found = moment_of(text, is_day_first=expected.is_day_first) if number is None else moment_of_number(number)
        if found is None and is_never(text):
            return NOTHING_SAID
        return found or _nothing_or(text, Problem.NOT_A_DATE)
    found = moment_of_number(float(cell)) if not isinstance(cell, bool) and cell is not None else None
    return found or Reading(None, "", Problem.NOT_A_DATE)


SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")


def _read_boolean(cell: Cell, expected: Expected) -> Reading:  # noqa: ARG001  # the shape of all readers
    if isinstance(cell, bool):
        return TRUE if cell else FALSE
    word = folded(cleaned(cell)) if isinstance(cell, str) else str(cell).removesuffix(".0")
    if word in YES:
        return TRUE
    return FALSE if word in NO else _nothing_or(word, Problem.NOT_YES_OR_NO)


def _read_choice(cell: Cell, expected: Expected) -> Reading:
    if isinstance(cell, str):
        known = expected.choices.get(cell)
        if known is not None:
            return Reading(known)
    word = _word(cell)
    key = expected.choices.get(folded(word))
    return Reading(key) if key is not None else _nothing_or(word, Problem.UNKNOWN_CHOICE)


def _word(cell: Cell) -> str:
    """A cell as the text that stands in it."""
    return str(_read_text(cell, FieldType.LONG_TEXT).value or "")


def _read_choices(cell: Cell, expected: Expected) -> Reading:
    """Several choices in one cell: the whole cell if it is one choice, else each of its parts."""
    word = folded(_word(cell))
    whole = expected.choices.get(word)
    if whole is not None:
        return Reading([whole])
    keys = [expected.choices.get(part) for part in SEPARATORS.split(word) if part]
    known = [key for key in keys if key is not None]
    if not keys or len(known) < len(keys):
        return _nothing_or(word, Problem.UNKNOWN_CHOICE)
    return Reading(list(dict.fromkeys(known)))


def _read_mail(cell: Cell, expected: Expected) -> Reading:  # noqa: ARG001  # the shape of all readers
    if not isinstance(cell, str):
        return Reading(None, "", Problem.NOT_A_MAIL)
    match = MAIL.fullmatch(cell)
    if match is not None and cell.isascii():
        return Reading(_with_lower_domain(cell))
    text = cleaned(cell)
    plain = unicodedata.normalize("NFKC", text).removeprefix("mailto:").rstrip(".,;").strip()
    if MAIL.fullmatch(plain):
        return Reading(_with_lower_domain(plain))
    found = [item.rstrip(".") for item in MAIL_INSIDE.findall(plain) if MAIL.fullmatch(item.rstrip("."))]
    if not found:
        return _nothing_or(text, Problem.NOT_A_MAIL)
    return Reading(_with_lower_domain(found[0]), Repair.FIRST_OF_SEVERAL if len(found) > 1 else Repair.MAIL_EXTRACTED)


def _with_lower_domain(mail: str) -> str:
    local, _, domain = mail.rpartition("@")
    return f"{local}@{domain.lower()}"


def _read_phone(cell: Cell, expected: Expected) -> Reading:  # noqa: ARG001  # the shape of all readers
    reading = _read_text(cell, FieldType.LONG_TEXT)
    if not isinstance(reading.value, str):
        return reading
    text = reading.value if reading.value.isascii() else unicodedata.normalize("NFKC", reading.value)
    text = text.removeprefix("tel:")
    if is_phone(text):
        return Reading(text, reading.repair)
    numbers = several_of(text)
    if len(numbers) > 1 and is_phone(numbers[0]):
        return Reading(numbers[0], Repair.FIRST_OF_SEVERAL)
    return _read_scientific(text.upper()) or _nothing_or(text, Problem.NOT_A_PHONE)


PLAIN_TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.ADDRESS, FieldType.LINK, FieldType.FILE})
_READERS: Mapping[FieldType, Callable[[Cell, Expected], Reading]] = {
    FieldType.INTEGER: _read_amount,
    FieldType.NUMBER: _read_amount,
    FieldType.MONEY: _read_amount,
    FieldType.RATIO: _read_amount,
    FieldType.BOOLEAN: _read_boolean,
    FieldType.DATE: _read_date,
    FieldType.DATETIME: _read_datetime,
    FieldType.CHOICE: _read_choice,
    FieldType.MULTI_CHOICE: _read_choices,
    FieldType.EMAIL: _read_mail,
    FieldType.PHONE: _read_phone,
}
