"""Objects on the command line."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.reindexing import count_records, reindex
from guanxi.platform.objects.spec import ObjectSpec

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """Objects on the command line."""


@app.command("reindex")
def reindex_objects(
    objects: Annotated[list[str] | None, typer.Argument(help="Objects, such as account; all by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Write the search index anew, for instance after an update that finds records by more than before."""
    indexed = {spec.key: spec for spec in object_specs() if spec.index is not None}
    unknown = set(objects or ()) - set(indexed)
    if unknown:
        raise typer.BadParameter(f"The objects are {', '.join(indexed)}.")
    counts = {key: _reindex_one(spec) for key, spec in indexed.items() if not objects or key in objects}
    sentences = (f"{key}: {count:,} records indexed." for key, count in counts.items())
    print(json.dumps(counts) if as_json else "\n".join(sentences))


def _reindex_one(spec: ObjectSpec) -> int:
    """Index one object, with a progress bar where somebody watches. Returns how many records it has."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    done = 0
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(spec.key, total=count_records(spec))
        for done in reindex(spec):  # the last one is the answer
            bar.update(task, completed=done)
    return done
