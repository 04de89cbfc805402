"""How what was answered is held against what a record holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MARKETING = "marketing"
CHANNELS_OF_POINTS: Mapping[str, tuple[str, ...]] = {
    "mobile": ("any", "phone", "sms"),
    "phone": ("any", "phone"),
    "mail": ("any", "mail"),
    "wechat": ("any", "wecom"),
    "wecom": ("any", "wecom"),
    "address": ("any", "letter"),
}
"""The channels of consents that speak of a way to reach somebody, by its type."""


@dataclass(frozen=True, slots=True)
class Conflicting:
    """An answer that differs from what the record holds: the field, and what the record held."""

    key: str
    held: str


def differing(wanted: Mapping[str, str], held: Mapping[str, str]) -> tuple[dict[str, str], tuple[Conflicting, ...]]:
    """Of answers, those that the record lacks, and those that differ from what it holds."""
    missing = {key: text for key, text in wanted.items() if text and not held.get(key, "")}
    other = tuple(
        Conflicting(key, held[key])
        for key, text in wanted.items()
        if text and held.get(key, "") and _plain(text) != _plain(held[key])
    )
    return missing, other


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def consent_of_point(kind: str, agreed: Sequence[tuple[str, str]]) -> str:
    """Whether a way to reach somebody may be used unasked, by the (purpose, channel) pairs that were agreed to."""
    channels = CHANNELS_OF_POINTS.get(kind, ())
    return "given" if any(purpose == MARKETING and channel in channels for purpose, channel in agreed) else "unknown"
