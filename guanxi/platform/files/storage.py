"""The folder of files: content under random names, outside of everything that is served."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.files.preferences import DOCUMENT_MEGABYTES, DOCUMENT_TYPES
from guanxi.platform.files.rules import ending_of
from guanxi.platform.preferences.registry import preference

MEGABYTE = 1_000_000
LONGEST_NAME = 200
AT_WORK = timedelta(days=1)
"""A file younger than this may belong to a transaction that has not ended."""
PREVIEW_BYTES = 64 * 1024
MOST_LETTERS = 50_000
BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that somebody hands in: its name, its size in bytes, its content piece by piece."""

    name: str
    size: int
    pieces: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class StoredContent:
    """Content that lies in the folder: its random name, size in bytes and digest."""

    stored_as: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A part of the folder; `kept` are those of some random names that the database knows."""

    name: str
    kept: Callable[[Collection[str]], set[str]]

    @property
    def folder(self) -> Path:
        """Where its files lie."""
        return Path(settings.MEDIA_ROOT) / self.name

    def path(self, stored_as: str) -> Path:
        """Where the content of that name lies."""
        return self.folder / stored_as[:2] / stored_as


_shelves: dict[str, Shelf] = {}


def register_shelf(shelf: Shelf) -> Shelf:
    """Make a part of the folder known to the job that clears up. Raises: ValueError for one that is known, a defect."""
    if shelf.name in _shelves:
        raise ValueError(f"The shelf {shelf.name} is registered twice.")
    _shelves[shelf.name] = shelf
    return shelf


def checked_name(name: str) -> str:
    """A file name without folders and control characters. Raises: RuleViolation("document.kind" | "document.name")."""
    last = name.replace("\\", "/").rpartition("/")[2]
    found = "".join(letter for letter in last if letter.isprintable()).strip()
    if not found or len(found) > LONGEST_NAME:
        raise RuleViolation("document.name", "A file needs a name of at most %(most)s characters.", most=LONGEST_NAME)
    allowed = {ending.strip().lower() for ending in preference(DOCUMENT_TYPES).split(",")}
    if ending_of(found) not in allowed - {""}:
        raise RuleViolation("document.kind", "Files like “%(name)s” are not taken here.", name=found)
    return found


def store(shelf: Shelf, file: NewFile, *, name: str, megabytes: int | None = None) -> StoredContent:
    """Write content piece by piece under a random name; what is refused leaves nothing.

    `name` is what people call it, `megabytes` the most it may have (None = as documents). Raises:
    RuleViolation("document.size").
    """
    stored_as = uuid4().hex
    path = shelf.path(stored_as)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    is_whole = False
    try:
        found = _written(path, file, name=name, megabytes=megabytes or preference(DOCUMENT_MEGABYTES))
        is_whole = True
    finally:
        if not is_whole:
            path.unlink(missing_ok=True)
    return found


def _written(path: Path, file: NewFile, *, name: str, megabytes: int) -> StoredContent:
    most = megabytes * MEGABYTE
    digest, size = sha256(), 0
    with path.open("xb") as target:
        for piece in file.pieces:
            size += len(piece)
            if size > most:
                raise RuleViolation(
                    "document.size", "“%(name)s” is larger than %(most)s MB.", name=name, most=most // MEGABYTE
                )
            digest.update(piece)
            target.write(piece)
    if not size:
        raise RuleViolation("document.size", "“%(name)s” is empty.", name=name)
    return StoredContent(path.name, size, digest.hexdigest())


def beginning_of(path: Path) -> str:
    """The beginning of a text, as UTF-8 or else as GB 18030; "" when the content is missing."""
    if not path.is_file():
        return ""
    with path.open("rb") as source:
        content = source.read(PREVIEW_BYTES)
    try:
        return content.decode("utf-8-sig")[:MOST_LETTERS]
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")[:MOST_LETTERS]


def content_path(stored_as: str) -> Path | None:
    """Where the content of a random name lies, in whichever part of the folder; None when it is missing."""
    paths = (shelf.path(stored_as) for shelf in _shelves.values())
    return next((path for path in paths if path.is_file()), None)


def remove_contents(names: Iterable[str]) -> None:
    """Remove content by its random names from whichever part of the folder holds it."""
    for name in names:
        for shelf in _shelves.values():
            shelf.path(name).unlink(missing_ok=True)


def remove_unknown_files() -> int:
    """Remove content that the database does not know: of a transaction that was rolled back or a server that died.

    What is younger than a day stays, for its transaction may still be at work. Returns how many files were removed.
    """
    before = (timezone.now() - AT_WORK).timestamp()
    removed = 0
    for shelf in _shelves.values():
        old = [path for path in shelf.folder.glob("*/*") if path.is_file() and path.stat().st_mtime < before]
        for start in range(0, len(old), BLOCK):
            block = old[start : start + BLOCK]
            known = shelf.kept([path.name for path in block])
            for path in block:
                if path.name not in known:
                    path.unlink(missing_ok=True)
                    removed += 1
    return removed
