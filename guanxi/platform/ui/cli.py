"""Command of this room: the translation catalogues."""

from typing import Annotated

import typer

from guanxi.platform.ui.catalogues import faults, write_catalogues

app = typer.Typer()


@app.command()
def messages(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; fail if a catalogue is incomplete.")] = False,
) -> None:
    """Bring the translation catalogues up to date with the code, or check that they are complete."""
    if not check:
        write_catalogues()
    found = faults()
    for fault in found:
        print(f"{fault.locale}: {fault.kind}: {fault.message}")
    print(f"{len(found)} messages need a translation." if found else "The catalogues are complete.")
    if found and check:
        raise typer.Exit(1)


if __name__ == "__main__":
    app()
