"""Connections to other systems: all of them with what they bring, setting one up, trying it."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.errors import Conflict, GuanxiError, RuleViolation
from guanxi.ledger.adapters.addresses import sources_folder
from guanxi.ledger.choices import ConnectionKind, PullState, PullTarget
from guanxi.ledger.commands import connections as commands
from guanxi.ledger.forms import SCHEDULES, ConnectionForm
from guanxi.ledger.models import Connection, Pull, PullRun
from guanxi.ledger.queries.pulls import connection_to_set_up, connections, last_runs, pulls_of
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after

ICONS = {PullTarget.ACCOUNT: "users", PullTarget.PRODUCT: "package", PullTarget.PURCHASE: "shopping-cart"}
TONES = {PullState.DONE: "ok", PullState.FAILED: "danger", PullState.RUNNING: "prim"}
NAMES = ("name", "system", "kind", "address", "port", "database", "user_name", "header", "timeout_seconds", "is_active")


@require_safe
def connections_page(request: HttpRequest) -> HttpResponse:
    """All connections, what each brings and how its last run went."""
    actor = actor_of(request)
    pulls = pulls_of(actor)
    runs = last_runs([pull.pk for pull in pulls])
    context = {
        "connections": [
            {
                "connection": connection,
                "kind": ConnectionKind(connection.kind).label,
                "pulls": [pull_line(pull, runs.get(pull.pk)) for pull in pulls if pull.connection_id == connection.pk],
            }
            for connection in connections(actor)
        ]
    }
    return render(request, "ledger/connections.html", context)


def pull_line(pull: Pull, run: PullRun | None) -> dict[str, object]:
    """One pull as a line: what it brings, how often, how the last run went."""
    return {
        "pull": pull,
        "icon": ICONS[PullTarget(pull.target)],
        "schedule": dict(SCHEDULES).get(pull.every_minutes, SCHEDULES[0][1]),
        "is_ready": bool(pull.mapping and pull.key_column),
        "run": run_view(run) if run is not None else None,
    }


def run_view(run: PullRun) -> dict[str, object]:
    """One run in words and figures."""
    local = timezone.localtime(run.started_at)
    seconds = (run.ended_at - run.started_at).total_seconds() if run.ended_at else None
    return {
        "run": run,
        "state": PullState(run.state).label,
        "tone": TONES.get(PullState(run.state), "away"),
        "day": formats.day(local.date(), today=timezone.localdate()),
        "clock": formats.clock(local),
        "seconds": formats.number(seconds, decimals=1) if seconds is not None else "",
        "counts": [formats.number(getattr(run, name)) for name in COUNTS],
        "failure": failure_of(run),
    }


COUNTS = ("read", "created", "updated", "same", "deleted", "refused", "waiting")


def failure_of(run: PullRun) -> str:
    """Why a run ended early, in the language of the page."""
    kept: Mapping[str, object] = run.failure or {}
    if not kept:
        return ""
    data = kept.get("data")
    return _(str(kept["sentence"])) % (data if isinstance(data, dict) and data else {})


@require_http_methods(["GET", "HEAD", "POST"])
def connection_form(request: HttpRequest, connection_id: int | None = None) -> HttpResponse:
    """Set a connection up, or change one."""
    actor = actor_of(request)
    known = connection_to_set_up(actor, connection_id) if connection_id is not None else None
    form = _form(request, known)
    version = known.version if known else 0
    if request.method == "POST" and form.is_valid():
        try:
            if known is None:
                saved = commands.create_connection(form.cleaned_data, actor=actor)
            else:
                values = form.cleaned_data
                saved = commands.edit_connection(known.pk, values, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        except GuanxiError as error:
            form.add_error(None, sentence_of(error))
        else:
            messages.success(request, _("Saved. Try whether it answers."))
            return HttpResponseRedirect(reverse("connection", args=[saved.pk]), status=303)
    return _shown(request, form, known, version=version, status=422 if form.errors else 200)


def _form(request: HttpRequest, known: Connection | None) -> ConnectionForm:
    initial = {name: getattr(known, name) for name in NAMES} if known is not None else {"is_active": True}
    form = ConnectionForm(request.POST if request.method == "POST" else None, initial=initial)
    if known is not None:
        form.fields["system"].disabled = True
    return form


def _shown(
    request: HttpRequest, form: ConnectionForm, known: Connection | None, *, version: int, **more: object
) -> HttpResponse:
    status = more.pop("status", 200)
    context = {
        "form": form,
        "connection": known,
        "version": version,
        "has_secret": bool(known is not None and known.secret),
        "folder": sources_folder(),
        **more,
    }
    code = status if isinstance(status, int) else 200
    return render(request, "ledger/connection_form.html", context, status=code)


@require_POST
def try_it(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Ask the other system whether it answers, and show what it has."""
    actor = actor_of(request)
    known = connection_to_set_up(actor, connection_id)
    tried = commands.try_connection(connection_id, actor=actor)
    form = ConnectionForm(initial={name: getattr(known, name) for name in NAMES})
    form.fields["system"].disabled = True
    failure = sentence_of(tried.failure) if tried.failure is not None else ""
    return _shown(request, form, known, version=known.version, tried=tried, failure=failure)


@require_POST
def remove(request: HttpRequest, connection_id: int) -> HttpResponse:
    """Take a connection out of use; what it brought stays."""
    commands.remove_connection(connection_id, actor=actor_of(request))
    messages.success(request, _("The connection is gone. What it brought stays."))
    return HttpResponseRedirect(reverse("connections"), status=303)
