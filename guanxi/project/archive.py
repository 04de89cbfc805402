"""The archive of a backup: a tar file whose last member lists every other one with its checksum.

Members: `database/…` (pg_dump's directory format, compressed already, so the tar itself is not),
`files/…`, `lake/…`, `secret_key`, `encryption_keys`, and last `manifest.json`. An archive that was cut short has no
manifest and is refused.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from guanxi.kernel.errors import RuleViolation

FORMAT_VERSION = 1
MANIFEST_NAME = "manifest.json"

_BLOCK_BYTES = 1024 * 1024
_ROOTS = ("database", "files", "lake", "secret_key", "encryption_keys")


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of an archive: its size in bytes and its SHA-256 in hexadecimal digits."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds and what wrote it; `created_at` is UTC in ISO format."""

    format: int
    guanxi: str
    postgresql: str
    created_at: str
    entries: Mapping[str, Entry]


class _Digesting:
    """A reader that digests what is read through it."""

    def __init__(self, source: IO[bytes]) -> None:
        """Wrap a reader."""
        self._source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes."""
        block = self._source.read(size)
        self.digest.update(block)
        return block


def write_archive(target: Path, folder: Path, *, guanxi: str, postgresql: str, created_at: str) -> Manifest:
    """Write everything below `folder` into `target`, which appears only when it is complete and on disk.

    Raises:
        OSError: the disk is full, or a file shrank while it was read.
    """
    entries: dict[str, Entry] = {}
    draft = target.with_name(f".{target.name}.partial")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                    name = path.relative_to(folder).as_posix()
                    entries[name] = _add(tar, path, name=name)
                manifest = Manifest(FORMAT_VERSION, guanxi, postgresql, created_at, entries)
                content = json.dumps(asdict(manifest), indent=1).encode()
                member = tarfile.TarInfo(MANIFEST_NAME)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def read_archive(source: Path, folder: Path) -> Manifest:
    """Unpack an archive into an empty folder and verify every member against the manifest.

    Raises:
        RuleViolation: it is no backup (`backup.format`) or damaged (`backup.damaged`).
        OSError: a file cannot be read or written.
    """
    found: dict[str, Entry] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(source, mode="r:") as tar:
            for member in tar:
                stream = tar.extractfile(member)
                if stream is None or manifest is not None:
                    raise _damaged(source, f"{member.name} does not belong there")
                if member.name == MANIFEST_NAME:
                    manifest = _parse_manifest(source, stream.read())
                else:
                    found[member.name] = _unpack(source, stream, name=member.name, folder=folder)
    except tarfile.TarError as error:
        raise _damaged(source, str(error)) from error
    if manifest is None:
        raise _damaged(source, "its end is missing")
    _require_equal(source, found, manifest.entries)
    return manifest


def _add(tar: tarfile.TarFile, path: Path, *, name: str) -> Entry:
    """Add one file and return its entry."""
    with path.open("rb") as file:
        member = tarfile.TarInfo(name)
        status = os.fstat(file.fileno())
        member.size, member.mtime, member.mode = status.st_size, int(status.st_mtime), 0o600
        reader = _Digesting(file)
        tar.addfile(member, reader)
        return Entry(member.size, reader.digest.hexdigest())


def _unpack(source: Path, stream: IO[bytes], *, name: str, folder: Path) -> Entry:
    """Write one member below the folder and return what was found in it."""
    parts = PurePosixPath(name).parts
    if not parts or parts[0] not in _ROOTS or ".." in parts:
        raise _damaged(source, f"{name} does not belong there")
    path = folder.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while block := stream.read(_BLOCK_BYTES):
            file.write(block)
            digest.update(block)
            size += len(block)
    return Entry(size, digest.hexdigest())


def _parse_manifest(source: Path, content: bytes) -> Manifest:
    """Read the manifest."""
    try:
        parsed = json.loads(content)
        entries = {name: Entry(**entry) for name, entry in parsed.pop("entries").items()}
        manifest = Manifest(**parsed, entries=entries)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(source, "its manifest cannot be read") from error
    if manifest.format != FORMAT_VERSION:
        raise RuleViolation(
            "backup.format",
            "%(file)s has the backup format %(found)s, and this Guanxi reads format %(known)s.",
            file=str(source),
            found=manifest.format,
            known=FORMAT_VERSION,
        )
    return manifest


def _require_equal(source: Path, found: Mapping[str, Entry], expected: Mapping[str, Entry]) -> None:
    """Refuse an archive whose members are not exactly those of its manifest."""
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            raise _damaged(source, f"{name} is missing or was changed")


def _damaged(source: Path, reason: str) -> RuleViolation:
    """Return the error for an archive that cannot be trusted."""
    return RuleViolation(
        "backup.damaged", "%(file)s is no complete backup: %(reason)s.", file=str(source), reason=reason
    )
