"""The command `guanxi demo`."""

import json
from time import monotonic
from typing import Annotated

import typer
from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from guanxi.kernel.actor import Surface
from guanxi.kernel.errors import Conflict
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference, set_preference
from guanxi.project.demo.load import load_demo
from guanxi.project.demo.retail import TERMS
from guanxi.project.demo.scale import load_scale
from guanxi.project.demo.sign_in import sign_in_lines

app = typer.Typer()
LOADING, LOADED = "loading", "loaded"
PROGRESS = declare(PreferenceSpec("demo.progress", "", "Demo company", choices=("", LOADING, LOADED)))


@app.command()
def demo(
    accounts: Annotated[int, typer.Option(help="Generate this many accounts instead of the real retail data.")] = 0,
    facts: Annotated[int, typer.Option(help="How many facts to generate for them; 100 per account by default.")] = 0,
    if_empty: Annotated[bool, typer.Option(help="Do nothing but show who can sign in when there are users.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Load the demo company into an empty installation.

    Raises: Conflict("demo.not_empty" | "demo.unfinished") when there are users already.
    """
    if User.objects.exists():
        if preference(PROGRESS) == LOADING:
            raise Conflict(
                "demo.unfinished",
                "Loading the demo company was interrupted. Remove the data folder %(folder)s and start again.",
                folder=settings.DATA_FOLDER,
            )
        if if_empty:
            typer.echo("\n".join(sign_in_lines()))
            return
        raise Conflict("demo.not_empty", "There are users already; the demo company goes into an empty installation.")
    set_preference(PROGRESS, LOADING)
    started = monotonic()
    actor = system_actor("Demo", surface=Surface.COMMAND_LINE)
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        bar = bars.add_task("Company", total=None)

        def report(step: str) -> None:
            bars.update(bar, description=step, completed=0, total=None)

        def count(done: int, total: int) -> None:
            bars.update(bar, completed=done, total=total or None)

        if accounts:
            loaded = load_scale(accounts, facts=facts or 100 * accounts, actor=actor, report=report, count=count)
        else:
            loaded = load_demo(actor=actor, report=report, count=count)
    set_preference(PROGRESS, LOADED)
    seconds = round(monotonic() - started, 1)
    if as_json:
        typer.echo(json.dumps({"accounts": loaded.accounts, "facts": loaded.facts, "seconds": seconds}))
        return
    typer.echo(f"{loaded.accounts:,} customers, {loaded.facts:,} facts, {seconds} s")
    if loaded.has_retail:
        typer.echo(TERMS)
    elif not accounts:
        typer.echo("Without the extra [demo] there is no retail data; the generated firms alone were loaded.")
    typer.echo("\n".join(sign_in_lines()))
