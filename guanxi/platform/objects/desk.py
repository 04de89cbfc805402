"""Kinds of work on the quality of records, which rooms put on one desk where a steward decides it.

A room says what of its work waits and how each answer is carried out; the room that has the desk shows all of them
alike. Neither names the other. What is said of a kind holds for its count as well: who must not see a record is told
nothing of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.forms import BoundField

from guanxi.kernel.actor import Actor
from guanxi.platform.objects.spec import Label, View

PAGE_SIZE = 50
MOST_COUNTED = 1_000
"""A count stops here: beyond it, it is told as "1,000+"."""


@dataclass(frozen=True, slots=True)
class DeskQuestion:
    """Which work is asked for: of whom, without the entries that were put off, and beyond so many."""

    view: View
    put_off: frozenset[str] = frozenset()
    skip: int = 0


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One entry of the queue: the record's name, what is wrong, since when or why, and a figure at the right."""

    key: str
    title: str
    what: str
    note: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True)
class DeskAct:
    """One answer: `key` is posted as "do", `letter` is its key on the keyboard."""

    key: str
    label: Label
    letter: str = ""
    icon: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One value that is asked about: what it is for, since when it stands, and where it is corrected.

    `control` takes the right value; without one, `text` shows what is known and `fill_url` leads to where it is filled.
    `tick` names the box that says "still right", "" for none.
    """

    label: Label
    why: str = ""
    since: str = ""
    text: str = ""
    control: BoundField | None = None
    fill_url: str = ""
    tick: str = ""


@dataclass(frozen=True, slots=True)
class DeskChoice:
    """One of the values between which is decided: where it came from, when, and whether it stands now."""

    value: str
    text: str
    source: str
    at: str
    is_standing: bool


@dataclass(frozen=True, slots=True)
class DeskDetail:
    """What there is to decide of one entry.

    `blocks` is what the fault costs or keeps from being done, `facts` are (label, words), `question` is what the owner
    is asked, "" where nobody is; `foot` says what becomes of the answer. `version` is that of the record shown.
    """

    key: str
    heading: Label
    object_key: str
    record_id: int
    title: str
    url: str
    acts: tuple[DeskAct, ...]
    owner_id: int | None = None
    blocks: Label = ""
    facts: tuple[tuple[Label, str], ...] = ()
    rows: tuple[DeskRow, ...] = ()
    choices: tuple[DeskChoice, ...] = ()
    question: str = ""
    foot: Label = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class DeskAnswer:
    """An answer that was carried out, in words, and where it is taken back ("" = in the record's history)."""

    message: str
    undo_url: str = ""


Affected = Callable[[Actor | None], "models.QuerySet[Any, Any]"]


@dataclass(frozen=True, slots=True)
class DeskSource:
    """One kind of work on the desk.

    `rule` says in one sentence when something comes here, `order` which comes first. `count` and `page` tell of what
    the viewer may see alone. `load` gives the context of the right side: {"detail": DeskDetail}, or what the `template`
    of the source takes; it raises NotFound for what must not be seen. `answer` carries an act out: key, act, what was
    posted, actor. `affected` are the ids of the customers concerned, as far as a person may know it (None: all), and
    `points` what a share of 100 per cent takes from the quality score. All kinds together take 100. `page_acts` are
    (address name, icon, label) of what can be done for all of it.
    """

    key: str
    label: Label
    icon: str
    rule: Label
    order: Label
    empty: Label
    points: int
    count: Callable[[DeskQuestion], int]
    page: Callable[[DeskQuestion], tuple[DeskLine, ...]]
    load: Callable[[str, View, Mapping[str, str]], Mapping[str, object]]
    answer: Callable[[str, str, Mapping[str, str], View], DeskAnswer]
    affected: Affected
    template: str = ""
    position: int = 100
    asks_owner: bool = False
    page_acts: tuple[tuple[str, str, Label], ...] = ()


_sources: dict[str, DeskSource] = {}


def register_desk_source(source: DeskSource) -> None:
    """Put a kind of work on the desk. Raises: ValueError for a key that is taken, a defect."""
    if source.key in _sources:
        raise ValueError(f"The kind of work {source.key} is registered twice.")
    _sources[source.key] = source


def desk_sources() -> tuple[DeskSource, ...]:
    """The kinds of work in their order."""
    return tuple(sorted(_sources.values(), key=lambda source: (source.position, source.key)))


def desk_source(key: str) -> DeskSource | None:
    """One kind of work, or None."""
    return _sources.get(key)
