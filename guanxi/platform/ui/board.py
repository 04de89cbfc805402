"""The board of any object with a field of choices: a lane for each choice, its records as cards that can be moved.

What a lane sums up comes from the whole list; its cards come twenty at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

from django.core.cache import caches
from django.db import models
from django.db.models import Aggregate, F
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.conditions import Condition, Group, Operator
from guanxi.platform.objects.fields import ObjectField, readable
from guanxi.platform.objects.listing import (
    Found,
    Selection,
    Sort,
    found_rows,
    grouped_rows,
    page_ids,
    searched,
)
from guanxi.platform.objects.registry import fields_of, listed_object, required_verbs
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.records.values import CUSTOM, PATH, SINCE
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.amounts import amount_of
from guanxi.platform.ui.fields import posted_version
from guanxi.platform.ui.filters import chips
from guanxi.platform.ui.list_query import ListQuery, read_query, selection_of
from guanxi.platform.ui.lists import records_by_id
from guanxi.platform.ui.record_form import editable_record
from guanxi.platform.ui.responses import is_fragment_request, leading_to, page_or_fragment, with_toast, with_trigger
from guanxi.platform.ui.values import cells
from guanxi.platform.ui.ways import ways_of

CARDS = 20
MOST_LANES = 24
MEDIAN_SECONDS = 600
LATE, OVERDUE = 1.5, 2.0


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: `count` and `total` in words, `share` as a bar; `cards` is markup, `more_url` brings further ones."""

    key: str
    label: str
    count: str
    total: str
    share: SafeString
    cards: SafeString
    more_url: str


@dataclass(frozen=True, slots=True)
class Board:
    """What a board goes by: the object, the field of its lanes, those shown on a card, the list it is made of."""

    spec: ObjectSpec
    field: ObjectField
    amount: ObjectField | None
    link: ObjectField | None
    view: View
    permission: Grant[Any]
    query: ListQuery
    selection: Selection
    found: Found | None

    @property
    def lanes(self) -> Sequence[tuple[str, str]]:
        """The choices of the field: (value, label)."""
        offered = self.field.offered(self.view) if self.field.offered is not None else ()
        return [(key, str(label)) for key, label in offered][:MOST_LANES]

    @property
    def can_move(self) -> bool:
        """Whether the person may move any card."""
        return self.field.access(self.view.actor) >= FieldAccess.WRITE and may(
            self.view.actor, self.spec.model, Action.EDIT
        )


@require_safe
def board_page(request: HttpRequest, key: str) -> HttpResponse:
    """The board, or with `lane` the further cards of one lane. Raises: NotFound, AccessDenied, RuleViolation."""
    board = board_of(request, key)
    view = board.view
    if "lane" in request.GET and is_fragment_request(request):
        offset = request.GET.get("offset", "")
        start = int(offset) if offset.isascii() and offset.isdecimal() and len(offset) < 7 else 0
        lane, _label = lane_of(board, request.GET["lane"])
        ids = lane_ids(board, lane, offset=start)
        shown = records_by_id(board.permission, ids[:CARDS], columns=_columns(board))
        more_url = _more_url(board, lane, start + CARDS) if len(ids) > CARDS else ""
        further = {"cards": cards_markup(board, shown), "more_url": more_url}
        return render(request, "ui/_board_cards.html", further)
    lanes = lanes_of(board)
    context = {
        "board": board,
        "lanes": lanes,
        "spec": board.spec,
        "ways": ways_of(board.spec, board.query, current="board"),
        "chips": chips(board.spec, board.query, view=view),
        "list_url": board.spec.list_url + board.query.address(),
        "new_url": reverse("record_new", args=[key]) if may(view.actor, board.spec.model, Action.CREATE) else "",
        "move_query": board.query.address(),
    }
    return page_or_fragment(request, page="ui/board.html", fragment="ui/_board.html", context=context)


def board_of(request: HttpRequest, key: str) -> Board:
    """The board of an object. Raises: NotFound("board.not_found") when it has none or its field may not be read."""
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    permission = grant(view.actor, spec.model)
    known = readable(fields_of(spec), view.actor)
    field = next((item for item in known if item.key == spec.board_field), None)
    if field is None:
        raise NotFound("board.not_found", "There is no such board.")
    query = read_query(request.GET, spec)
    found = searched(spec, query.words, view)
    selection = selection_of(spec, query, permission=permission, found=found)
    amount = next((item for item in known if item.kind is FieldType.MONEY and item.beside is None), None)
    link = next((item for item in known if item.target), None)
    return Board(spec, field, amount, link, view, permission, query, selection, found)


def lanes_of(board: Board) -> tuple[Lane, ...]:
    """All lanes with their first cards: one read sums them up, one finds the cards of each lane, one reads all cards.

    The newest of a lane are found by walking its records by id, so a long lane costs no more than a short one.
    """
    sums = _sums(board)
    ids = {key: lane_ids(board, key) if key in sums else [] for key, _label in board.lanes}
    shown = [record_id for found in ids.values() for record_id in found[:CARDS]]
    records = records_by_id(board.permission, shown, columns=_columns(board))
    markup = {row.pk: card for row, card in zip(records, _cards(board, records), strict=True)}
    return tuple(
        _lane(
            board,
            (key, label),
            sums=sums,
            cards=SafeString("".join(markup[record_id] for record_id in ids[key][:CARDS] if record_id in markup)),
            has_more=len(ids[key]) > CARDS,
        )
        for key, label in board.lanes
    )


def _lane(
    board: Board,
    lane: tuple[str, str],
    *,
    sums: Mapping[str, tuple[int, Any]],
    cards: SafeString = SafeString(""),  # noqa: B008  # an empty text
    has_more: bool = False,
) -> Lane:
    key, label = lane
    count, total = sums.get(key, (0, None))
    whole = sum(number for number, _total in sums.values()) or 1
    return Lane(
        key=key,
        label=label,
        count=formats.number(count),
        total=amount_of(total, today=board.view.today).markup if board.amount is not None and total else "",
        share=graphics.bar(100 * count / whole),
        cards=cards,
        more_url=_more_url(board, key, CARDS) if has_more else "",
    )


def _sums(board: Board) -> dict[str, tuple[int, Any]]:
    """Of each lane the number of records and the sum of the amount."""
    sums = (board.amount,) if board.amount is not None else ()
    rows = grouped_rows(board.selection, board.found, field=board.field, sums=sums, limit=MOST_LANES + 1)
    return {str(row[0]): (row[1], row[2] if len(row) > 2 else None) for row in rows}


def lane_of(board: Board, value: str) -> tuple[str, str]:
    """A lane of the board by its value, with its label. Raises: RuleViolation("board.lane")."""
    found = next((lane for lane in board.lanes if lane[0] == value), None)
    if found is None:
        raise RuleViolation("board.lane", "There is no such lane on this board.")
    return found


def lane_ids(board: Board, lane: str, *, offset: int = 0) -> list[int]:
    """The ids of a lane's cards from a place on, one more than are shown, the newest first."""
    own = Condition(board.field.key, Operator.IS, (lane,))
    where = Group(False, (board.selection.where, own)) if board.selection.where is not None else own
    asked = replace(board.selection, where=where, sorts=(Sort("id", True),))
    return page_ids(asked, board.found, offset=offset, limit=CARDS + 1)


def _more_url(board: Board, lane: str, offset: int) -> str:
    return board.query.address(lane=lane, offset=str(offset))


def _columns(board: Board) -> tuple[str, ...]:
    shown = (item.read_column for item in (board.field, board.amount, board.link) if item is not None)
    own = tuple(column.attname for column in board.spec.model._meta.concrete_fields)
    extra = (name for name in ("owner_id", "version", "created_at", CUSTOM) if name in own)
    return tuple(dict.fromkeys(("id", *board.spec.titles, *shown, *extra)))


def cards_markup(board: Board, records: Sequence[models.Model]) -> SafeString:
    """The cards of records, one after another."""
    return SafeString("".join(_cards(board, records)))


def _cards(board: Board, records: Sequence[models.Model]) -> list[str]:
    """The markup of each card: name, link, amount, days in its lane, owner."""
    links = cells(board.link, records, board.view) if board.link is not None else [""] * len(records)
    amounts = [board.amount.value_of(row) if board.amount is not None else None for row in records]
    owners = people(row.owner_id for row in records if getattr(row, "owner_id", None))  # type: ignore[attr-defined]  # asked for
    medians = _medians(board)
    now = timezone.now()
    return [
        _card(
            board,
            row,
            texts=(link, amount_of(amount, today=board.view.today).text if amount else ""),
            owner=owners[row.owner_id].name if getattr(row, "owner_id", None) in owners else "",  # type: ignore[attr-defined]  # as above
            age=_age(row, now=now, since=medians.get(str(board.field.value_of(row)))),
        )
        for row, link, amount in zip(records, links, amounts, strict=True)
    ]


def _card(board: Board, row: models.Model, *, texts: tuple[str, str], owner: str, age: tuple[int, str]) -> str:
    url = board.spec.detail_url(row.pk) if board.spec.detail_url is not None else ""
    name, link, amount = escape(str(row)), escape(texts[0]), escape(texts[1])
    days = (
        ngettext("%(count)s day here", "%(count)s days here", age[0]) % {"count": age[0]}
        if age[0]
        else _("Since today")
    )
    picture = graphics.avatar(owner, "s20") if owner else ""
    version = getattr(row, "version", 1)
    move = f'<button class="btn btn-q btn-s btn-i" data-move aria-label="{escape(_("Move"))}">⋯</button>'
    move = move if board.can_move else ""
    return (
        f'<article class="bcard{age[1]}" tabindex="0" data-card="{row.pk}" data-version="{version}">'
        f'<a class="nm clip" href="{url}" title="{name}"{formats.language_mark(str(row))}>{name}</a>'
        f'<div class="row-x"><span class="clip t2 sm grow">{link if link != formats.MISSING else ""}</span>'
        f'<b class="num sm">{amount}</b></div>'
        f'<div class="row-x xs t3"><span class="grow age">{escape(days)}</span>{picture}{move}</div>'
        "</article>"
    )


def _since(row: models.Model) -> datetime | None:
    """Since when a record stands in its lane: when it came there, else when it was created."""
    noted = getattr(row, CUSTOM, {}).get(SINCE)
    return datetime.fromisoformat(noted) if noted else getattr(row, "created_at", None)


def _age(row: models.Model, *, now: datetime, since: datetime | None) -> tuple[int, str]:
    """The days that a record has stood in its lane, and the class of a card that stands there too long."""
    came = _since(row)
    if came is None:
        return 0, ""
    days = (now - came).total_seconds() / 86_400
    usual = (now - since).total_seconds() / 86_400 if since is not None else 0.0
    if usual >= 1 and days > OVERDUE * usual:
        return int(days), " overdue"
    return int(days), " late" if usual >= 1 and days > LATE * usual else ""


class _Median(Aggregate):
    """The middle one of values in their order."""

    function = "percentile_disc"
    template = "percentile_disc(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


def _medians(board: Board) -> Mapping[str, datetime]:
    """Of each lane the instant since when the middle one of the person's records stands there; at most minutes old."""
    key = f"ui.board.{board.spec.key}.{hash(board.permission)}"
    found: dict[str, datetime] | None = caches["process"].get_or_set(key, lambda: _read_medians(board), MEDIAN_SECONDS)
    return found or {}


def _read_medians(board: Board) -> dict[str, datetime]:
    own = {column.attname for column in board.spec.model._meta.concrete_fields}
    came = Coalesce(F(f"{PATH}{SINCE}"), F("created_at")) if CUSTOM in own else F("created_at")
    whole = replace(board.selection, where=None, chosen=(), sorts=(), is_searched=False)
    rows = found_rows(whole, None).order_by().values_list(board.field.column).annotate(middle=_Median(came))
    return {str(lane): middle for lane, middle in rows if lane}


@require_POST
def move_card(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Move a record into another lane; answers with the heads of all lanes and an undo.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("board.lane").
    """
    board = board_of(request, key)
    is_undo = "lane" in request.GET
    lane, label = lane_of(board, request.GET.get("lane", "") if is_undo else request.POST.get("lane", ""))
    record = editable_record(board.spec, record_id, board.view)
    former = str(board.field.value_of(record) or "")
    edit = required_verbs(board.spec).edit
    saved = edit(record_id, {board.field.column: lane}, version=_version(request), actor=board.view.actor)
    if not is_fragment_request(request):
        return leading_to(request, reverse("board", args=[key]) + board.query.address())
    if is_undo:
        return with_toast(with_trigger(HttpResponse(status=204), "board"), _("Taken back."))
    return _moved(request, board, saved, former=former, label=label)


def _version(request: HttpRequest) -> int | None:
    """The version of the record that the person saw, or of an undo the one that it is to take back."""
    text = request.GET.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else posted_version(request)


def _moved(request: HttpRequest, board: Board, saved: models.Model, *, former: str, label: str) -> HttpResponse:
    """The heads of all lanes as they now are, the card's version, and the undo."""
    sums = _sums(board)
    version = int(getattr(saved, "version", 1))
    context = {
        "lanes": [_lane(board, known, sums=sums) for known in board.lanes],
        "record_id": saved.pk,
        "version": version,
    }
    response = render(request, "ui/_board_heads.html", context)
    is_moved = former and former != str(board.field.value_of(saved))
    undo_url = f"{request.path}{board.query.address(lane=former, version=str(version))}" if is_moved else ""
    return with_toast(response, _("“%(name)s” moved to %(lane)s") % {"name": saved, "lane": label}, undo_url=undo_url)
