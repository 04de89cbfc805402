"""What is told to an outside source, and what its answer says: pure functions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from guanxi.ledger.choices import AskedBy

MOST_COLUMNS = 20
LONGEST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MappedPath:
    """Which part of an answer goes into which field; with `fills_blank` it does so by itself where nothing is known."""

    path: str
    field: str
    fills_blank: bool = False


def mapped_paths(mapping: Sequence[Sequence[object]]) -> tuple[MappedPath, ...]:
    """The mapping of a source as it is kept: [path, field, fills blank] each."""
    return tuple(MappedPath(str(row[0]), str(row[1]), bool(row[2])) for row in mapping)


def words_to_send(asked_by: str, stored: str) -> str:
    """What is told of a firm, from what its field says: the text itself, or the domain of a website; "" for nothing."""
    return domain_of(stored) if asked_by == AskedBy.DOMAIN else stored.strip()


def domain_of(website: str) -> str:
    """The domain of an address of the web, without a leading www; "" for what is none."""
    text = website.strip().casefold()
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""
    host = host.removeprefix("www.").rstrip(".")
    return host if "." in host and " " not in host else ""


def leaves(body: object, *, under: str = "") -> list[tuple[str, str]]:
    """Each single value in an answer with the path that leads to it, in order; for whoever maps them."""
    found: list[tuple[str, str]] = []
    if isinstance(body, dict):
        for name, value in body.items():
            found += leaves(value, under=f"{under}.{name}" if under else str(name))
    elif isinstance(body, list):
        for place, value in enumerate(body[:MOST_COLUMNS]):
            found += leaves(value, under=f"{under}.{place}" if under else str(place))
    elif under:
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        found.append((under, text[:LONGEST_SHOWN]))
    return found
