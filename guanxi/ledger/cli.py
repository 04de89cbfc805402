"""The ledger on the command line."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from guanxi.kernel.actor import Surface
from guanxi.kernel.errors import NotFound
from guanxi.ledger.analyses.reference import reference_page
from guanxi.ledger.analyses.schemas import ledger_schemas
from guanxi.ledger.commands import FileIngested, ingest_file
from guanxi.ledger.commands.pulling import RUN_COUNTS, PullOrder, run_pull
from guanxi.ledger.queries.pulls import pulls_named
from guanxi.platform.accounts.queries import system_actor

app = typer.Typer(no_args_is_help=True)
ledger_app = typer.Typer(no_args_is_help=True)
app.add_typer(ledger_app, name="ledger", help="The customer ledger's vocabulary.")


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="CSV, NDJSON or Parquet files, in any usual encoding.")],
    source: Annotated[str, typer.Option(help="Where the rows come from, such as till-1.")],
    system: Annotated[str, typer.Option(help="Whose account keys the rows hold; the source's own by default.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, one line per file.")] = False,
) -> None:
    """Take files of facts into the ledger; running it again changes nothing."""
    for path in files:
        result = _ingest_one(path, source=source, system=system)
        print(json.dumps(_answer(path, result), ensure_ascii=False) if as_json else _sentence(path, result))


@app.command()
def pull(
    name: Annotated[
        str, typer.Argument(help="A connection, such as erp, for all that it brings; or one of its pulls.")
    ],
    since: Annotated[str, typer.Option("--from", help='Replay from a stamp, such as 2026-03-01, or "whole".')] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and write nothing.")] = False,
    allow_deletions: Annotated[
        bool, typer.Option(help="Go on although more than half of all rows are gone in the other system.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON, one line per pull.")] = False,
) -> None:
    """Pull customers, products and orders from another system."""
    actor = system_actor("Command line", surface=Surface.COMMAND_LINE)
    pulls = pulls_named(actor, name)
    if not pulls:
        raise NotFound("pull.not_found", "There is no connection and no pull “%(name)s”.", name=name)
    order = PullOrder(since=since, is_trial=dry_run, may_empty=allow_deletions)
    for found in pulls:
        run = run_pull(found.pk, order, actor=actor)
        counts = {count: getattr(run, count) for count in RUN_COUNTS}
        answer = {"pull": found.name, "target": found.target, "run": run.pk, "state": str(run.state), **counts}
        print(json.dumps(answer, ensure_ascii=False) if as_json else _told(found.name, counts))


def _told(name: str, counts: Mapping[str, int]) -> str:
    return (
        f"{name}: {counts['read']:,} rows read, {counts['created']:,} new, {counts['updated']:,} changed, "
        f"{counts['same']:,} as they were, {counts['deleted']:,} gone, {counts['refused']:,} refused, "
        f"{counts['waiting']:,} wait for their customer."
    )


@ledger_app.command()
def schema(
    kind: Annotated[str, typer.Argument(help="One kind of facts; all by default.")] = "",
) -> None:
    """Print the JSON Schema of each kind of facts."""
    schemas = ledger_schemas()
    if kind and kind not in schemas:
        raise typer.BadParameter(f"The kinds are {', '.join(schemas)}.")
    print(json.dumps(schemas[kind] if kind else schemas, ensure_ascii=False, indent=2))


@ledger_app.command()
def reference() -> None:
    """Print the reference page of all kinds of facts in Markdown."""
    print(reference_page(), end="")


def _ingest_one(path: Path, *, source: str, system: str) -> FileIngested:
    """Take in one file, with a progress bar where somebody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(path.name, total=None)
        return ingest_file(
            path,
            source=source,
            system=system,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
            actor=system_actor("Command line", surface=Surface.COMMAND_LINE),
        )


def _answer(path: Path, result: FileIngested) -> dict[str, object]:
    rejects = str(result.rejects_path) if result.rejects_path else None
    return {"file": str(path), **asdict(result.counts), "rejects_file": rejects}


def _sentence(path: Path, result: FileIngested) -> str:
    counts = result.counts
    sentence = (
        f"{path.name}: {counts.read:,} rows read, {counts.recorded:,} recorded, "
        f"{counts.repeated:,} stood already, {counts.waiting:,} wait for their account, "
        f"{counts.conflicts:,} in conflict with what stands, {counts.rejected:,} refused."
    )
    return f"{sentence} Reasons: {result.rejects_path}" if result.rejects_path else sentence
