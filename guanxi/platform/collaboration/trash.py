"""What lies in the trash of an object: which records, who put them there, when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.spec import ObjectSpec

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class TrashedRow:
    """One record in the trash; `who` is "" when the change was made past the program."""

    id: int
    name: str
    trashed_at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class TrashPage:
    """A page of the trash, the last thrown away first."""

    rows: tuple[TrashedRow, ...]
    has_more: bool


def trashes_of(actor: Actor) -> tuple[ObjectSpec, ...]:
    """The objects of which the actor may take something out of the trash."""
    return tuple(
        spec
        for spec in object_specs()
        if spec.list_url and spec.verbs is not None and may(actor, spec.model, Action.DELETE)
    )


def trash_page(spec: ObjectSpec, actor: Actor, *, page: int = 1) -> TrashPage:
    """What the actor may take out of the trash of an object; three queries.

    Raises: AccessDenied without the right to delete.
    """
    visible = grant(actor, spec.model).queryset().values("pk")
    rows = grant(actor, spec.model, Action.DELETE).queryset().filter(trashed_at__isnull=False, pk__in=visible)
    first = (page - 1) * PAGE_SIZE
    found = list(rows.order_by("-trashed_at", "-pk")[first : first + PAGE_SIZE + 1])
    shown = found[:PAGE_SIZE]
    names = _who(spec, [row.pk for row in shown])
    return TrashPage(
        tuple(_row(row, names) for row in shown),
        has_more=len(found) > PAGE_SIZE,
    )


def _row(record: Any, names: Mapping[int, str]) -> TrashedRow:
    return TrashedRow(record.pk, str(record), record.trashed_at, names.get(record.pk, ""))


def _who(spec: ObjectSpec, ids: Sequence[int]) -> dict[int, str]:
    """Who put records into the trash: the entry of the last change before which they were not in it."""
    kept: Any = getattr(spec.model, "pgh_event_model", None)
    if kept is None or not ids:
        return {}
    rows = kept.objects.filter(pgh_obj_id__in=ids, trashed_at__isnull=True)
    entries = dict(
        rows.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id").values_list("pgh_obj_id", "pgh_context_id")
    )
    names = dict(AuditEntry.objects.filter(pk__in=list(entries.values())).values_list("pk", "actor_name"))
    return {record_id: names.get(entry_id, "") for record_id, entry_id in entries.items()}
