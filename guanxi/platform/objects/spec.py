"""ObjectSpec: an object declared once as frozen data; generic pages, API and tests read it.

Also the shapes that a higher capability contributes to a lower object: columns, filters, panels, figures, actions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.functional import Promise

from guanxi.kernel.actor import Actor
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.importing import Importing
from guanxi.platform.records.models import Record
from guanxi.platform.search.queries import Question

Label = str | Promise
Rows = Sequence[models.Model]


@dataclass(frozen=True, slots=True)
class View:
    """Who looks, and on which day: what loaders of cells, panels and figures are given.

    `memo` keeps for one page what several of them read, by a key of the reader.
    """

    actor: Actor
    today: date
    memo: dict[str, Any] = field(default_factory=dict, compare=False)


Cells = Callable[[Rows, View], list[str]]
Visible = GuardedQuerySet[Any]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The rows of a list: those a person may see, narrowed by filters and words.

    When no right and no filter narrows them, `left_out` are the ids of the few in the trash, so that a table beside
    the object's own can be paged through without looking each of its rows up there; otherwise it is None. `among`
    names the slot with the ids that the words of a search found; "" when there were no words, or very many ids.
    """

    rows: Visible
    left_out: models.QuerySet[Any, Any] | None = None
    among: str = ""


@dataclass(frozen=True, slots=True)
class Ordering:
    """How a list is sorted by a column.

    `fields` are columns of the object itself, ascending, or of what it links to: "account__name_key". Such an order
    tells something of other objects' fields, so `reads` names them as (model, field): only who may read each of them
    may sort so. A contributed column gives `beside` instead: from the narrowed rows, and whether descending, to the ids
    in a table of its own, sorted; what that table does not hold comes last.
    """

    fields: tuple[str, ...] = ()
    beside: Callable[[Narrowed, bool], models.QuerySet[Any, Any]] | None = None
    reads: tuple[tuple[type[models.Model], str], ...] = ()


@dataclass(frozen=True, slots=True)
class ListColumn:
    """One column: `cells` turns the rows of a page into display strings, safe markup or plain text, one query at most.

    `field` names the model field it shows, if it is one; a hidden field hides the column. A column that is not
    shown when narrow gives way where the side panel leaves the list little room.
    """

    key: str
    label: Label
    cells: Cells
    ordering: Ordering | None = None
    field: str = ""
    position: int = 100
    is_number: bool = False
    is_shown_on_phone: bool = True
    is_shown_when_narrow: bool = True
    is_falling_first: bool = False


@dataclass(frozen=True, slots=True)
class ListFilter:
    """One filter: its choices for a person and how it narrows the visible rows.

    `narrow` makes a condition of the value and the view's actor and day and asks the database nothing: the SQL is kept.
    """

    key: str
    label: Label
    choices: Callable[[View], Sequence[tuple[str, Label]]]
    narrow: Callable[[Visible, str, View], Visible]
    position: int = 100
    is_offered: bool = True


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel of a card: `load` gives the template's context, or None to leave the panel out.

    `place` is "main", "side" or "preview". `shows` are the keys of objects whose records that lead to this one stand in
    the panel, so that they are not listed beside it once more. An object's own panel stands for the one of the same key
    that stands on every card.
    """

    key: str
    label: Label
    template: str
    load: Callable[[models.Model, View], Mapping[str, object] | None]
    place: str = "main"
    position: int = 100
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the few figures on top of a card: `value`, `change`, `note` are display strings, `url` opens the rows."""

    label: Label
    value: str
    note: str = ""
    change: str = ""
    url: str = ""
    icon: str = ""
    is_main: bool = False


@dataclass(frozen=True, slots=True)
class FigureSource:
    """Where one figure of a card comes from; `load` gives None to leave it out."""

    key: str
    load: Callable[[models.Model, View], Figure | None]
    position: int = 100


@dataclass(frozen=True, slots=True)
class FormGuidance:
    """Which fields a form asks for, and why.

    `load` gives the reason by the key of the field, for a record or for a new one; None where it has no say. The empty
    fields that nobody asks for are folded away.
    """

    key: str
    load: Callable[[models.Model | None, View], Mapping[str, str] | None]
    position: int = 100


@dataclass(frozen=True, slots=True)
class Mark:
    """A grade or tag beside a record's name, as safe HTML."""

    key: str
    load: Callable[[models.Model, View], str]
    position: int = 100


@dataclass(frozen=True, slots=True)
class RecordAct:
    """Something a person can do with one record, as the command palette offers it.

    `url` leads there; with `is_post` the address is posted to and does it at once. It is offered to who has the
    `right` to this very record.
    """

    key: str
    label: Label
    icon: str
    url: Callable[[int], str]
    right: Action = Action.VIEW
    position: int = 100
    is_post: bool = False


@dataclass(frozen=True, slots=True)
class ListAct:
    """Something that a higher capability does with many records of a list.

    The ticked records, or the conditions of the list with "all", are posted to the address named `url_name`. It is
    offered to who has the `right` to some record and to whom `is_offered` offers it.
    """

    key: str
    label: Label
    icon: str
    url_name: str
    right: Action = Action.EDIT
    is_offered: Callable[[Actor], bool] | None = None


@dataclass(frozen=True, slots=True)
class Verbs:
    """The commands by which every surface changes an object's records; each takes the actor last.

    `create` takes the values, `edit` an id, the values and the version that was seen; `trash` and `restore` an id.
    """

    create: Callable[..., Record]
    edit: Callable[..., Record]
    trash: Callable[..., object]
    restore: Callable[..., object]


@dataclass(frozen=True, slots=True)
class WrittenBlock:
    """Records that the kernel itself wrote in one transaction: a block of a change of many, or one that was tagged.

    `fields` are the names of what was written. Records that went into the trash have none, but the instant of it; with
    `is_undo` they were given back what they had, or came out of the trash into which they had gone at that instant.
    """

    ids: tuple[int, ...]
    fields: tuple[str, ...]
    actor: Actor
    trashed_at: datetime | None = None
    is_undo: bool = False


@dataclass(frozen=True, slots=True)
class ObjectSpec:
    """One object.

    `fields` names the model's columns that people read, filter, sort and export by, in their order; `offered` gives
    the values of a link among them, `labels` name them otherwise than their columns do, `orders` are the columns that
    one is sorted by where that is not its own. `columns` are drawn in a way of their own; any other field can be shown
    as a column too; `shown` are those of a list when nobody chose any, () = those drawn in a way of their own.
    `title` is the column that says what a record is called, `title_en` the one that says it on English pages where it
    is filled. `api_name` is the name in addresses of the API ("" = it
    has none there). `board_field` and `calendar_field` are fields by which the object has a board or a calendar.
    `search` turns words into what is asked of the search index, or None when they ask for nothing; without it the
    object has no search; `searched` are its own columns that records are found by. `hint_columns` are the columns that
    tell two records of the same name apart, where records of all objects stand together. `follow` does what follows
    when the kernel wrote records by itself and not by the object's verbs; it runs in the transaction of the change.
    `importing` says how rows of a file become its records; without it they cannot be imported.
    """

    key: str
    model: type[models.Model]
    label: Label
    plural: Label
    icon: str
    columns: tuple[ListColumn, ...]
    list_url: str = ""
    api_name: str = ""
    title: str = "name"
    title_en: str = ""
    labels: Mapping[str, Label] = field(default_factory=dict)
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    board_field: str = ""
    calendar_field: str = ""
    filters: tuple[ListFilter, ...] = ()
    fields: tuple[str, ...] = ()
    offered: Mapping[str, Callable[[View], Sequence[tuple[str, Label]]]] = field(default_factory=dict)
    verbs: Verbs | None = None
    bulk_fields: tuple[str, ...] = ()
    index: Callable[[Sequence[int]], None] | None = None
    follow: Callable[[WrittenBlock], None] | None = None
    default_sort: str = ""
    list_fields: tuple[str, ...] = ()
    detail_url: Callable[[int], str] | None = None
    preview_url: Callable[[int], str] | None = None
    search: Callable[[str, Actor], Question | None] | None = None
    searched: tuple[str, ...] = ()
    hint_columns: tuple[str, ...] = ()
    importing: Importing | None = None

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns that say what a record is called, in whatever language."""
        return tuple(name for name in (self.title, self.title_en) if name)
