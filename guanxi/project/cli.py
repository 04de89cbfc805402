"""The command `guanxi`: every command of every capability, loaded when it is used."""

import importlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import django
import typer
from typer.core import TyperCommand, TyperGroup

import guanxi
from guanxi.kernel.errors import ConfigurationError, GuanxiError
from guanxi.platform.database.layout import Layout
from guanxi.platform.database.lease import server_state, start_server_to_stay, stop_server
from guanxi.project import garbage
from guanxi.project.backup import back_up
from guanxi.project.configuration import Configuration, load_configuration
from guanxi.project.database import running_cluster, server_options
from guanxi.project.doctor import examine
from guanxi.project.restore import restore_backup
from guanxi.project.up import run_all

SETTINGS_MODULE = "guanxi.project.settings"


@dataclass(frozen=True, slots=True)
class Contribution:
    """A command that lives in another module, whose import is put off until the command is used.

    `summary` is the first sentence of the command's docstring, repeated here so that the list of all
    commands needs no import; a test compares them.
    """

    name: str
    module: str
    summary: str
    needs_database: bool = True


CONTRIBUTIONS = (
    Contribution(
        "migrate",
        "guanxi.project.maintenance",
        "Bring the database and the static files to the state of this version.",
    ),
    Contribution("worker", "guanxi.project.maintenance", "Take jobs from the queue until stopped."),
    Contribution(
        "makemigrations",
        "guanxi.project.maintenance",
        "Write migrations for changed models, or check that none is missing (--check).",
    ),
    Contribution(
        "messages",
        "guanxi.platform.ui.cli",
        "Bring the translation catalogues up to date with the code, or check that they are complete.",
        needs_database=False,
    ),
    Contribution(
        "reference",
        "guanxi.project.reference",
        "Write the reference pages that are made from the code, or check that they are up to date.",
        needs_database=False,
    ),
    Contribution("demo", "guanxi.project.demo.cli", "Load the demo company into an empty installation."),
    Contribution(
        "ingest",
        "guanxi.ledger.cli",
        "Take files of facts into the ledger; running it again changes nothing.",
    ),
    Contribution("pull", "guanxi.ledger.cli", "Pull customers, products and orders from another system."),
    Contribution("ledger", "guanxi.ledger.cli", "The customer ledger's vocabulary."),
    Contribution(
        "reindex",
        "guanxi.platform.objects.cli",
        "Write the search index anew, for instance after an update that finds records by more than before.",
    ),
    Contribution("keys", "guanxi.platform.objects.cli", "The keys that identity and bank numbers are encrypted with."),
    Contribution("import", "guanxi.platform.transfer.cli", "Take a file of records in, or take a whole import back."),
    Contribution("rates", "guanxi.platform.accounts.cli", "What other currencies are worth, day by day."),
    Contribution("privacy", "guanxi.stewardship.cli", "Erase again whom a restored backup brought back."),
    Contribution("manage", "guanxi.project.maintenance", "Run a management command of Django, such as shell."),
)


class CommandGroup(TyperGroup):
    """The root group: lists contributed commands by their summaries and imports the one that is called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        return sorted([*super().list_commands(ctx), *(entry.name for entry in CONTRIBUTIONS)])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command of ours, or a stand-in that carries the summary of a contributed one."""
        entry = _contribution(cmd_name)
        if entry is None:
            return super().get_command(ctx, cmd_name)
        return TyperCommand(entry.name, help=entry.summary)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command that is called; for a contributed one start the database and set Django up."""
        entry = _contribution(args[0])
        if entry is None:
            return super().resolve_command(ctx, args)
        if entry.needs_database and not ctx.resilient_parsing and "--help" not in args:
            ctx.with_resource(running_cluster(current_configuration(), report=report))
        return entry.name, load_command(entry), args[1:]


app = typer.Typer(cls=CommandGroup, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
database_app = typer.Typer(no_args_is_help=True)
app.add_typer(database_app, name="database", help="Start, stop and see the embedded database server.")

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def main() -> None:
    """Run the command line; an error that a person can act on is one sentence and exit code 1."""
    try:
        app()
    except GuanxiError as error:
        print(f"guanxi: {error}", file=sys.stderr)
        sys.exit(1)


def current_configuration() -> Configuration:
    """Return the configuration of the installation in the current folder."""
    return load_configuration(os.environ, Path.cwd())


def load_command(entry: Contribution) -> Any:
    """Import the module of a contributed command, with Django set up, and return the command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()
    command = typer.main.get_command(importlib.import_module(entry.module).app)
    garbage.settle()
    if isinstance(command, TyperGroup) and entry.name in command.commands:
        return command.commands[entry.name]
    return command


def report(sentence: str) -> None:
    """Tell a person what is being waited for."""
    print(sentence, file=sys.stderr)


def _count_keys() -> Mapping[str, int]:
    """Return how many encrypted texts the database holds under each key."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    django.setup()
    counts: Mapping[str, int] = importlib.import_module("guanxi.platform.objects.reencrypting").key_counts()
    return counts


def _contribution(name: str) -> Contribution | None:
    """Return the contributed command with a name."""
    return next((entry for entry in CONTRIBUTIONS if entry.name == name), None)


def _answer(content: object, *, as_json: bool, sentence: str) -> None:
    """Print a result as JSON or as a sentence."""
    print(json.dumps(content, ensure_ascii=False, default=str) if as_json else sentence)


def _show_version(is_asked: bool) -> None:
    """Print the version and end."""
    if is_asked:
        print(guanxi.__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and end."),
    ] = False,
) -> None:
    """Guanxi (关系), the self-hosted CRM that tells each person each morning whom to contact."""


@app.command()
def up(
    demo: Annotated[bool, typer.Option(help="Fill an empty installation with the demo company.")] = False,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)] = None,
) -> None:
    """Start the database, the web server and the worker, and keep them running until stopped."""
    if host is not None:
        os.environ["GUANXI_HOST"] = host
    if port is not None:
        os.environ["GUANXI_PORT"] = str(port)
    run_all(current_configuration(), with_demo=demo, report=print)


@database_app.command("start")
def database_start(as_json: AsJson = False) -> None:
    """Start the embedded database server and leave it running."""
    configuration = _embedded_configuration()
    layout = Layout(configuration.data_folder)
    start_server_to_stay(layout, options=server_options(configuration), report=report)
    state = server_state(layout)
    _answer(asdict(state), as_json=as_json, sentence=f"The database runs (process {state.process_id}).")


@database_app.command("stop")
def database_stop(as_json: AsJson = False) -> None:
    """Stop the embedded database server."""
    was_running = stop_server(Layout(_embedded_configuration().data_folder))
    sentence = "The database is stopped." if was_running else "The database was not running."
    _answer({"was_running": was_running}, as_json=as_json, sentence=sentence)


@database_app.command("status")
def database_status(as_json: AsJson = False) -> None:
    """Show whether the embedded database server runs and is in use."""
    layout = Layout(_embedded_configuration().data_folder)
    state = server_state(layout)
    use = "in use" if state.is_used else "not in use"
    sentence = f"The database runs (process {state.process_id}), {use}; its socket is in {layout.socket_folder}."
    content = {**asdict(state), "socket_folder": str(layout.socket_folder)}
    _answer(content, as_json=as_json, sentence=sentence if state.is_running else "The database does not run.")


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Show each effective setting and its origin, versions, disk space and the state of the database."""
    examination = examine(current_configuration(), environ=os.environ, count_keys=_count_keys)
    _answer(asdict(examination), as_json=as_json, sentence=examination.text())


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(help="Archive to write.", show_default=False)] = None,
    as_json: AsJson = False,
) -> None:
    """Write database, files and lake into one archive."""
    result = back_up(current_configuration(), target=file, report=report)
    sentence = f"{result.file} holds {result.entries} files, {result.size_bytes / 1e6:,.1f} MB."
    _answer(asdict(result), as_json=as_json, sentence=sentence)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Archive to read.")],
    into: Annotated[Path | None, typer.Option(help="Data folder to fill; default is the configured one.")] = None,
    replace_existing: Annotated[
        bool, typer.Option("--replace", help="Set aside what the data folder holds already.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring back database, files and lake from an archive."""
    configuration = current_configuration()
    if into is not None:
        configuration = replace(configuration, data_folder=into.absolute(), database_url="")
    result = restore_backup(configuration, source=file, is_replacing=replace_existing, report=report)
    sentence = f"{result.entries} files were restored into {result.data_folder}."
    if result.former is not None:
        sentence += f" What was there before is in {result.former}; remove it when all is well."
    _answer(asdict(result), as_json=as_json, sentence=sentence)


def _embedded_configuration() -> Configuration:
    """Return the configuration of an installation with an embedded server."""
    configuration = current_configuration()
    if not configuration.is_database_embedded:
        raise ConfigurationError(
            "database.not_embedded",
            "The database is a server of its own (%(origin)s); Guanxi neither starts nor stops it.",
            origin=configuration.origins["database_url"],
        )
    return configuration


if __name__ == "__main__":
    main()
