"""Keeping documents: the content in the folder of files under a random name, what is known of it in the database."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from django.db import IntegrityError, models, transaction
from django.db.models import Max
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.collaboration.commands.comments import require_person
from guanxi.platform.collaboration.models import Document
from guanxi.platform.collaboration.queries import BESIDE, beside, document_and_record, live_record
from guanxi.platform.files.storage import NewFile, Shelf, checked_name, register_shelf, store


def content_path(document: Document) -> Path:
    """Where the content of a document lies: outside of everything that is served."""
    return DOCUMENTS.path(document.stored_as)


def _kept(names: Collection[str]) -> set[str]:
    rows = unscoped(Document, reason=BESIDE).filter(stored_as__in=names)
    return set(rows.values_list("stored_as", flat=True))


DOCUMENTS = register_shelf(Shelf("documents", _kept))


def add_document(object_key: str, record_id: int, *, file: NewFile, actor: Actor) -> Document:
    """Keep a file beside a record; one of the same name becomes its next version, unless nothing in it differs.

    Raises: NotFound, AccessDenied without the right to edit the record, RuleViolation("document.kind" |
    "document.size" | "document.name").
    """
    author_id = require_person(actor)
    record = live_record(object_key, record_id, actor)
    require_edit(record, actor)
    name = checked_name(file.name)
    content = store(DOCUMENTS, file, name=name)
    document = Document(
        object_key=object_key,
        record_id=record_id,
        author_id=author_id,
        name=name,
        size=content.size,
        sha256=content.sha256,
        stored_as=content.stored_as,
    )
    with ExitStack() as undone:
        undone.callback(content_path(document).unlink, missing_ok=True)
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
