"""Privacy on the command line."""

import typer

from guanxi.stewardship.adapters.erasing import replay_erasures

app = typer.Typer(no_args_is_help=True)


@app.callback()
def root() -> None:
    """Privacy on the command line."""


@app.command("privacy")
def privacy() -> None:
    """Erase again whom a restored backup brought back."""
    replayed = replay_erasures()
    print(f"{replayed} erased again." if replayed else "Nobody who was erased is here.")
