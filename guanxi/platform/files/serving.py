"""Handing files out: never guessed at by a browser and never run."""

from pathlib import Path

from django.http import FileResponse

from guanxi.kernel.errors import NotFound
from guanxi.platform.files.rules import inline_type

SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'none'; frame-ancestors 'none'"


def handed_out(path: Path, *, name: str) -> FileResponse:
    """The content as a file to be kept, whatever it is. Raises: NotFound("document.lost")."""
    return _response(path, name=name, media_type="application/octet-stream", is_inline=False)


def shown_inline(path: Path, *, name: str) -> FileResponse:
    """A picture or a PDF, shown by the browser in a sandbox; nothing else is.

    Raises: NotFound("document.inline" | "document.lost").
    """
    media_type = inline_type(name)
    if not media_type:
        raise NotFound("document.inline", "This kind of file is not shown here: download it.")
    return _response(path, name=name, media_type=media_type, is_inline=True)


def _response(path: Path, *, name: str, media_type: str, is_inline: bool) -> FileResponse:
    if not path.is_file():
        raise NotFound("document.lost", "The content of this document is missing from the folder of files.")
    response = FileResponse(path.open("rb"), as_attachment=not is_inline, filename=name, content_type=media_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
