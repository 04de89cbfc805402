"""Static files with hashed names and compressed twins, collected for and served by the web process."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.files.storage import Storage
from django.core.handlers.wsgi import WSGIHandler
from whitenoise import WhiteNoise
from whitenoise.storage import CompressedManifestStaticFilesStorage

_STAMP_NAME = ".stamp"
_HASHED_NAME = r"^.+\.[0-9a-f]{12}\..+$"
"""Files whose name carries their hash never change, so browsers keep them for ever."""


@dataclass(frozen=True, slots=True)
class _Source:
    """One file to collect: its path below `/static/`, the storage that holds it and its path there."""

    name: str
    path: str
    storage: Storage


def collect_static(folder: Path, *, base_url: str) -> bool:
    """Collect all static files into `folder` unless it is current; return whether it was renewed.

    The files are collected beside the folder and take its place when complete, so a process that serves the
    old ones never sees half of the new ones.
    """
    sources = list(_sources())
    stamp = _stamp(sources)
    if (folder / _STAMP_NAME).exists() and (folder / _STAMP_NAME).read_text(encoding="ascii") == stamp:
        return False
    draft, former = folder.with_name(f"{folder.name}.new"), folder.with_name(f"{folder.name}.old")
    for leftover in (draft, former):
        shutil.rmtree(leftover, ignore_errors=True)
    draft.mkdir(parents=True)
    _collect(sources, draft=draft, base_url=base_url)
    (draft / _STAMP_NAME).write_text(stamp, encoding="ascii")
    if folder.exists():
        folder.rename(former)
    draft.rename(folder)
    shutil.rmtree(former, ignore_errors=True)
    return True


def serving_static(application: WSGIHandler) -> WSGIApplication:
    """Return the application with static files before it: collected ones, or their sources in debug mode."""
    if settings.DEBUG:
        return StaticFilesHandler(application)
    serving: WSGIApplication = WhiteNoise(
        application, root=settings.STATIC_ROOT, prefix=settings.STATIC_URL, immutable_file_test=_HASHED_NAME
    )
    return serving


def _collect(sources: list[_Source], *, draft: Path, base_url: str) -> None:
    """Copy the sources, hash their names and write their compressed twins."""
    target = CompressedManifestStaticFilesStorage(location=str(draft), base_url=base_url)
    for source in sources:
        with source.storage.open(source.path) as file:
            target.save(source.name, file)
    paths = {source.name: (target, source.name) for source in sources}
    for _name, _processed_name, outcome in target.post_process(paths):
        if isinstance(outcome, Exception):
            raise outcome


def _sources() -> Iterator[_Source]:
    """Yield every static file once; the first finder that has a name wins, as when serving."""
    seen: set[str] = set()
    for finder in get_finders():
        for path, storage in finder.list([]):
            prefix = getattr(storage, "prefix", None)
            name = f"{prefix}/{path}" if prefix else path
            if name not in seen:
                seen.add(name)
                yield _Source(name, path, storage)


def _stamp(sources: list[_Source]) -> str:
    """Return a digest of the names, sizes and times of the sources."""
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda source: source.name):
        modified_at = source.storage.get_modified_time(source.path).timestamp()
        digest.update(f"{source.name}\0{source.storage.size(source.path)}\0{modified_at}\n".encode())
    return digest.hexdigest()
