"""Reads of the files that fields hold. The field is read through the reader's grant first; nothing else opens them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.files.models import KeptFile
from guanxi.platform.files.storage import Shelf, register_shelf

HELD = "files: the field was read through the reader's grant"


@dataclass(frozen=True, slots=True)
class FileRow:
    """What a file is called, and its size in bytes."""

    id: int
    name: str
    size: int


def file_rows(ids: Sequence[int]) -> dict[int, FileRow]:
    """Files by id, of fields that were read through the reader's grant; one query."""
    return {row[0]: FileRow(*row) for row in _ROWS(None, ids=list(ids))} if ids else {}


_ROWS: Prepared[None] = Prepared(
    lambda _: unscoped(KeptFile, reason=HELD).filter(Among("pk", "ids")).values_list("pk", "name", "size")
)


def kept_file(file_id: int, *, object_key: str, field_key: str) -> KeptFile | None:
    """A file that a field of an object holds; None for a file of another field."""
    found: KeptFile | None = (
        unscoped(KeptFile, reason=HELD).filter(pk=file_id, object_key=object_key, field_key=field_key).first()
    )
    return found


def is_held_by(file_id: int, *, object_key: str, field_key: str, record_id: int | None) -> bool:
    """Whether a field of this very record may hold a file: one that was handed in for it."""
    found = kept_file(file_id, object_key=object_key, field_key=field_key)
    return found is not None and found.record_id in (None, record_id)


def content_path(file: KeptFile) -> Path:
    """Where the content of a file lies."""
    return FIELD_FILES.path(file.stored_as)


def _kept(names: Collection[str]) -> set[str]:
    rows = unscoped(KeptFile, reason=HELD).filter(stored_as__in=names)
    return set(rows.values_list("stored_as", flat=True))


FIELD_FILES = register_shelf(Shelf("fields", _kept))
