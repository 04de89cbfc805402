"""Keeping documents: the content in the folder of files under a random name, what is known of it in the database."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.collaboration.commands.comments import require_person
from guanxi.platform.collaboration.models import Document
from guanxi.platform.collaboration.preferences import DOCUMENT_MEGABYTES, DOCUMENT_TYPES
from guanxi.platform.collaboration.queries import beside, document_and_record, live_record
from guanxi.platform.collaboration.rules import ending_of
from guanxi.platform.preferences.registry import preference

MEGABYTE = 1_000_000
LONGEST_NAME = 200
FOLDER = "documents"


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A file that somebody hands in: its name, its size in bytes, its content piece by piece."""

    name: str
    size: int
    pieces: Iterable[bytes]


def content_path(document: Document) -> Path:
    """Where the content of a document lies: outside of everything that is served."""
    return Path(settings.MEDIA_ROOT) / FOLDER / document.stored_as[:2] / document.stored_as


def add_document(object_key: str, record_id: int, *, file: NewDocument, actor: Actor) -> Document:
    """Keep a file beside a record; one of the same name becomes its next version, unless nothing in it differs.

    Raises: NotFound, AccessDenied without the right to edit the record, RuleViolation("document.kind" |
    "document.size" | "document.name").
    """
    author_id = require_person(actor)
    record = live_record(object_key, record_id, actor)
    require_edit(record, actor)
    document = Document(
        object_key=object_key,
        record_id=record_id,
        author_id=author_id,
        name=_checked_name(file.name),
        stored_as=uuid4().hex,
    )
    path = content_path(document)
    with ExitStack() as undone:
        undone.callback(path.unlink, missing_ok=True)
        _write(document, file, path=path)
        kept = _keep(document, record, actor=actor)
        if kept is document:
            undone.pop_all()
    return kept


@transaction.atomic
def remove_document(document_id: int, *, actor: Actor) -> Document:
    """Put one version of a document into the trash.

    Raises: NotFound, AccessDenied for who may not edit the record.
    """
    return _set_trash(document_id, is_trashed=True, actor=actor)


@transaction.atomic
def restore_document(document_id: int, *, actor: Actor) -> Document:
    """Take one version of a document out of the trash. Raises: as `remove_document`."""
    return _set_trash(document_id, is_trashed=False, actor=actor)


def require_edit(record: models.Model, actor: Actor) -> None:
    """Raise AccessDenied unless the actor may edit this record, which is seen."""
    if not can_edit(record, actor):
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="edit")


def can_edit(record: models.Model, actor: Actor) -> bool:
    """Whether the actor may edit a record; one query."""
    model = type(record)
    if not may(actor, model, Action.EDIT):
        return False
    return grant(actor, model, Action.EDIT).queryset().filter(pk=record.pk).exists()


def _set_trash(document_id: int, *, is_trashed: bool, actor: Actor) -> Document:
    require_person(actor)
    document, record = document_and_record(document_id, actor, is_trashed=not is_trashed)
    require_edit(record, actor)
    document.trashed_at = timezone.now() if is_trashed else None
    action = "remove_document" if is_trashed else "restore_document"
    begin_entry(
        actor, action=action, object_key=document.object_key, record_id=document.record_id, reason=document.name
    )
    document.save(update_fields=["trashed_at"])
    return document


def _checked_name(name: str) -> str:
    """A file name without folders and control characters. Raises: RuleViolation("document.kind" | "document.name")."""
    last = name.replace("\\", "/").rpartition("/")[2]
    found = "".join(letter for letter in last if letter.isprintable()).strip()
    if not found or len(found) > LONGEST_NAME:
        raise RuleViolation("document.name", "A file needs a name of at most %(most)s characters.", most=LONGEST_NAME)
    allowed = {ending.strip().lower() for ending in preference(DOCUMENT_TYPES).split(",")}
    if ending_of(found) not in allowed - {""}:
        raise RuleViolation("document.kind", "Files like “%(name)s” are not taken here.", name=found)
    return found


def _write(document: Document, file: NewDocument, *, path: Path) -> None:
    """Write the content piece by piece, with its size and digest. Raises: RuleViolation("document.size")."""
    most = preference(DOCUMENT_MEGABYTES) * MEGABYTE
    digest, size = sha256(), 0
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as target:
        for piece in file.pieces:
            size += len(piece)
            if size > most:
                raise RuleViolation(
                    "document.size",
                    "“%(name)s” is larger than %(most)s MB.",
                    name=document.name,
                    most=most // MEGABYTE,
                )
            digest.update(piece)
            target.write(piece)
    if not size:
        raise RuleViolation("document.size", "“%(name)s” is empty.", name=document.name)
    document.size, document.sha256 = size, digest.hexdigest()


@transaction.atomic
def _keep(document: Document, record: models.Model, *, actor: Actor) -> Document:
    """Save what is known of a document, as the next version of its name; the known one if nothing differs."""
    versions = beside(Document, record).filter(name=document.name)
    newest = versions.filter(trashed_at__isnull=True).order_by("-number").first()
    if newest is not None and newest.sha256 == document.sha256:
        return newest
    key = protection_of(type(record)).key
    begin_entry(actor, action="add_document", object_key=key, record_id=record.pk, reason=document.name)
    document.number = (versions.aggregate(last=Max("number"))["last"] or 0) + 1
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            "document.taken", "Somebody added a version of “%(name)s” just now: add yours again.", name=document.name
        ) from error
    return document
