"""Keeping the files that fields hold. Rights are those of the record: the verbs of its object check them."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.files.models import KeptFile
from guanxi.platform.files.queries import FIELD_FILES, HELD
from guanxi.platform.files.storage import NewFile, checked_name, store


@contextmanager
def keeping_files() -> Iterator[ExitStack]:
    """One transaction in which files are kept; when it is given up, their content is removed with it."""
    with ExitStack() as undone:
        with transaction.atomic():
            yield undone
        undone.pop_all()


def keep_file(file: NewFile, *, place: tuple[str, int | None, str], undone: ExitStack, actor: Actor) -> KeptFile:
    """Keep a file for a field: `place` is the object, the record (None for one that is being created), the field.

    Raises: RuleViolation("document.kind" | "document.name" | "document.size").
    """
    name = checked_name(file.name)
    content = store(FIELD_FILES, file, name=name)
    undone.callback(FIELD_FILES.path(content.stored_as).unlink, missing_ok=True)
    object_key, record_id, field_key = place
    kept: KeptFile = unscoped(KeptFile, reason=HELD).create(
        object_key=object_key,
        record_id=record_id,
        field_key=field_key,
        name=name,
        size=content.size,
        sha256=content.sha256,
        stored_as=content.stored_as,
        author_id=actor.user_id,
    )
    return kept


def hand_over(files: Sequence[KeptFile], *, record_id: int) -> None:
    """Give files to the record that was created with them, in the same transaction."""
    ids = [file.pk for file in files]
    unscoped(KeptFile, reason=HELD).filter(pk__in=ids, record_id__isnull=True).update(record_id=record_id)
