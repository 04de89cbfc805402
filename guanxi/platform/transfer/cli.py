"""Imports on the command line."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import GuanxiError, NotFound, RuleViolation
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.spec import View
from guanxi.platform.transfer.commands import (
    Columns,
    check,
    require_undoable,
    set_columns,
    stop_import,
    take_file_in,
    undo_import,
    write_import,
)
from guanxi.platform.transfer.faults import faulty_lines
from guanxi.platform.transfer.models import Import, KnownRows, Outcome
from guanxi.platform.transfer.queries import mapping_of

app = typer.Typer(no_args_is_help=True)
PIECE = 1_000_000


@app.callback()
def root() -> None:
    """Imports on the command line."""


@app.command("import", no_args_is_help=True)
def import_file(
    object_key: Annotated[str, typer.Argument(help="What the rows are, such as account.")] = "",
    path: Annotated[
        Path | None, typer.Argument(help="A CSV, XLSX, XLS or vCard file.", exists=True, dir_okay=False)
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", help='A column and its field, as "Firm=name"; "Firm=" leaves the column out.'),
    ] = None,
    system: Annotated[
        str, typer.Option(help="The system whose customer numbers stand in the file; else the file’s name.")
    ] = "",
    known_by: Annotated[
        str | None, typer.Option(help='The field that rows find their record by; "" makes all of them new.')
    ] = None,
    skip_known: Annotated[bool, typer.Option(help="Leave records as they are that are there already.")] = False,
    errors: Annotated[Path | None, typer.Option(help="Where the faulty rows are written as a CSV file.")] = None,
    undo: Annotated[int, typer.Option(help="Take the import of this number back.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Take a file of records in, or take a whole import back."""
    actor = system_actor("Command line", surface=Surface.COMMAND_LINE)
    try:
        if undo:
            _undo(undo, as_json=as_json)
            return
        if not object_key or path is None:
            raise typer.BadParameter("Say what the rows are, and in which file they stand.")
        wishes = _Wishes(columns or (), known_by, skips_known=skip_known, system=system)
        file = _taken_in(object_key, path, wishes, actor=actor)
        with _watched(path.name) as progress:
            file = check(file.pk, progress) if dry_run else _written(file, progress)
    except GuanxiError as error:
        typer.echo(json.dumps({"code": error.code, "error": str(error)}) if as_json else str(error), err=not as_json)
        raise typer.Exit(1) from error
    if errors is not None and file.counts.get(Outcome.ERROR):
        view = View(actor, timezone.localdate())
        errors.write_text("".join(faulty_lines(file, view)), encoding="utf-8", newline="")
    typer.echo(json.dumps(_answer(file)) if as_json else _sentence(file))


@dataclass(frozen=True, slots=True)
class _Wishes:
    """What the options say of the file; what they leave open is guessed."""

    columns: Sequence[str]
    known_by: str | None
    skips_known: bool
    system: str


def _taken_in(object_key: str, path: Path, wishes: _Wishes, *, actor: Actor) -> Import:
    with path.open("rb") as source:
        file = NewFile(path.name, path.stat().st_size, iter(lambda: source.read(PIECE), b""))
        found = take_file_in(object_key, file, actor=actor)
    if wishes != _Wishes((), None, skips_known=False, system=""):
        mapping = _wished_mapping(found, wishes.columns)
        guess = found.known_by if found.known_by in mapping.values() else ""
        columns = Columns(
            mapping,
            known_by=guess if wishes.known_by is None else wishes.known_by,
            known_rows=KnownRows.SKIP if wishes.skips_known else KnownRows.UPDATE,
            day_first=found.day_first,
            system=wishes.system or found.system,
        )
        set_columns(found, columns, actor=actor)
    return found


def _wished_mapping(file: Import, wishes: Sequence[str]) -> dict[int, str]:
    """The guessed mapping with what was wished put right. Raises: RuleViolation("import.column")."""
    found = dict(mapping_of(file))
    heads = {str(head): number for number, head in enumerate(file.header)}
    for wish in wishes:
        head, _sign, key = wish.rpartition("=")
        if head not in heads:
            raise RuleViolation("import.column", "The file has no column “%(name)s”.", name=head)
        found = {number: known for number, known in found.items() if known != key and number != heads[head]}
        if key:
            found[heads[head]] = key
    return found


def _written(file: Import, progress: "_Bar") -> Import:
    """Write the import; when it is broken off, what is written is noted as stopped, so that it can be taken back."""
    try:
        return write_import(file.pk, progress)
    except KeyboardInterrupt:
        stop_import(file.pk)
        typer.echo(f"Stopped. What is written stays; take it back with --undo {file.pk}.", err=True)
        raise


def _undo(import_id: int, *, as_json: bool) -> None:
    file = Import.objects.filter(pk=import_id).first()
    if file is None:
        raise NotFound("import.not_found", "There is no such import.")
    require_undoable(file)
    with _watched(file.name) as progress:
        file = undo_import(import_id, progress)
    answer = {"id": file.pk, "undone": True, "kept": file.kept}
    sentence = f"{file.name} is taken back; {file.kept:,} records were changed since and stay."
    typer.echo(json.dumps(answer) if as_json else sentence)


def _answer(file: Import) -> dict[str, object]:
    counts = {outcome.value: int(file.counts.get(outcome.value, 0)) for outcome in Outcome}
    return {
        "id": file.pk,
        "read": file.rows,
        "created": counts["created"],
        "updated": counts["updated"],
        "unchanged": counts["same"],
        "duplicates": counts["repeated"],
        "errors": counts["error"],
        "columns": {str(file.header[number]): key for number, key in mapping_of(file).items()},
    }


def _sentence(file: Import) -> str:
    answer = _answer(file)
    return (
        f"{file.name}: {answer['read']:,} rows read, {answer['created']:,} created, {answer['updated']:,} updated, "
        f"{answer['unchanged']:,} with nothing new, {answer['duplicates']:,} repeated in the file, "
        f"{answer['errors']:,} faulty. Import {file.pk}."
    )


class _Bar:
    """A progress bar that is told of rows as a run of a job is."""

    def __init__(self, bar: Progress, name: str) -> None:
        self.bar, self.task = bar, bar.add_task(name, total=None)

    def expect(self, total: int, *, unit: str = "") -> None:  # noqa: ARG002  # the shape of a run's progress
        """So many rows there will be."""
        self.bar.update(self.task, total=total)

    def advance(self, steps: int = 1, *, message: str = "") -> None:  # noqa: ARG002  # as above
        """So many more rows are done."""
        self.bar.advance(self.task, steps)


@contextmanager
def _watched(name: str) -> Iterator[_Bar]:
    """A progress bar where somebody watches."""
    columns = (TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bar, name)
