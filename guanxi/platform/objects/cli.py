"""Objects on the command line."""

import json
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from guanxi.kernel.actor import Surface
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.encryption.in_use import ring
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.reencrypting import DUE, RUN_JOB, RUN_TITLE, key_counts, reencrypt, rotate_keys
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.reindexing import count_records, reindex
from guanxi.platform.objects.spec import ObjectSpec

app = typer.Typer(no_args_is_help=True)
keys_app = typer.Typer(no_args_is_help=True)
app.add_typer(keys_app, name="keys", help="The keys that identity and bank numbers are encrypted with.")
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


@app.callback()
def root() -> None:
    """Objects on the command line."""


@app.command("reindex")
def reindex_objects(
    objects: Annotated[list[str] | None, typer.Argument(help="Objects, such as account; all by default.")] = None,
    as_json: AsJson = False,
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


@dataclass(frozen=True, slots=True)
class KeyLine:
    """One key: since when it has been in use ("" for one that is not here), how many texts it encrypts, its state."""

    id: str
    since: str
    texts: int
    state: str


@keys_app.callback()
def keys() -> None:
    """The keys that identity and bank numbers are encrypted with."""


@keys_app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show each key with how many texts it encrypts, and keys that are missing here; no secret is shown."""
    known, counts = ring(), dict(key_counts())
    due = counts.pop(DUE, 0)
    lines = [
        KeyLine(key.id, key.since.isoformat(), counts.pop(key.id, 0), "encrypts" if key is known.primary else "reads")
        for key in known.keys
    ]
    lines += [KeyLine(key_id, "", count, "missing") for key_id, count in counts.items()]
    if as_json:
        print(json.dumps({"keys": [asdict(line) for line in lines], "due": due}))
        return
    for line in lines:
        print(f"{line.id}  {line.state:<9} {line.texts:>12,} texts  since {line.since or 'unknown'}")
    if due:
        print(f"{due:,} texts wait to be encrypted; the worker does it.")


@keys_app.command("rotate")
def rotate(
    here: Annotated[bool, typer.Option("--here", help="Encrypt everything anew now, without the worker.")] = False,
    as_json: AsJson = False,
) -> None:
    """Let a fresh key encrypt from now on and bring to it, in the background, what stands under the former one."""
    key_id = rotate_keys(actor=system_actor("Keys").through(Surface.COMMAND_LINE))
    run_id, rows = None, None
    if here:
        done = reencrypt()
        rows = done.rows if done is not None else None
    else:
        run_id = start_run(RUN_JOB, title=RUN_TITLE)
    sentence = f"The key {key_id} encrypts now. "
    sentence += f"{rows:,} rows were encrypted anew. " if rows is not None else "The worker encrypts the rest anew. "
    sentence += "The former key leaves the file an hour from now at the earliest, when nothing uses it any more."
    print(json.dumps({"key": key_id, "run": run_id, "rows": rows}) if as_json else sentence)
