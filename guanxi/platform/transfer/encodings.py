"""In which encoding a text file was written.

Method: byte order marks; UTF-16 by where its zero bytes stand; UTF-8 if nearly all that is not ASCII is well formed;
else the old encoding under which most characters are common ones of their language (the first level of GB 2312, the
frequent half of Big5, kana and the first level of JIS X 0208, accented letters beside plain ones).
"""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from charset_normalizer import from_bytes

from guanxi.platform.transfer.cells import empty, no_table

HEAD = 1 << 16
BLOCK = 1 << 20
EVIDENCE = 1 << 18
MOST_JUDGED = 20_000
"""Characters by which old encodings are compared; judging them takes some 20 ms."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32)])
SIGNATURES = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"{\\rtf",
    b"PK\x03\x04",
)
CERTAIN = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """An old encoding: `encoding` decodes, `is_common` says whether a character is frequent in its language.

    It is asked with the character and the characters before and after it.
    """

    encoding: str
    is_common: Callable[[str, str, str], bool]


def encoding_of(path: Path, *, name: str) -> str:
    """The name of the codec that reads the file. One pass over the file, memory constant.

    Raises: RuleViolation("import.empty" | "import.format") for nothing, and for bytes that are no text.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        if not head:
            raise empty()
        if head.startswith(SIGNATURES):
            raise no_table(name)
        for mark, encoding in MARKS:
            if head.startswith(mark):
                return encoding
        wide = _wide_encoding(head)
        if wide:
            return wide
        if len(head) - len(head.translate(None, CONTROLS)) > len(head) // 50:
            raise no_table(name)
        file.seek(0)
        evidence = _evidence(file)
    return _narrow_encoding(evidence)


def _wide_encoding(head: bytes) -> str:
    """UTF-16 without its mark: delimiters, line ends and Latin letters have their zero bytes on one side alone."""
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) * 100 < len(head) or min(first, second) * 20 > max(first, second):
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def _evidence(file: IO[bytes]) -> bytes:
    """Lines of the file that are not plain ASCII, as many as it takes to judge."""
    found: list[bytes] = []
    size = 0
    while size < EVIDENCE and (block := file.read(BLOCK)):
        block += file.readline(HEAD)
        if not block.isascii():
            lines = [line for line in block.splitlines() if not line.isascii()]
            found += lines
            size += sum(map(len, lines))
    return b"\n".join(found)[: 2 * BLOCK]


def _narrow_encoding(evidence: bytes) -> str:
    text = evidence.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    if damaged * 20 <= sum(character > "\x7f" for character in text) - damaged:
        return "utf-8"
    shares = {item.encoding: _common_share(evidence, item) for item in CANDIDATES}
    best = max(shares, key=lambda encoding: shares[encoding])
    if shares[best] >= CERTAIN:
        return best
    match = from_bytes(evidence[:HEAD]).best()
    return match.encoding if match is not None else "cp1252"


def _common_share(evidence: bytes, candidate: Candidate) -> float:
    """The share of common ones among the characters that are not ASCII, 0 to 1."""
    text = evidence[: 4 * MOST_JUDGED].decode(candidate.encoding, "replace")[:MOST_JUDGED]
    around = zip(" " + text, text, text[1:] + " ", strict=False)
    judged = [
        candidate.is_common(character, before, after) for before, character, after in around if character > "\x7f"
    ]
    return sum(judged) / len(judged) if judged else 0.0


def _lead(character: str, encoding: str) -> int:
    """The first of the two bytes of a character in an encoding, 0 if it has no two there."""
    found = character.encode(encoding, "ignore")
    return found[0] if len(found) == 2 else 0


def _is_common_gb(character: str, _before: str, _after: str) -> bool:
    lead = _lead(character, "gb2312")
    return 0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3)


def _is_common_big5(character: str, _before: str, _after: str) -> bool:
    lead = _lead(character, "big5")
    return 0xA4 <= lead <= 0xC6 or lead == 0xA1


def _is_common_japanese(character: str, _before: str, _after: str) -> bool:
    lead = _lead(character, "shift_jis")
    return 0x88 <= lead <= 0x97 or lead in (0x81, 0x82, 0x83)


def _is_common_latin(character: str, before: str, after: str) -> bool:
    if character in "€£°·–—‘’“”…®©™\xa0":
        return True
    if not "À" <= character <= "ž" or character in "×÷":
        return False
    return any(other.isascii() and other.isalpha() for other in (before, after))


CANDIDATES = (
    Candidate("gb18030", _is_common_gb),
    Candidate("big5hkscs", _is_common_big5),
    Candidate("cp932", _is_common_japanese),
    Candidate("cp1252", _is_common_latin),
)
