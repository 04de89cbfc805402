"""Imports over HTTP: hand a file in, ask how far it is, take it back; for the records of any object."""

import json
from collections.abc import Mapping
from typing import Annotated

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.spec import View
from guanxi.platform.transfer import commands
from guanxi.platform.transfer.faults import faulty_lines
from guanxi.platform.transfer.models import Import
from guanxi.platform.transfer.queries import import_of, summary_of
from guanxi.platform.transfer.wishes import Wishes, take_wished_file_in

router = Router(tags=["imports"])


class ImportWishes(Schema):
    """What the rows are (`object`, such as account) and how they are to be read; what is left open is guessed.

    `columns` is a JSON object of fields by the name of the column, "" for a column that is left out. `known_by` is the
    field by which rows find their record, "" when all of them are new. With `dry_run` nothing is written.
    """

    object: str
    columns: str = ""
    known_by: str | None = None
    skip_known: bool = False
    system: str = Field("", max_length=commands.MOST_SYSTEM)
    dry_run: bool = False


class ImportProblem(Schema):
    """Something that is wrong with `rows` rows: in the column `column` (-1 for whole rows), where `text` stands."""

    column: int
    code: str
    text: str
    is_doubt: bool
    rows: int


class ImportAnswer(Schema):
    """An import where it stands. `read` is the sum of the five counts that follow; `likely_duplicates` are those of
    them that look like a customer who is there or like an earlier row, `kept` is what an undo left alone."""

    id: int
    object: str
    name: str
    state: str
    read: int
    created: int
    updated: int
    unchanged: int
    duplicates: int
    errors: int
    likely_duplicates: int
    kept: int
    columns: dict[str, str]
    problems: list[ImportProblem]


@router.post("", response={202: ImportAnswer}, summary="Hand a file in")
def hand_in(
    request: HttpRequest,
    file: Annotated[UploadedFile, File()],
    wishes: Annotated[ImportWishes, Form()],
) -> Status[ImportAnswer]:
    """Take a CSV, Excel or vCard file in and begin to write it, or only to try it, in the background."""
    actor = actor_of(request)
    wished = Wishes(
        _columns(wishes.columns), wishes.known_by, skips_known=wishes.skip_known, system=wishes.system.strip()
    )
    handed_in = NewFile(file.name or "import", file.size or 0, file.chunks())
    found = take_wished_file_in(wishes.object, handed_in, wished, actor=actor)
    if wishes.dry_run:
        commands.begin_check(found, title=(_("Trying %(name)s") % {"name": found.name})[:200], actor=actor)
    else:
        commands.begin_import(found, title=_title_of(found), actor=actor, is_tried=False)
    return Status(202, _answer(found))


@router.post("/{int:import_id}/write", response={202: ImportAnswer}, summary="Write what was tried")
def write(request: HttpRequest, import_id: int) -> Status[ImportAnswer]:
    """Write an import that was tried, in the background."""
    actor = actor_of(request)
    file = import_of(import_id, actor)
    commands.begin_import(file, title=_title_of(file), actor=actor)
    return Status(202, _answer(file))


@router.get("/{int:import_id}", response=ImportAnswer, summary="How far an import is")
def read_import(request: HttpRequest, import_id: int) -> ImportAnswer:
    """One of the caller's own imports."""
    return _answer(import_of(import_id, actor_of(request)))


@router.get("/{int:import_id}/faults", summary="The faulty rows", response={200: str})
def read_faults(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """The rows that were left out, as CSV in the layout of the file, with the reason first."""
    actor = actor_of(request)
    lines = faulty_lines(import_of(import_id, actor), View(actor, timezone.localdate()))
    return StreamingHttpResponse((line.encode() for line in lines), content_type="text/csv; charset=utf-8")


@router.post("/{int:import_id}/undo", response={202: ImportAnswer}, summary="Take an import back")
def undo(request: HttpRequest, import_id: int) -> Status[ImportAnswer]:
    """Take a whole import back, in the background; what somebody changed since stays."""
    actor = actor_of(request)
    file = import_of(import_id, actor)
    title = _("Taking back %(name)s") % {"name": file.name}
    commands.begin_undo(file, title=title[:200], actor=actor)
    return Status(202, _answer(file))


def _title_of(file: Import) -> str:
    return (_("Import of %(name)s") % {"name": file.name})[:200]


def _columns(text: str) -> Mapping[str, str]:
    """The columns as they were wished. Raises: RuleViolation("import.columns")."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found.values()):
        raise _unreadable()
    return found


def _unreadable() -> RuleViolation:
    return RuleViolation("import.wishes", "“columns” must be a JSON object of fields by the name of the column.")


def _answer(file: Import) -> ImportAnswer:
    told = summary_of(file)
    return ImportAnswer(
        id=file.pk,
        object=file.object_key,
        name=file.name,
        state=file.state,
        read=told.read,
        created=told.created,
        updated=told.updated,
        unchanged=told.unchanged,
        duplicates=told.duplicates,
        errors=told.errors,
        likely_duplicates=told.likely_duplicates,
        kept=file.kept,
        columns=dict(told.columns),
        problems=[ImportProblem(**problem) for problem in file.problems],
    )
