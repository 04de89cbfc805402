"""Electronic business cards (vCard 2.1, 3.0 and 4.0) as rows, one card each.

Source: versit vCard 2.1 (1996), RFC 2426 (3.0), RFC 6350 (4.0).
"""

import quopri
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from guanxi.kernel.names import full_name
from guanxi.platform.transfer.cells import Row, Source, storable

HEADER = (
    "full_name",
    "family_name",
    "given_name",
    "organisation",
    "title",
    "mobile",
    "phone",
    "mail",
    "address",
    "birthday",
    "note",
    "website",
)
"""The columns of the table that cards make."""

READ = frozenset({"FN", "N", "ORG", "TITLE", "TEL", "EMAIL", "ADR", "BDAY", "NOTE", "URL"})
LONGEST_LINE = 1 << 16
MOST_LINES = 2_000
"""Folded lines of one property that are kept: what is longer is a picture, which is not read."""

PROPERTY = re.compile(r'(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^":;])*)*):(.*)', re.DOTALL)
PARAMETER = re.compile(r';((?:"[^"]*"|[^";])*)')
PART = re.compile(r"((?:\\.|[^;\\]|\\$)*)(;|$)", re.DOTALL)
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
MOBILE = re.compile(r"(?:\+?86[ -]?)?1[3-9](?:[ -]?\d){9}")
WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a card: its upper-case name, the kinds among its parameters, its parts split at semicolons."""

    name: str
    kinds: frozenset[str]
    parts: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole value."""
        return ";".join(self.parts).strip()


def card_rows(path: Path, source: Source) -> Iterator[Row]:
    """The cards in their order; `number` is the line with which a card begins. Cards within cards are left out."""
    encoding = source.encoding or "utf-8"
    for start, lines, is_closed in _cards(path, encoding):
        found = [item for item in (_property(line, encoding) for line in lines) if item is not None]
        if found:
            yield Row(start, _cells(found), not is_closed or any("\ufffd" in line for line in lines))


def _cards(path: Path, encoding: str) -> Iterator[tuple[int, list[str], bool]]:
    """The first line and the lines of each card, and whether its end is there.

    A card that begins while another is open is its agent's if the agent is just announced; else the end was forgotten.
    """
    lines: list[str] = []
    start, depth, last = 0, 0, ""
    for number, line in _properties(path, encoding):
        word = line[:13].upper().replace(" ", "").rstrip()
        if word.startswith("BEGIN:VCARD") and (depth == 0 or not last.startswith("AGENT")):
            if depth:
                yield start, lines, False
            lines, start, depth = [], number, 1
        elif word.startswith("BEGIN:VCARD"):
            depth += 1
        elif word.startswith("END:VCARD"):
            depth = max(depth - 1, 0)
            if depth == 0 and lines:
                yield start, lines, True
                lines = []
        elif depth == 1:
            lines.append(line)
        last = word or last
    if lines:
        yield start, lines, False


def _properties(path: Path, encoding: str) -> Iterator[tuple[int, str]]:
    """The unfolded lines with the numbers of their first lines."""
    held: list[str] = []
    first = 0
    with path.open(encoding=encoding, errors="replace") as file:
        for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE), ""), start=1):
            text = line.rstrip("\n").replace("\0", "").lstrip("\ufeff")
            is_soft = bool(held) and held[-1].endswith("=") and "QUOTED-PRINTABLE" in held[0].upper()
            if held and (is_soft or text[:1] in (" ", "\t")):
                if len(held) < MOST_LINES:
                    held.append(text if is_soft else text[1:])
                continue
            if held:
                yield first, _joined(held)
            held, first = [text], number
    if held:
        yield first, _joined(held)


def _joined(lines: Sequence[str]) -> str:
    if "QUOTED-PRINTABLE" in lines[0].upper():
        return "".join(line.removesuffix("=") for line in lines[:-1]) + lines[-1]
    return "".join(lines)


def _property(line: str, encoding: str) -> Property | None:
    """One property that is read; None for all others."""
    match = PROPERTY.fullmatch(line)
    if match is None or match[1].upper() not in READ:
        return None
    words: set[str] = set()
    charset = encoding
    for parameter in PARAMETER.findall(match[2]):
        key, _, value = parameter.strip().rpartition("=")
        if key.upper() == "CHARSET":
            charset = value.strip('"')
        words.update(value.strip('"').upper().split(","))
    value = match[3]
    if "QUOTED-PRINTABLE" in words:
        value = _decoded(quopri.decodestring(value.encode(encoding, "replace")), charset)
    parts = tuple(_unescaped(part) for part, _ in PART.findall(value))
    return Property(match[1].upper(), frozenset(words), parts[:-1] if len(parts) > 1 and not parts[-1] else parts)


def _decoded(value: bytes, charset: str) -> str:
    try:
        return storable(value.decode(charset, "replace"))
    except (LookupError, UnicodeError):
        return storable(value.decode("utf-8", "replace"))


def _unescaped(text: str) -> str:
    plain = ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], text)
    return plain.replace("\r\n", "\n").strip()


def _cells(found: Sequence[Property]) -> tuple[str | None, ...]:
    """The cells of one card in the order of the header."""
    known: dict[str, list[Property]] = defaultdict(list)
    for item in found:
        if any(item.parts):
            known[item.name].append(item)
    for items in known.values():
        items.sort(key=lambda item: not item.kinds & {"PREF", "1"})
    family, given = _name(known["N"])
    mobiles, phones = _numbers(known["TEL"])
    return (
        _first(known["FN"]) or full_name(family, given) or None,
        family or None,
        given or None,
        known["ORG"][0].parts[0] or None if known["ORG"] else None,
        _first(known["TITLE"]),
        _joined_values(mobiles),
        _joined_values(phones),
        _joined_values([item.text for item in known["EMAIL"]]),
        _address(known["ADR"][0].parts) if known["ADR"] else None,
        _first(known["BDAY"]),
        "\n".join(item.text for item in known["NOTE"]) or None,
        _first(known["URL"]),
    )


def _first(items: Sequence[Property]) -> str | None:
    return items[0].text if items else None


def _name(items: Sequence[Property]) -> tuple[str, str]:
    """The family and the given name; further given names stand behind the first."""
    if not items:
        return "", ""
    family, given, further = (*items[0].parts, "", "", "")[:3]
    glue = "" if WIDE.search(given + further) else " "
    return family, glue.join(part for part in (given, further) if part)


def _numbers(items: Sequence[Property]) -> tuple[list[str], list[str]]:
    """The mobile numbers and the others, without fax and pager."""
    mobiles: list[str] = []
    phones: list[str] = []
    for item in items:
        number = item.text.removeprefix("tel:").replace(";ext=", " ext. ")
        if MOBILE.fullmatch(number) or item.kinds & {"CELL", "IPHONE"}:
            mobiles.append(number)
        elif not item.kinds & {"FAX", "PAGER"}:
            phones.append(number)
    return mobiles, phones


def _joined_values(values: Sequence[str]) -> str | None:
    return "; ".join(dict.fromkeys(values)) or None


def _address(parts: Sequence[str]) -> str | None:
    """The address as it is written in its language: from large to small in Chinese, from small to large elsewhere."""
    _box, further, street, city, region, code, country = (*parts, *[""] * 7)[:7]
    if WIDE.search(street + city + region):
        return "".join((region, city if city != region else "", street, further)) or None
    place = " ".join(part for part in (region, code) if part)
    return ", ".join(part for part in (street, further, city, place, country) if part) or None
