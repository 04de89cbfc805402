"""Records that look like one that is about to be made: a capability finds them, every way in asks.

The house says for each way in whether nothing is done, whether it is told, or whether the new record is refused. Who
asks here names nobody above; who finds says so by `register_alike`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.db import transaction
from django.utils.translation import gettext_noop

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.spec import Label

MOST_KEPT = 3
"""So many of the records that one looks like are kept of it."""
CODE = "record.alike"


class EntryPoint(StrEnum):
    """A way by which records come in."""

    FORM = "form"
    IMPORT = "import"
    API = "api"
    CAPTURE = "capture"
    PUBLIC_FORM = "public_form"
    CONNECTION = "connection"


class Treatment(StrEnum):
    """What is done with a new record that looks like one that is there."""

    OFF = "off"
    TELL = "tell"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class AlikeRecord:
    """A record that looks like the typed one, and why; `certainty` is from 0 to 1, 0 where nobody says it.

    Of one that the person must not see, `title` and `url` are "": that it is there and who looks after it is all that
    is told. `keeper` is who looks after it, "" for nobody.
    """

    title: str
    url: str
    reasons: tuple[Label, ...]
    keeper: str
    certainty: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is about to become a record: its row in the file (0 for one by itself), and its values by column or part."""

    number: int
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that a candidate looks like, or the row of the same file that becomes one; one of the two is None.

    `weight` is the log2 of the odds that they are one; `reasons` are what speaks for and against it, by its key.
    """

    record_id: int | None
    row: int | None
    weight: float
    reasons: tuple[tuple[str, float], ...]

    def packed(self) -> str:
        """The hit as a text that is kept with the row of an import."""
        return json.dumps([self.record_id, self.row, round(self.weight, 2), self.reasons])


def unpacked(text: str) -> Hit:
    """The hit of such a text."""
    record_id, row, weight, reasons = json.loads(text)
    return Hit(record_id, row, float(weight), tuple((str(key), float(part)) for key, part in reasons))


class Matcher(Protocol):
    """Compares the rows of a file, block by block, with what is there and with the rows before them."""

    def hits(self, candidates: Sequence[Candidate]) -> Mapping[int, tuple[Hit, ...]]:
        """What each row of a block looks like, the likeliest first, by its number; rows like nothing are left out."""


Finder = Callable[[Mapping[str, str], Actor], Sequence[AlikeRecord]]


@dataclass(frozen=True, slots=True)
class AlikeSource:
    """Who finds records of an object like new ones.

    `find` answers while somebody types, `hits` for one record at a way in; `matcher` makes what compares many (with
    True when nothing of the file will be written, so that earlier rows have to be remembered). `shown` says of hits
    what a person may know, in their order; `keep` puts pairs (record, hit) before who decides of them. `may_force` says
    who may make a record all the same where the house refuses it.
    """

    find: Finder
    treatment: Callable[[EntryPoint], Treatment]
    hits: Callable[[Mapping[str, object], EntryPoint], Sequence[Hit]]
    matcher: Callable[[EntryPoint, bool], Matcher]
    shown: Callable[[Sequence[Hit], Actor], Sequence[AlikeRecord]]
    keep: Callable[[Sequence[tuple[int, Hit]], Actor], None]
    may_force: Callable[[Actor], bool]


_sources: dict[str, AlikeSource] = {}


def register_alike(object_key: str, source: AlikeSource) -> None:
    """Say who finds records like new ones of an object. Raises: ValueError when it is said already."""
    if object_key in _sources:
        raise ValueError(f"Who finds records like a new {object_key} is said twice.")
    _sources[object_key] = source


def alike_source(object_key: str) -> AlikeSource | None:
    """Who finds records like a new one of an object, if anybody does."""
    return _sources.get(object_key)


def treatment_at(object_key: str, entry: EntryPoint) -> Treatment:
    """What the house does at a way in with new records of an object that look like others."""
    source = _sources.get(object_key)
    return source.treatment(entry) if source is not None else Treatment.OFF


def may_force_alike(object_key: str, actor: Actor) -> bool:
    """Whether the actor may make a record of an object that looks like another one where the house refuses it."""
    source = _sources.get(object_key)
    return source is not None and source.may_force(actor)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found before a record is made: what it looks like, and whether it is made against the house's rule."""

    object_key: str
    hits: tuple[Hit, ...] = ()
    is_forced: bool = False


def look_for_alike(
    object_key: str,
    values: Mapping[str, object],
    *,
    entry: EntryPoint,
    is_forced: bool = False,
    refusals_alone: bool = False,
    actor: Actor,
) -> Looked:
    """What a new record with these values looks like.

    With `refusals_alone` it is looked for only where it would be refused: who types was told already.

    Raises: Conflict("record.alike") where the house refuses such records, with what the actor may know of those that
    are there; AccessDenied("record.alike") for who would force it and must not.
    """
    source = _sources.get(object_key)
    treatment = source.treatment(entry) if source is not None else Treatment.OFF
    if source is None or treatment is Treatment.OFF or (refusals_alone and treatment is Treatment.TELL):
        return Looked(object_key)
    hits = tuple(source.hits(values, entry))[:MOST_KEPT]
    if not hits or treatment is Treatment.TELL:
        return Looked(object_key, hits)
    if not is_forced:
        raise Conflict(
            CODE,
            gettext_noop("It looks like a record that is there already, and the house does not take such records in."),
            alike=[as_told(found, hit) for found, hit in zip(source.shown(hits, actor), hits, strict=True)],
        )
    if not source.may_force(actor):
        raise AccessDenied(CODE, gettext_noop("You may not make a record that looks like one that is there."))
    return Looked(object_key, hits, is_forced=True)


def note_alike(looked: Looked, record_id: int, *, actor: Actor) -> None:
    """Put a record that was made before who decides of duplicates; one that was forced stands in the audit trail."""
    source = _sources.get(looked.object_key)
    if source is None or not looked.hits:
        return
    with transaction.atomic():
        if looked.is_forced:
            begin_entry(
                actor,
                action="create_all_the_same",
                object_key=looked.object_key,
                record_id=record_id,
                record_count=len(looked.hits),
            )
        source.keep([(record_id, hit) for hit in looked.hits], actor)


def told(looked: Looked, actor: Actor) -> list[dict[str, object]]:
    """What the actor may know of the records that one looks like, for programs."""
    source = _sources.get(looked.object_key)
    if source is None or not looked.hits:
        return []
    shown = source.shown(looked.hits, actor)
    return [as_told(found, hit) for found, hit in zip(shown, looked.hits, strict=True)]


def as_told(found: AlikeRecord, hit: Hit) -> dict[str, object]:
    """One record for programs: its id and name are null where the caller must not see it."""
    is_seen = bool(found.title)
    return {
        "id": hit.record_id if is_seen else None,
        "name": found.title or None,
        "certainty": round(found.certainty, 3),
        "reasons": [key for key, weight in hit.reasons if weight > 0],
        "keeper": found.keeper or None,
    }
