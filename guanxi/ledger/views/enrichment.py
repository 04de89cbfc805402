"""Outside sources of data on firms: setting one up, trying it, and what it was told."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.facade import account_rows
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.ledger.adapters.enrichers import enrichers
from guanxi.ledger.analyses.enrichment import MappedPath, mapped_paths
from guanxi.ledger.choices import AskedBy, QuestionState
from guanxi.ledger.commands import enrichment_sources as commands
from guanxi.ledger.commands.enrichment_sources import TriedSource
from guanxi.ledger.forms import PathForm, SourceForm
from guanxi.ledger.models import EnrichmentQuestion, EnrichmentSource
from guanxi.ledger.queries.enrichment import (
    asked_today,
    proposable_fields,
    questions_of,
    source_to_set_up,
    sources_to_set_up,
)
from guanxi.platform.access.masking import masked
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after

SPARE_LINES = 3
FEWEST_LINES = 6
MOST_LINES = 40
MOST_LEAVES = 80
NAMES = tuple(name for name in SourceForm.base_fields if name != "secret")
TONES = {QuestionState.ANSWERED: "ok", QuestionState.FAILED: "danger"}


@require_safe
def sources_page(request: HttpRequest) -> HttpResponse:
    """All sources with how often each was asked today."""
    found = sources_to_set_up(actor_of(request))
    counts = asked_today([source.pk for source in found])
    lines = [
        {
            "source": source,
            "asked_by": AskedBy(source.asked_by).label,
            "fields": formats.number(len(source.mapping)),
            "today": formats.number(counts.get(source.pk, 0)),
            "most": formats.number(source.most_a_day),
        }
        for source in found
    ]
    return render(request, "ledger/enrichment_sources.html", {"lines": lines})


@require_http_methods(["GET", "HEAD", "POST"])
def source_form(request: HttpRequest, source_id: int | None = None) -> HttpResponse:
    """Set a source up, or change one. Raises: NotFound."""
    actor = actor_of(request)
    known = source_to_set_up(actor, source_id) if source_id is not None else None
    form, paths = _form(request, known), _paths(request, known)
    version = known.version if known else 0
    if request.method == "POST" and form.is_valid() and all(line.is_valid() for line in paths):
        values = {**form.cleaned_data, "mapping": _mapping(paths)}
        try:
            if known is None:
                saved = commands.create_source(values, actor=actor)
            else:
                saved = commands.edit_source(known.pk, values, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved. Try whether it answers."))
            return HttpResponseRedirect(reverse("enrichment_source", args=[saved.pk]), status=303)
    return _shown(request, form, paths, known, version=version)


def _form(request: HttpRequest, known: EnrichmentSource | None) -> SourceForm:
    initial = {name: getattr(known, name) for name in NAMES} if known is not None else {"is_active": True}
    form = SourceForm(request.POST if request.method == "POST" else None, initial=initial)
    form.fields["way"].choices = [(item.key, item.label) for item in enrichers().values()]  # type: ignore[attr-defined]  # a field of choices
    return form


def _paths(request: HttpRequest, known: EnrichmentSource | None) -> list[PathForm]:
    """One line for each part of the answer that goes somewhere, and some to spare."""
    mapped: Sequence[MappedPath] = mapped_paths(known.mapping) if known is not None else ()
    sent = request.POST if request.method == "POST" and "line-0-path" in request.POST else None
    count = max(FEWEST_LINES, len(mapped) + SPARE_LINES)
    while sent is not None and count < MOST_LINES and f"line-{count}-path" in sent:
        count += 1
    fields = [("", "—"), *((item.key, item.label) for item in proposable_fields().values())]
    lines = []
    for number in range(count):
        item = mapped[number] if number < len(mapped) else None
        initial = {"path": item.path, "field": item.field, "fills_blank": item.fills_blank} if item else {}
        line = PathForm(sent, prefix=f"line-{number}", initial=initial)
        line.fields["field"].choices = fields  # type: ignore[attr-defined]  # a field of choices
        lines.append(line)
    return lines


def _mapping(lines: Sequence[PathForm]) -> list[list[object]]:
    found = (line.cleaned_data for line in lines)
    return [[row["path"], row["field"], row["fills_blank"]] for row in found if row["path"] and row["field"]]


def _shown(
    request: HttpRequest,
    form: SourceForm,
    paths: Sequence[PathForm],
    known: EnrichmentSource | None,
    *,
    version: int,
    tried: TriedSource | None = None,
) -> HttpResponse:
    """The page of a source, after a try with what it answered."""
    context = {
        "form": form,
        "paths": paths,
        "source": known,
        "version": version,
        "has_secret": bool(known is not None and known.secret),
        "asked_by": AskedBy(known.asked_by).label if known else "",
        "tried": tried,
        "leaves": tried.leaves[:MOST_LEAVES] if tried else (),
        "failure": sentence_of(tried.failure) if tried and tried.failure else "",
    }
    return render(request, "ledger/enrichment_source.html", context, status=422 if form.errors else 200)


@require_POST
def try_it(request: HttpRequest, source_id: int) -> HttpResponse:
    """Ask a source for the words that were typed, and show what it answers. Raises: NotFound."""
    actor = actor_of(request)
    known = source_to_set_up(actor, source_id)
    words = request.POST.get("words", "").strip()[:200]
    tried = None
    try:
        if not words:
            raise RuleViolation("enrichment.words", "Type what to ask for.")
        tried = commands.try_source(source_id, words, actor=actor)
    except RuleViolation as error:
        tried = TriedSource(failure=error)
    form = SourceForm(initial={name: getattr(known, name) for name in NAMES})
    form.fields["way"].choices = [(item.key, item.label) for item in enrichers().values()]  # type: ignore[attr-defined]  # a field of choices
    return _shown(request, form, _paths(request, known), known, version=known.version, tried=tried)


@require_POST
def remove(request: HttpRequest, source_id: int) -> HttpResponse:
    """Ask a source no more. Raises: NotFound."""
    commands.remove_source(source_id, actor=actor_of(request))
    messages.success(request, _("The source is gone. What was taken from it stays, and so does what it was told."))
    return HttpResponseRedirect(reverse("enrichment_sources"), status=303)


@require_safe
def questions_page(request: HttpRequest, source_id: int) -> HttpResponse:
    """What a source was told, by whom, and what came of it. Raises: NotFound."""
    actor = actor_of(request)
    source = source_to_set_up(actor, source_id)
    rows = questions_of(source_id, actor)
    names = account_rows(actor, [row.account_id for row in rows if row.account_id])
    lines = [
        {
            "row": row,
            "account": names.get(row.account_id or 0),
            "sent": _sent(row, actor),
            "state": QuestionState(row.state).label,
            "tone": TONES.get(QuestionState(row.state), ""),
            "day": formats.day(timezone.localtime(row.asked_at).date(), today=timezone.localdate()),
            "clock": formats.clock(timezone.localtime(row.asked_at)),
            "failure": _(str(row.failure["sentence"])) % (row.failure.get("data") or {}) if row.failure else "",
        }
        for row in rows
    ]
    return render(request, "ledger/enrichment_questions.html", {"source": source, "lines": lines})


def _sent(row: EnrichmentQuestion, actor: Actor) -> str:
    """What was sent, as far as the reader may read the field that it came from."""
    item = proposable_fields().get(row.asked_by)
    access = item.access(actor) if item is not None else FieldAccess.HIDDEN
    if item is None or access == FieldAccess.HIDDEN:
        return formats.MISSING
    return str(row.sent) if access >= FieldAccess.READ else masked(str(row.sent), sensitivity=item.sensitivity)
