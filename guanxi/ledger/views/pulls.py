"""What is pulled from a connection: setting it up, its columns, its runs."""

import csv
from collections.abc import Iterable, Iterator, Sequence

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, ExternalFailure, GuanxiError, RuleViolation
from guanxi.ledger.adapters.sources import Sample
from guanxi.ledger.choices import ConnectionKind, PullTarget
from guanxi.ledger.commands import connections as commands
from guanxi.ledger.commands.pulling import PullOrder, require_ready, run_pull
from guanxi.ledger.forms import ColumnsForm, PullForm, WebPullForm
from guanxi.ledger.models import Connection, Pull, RefusedRow
from guanxi.ledger.queries.pulls import (
    connection_of,
    connection_to_set_up,
    is_running,
    pull_to_run,
    refused_count,
    refused_rows,
    runs_of,
)
from guanxi.ledger.views.connections import pull_line, run_view
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people, unit_names
from guanxi.platform.transfer.export import BYTE_ORDER_MARK, Echo, safe_text
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after

SHOWN_RUNS = 20
LONGEST_STAMP = 40
SHOWN_CHARACTERS = 60
TRIED_ROWS = 1_000
KNOWN_BY = (("", _l("Nobody: all are new")), ("tax_id", _l("Tax id")), ("name", _l("Name")))
NOTHING = (("", "—"),)


@require_safe
def pull_page(request: HttpRequest, pull_id: int) -> HttpResponse:
    """A pull: what it does, its runs, how to start one."""
    pull = pull_to_run(actor_of(request), pull_id)
    runs = [run_view(run) for run in runs_of(pull, limit=SHOWN_RUNS)]
    labels = {target.key: str(target.label) for target in commands.targets_of_pull(pull)}
    context = {
        "line": pull_line(pull, None),
        "pull": pull,
        "connection": connection_of(pull),
        "target": PullTarget(pull.target).label,
        "mapping": [(column, labels.get(field, field)) for column, field in pull.mapping],
        "runs": runs,
        "refused": formats.number(refused_count(pull)),
        "has_refused": refused_count(pull) > 0,
        "is_running": is_running(pull),
    }
    return render(request, "ledger/pull.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def pull_form(request: HttpRequest, connection_id: int | None = None, pull_id: int | None = None) -> HttpResponse:
    """Set up what is pulled, or change it."""
    actor = actor_of(request)
    known = pull_to_run(actor, pull_id) if pull_id is not None else None
    connection = connection_of(known) if known is not None else connection_to_set_up(actor, connection_id or 0)
    form = _form(request, connection, known)
    version = known.version if known else 0
    if request.method == "POST" and form.is_valid():
        try:
            if known is None:
                saved = commands.create_pull(connection.pk, _values(form), actor=actor)
            else:
                saved = commands.edit_pull(known.pk, _values(form), version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            name = "pull" if saved.mapping else "pull_columns"
            return HttpResponseRedirect(reverse(name, args=[saved.pk]), status=303)
    context = {"form": form, "pull": known, "connection": connection, "version": version}
    return render(request, "ledger/pull_form.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, connection: Connection, known: Pull | None) -> PullForm:
    kind = WebPullForm if connection.kind == ConnectionKind.REST else PullForm
    columns = {"owner": "owner_id", "unit": "unit_id"}
    initial = {name: getattr(known, columns.get(name, name)) for name in kind.base_fields} if known else {}
    form = kind(request.POST if request.method == "POST" else None, initial=initial)
    _offer(form, "owner", [*NOTHING, *((person.id, person.name) for person in active_people())])
    _offer(form, "unit", [*NOTHING, *unit_names().items()])
    if known is not None:
        form.fields["target"].disabled = True
        if known.target != PullTarget.ACCOUNT:
            del form.fields["owner"], form.fields["unit"]
    return form


def _offer(form: forms.Form, name: str, choices: Sequence[tuple[object, object]]) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


def _values(form: PullForm) -> dict[str, object]:
    values = dict(form.cleaned_data)
    return values | {"owner_id": values.pop("owner", None), "unit_id": values.pop("unit", None)}


@require_http_methods(["GET", "HEAD", "POST"])
def columns_page(request: HttpRequest, pull_id: int) -> HttpResponse:
    """Which column goes where, above the first rows as they are now."""
    actor = actor_of(request)
    pull = pull_to_run(actor, pull_id)
    sample, failure = _sample(pull, actor)
    values = _mapping_values(pull, sample)
    form = _columns_form(request, pull, sample, values)
    mapping: list[list[str]] = [[str(column), str(field)] for column, field in values["mapping"]]  # type: ignore[attr-defined]  # pairs
    version = pull.version
    if request.method == "POST" and not failure and form.is_valid():
        fields = [request.POST.get(f"field-{number}", "") for number in range(len(sample.columns))]
        mapping = [[column, field] for column, field in zip(sample.columns, fields, strict=True) if field]
        wanted = {**form.cleaned_data, "mapping": mapping}
        try:
            commands.map_columns(pull.pk, wanted, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved. Try it before the first run."))
            return HttpResponseRedirect(reverse("pull", args=[pull.pk]), status=303)
    context = {
        "pull": pull,
        "connection": connection_of(pull),
        "form": form,
        "failure": failure,
        "version": version,
        "columns": _columns(pull, sample, dict(mapping)),
        "rows": [[_shown(row.get(name)) for name in sample.columns] for row in sample.rows],
        "is_account": pull.target == PullTarget.ACCOUNT,
    }
    return render(request, "ledger/pull_columns.html", context, status=422 if form.errors else 200)


def _sample(pull: Pull, actor: Actor) -> tuple[Sample, str]:
    try:
        return commands.sample_of(pull.pk, actor=actor), ""
    except (RuleViolation, ExternalFailure) as error:
        return Sample((), ()), sentence_of(error)


def _mapping_values(pull: Pull, sample: Sample) -> dict[str, object]:
    """What the form begins with: what is saved, or what the columns seem to be."""
    if not pull.mapping:
        return {**commands.guessed_mapping(pull, sample), "overlap": pull.overlap, "known_by": ""}
    names = ("mapping", "key_column", "cursor_column", "deleted_column", "deletions", "overlap", "known_by")
    return {name: getattr(pull, name) for name in names}


def _columns_form(request: HttpRequest, pull: Pull, sample: Sample, values: dict[str, object]) -> ColumnsForm:
    form = ColumnsForm(request.POST if request.method == "POST" else None, initial=values)
    saved = [pull.key_column, pull.cursor_column, pull.deleted_column]
    names = list(dict.fromkeys([*sample.columns, *(name for name in saved if name)]))
    offered = [(name, name) for name in names]
    _offer(form, "key_column", offered)
    _offer(form, "cursor_column", [("", _("Nothing: everything is read each time")), *offered])
    _offer(form, "deleted_column", [*NOTHING, *offered])
    _offer(form, "known_by", KNOWN_BY)
    return form


def _columns(pull: Pull, sample: Sample, mapping: dict[str, str]) -> list[dict[str, object]]:
    """The head of the grid: each column with the fields that it can go into."""
    targets = [(target.key, str(target.label)) for target in commands.targets_of_pull(pull)]
    return [
        {"number": number, "name": name, "field": mapping.get(name, ""), "targets": targets}
        for number, name in enumerate(sample.columns)
    ]


def _shown(value: object) -> str:
    return "—" if value is None else str(value)[:SHOWN_CHARACTERS]


@require_POST
def start(request: HttpRequest, pull_id: int) -> HttpResponse:
    """Begin a run: at once for a trial of the first rows, in the background for others."""
    actor = actor_of(request)
    pull = pull_to_run(actor, pull_id)
    try:
        require_ready(connection_of(pull), pull)
        if "trial" in request.POST:
            run_pull(pull.pk, PullOrder(is_trial=True, most_rows=TRIED_ROWS, since="whole"), actor=actor)
            messages.success(request, _("Tried with the first rows; nothing was written."))
        else:
            title = _("Pull “%(name)s”") % {"name": pull.name}
            commands.begin_pull(pull.pk, title=title, since=_replayed_from(request), actor=actor)
            messages.success(request, _("The run begins in the background."))
    except GuanxiError as error:
        messages.error(request, sentence_of(error))
    return HttpResponseRedirect(reverse("pull", args=[pull.pk]), status=303)


def _replayed_from(request: HttpRequest) -> str:
    """From where everything is read again: what was typed, all for an empty field, "" where a run just goes on."""
    if "since" not in request.POST:
        return ""
    return request.POST["since"].replace("\x00", "").strip()[:LONGEST_STAMP] or "whole"


@require_safe
def refused(request: HttpRequest, pull_id: int) -> HttpResponseBase:
    """The rows that were refused as a CSV file, with what is wrong before them."""
    pull = pull_to_run(actor_of(request), pull_id)
    response = StreamingHttpResponse(_refused_lines(refused_rows(pull)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="refused-{pull.pk}.csv"'
    return response


def _refused_lines(rows: Iterable[RefusedRow]) -> Iterator[str]:
    line = csv.writer(Echo())
    yield BYTE_ORDER_MARK + line.writerow([_("What is wrong"), pgettext("row", "Key"), pgettext("row", "Row")])
    for row in rows:
        yield line.writerow([safe_text(str(row.reason)), safe_text(row.key), safe_text(str(row.row))])


@require_POST
def remove(request: HttpRequest, pull_id: int) -> HttpResponse:
    """Pull it no more; what it brought stays."""
    commands.remove_pull(pull_id, actor=actor_of(request))
    messages.success(request, _("It is pulled no more. What it brought stays."))
    return HttpResponseRedirect(reverse("connections"), status=303)
