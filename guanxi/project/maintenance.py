"""Commands that need Django: migrate, worker, and Django's own management commands."""

from typing import Annotated

import typer
from django.conf import settings
from django.core.management import call_command, execute_from_command_line

from guanxi.platform.jobs.worker import run_worker
from guanxi.project.static_files import collect_static

app = typer.Typer()

_ARGUMENTS = typer.Argument(help="Arguments of Django's command.", show_default=False)
_PASS_ON = {"ignore_unknown_options": True, "allow_interspersed_args": False}


@app.command()
def migrate() -> None:
    """Bring the database and the static files to the state of this version."""
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static(settings.CONFIGURATION.static_folder, base_url=settings.STATIC_URL)


@app.command()
def worker() -> None:
    """Take jobs from the queue until stopped."""
    run_worker()


@app.command(context_settings=_PASS_ON)
def makemigrations(arguments: Annotated[list[str] | None, _ARGUMENTS] = None) -> None:
    """Write migrations for changed models, or check that none is missing (--check)."""
    execute_from_command_line(["guanxi", "makemigrations", *(arguments or [])])


@app.command(context_settings=_PASS_ON)
def manage(arguments: Annotated[list[str] | None, _ARGUMENTS] = None) -> None:
    """Run a management command of Django, such as shell."""
    execute_from_command_line(["guanxi", *(arguments or [])])
