"""The pages of an import: choose a file, say what its columns are and try it, write it, see what became of it.

Every step has an address of its own and works without a script. A small file is tried at once, a large one in the
background while the page asks how far it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people
from guanxi.platform.files.rules import size_words
from guanxi.platform.files.storage import NewFile
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.jobs.progress import request_cancel
from guanxi.platform.objects.fields import is_person
from guanxi.platform.objects.registry import listed_object, object_specs
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.transfer import blocks, commands
from guanxi.platform.transfer.faults import faulty_lines, field_names, sentence_of, words_of
from guanxi.platform.transfer.likely import alike_lines, alike_tile
from guanxi.platform.transfer.mapping import Columns, Target, targets_of
from guanxi.platform.transfer.models import Import, ImportedRow, ImportState, KnownRows, Outcome
from guanxi.platform.transfer.queries import (
    file_rows_of,
    import_of,
    imported_rows,
    imports_of,
    mapping_of,
    path_of,
    source_of,
)
from guanxi.platform.transfer.reading import first_rows
from guanxi.platform.transfer.rows import ALIKE
from guanxi.platform.ui.errors import sentence_of as refusal_of
from guanxi.platform.ui.format import number
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation
from guanxi.platform.ui.responses import is_fragment_request, leading_to, page_or_fragment

MOST_IMPORTS = 30
TRIED_AT_ONCE = 60_000
SHOWN_ROWS, SHOWN_COLUMNS = 30, 40
READ_FOR_GRID = 20_000
KEPT = "kept"
LONGEST_PLACE = 20
MOST_CAUSES = 12
RUNNING = (ImportState.CHECKING, ImportState.WRITING, ImportState.UNDOING)
OVER = (ImportState.DONE, ImportState.STOPPED, ImportState.UNDOING, ImportState.UNDONE)
TONES = {
    Outcome.CREATED: "ok",
    Outcome.UPDATED: "prim",
    Outcome.SAME: "",
    Outcome.REPEATED: "away",
    Outcome.ERROR: "danger",
}
NOTES: Mapping[Outcome, Label] = {
    Outcome.UPDATED: _l("Empty cells keep the old value"),
    Outcome.SAME: _l("As they are already"),
    Outcome.REPEATED: _l("Written into the record of the first row"),
    Outcome.ERROR: _l("Skipped; the rest goes in"),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """How many rows have an outcome; `url` shows them."""

    outcome: Outcome
    count: int
    note: Label
    url: str
    tone: str


@dataclass(frozen=True, slots=True)
class HeadColumn:
    """One column of the grid: its number, what it is called, the field it goes into, whether that is certain."""

    number: int
    head: str
    key: str


@dataclass(frozen=True, slots=True)
class GridCell:
    """One cell of the grid: what stands there, what is said about it, how it is marked; a fault can be corrected."""

    column: int
    text: str
    words: str = ""
    tone: str = ""
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row of the grid; `url` opens its record."""

    number: int
    label: str
    tone: str
    cells: tuple[GridCell, ...]
    url: str = ""
    about_row: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with many rows: in words, how many, and how all of them can be repaired at once."""

    sentence: str
    rows: int
    is_doubt: bool
    field: str
    text: str
    people: Sequence[tuple[str, str]] = ()


@require_http_methods(["GET", "HEAD", "POST"])
def imports_page(request: HttpRequest) -> HttpResponse:
    """What was imported, and the form that takes a file in. Raises: AccessDenied."""
    actor = actor_of(request)
    specs = importable(actor)
    problem = ""
    if request.method == "POST":
        try:
            found = _taken_in(request, actor)
        except RuleViolation as error:
            problem = refusal_of(error)
        else:
            _try(found, actor)
            return leading_to(request, reverse("import", args=[found.pk]))
    labels = {spec.key: spec.plural for spec in object_specs()}
    context = {
        "specs": specs,
        "chosen": request.POST.get("object") or request.GET.get("object", ""),
        "problem": problem,
        "imports": [
            (file, labels.get(file.object_key, file.object_key)) for file in imports_of(actor, limit=MOST_IMPORTS)
        ],
    }
    return render(request, "transfer/imports.html", context, status=422 if problem else 200)


@require_safe
def import_page(request: HttpRequest, import_id: int) -> HttpResponse:
    """One import where it stands: its columns and what they will become, its progress, or what became of it.

    Raises: NotFound.
    """
    actor = actor_of(request)
    file = import_of(import_id, actor)
    view = View(actor, timezone.localdate())
    context = _context(file, view, shown=request.GET.get("show", ""), cell=request.GET.get("cell", ""))
    if is_fragment_request(request) and file.state not in RUNNING:
        return leading_to(request, reverse("import", args=[file.pk]))
    return page_or_fragment(request, page="transfer/import.html", fragment="transfer/_running.html", context=context)


@require_POST
def change_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Change how a file is read, as the button asks: its columns, words, a cell, the sheet; then it is tried anew.

    Raises: NotFound, AccessDenied, RuleViolation("import.…"), Conflict("import.state").
    """
    actor = actor_of(request)
    file, posted = import_of(import_id, actor), request.POST
    match posted.get("do", "columns"):
        case "words":
            commands.replace_words(file, posted.get("field", ""), {posted.get("text", ""): posted.get("as", "")})
        case "cell":
            commands.edit_cell(file, _number(posted, "row"), _number(posted, "column"), posted.get("as", ""))
        case "sheet":
            commands.choose_sheet(file, posted.get("sheet", ""), actor=actor)
        case "template":
            commands.keep_template(file, posted.get("name", ""), actor=actor)
            messages.success(request, _("The mapping is kept for the next file of this kind."))
            return leading_to(request, reverse("import", args=[file.pk]))
        case _:
            _set_columns(file, posted, actor)
    _try(file, actor)
    return leading_to(request, reverse("import", args=[file.pk]))


@require_POST
def move_import(request: HttpRequest, import_id: int) -> HttpResponse:
    """Begin the import, stop it, or take it back, as the button asks.

    Raises: NotFound, AccessDenied, Conflict("import.state").
    """
    actor = actor_of(request)
    file = import_of(import_id, actor)
    match request.POST.get("do", ""):
        case "write":
            title = _("Import of %(name)s") % {"name": file.name}
            commands.begin_import(file, title=title[:200], actor=actor)
        case "undo":
            title = _("Taking back %(name)s") % {"name": file.name}
            commands.begin_undo(file, title=title[:200], actor=actor)
        case "stop" if file.run_id is not None:
            request_cancel(file.run_id)
        case _:
            raise Conflict("import.state", "This import runs, or has run already.")
    return leading_to(request, reverse("import", args=[file.pk]))


@require_safe
def import_faults(request: HttpRequest, import_id: int) -> HttpResponseBase:
    """The faulty rows as a file in the layout of the one that was handed in. Raises: NotFound."""
    actor = actor_of(request)
    file = import_of(import_id, actor)
    lines = faulty_lines(file, View(actor, timezone.localdate()))
    response = StreamingHttpResponse((line.encode() for line in lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{file.pk}-faults.csv"'
    return response


def importable(actor: Actor) -> tuple[ObjectSpec, ...]:
    """The objects whose records a person may import."""
    return tuple(
        spec
        for spec in object_specs()
        if spec.importing is not None and spec.list_url and may(actor, spec.model, Action.CREATE)
    )


def _taken_in(request: HttpRequest, actor: Actor) -> Import:
    """The file that was handed in. Raises: RuleViolation, AccessDenied, NotFound."""
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise RuleViolation("import.empty", "Choose a file.")
    handed_in = NewFile(file.name, file.size or 0, file.chunks())
    return commands.take_file_in(request.POST.get("object", ""), handed_in, actor=actor)


def _try(file: Import, actor: Actor) -> None:
    """Try an import: a small file at once."""
    if file.size <= TRIED_AT_ONCE:
        commands.check(file.pk)
    else:
        title = _("Trying %(name)s") % {"name": file.name}
        commands.begin_check(file, title=title[:200], actor=actor)


def _set_columns(file: Import, posted: QueryDict, actor: Actor) -> None:
    shown = {place: posted.get(f"column{place}", "") for place in range(len(file.header)) if f"column{place}" in posted}
    kept = {place: key for place, key in mapping_of(file).items() if place not in shown}
    mapping = {**kept, **{place: key for place, key in shown.items() if key}}
    known_by = posted.get("known_by", file.known_by)
    columns = Columns(
        mapping,
        known_by=known_by if known_by in mapping.values() else "",
        known_rows=posted.get("known_rows", file.known_rows),
        day_first=posted.get("day_first", "") == "1",
        system=posted.get("system", file.system),
    )
    commands.set_columns(file, columns, actor=actor)


def _number(posted: QueryDict, name: str) -> int:
    found = posted.get(name, "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 9 else -1


def _context(file: Import, view: View, *, shown: str, cell: str) -> dict[str, object]:
    spec = listed_object(file.object_key)
    run = JobRun.objects.filter(pk=file.run_id).first() if file.run_id is not None else None
    context: dict[str, object] = {
        "file": file,
        "spec": spec,
        "about": _about(file),
        "run": run,
        "share": 100 * run.done / run.total if run is not None and run.total else None,
        "step": 4 if file.state in OVER else 3 if file.state == ImportState.WRITING else 2,
        "is_running": file.state in RUNNING,
    }
    if file.state in RUNNING:
        return context
    targets = targets_of(spec, view)
    mapping = mapping_of(file)
    columns = [HeadColumn(place, str(head), mapping.get(place, "")) for place, head in enumerate(file.header)]
    written = sum(int(file.counts.get(name, 0)) for name in (Outcome.CREATED, Outcome.UPDATED, Outcome.REPEATED))
    return {
        **context,
        "tiles": _tiles(file),
        "shown": shown,
        "columns": columns[:SHOWN_COLUMNS],
        "hidden_columns": max(len(columns) - SHOWN_COLUMNS, 0),
        "known_count": len(mapping),
        "targets": _grouped(targets),
        "known_by": [
            (target.key, target.label) for target in targets if target.key in mapping.values() and target.identifies
        ],
        "sheets": source_of(file).sheets,
        "has_system": any(target.is_of_system and target.key in mapping.values() for target in targets),
        "alike_tile": alike_tile(file),
        "alike": alike_lines(file, view) if shown == ALIKE else (),
        "rows": _grid(file, spec, view, shown=shown),
        "causes": _causes(file, targets, view),
        "editing": _editing(file, cell),
        "is_open": file.state in (ImportState.DRAFT, ImportState.READY),
        "is_over": file.state in OVER,
        "written": written,
        "known_rows": KnownRows.choices,
        "go": ngettext("Import %(count)s row", "Import %(count)s rows", written) % {"count": number(written)},
    }


def _about(file: Import) -> str:
    """The file in one line: its name, sheet, encoding, size and rows."""
    source = source_of(file)
    rows = ngettext("%(count)s row", "%(count)s rows", file.rows) % {"count": number(file.rows)} if file.rows else ""
    parts = (file.name, source.sheet, source.encoding.upper(), size_words(file.size), rows)
    return " · ".join(part for part in parts if part)


def _tiles(file: Import) -> list[Tile]:
    """The counts; what no row has is left out, but for what is new, updated and faulty."""
    always = (Outcome.CREATED, Outcome.UPDATED, Outcome.ERROR)
    address = reverse("import", args=[file.pk])
    counts = [(outcome, int(file.counts.get(outcome.value, 0))) for outcome in Outcome]
    return [
        Tile(outcome, count, NOTES.get(outcome, ""), f"{address}?show={outcome.value}", TONES[outcome])
        for outcome, count in counts
        if count or outcome in always
    ]


def _grouped(targets: Sequence[Target]) -> list[tuple[Label, list[tuple[str, Label]]]]:
    """What columns can go into: fields of the object, then those of its parts."""
    own = [(target.key, target.label) for target in targets if target.item is not None]
    parts = [(target.key, target.label) for target in targets if target.item is None]
    return [(label, found) for label, found in ((_("Fields"), own), (_("Contact and ways to reach"), parts)) if found]


def _grid(file: Import, spec: ObjectSpec, view: View, *, shown: str) -> list[GridRow]:
    """The first rows of the file, those of an outcome, those that look like others, or those that an undo left."""
    outcome = Outcome(shown) if shown in Outcome.values else None
    known = imported_rows(
        file,
        outcomes=(outcome,) if outcome else (),
        is_kept=True if shown == KEPT else None,
        has_problem=ALIKE if shown == ALIKE else "",
        limit=SHOWN_ROWS,
    )
    by_number = {row.number: row for row in known}
    names = field_names(file, view)
    found = []
    is_first = not known or known[-1].number <= 2 * SHOWN_ROWS
    rows = first_rows(path_of(file), source_of(file), 3 * SHOWN_ROWS) if is_first else file_rows_of(file)
    for row in islice(rows, READ_FOR_GRID):
        if row.number in by_number or not (known or outcome or shown in (KEPT, ALIKE)):
            kept = by_number.get(row.number)
            cells = [row.cells[place] if place < len(row.cells) else None for place in range(len(file.header))]
            texts = [_shown(value) for value in cells[:SHOWN_COLUMNS]]
            found.append(_grid_row(row.number, texts, kept, names=names, spec=spec))
        if len(found) >= (len(by_number) or SHOWN_ROWS):
            break
    return found


def _grid_row(
    place: int, cells: Sequence[str], kept: ImportedRow | None, *, names: dict[int, str], spec: ObjectSpec
) -> GridRow:
    problems = {int(problem[0]): problem for problem in kept.problems} if kept is not None else {}
    shown = tuple(
        GridCell(column, cell, words_of(str(problems[column][1]), str(problems[column][2])), _tone(problems[column]))
        if column in problems
        else GridCell(column, cell)
        for column, cell in enumerate(cells)
    )
    outcome = Outcome(kept.outcome) if kept is not None else None
    record_id = kept.record_id if kept is not None else None
    return GridRow(
        number=place,
        label=str(outcome.label) if outcome else "",
        tone=TONES[outcome] if outcome else "",
        cells=shown,
        url=spec.detail_url(record_id) if record_id is not None and spec.detail_url is not None else "",
        about_row=sentence_of(problems[-1], names) if -1 in problems else "",
    )


@dataclass(frozen=True, slots=True)
class Editing:
    """A cell that is being corrected by hand."""

    row: int
    column: int
    head: str
    text: str


def _editing(file: Import, place: str) -> Editing | None:
    """The cell of "row:column", as it stands in the file."""
    row, _colon, column = place.partition(":")
    if not (row.isdecimal() and column.isdecimal() and len(place) < LONGEST_PLACE) or int(column) >= len(file.header):
        return None
    for found in islice(file_rows_of(file), READ_FOR_GRID):
        if found.number == int(row):
            cell = found.cells[int(column)] if int(column) < len(found.cells) else None
            return Editing(found.number, int(column), str(file.header[int(column)]), _shown(cell))
    return None


def _tone(problem: Sequence[object]) -> str:
    """How a cell is marked: in orange where it was read with a doubt, in red where it was not."""
    return "doubt" if problem[3] else "fault"


def _shown(value: object) -> str:
    return "" if value is None else str(value)[:200]


def _causes(file: Import, targets: Sequence[Target], view: View) -> list[Cause]:
    """The most frequent problems, each with what would repair all of its rows."""
    known = {target.key: target for target in targets}
    mapping = mapping_of(file)
    names = field_names(file, view)
    people = [(person.name, person.name) for person in active_people()]
    found = []
    for problem in file.problems[:MOST_CAUSES]:
        key = mapping.get(problem["column"], "")
        target = known.get(key)
        is_people = target is not None and target.item is not None and is_person(target.item)
        sentence = sentence_of((problem["column"], problem["code"], problem["text"]), names)
        cause = Cause(sentence, problem["rows"], problem["is_doubt"], key, problem["text"])
        found.append(replace(cause, people=people) if is_people and problem["code"] == blocks.UNKNOWN else cause)
    return found


register_navigation(
    NavigationEntry(
        "import",
        _l("Import"),
        "file-import",
        "imports",
        _l("Information"),
        80,
        is_shown=lambda actor: bool(importable(actor)),
    )
)
