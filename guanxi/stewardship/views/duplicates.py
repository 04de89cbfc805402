"""The steward's desk: pairs of records that may be one, and what is decided of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.ui.responses import is_fragment_request, leading_to, page_or_fragment, with_toast
from guanxi.platform.ui.values import cells
from guanxi.stewardship import commands
from guanxi.stewardship.jobs.duplicates import SCAN_JOB
from guanxi.stewardship.queries.duplicates import Decision, TwinRow, decision_of, twin_count, twin_rows
from guanxi.stewardship.rules.duplicates import Reason

LATER = timedelta(days=7)
MOST_SHOWN_REASONS = 2
FULL_BAR = 16.0


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field in which two records differ, in words."""

    key: str
    label: Label
    kept: str
    merged: str
    is_taken: bool
    why: Label


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason in words, its weight with its sign, and how long its bar is, from 0 to 100."""

    words: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class QueueLine:
    """One pair of the queue: its names, how certain it is, why, and what became of it."""

    row: TwinRow
    why: str
    by: str


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """The pairs that wait and the one that is being decided. Raises: NotFound for a pair that must not be seen."""
    return _desk(request, twin_id=_number(request.GET.get("pair")), keep_id=_number(request.GET.get("keep")))


@require_safe
def decided(request: HttpRequest) -> HttpResponse:
    """What was decided of pairs, the latest first; each can be taken back."""
    actor, today = actor_of(request), timezone.localdate()
    rows = twin_rows(actor, is_decided=True, today=today)
    context = {"lines": _lines(rows), **_tabs(actor, current="decided")}
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
    if not is_fragment_request(request):
        messages.success(request, message, extra_tags=reverse("reopen_twin", args=[twin_id]))
        return leading_to(request, reverse("duplicates"))
    return with_toast(_desk(request), message, undo_url=reverse("reopen_twin", args=[twin_id]))


@require_POST
def reopen(request: HttpRequest, twin_id: int) -> HttpResponse:
    """Take back what was decided of a pair. Raises: NotFound, AccessDenied, Conflict."""
    commands.reopen_twin(twin_id, actor=actor_of(request))
    messages.success(request, _("The two records are apart again."))
    return leading_to(request, f"{reverse('duplicates')}?pair={twin_id}")


@require_POST
def scan(request: HttpRequest) -> HttpResponse:
    """Look through the whole base in the background."""
    actor = actor_of(request)
    if actor.user_id is not None:
        start_run(SCAN_JOB, title=_("Looking for duplicates"), started_by_id=actor.user_id)
    messages.success(request, _("The whole base is being looked through. The bell tells when it is over."))
    return leading_to(request, reverse("duplicates"))


def _desk(request: HttpRequest, *, twin_id: int | None = None, keep_id: int | None = None) -> HttpResponse:
    actor = actor_of(request)
    view = View(actor, timezone.localdate())
    rows = twin_rows(actor, today=view.today)
    current = twin_id or next((row.id for row in rows), None)
    try:
        decision = decision_of(current, actor, keep_id=keep_id) if current else None
    except NotFound:
        if twin_id:
            raise
        decision = None
    context = {
        "lines": _lines(rows),
        "decision": decision,
        "fields": _field_lines(decision, view) if decision else (),
        "evidence": _reason_lines(decision.reasons) if decision else (),
        "titles": _titles(decision) if decision else (),
        **_tabs(actor, current="duplicates"),
    }
    return page_or_fragment(request, page="stewardship/desk.html", fragment="stewardship/_desk.html", context=context)


def _tabs(actor: Actor, *, current: str) -> dict[str, object]:
    today = timezone.localdate()
    tabs = (
        ("duplicates", _("Duplicates"), twin_count(actor, today=today)),
        ("decided", _("Decided"), twin_count(actor, is_decided=True, today=today)),
    )
    return {"tabs": [(reverse(name), label, count, name == current) for name, label, count in tabs]}


def _lines(rows: Sequence[TwinRow]) -> list[QueueLine]:
    known = people(row.decided_by_id for row in rows if row.decided_by_id)
    return [
        QueueLine(
            row,
            " · ".join(str(reason.evidence.label) for reason in row.reasons[:MOST_SHOWN_REASONS]),
            known[row.decided_by_id].name if row.decided_by_id in known else "",
        )
        for row in rows
    ]


def _field_lines(decision: Decision, view: View) -> tuple[FieldLine, ...]:
    lines = []
    for found in decision.fields:
        kept, merged = cells(found.item, [decision.kept, decision.merged], view)
        choice = found.choice
        lines.append(FieldLine(found.item.key, found.item.label, kept, merged, choice.is_taken, choice.reason))
    return tuple(lines)


def _reason_lines(reasons: Sequence[Reason]) -> tuple[ReasonLine, ...]:
    return tuple(
        ReasonLine(str(reason.evidence.label), reason.weight, 100 * min(abs(reason.weight) / FULL_BAR, 1.0))
        for reason in reasons
    )


def _titles(decision: Decision) -> tuple[str, str]:
    title = decision.spec.title
    return str(getattr(decision.kept, title)), str(getattr(decision.merged, title))


def _versions(request: HttpRequest) -> Mapping[int, int]:
    """The versions that the person saw, by id."""
    pairs = (name.removeprefix("version:") for name in request.POST if name.startswith("version:"))
    return {int(name): _number(request.POST.get(f"version:{name}")) or 0 for name in pairs if name.isdecimal()}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
