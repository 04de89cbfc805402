"""Exchange rates on the command line."""

import json
from pathlib import Path
from typing import Annotated

import typer

from guanxi.kernel.actor import Surface
from guanxi.platform.accounts.commands import keep_rates, read_rates
from guanxi.platform.accounts.queries import system_actor

app = typer.Typer(no_args_is_help=True)
rates_app = typer.Typer(no_args_is_help=True)
app.add_typer(rates_app, name="rates", help="What other currencies are worth, day by day.")


@rates_app.callback()
def rates() -> None:
    """What other currencies are worth, day by day."""


@rates_app.command("import")
def import_rates(
    file: Annotated[Path, typer.Argument(help="A CSV file with lines like 2026-11-20,USD,7.1234.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Take rates from a file; running it again changes nothing."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        found = read_rates(lines)
    count = keep_rates(found, actor=system_actor("Rates").through(Surface.COMMAND_LINE))
    print(json.dumps({"rates": count}) if as_json else f"{count} rates are kept.")
