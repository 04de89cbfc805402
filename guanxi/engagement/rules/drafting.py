"""From a wording to a message: choose by reason, language, closeness and variant, then fill the
placeholders."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from guanxi.engagement.rules.chinese import CHINESE
from guanxi.engagement.rules.english import ENGLISH
from guanxi.engagement.rules.salutation import Person as Person
from guanxi.engagement.rules.salutation import salutation
from guanxi.kernel.errors import NotFound, RuleViolation

PLACEHOLDERS = frozenset({"salutation", "user_name", "company", "account", "days", "category", "occasion", "day"})
PLACEHOLDER = re.compile(r"\{(\w*)\}")
CLOSE_FROM = 2


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `is_filled` marks what came from a placeholder, so that a page can show it."""

    text: str
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted message: its pieces in order, which of how many variants it is (from 1)."""

    pieces: tuple[Piece, ...]
    variant: int
    variants: int

    @property
    def text(self) -> str:
        """The message as plain text."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a wording stands: reason, "zh" or "en", whether we are close, which variant (from 1)."""

    reason: str
    language: str
    is_close: bool
    variant: int


Wordings = Mapping[tuple[str, str, bool], tuple[str, ...]]
"""Wordings by (reason, "zh" or "en", whether we are close), each a tuple of variants."""


def shipped_wordings() -> Wordings:
    """The wordings that come with the product."""
    chinese = {(reason, "zh", is_close): texts for (reason, is_close), texts in CHINESE.items()}
    english = {(reason, "en", is_close): texts for (reason, is_close), texts in ENGLISH.items()}
    return {**chinese, **english}


def shipped_wording(place: Place) -> str:
    """The wording that comes with the product for a place. Raises: NotFound("template.place")."""
    texts = shipped_wordings().get((place.reason, place.language, place.is_close), ())
    if not 1 <= place.variant <= len(texts):
        raise NotFound("template.place", "There is no such wording.")
    return texts[place.variant - 1]


def marked(body: str) -> tuple[Piece, ...]:
    """A wording with its placeholders as pieces of their own, as people who edit it see it."""
    parts = re.split(r"(\{\w*\})", body)
    return tuple(Piece(part, bool(place % 2)) for place, part in enumerate(parts) if part)


def require_placeholders(body: str) -> None:
    """Check that a wording names only placeholders that can be filled.

    Raises: RuleViolation("template.placeholder").
    """
    for name in PLACEHOLDER.findall(body):
        if name not in PLACEHOLDERS:
            raise RuleViolation(
                "template.placeholder",
                "“%(name)s” cannot be filled in; use one of %(allowed)s.",
                name=name,
                allowed=", ".join(sorted(PLACEHOLDERS)),
                field="body",
            )


def draft(
    reason: str,
    *,
    wordings: Wordings,
    person: Person,
    closeness: int,
    language: str,
    variant: int,
    values: Mapping[str, str],
) -> Draft:
    """The message for a reason. `closeness` 0 to 3; `variant` counts from 1 and starts again after the last.

    `values` fills the placeholders; a sentence whose placeholder has no value is left out.
    """
    key = "zh" if language.startswith("zh") else "en"
    texts = wordings[reason, key, closeness >= CLOSE_FROM]
    place = (max(variant, 1) - 1) % len(texts)
    filled = {**values, "salutation": salutation(person, language=key)}
    text = texts[place] if filled["salutation"] else texts[place].replace(" {salutation}", "")
    pieces = tuple(piece for sentence in _sentences(text) for piece in _pieces(sentence, filled))
    return Draft(pieces, place + 1, len(texts))


def _sentences(text: str) -> list[str]:
    """The sentences of a wording, each with its end marks and the space after it."""
    return re.findall(r"[。？.?]*[^。？.?]+[。？.?]*\s*", text)


def _pieces(sentence: str, values: Mapping[str, str]) -> list[Piece]:
    names = [name for name in PLACEHOLDER.findall(sentence) if name != "salutation"]
    if any(not values.get(name) for name in names):
        return []
    parts = PLACEHOLDER.split(sentence)
    pieces = [Piece(values[part], True) if place % 2 else Piece(part) for place, part in enumerate(parts)]
    return [piece for piece in pieces if piece.text]
