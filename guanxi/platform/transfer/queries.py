"""Imports as their own people read them; the shelf on which their files lie."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.files.storage import Shelf, register_shelf
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.transfer.models import Import, ImportedRow, ImportTemplate, Outcome
from guanxi.platform.transfer.reading import Format, Row, Source, rows_of
from guanxi.platform.transfer.rows import ALIKE


def _kept(names: Collection[str]) -> set[str]:
    return set(Import.objects.filter(stored_as__in=list(names)).values_list("stored_as", flat=True))


IMPORT_FILES = register_shelf(Shelf("imports", _kept))


def path_of(file: Import) -> Path:
    """Where the file of an import lies."""
    return IMPORT_FILES.path(file.stored_as)


def source_of(file: Import) -> Source:
    """How the file of an import is read."""
    kept = dict(file.source)
    return Source(**{**kept, "format": Format(kept["format"]), "sheets": tuple(kept["sheets"])})


def file_rows_of(file: Import) -> Iterator[Row]:
    """The rows of the file, one after another."""
    return rows_of(path_of(file), source_of(file))


def import_of(import_id: int, actor: Actor) -> Import:
    """An import of the actor's own; a token of few scopes reaches none of what it may not import. Raises: NotFound."""
    found = Import.objects.filter(pk=import_id, user=actor.user_id).first() if actor.user_id is not None else None
    if found is None or not _is_in_scope(found, actor):
        raise NotFound("import.not_found", "There is no such import.")
    return found


def _is_in_scope(file: Import, actor: Actor) -> bool:
    if actor.scopes is None:
        return True
    model = listed_object(file.object_key).model
    return any(may(actor, model, action) for action in (Action.CREATE, Action.EDIT))


def imports_of(actor: Actor, *, limit: int) -> Sequence[Import]:
    """The latest imports of a person."""
    return tuple(Import.objects.filter(user=actor.user_id).order_by("-pk")[:limit])


def templates_of(object_key: str, actor: Actor) -> Sequence[ImportTemplate]:
    """The mappings that a person kept for an object."""
    return tuple(ImportTemplate.objects.filter(object_key=object_key, owner=actor.user_id).order_by("name"))


def imported_rows(
    file: Import,
    *,
    outcomes: Sequence[Outcome] = (),
    is_kept: bool | None = None,
    has_problem: str = "",
    limit: int = 100,
) -> Sequence[ImportedRow]:
    """What became of rows, those of the record itself, in the order of the file; those with a problem of a kind."""
    rows = ImportedRow.objects.filter(file=file, object_key=file.object_key)
    rows = rows.filter(outcome__in=outcomes) if outcomes else rows
    rows = rows.filter(is_kept=is_kept) if is_kept is not None else rows
    rows = rows.filter(problems__contains=[[has_problem]]) if has_problem else rows
    return tuple(rows.order_by("number", "pk")[:limit])


def mapping_of(file: Import) -> Mapping[int, str]:
    """The field that each column goes into, by the column's number."""
    return {int(number): str(key) for number, key in file.mapping.items()}


@dataclass(frozen=True, slots=True)
class Summary:
    """An import in figures, as programs are told: rows read, and what became of them; fields by the column's name."""

    id: int
    read: int
    created: int
    updated: int
    unchanged: int
    duplicates: int
    errors: int
    likely_duplicates: int
    columns: Mapping[str, str]


def summary_of(file: Import) -> Summary:
    """An import in figures."""
    counts = {outcome: int(file.counts.get(outcome.value, 0)) for outcome in Outcome}
    return Summary(
        id=file.pk,
        read=file.rows,
        created=counts[Outcome.CREATED],
        updated=counts[Outcome.UPDATED],
        unchanged=counts[Outcome.SAME],
        duplicates=counts[Outcome.REPEATED],
        errors=counts[Outcome.ERROR],
        likely_duplicates=int(file.counts.get(ALIKE, 0)),
        columns={str(file.header[number]): key for number, key in mapping_of(file).items()},
    )
