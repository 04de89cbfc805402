"""The page of background work: what runs, how far it is, what it found."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.jobs.models import JobRun, RunState
from guanxi.platform.jobs.progress import request_cancel
from guanxi.platform.objects.queries import undoable_changes
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation
from guanxi.platform.ui.responses import page_or_fragment

MOST_RUNS = 50
OPEN_STATES = (RunState.WAITING, RunState.RUNNING)
STATE_WORDS = {
    RunState.WAITING: _l("waiting"),
    RunState.RUNNING: _l("running"),
    RunState.DONE: _l("done"),
    RunState.FAILED: _l("failed"),
    RunState.CANCELLED: _l("cancelled"),
}
TONES = {RunState.DONE: "ok", RunState.FAILED: "danger", RunState.RUNNING: "prim"}


@dataclass(frozen=True, slots=True)
class RunView:
    """One run as the page shows it; `share` in per cent, None while the total is not known.

    `undo_id` is the change of many records that the person may take back.
    """

    id: int
    title: str
    state: str
    tone: str
    share: float | None
    steps: str
    message: str
    who: str
    started_at: datetime
    is_open: bool
    undo_id: int | None = None


@require_safe
def jobs_page(request: HttpRequest) -> HttpResponse:
    """The latest runs; while one is open, htmx asks for the list again every second."""
    runs = list(JobRun.objects.order_by("-created_at", "-pk")[:MOST_RUNS])
    names = people(run.started_by_id for run in runs if run.started_by_id)
    changes = undoable_changes((run.pk for run in runs if run.state not in OPEN_STATES), actor_of(request))
    shown = [
        _shown(run, names[run.started_by_id].name if run.started_by_id in names else "", undo_id=changes.get(run.pk))
        for run in runs
    ]
    context = {"runs": shown, "has_open": any(run.is_open for run in shown)}
    return page_or_fragment(request, page="ui/jobs.html", fragment="ui/_jobs.html", context=context)


@require_POST
def cancel_job(request: HttpRequest, run_id: int) -> HttpResponse:
    """Ask a run to stop; people may stop their own runs."""
    actor = actor_of(request)
    if JobRun.objects.filter(pk=run_id, started_by_id=actor.user_id).exists():
        request_cancel(run_id)
    response = HttpResponseRedirect(reverse("jobs"))
    response.status_code = 303
    return response


def _shown(run: JobRun, who: str, *, undo_id: int | None) -> RunView:
    state = RunState(run.state)
    steps = f"{formats.number(run.done)} / {formats.number(run.total)}" if run.total else formats.number(run.done)
    return RunView(
        id=run.pk,
        title=_(run.title),
        state=str(STATE_WORDS[state]),
        tone=TONES.get(state, ""),
        share=100 * run.done / run.total if run.total else None,
        steps=steps,
        message=_(run.message) if run.message else "",
        who=who,
        started_at=run.started_at or run.created_at,
        is_open=state in OPEN_STATES,
        undo_id=undo_id,
    )


register_navigation(NavigationEntry("jobs", _l("Jobs"), "progress", "jobs", _l("Information"), 90))
