"""The steward's desk: one queue of all kinds of work on the quality of records, and what is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, NotFound, RuleViolation, no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.desk import (
    MOST_COUNTED,
    PAGE_SIZE,
    DeskAnswer,
    DeskDetail,
    DeskLine,
    DeskQuestion,
    DeskSource,
    desk_source,
    desk_sources,
)
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.navigation import minute_old
from guanxi.platform.ui.responses import is_fragment_request, leading_to, page_or_fragment, with_toast
from guanxi.stewardship.commands.desk import ask_owner, bring_back, put_off
from guanxi.stewardship.queries.conflicts import decided_conflict_count
from guanxi.stewardship.queries.desk import entries_put_off
from guanxi.stewardship.queries.duplicates import twin_count

LATER, ASK = "later", "ask"
LATER_DAYS = timedelta(days=7)
ANSWER_DAYS = timedelta(days=14)
LONGEST_KEY = 40
FIRST = "duplicates"
MOST_SKIPPED = 100_000


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind of work at the top of the desk."""

    url: str
    label: Label
    count: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What the desk shows: a kind of work, its entries, the one that is decided, and what was wrong with the answer."""

    source: DeskSource
    lines: tuple[DeskLine, ...]
    entry: str
    loaded: Mapping[str, object]
    skip: int
    refused: str = ""


@require_safe
def desk(request: HttpRequest, kind: str = FIRST) -> HttpResponse:
    """What waits of one kind, and the entry that is being decided. Raises: NotFound for what must not be seen."""
    source = _source(kind)
    skipped = request.GET.get("skip", "")
    skip = min(int(skipped), MOST_SKIPPED) if skipped.isascii() and skipped.isdecimal() and len(skipped) < 8 else 0
    return desk_page(request, source, entry=request.GET.get("entry", "")[:LONGEST_KEY], skip=skip)


@require_POST
def answer(request: HttpRequest, kind: str, entry: str) -> HttpResponse:
    """Carry an answer out, put the entry off, or ask the owner; then the next one is shown.

    What cannot be carried out is said beside the entry. Raises: NotFound, AccessDenied.
    """
    source, view = _source(kind), _view(request)
    act = request.POST.get("do", "")
    posted = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    try:
        done = _carried_out(source, entry, act, posted, view=view)
    except (RuleViolation, Conflict) as error:
        return desk_page(request, source, entry=entry, refused=sentence_of(error), posted=posted)
    return answered(request, source.key, done)


@require_POST
def back(request: HttpRequest, kind: str, entry: str) -> HttpResponse:
    """Let an entry that was put off wait again. Raises: NotFound, AccessDenied."""
    source, view = _source(kind), _view(request)
    bring_back(source.key, _detail(source, entry, view), actor=view.actor)
    return taken_back(request, source.key, _("It waits again."), entry=entry)


def answered(request: HttpRequest, kind: str, done: DeskAnswer) -> HttpResponse:
    """The desk after an answer: the next entry, with what was done and how it is taken back."""
    if not is_fragment_request(request):
        messages.success(request, done.message, extra_tags=done.undo_url)
        return leading_to(request, reverse("steward_kind", args=[kind]))
    return with_toast(desk_page(request, _source(kind)), done.message, undo_url=done.undo_url)


def taken_back(request: HttpRequest, kind: str, message: str, *, entry: str) -> HttpResponse:
    """Lead to the entry that waits again."""
    messages.success(request, message)
    return leading_to(request, f"{reverse('steward_kind', args=[kind])}?entry={entry}")


def desk_page(
    request: HttpRequest,
    source: DeskSource,
    *,
    entry: str = "",
    skip: int = 0,
    refused: str = "",
    posted: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The desk with one kind of work; the entry asked for, or the first that can be shown."""
    view = _view(request)
    left_out = entries_put_off(view.today)
    question = DeskQuestion(view, left_out.get(source.key, frozenset()), skip)
    lines = source.page(question)
    current = entry or (lines[0].key if lines else "")
    try:
        loaded = source.load(current, view, {**request.GET.dict(), **(posted or {})}) if current else {}
    except NotFound:
        if entry:
            raise
        loaded = {}
    shown = Shown(source, lines, current, loaded, skip, refused)
    return page_or_fragment(
        request,
        page="stewardship/desk.html",
        fragment="stewardship/_desk.html",
        context=_context(shown, view, left_out),
        status=422 if refused else 200,
    )


def _carried_out(source: DeskSource, entry: str, act: str, posted: Mapping[str, str], *, view: View) -> DeskAnswer:
    undo_url = reverse("desk_back", args=[source.key, entry])
    if act == LATER:
        put_off(source.key, _detail(source, entry, view), until=view.today + LATER_DAYS, actor=view.actor)
        return DeskAnswer(_("It comes back in a week."), undo_url)
    if act == ASK and source.asks_owner:
        until = view.today + ANSWER_DAYS
        name = ask_owner(source.key, _detail(source, entry, view), until=until, actor=view.actor)
        return DeskAnswer(_("%(name)s was asked. It comes back in two weeks.") % {"name": name}, undo_url)
    return source.answer(entry, act, posted, view)


def _detail(source: DeskSource, entry: str, view: View) -> DeskDetail:
    """The entry in words, read with the rights of who asks. Raises: NotFound."""
    found = source.load(entry, view, {}).get("detail")
    if not isinstance(found, DeskDetail):
        raise no_such_record()
    return found


def _context(shown: Shown, view: View, left_out: Mapping[str, frozenset[str]]) -> dict[str, object]:
    detail = shown.loaded.get("detail")
    owner_id = detail.owner_id if isinstance(detail, DeskDetail) else None
    owner = people([owner_id]).get(owner_id) if owner_id else None
    return {
        "source": shown.source,
        "lines": shown.lines,
        "entry": shown.entry,
        "template": shown.source.template or "stewardship/_entry.html",
        "has_entry": bool(shown.loaded),
        "refused": shown.refused,
        "owner": owner.name if owner is not None else "",
        "next_skip": shown.skip + PAGE_SIZE if len(shown.lines) == PAGE_SIZE else 0,
        "tabs": tabs(view, current=shown.source.key, left_out=left_out),
        **shown.loaded,
    }


def tabs(view: View, *, current: str, left_out: Mapping[str, frozenset[str]]) -> list[Tab]:
    """The kinds of work with what waits of each; that of the one that is open is counted now, others once a minute."""
    found = []
    for source in desk_sources():
        question = DeskQuestion(view, left_out.get(source.key, frozenset()))
        known = minute_old(f"steward.{source.key}", partial(_counted, source, question))
        count = source.count(question) if source.key == current else known(view.actor) or 0
        found.append(Tab(reverse("steward_kind", args=[source.key]), source.label, count, source.key == current))
    pairs = twin_count(view.actor, is_decided=True, today=view.today)
    decided = min(MOST_COUNTED, pairs + decided_conflict_count(view.actor, most=MOST_COUNTED))
    found.append(Tab(reverse("decided"), _("Decided"), decided, current == "decided"))
    return found


def _counted(source: DeskSource, question: DeskQuestion, actor: Actor) -> int:  # noqa: ARG001  # the question names him
    return source.count(question)


def _source(kind: str) -> DeskSource:
    source = desk_source(kind)
    if source is None:
        raise no_such_record()
    return source


def _view(request: HttpRequest) -> View:
    return View(actor_of(request), timezone.localdate())
