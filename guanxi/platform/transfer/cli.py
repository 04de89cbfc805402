"""Imports on the command line."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from django.utils import timezone
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import GuanxiError, NotFound
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.files.storage import NewFile
from guanxi.platform.objects.spec import View
from guanxi.platform.transfer.commands import (
    check,
    require_undoable,
    stop_import,
    undo_import,
    write_import,
)
from guanxi.platform.transfer.faults import faulty_lines
from guanxi.platform.transfer.models import Import, Outcome
from guanxi.platform.transfer.queries import summary_of
from guanxi.platform.transfer.wishes import Wishes, take_wished_file_in

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
        wished = {head: key for head, _sign, key in (wish.rpartition("=") for wish in columns or ())}
        wishes = Wishes(wished, known_by, skips_known=skip_known, system=system)
        file = _taken_in(object_key, path, wishes, actor=actor)
        with _watched(path.name) as progress:
            file = check(file.pk, progress) if dry_run else _written(file, progress)
    except GuanxiError as error:
        typer.echo(json.dumps({"code": error.code, "error": str(error)}) if as_json else str(error), err=not as_json)
        raise typer.Exit(1) from error
    if errors is not None and file.counts.get(Outcome.ERROR):
        view = View(actor, timezone.localdate())
        errors.write_text("".join(faulty_lines(file, view)), encoding="utf-8", newline="")
    typer.echo(json.dumps(asdict(summary_of(file))) if as_json else _sentence(file))


def _taken_in(object_key: str, path: Path, wishes: Wishes, *, actor: Actor) -> Import:
    with path.open("rb") as source:
        file = NewFile(path.name, path.stat().st_size, iter(lambda: source.read(PIECE), b""))
        return take_wished_file_in(object_key, file, wishes, actor=actor)


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


def _sentence(file: Import) -> str:
    told = summary_of(file)
    return (
        f"{file.name}: {told.read:,} rows read, {told.created:,} created, {told.updated:,} updated, "
        f"{told.unchanged:,} with nothing new, {told.duplicates:,} repeated in the file, "
        f"{told.errors:,} faulty, {told.likely_duplicates:,} likely duplicates. Import {file.pk}."
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
