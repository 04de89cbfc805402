"""Pairs of records that may be one: what is answered to them, and what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.desk import DeskAnswer
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.responses import leading_to, page_or_fragment
from guanxi.stewardship import commands
from guanxi.stewardship.jobs.duplicates import SCAN_JOB
from guanxi.stewardship.objects.duplicates import KEY
from guanxi.stewardship.queries.desk import entries_put_off
from guanxi.stewardship.queries.duplicates import TwinRow, twin_rows
from guanxi.stewardship.views.conflicts import decided_conflict_lines
from guanxi.stewardship.views.desk import answered, tabs, taken_back

LATER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """One pair that was decided, and by whom."""

    row: TwinRow
    by: str


@require_safe
def decided(request: HttpRequest) -> HttpResponse:
    """What was decided of pairs and between sources, the latest first; each can be taken back."""
    view = View(actor_of(request), timezone.localdate())
    rows = twin_rows(view.actor, is_decided=True, today=view.today)
    found = tabs(view, current="decided", left_out=entries_put_off(view.today))
    context = {"lines": _lines(rows), "conflicts": decided_conflict_lines(view), "tabs": found}
    return page_or_fragment(
        request, page="stewardship/decided.html", fragment="stewardship/_decided.html", context=context
    )


@require_POST
def decide(request: HttpRequest, twin_id: int) -> HttpResponse:
    """Merge a pair, part it, or put it off, as the button asks; then the next one is shown.

    Raises: NotFound, AccessDenied, Conflict, RuleViolation.
    """
    actor = actor_of(request)
    match request.POST.get("do"):
        case "merge":
            keep_id = _number(request.POST.get("keep")) or 0
            names = [name.removeprefix("take:") for name in request.POST if name.startswith("take:")]
            taken = [name for name in names if request.POST.get(f"take:{name}") == "merged"]
            versions = _versions(request) or None
            commands.merge_twin(twin_id, keep_id=keep_id, taken=taken, versions=versions, actor=actor)
            message = _("Merged. It can be taken back for 30 days.")
        case "different":
            commands.part_twin(twin_id, actor=actor)
            message = _("Noted: not the same. Nobody will be asked again.")
        case _:
            commands.put_twin_off(twin_id, until=timezone.localdate() + LATER, actor=actor)
            message = _("It comes back in a week.")
    return answered(request, KEY, DeskAnswer(message, reverse("reopen_twin", args=[twin_id])))


@require_POST
def decide_group(request: HttpRequest, twin_id: int) -> HttpResponse:
    """Merge the ticked records of a group, part all of them, or put them off, as the button asks.

    Raises: NotFound, AccessDenied, Conflict, RuleViolation.
    """
    actor, posted = actor_of(request), request.POST
    match posted.get("do"):
        case "merge":
            keep_id = _number(posted.get("keep")) or 0
            merged = [found for text in posted.getlist("with") if (found := _number(text)) and found != keep_id]
            picked = {name.removeprefix("take:"): posted.get(name) for name in posted if name.startswith("take:")}
            taken = {pk: [key for key, value in picked.items() if value == str(pk)] for pk in merged}
            merge = commands.GroupMerge(keep_id, taken, _versions(request) or None)
            pairs = commands.merge_group(twin_id, merge, actor=actor)
            words = ngettext("%(count)s record was merged.", "%(count)s records were merged.", len(pairs))
            message, twin_id = words % {"count": len(pairs)}, pairs[0]
        case "different":
            commands.part_group(twin_id, actor=actor)
            message = _("Noted: not the same. Nobody will be asked again.")
        case _:
            commands.put_group_off(twin_id, until=timezone.localdate() + LATER, actor=actor)
            message = _("It comes back in a week.")
    return answered(request, KEY, DeskAnswer(message, reverse("reopen_group", args=[twin_id])))


@require_POST
def reopen_group(request: HttpRequest, twin_id: int) -> HttpResponse:
    """Take back what was decided of a group in one sitting. Raises: NotFound, AccessDenied, Conflict."""
    commands.reopen_group(twin_id, actor=actor_of(request))
    return taken_back(request, KEY, _("The records are apart again."), entry=str(twin_id))


@require_POST
def reopen(request: HttpRequest, twin_id: int) -> HttpResponse:
    """Take back what was decided of a pair. Raises: NotFound, AccessDenied, Conflict."""
    commands.reopen_twin(twin_id, actor=actor_of(request))
    return taken_back(request, KEY, _("The two records are apart again."), entry=str(twin_id))


@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """Look through the whole base in the background."""
    actor = actor_of(request)
    if actor.user_id is not None:
        start_run(SCAN_JOB, title=_("Looking for duplicates"), started_by_id=actor.user_id)
    messages.success(request, _("The whole base is being looked through. The bell tells when it is over."))
    return leading_to(request, reverse("steward"))


def _lines(rows: Sequence[TwinRow]) -> list[DecidedLine]:
    known = people(row.decided_by_id for row in rows if row.decided_by_id)
    return [DecidedLine(row, known[row.decided_by_id].name if row.decided_by_id in known else "") for row in rows]


def _versions(request: HttpRequest) -> Mapping[int, int]:
    """The versions that the person saw, by id."""
    pairs = (name.removeprefix("version:") for name in request.POST if name.startswith("version:"))
    return {int(name): _number(request.POST.get(f"version:{name}")) or 0 for name in pairs if name.isdecimal()}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
