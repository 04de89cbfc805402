"""Reads of saved views, layouts and changes of many records."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.prepared import Prepared, Slot
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.objects.models import Audience, BulkChange, RecordLayout, SavedView, ViewChoice


@dataclass(frozen=True, slots=True)
class ViewRow:
    """A saved view as a person sees it; `is_own` says that the person made it."""

    id: int
    name: str
    query: str
    audience: str
    is_own: bool
    is_pinned: bool
    is_default: bool


@dataclass(frozen=True, slots=True)
class LayoutAudience:
    """For whom a layout is: a role, a unit and those below it, or everybody. Written as "role.3", "unit.7", "all"."""

    role_id: int | None = None
    unit_id: int | None = None

    @property
    def key(self) -> str:
        """The audience in an address."""
        if self.role_id is not None:
            return f"role.{self.role_id}"
        return "all" if self.unit_id is None else f"unit.{self.unit_id}"


def layout_row(object_key: str, audience: LayoutAudience) -> RecordLayout | None:
    """The layout that was made for exactly this audience; one query."""
    found = RecordLayout.objects.filter(object_key=object_key, role=audience.role_id, unit=audience.unit_id)
    return found.first()


def layout_audiences(object_key: str) -> frozenset[str]:
    """The audiences for which the object has a layout; one query."""
    rows = RecordLayout.objects.filter(object_key=object_key).values_list("role_id", "unit_id")
    return frozenset(LayoutAudience(role_id, unit_id).key for role_id, unit_id in rows)


def views_of(object_key: str, actor: Actor) -> tuple[ViewRow, ...]:
    """The views that a person is offered, pinned ones first, then by name; one query."""
    rows = _VIEWS(None, object_key=object_key, user_id=actor.user_id, unit_id=actor.unit_id)
    found = (_view_row(row, actor) for row in rows)
    return tuple(sorted(found, key=lambda view: (not view.is_pinned, view.name)))


def view_by_id(view_id: int, actor: Actor) -> ViewRow:
    """One view that the person is offered. Raises: NotFound("view.not_found")."""
    row = (
        _offered(actor.user_id, actor.unit_id)
        .filter(pk=view_id)
        .values_list("pk", "name", "query", "audience", "owner_id", *_CHOSEN)
        .first()
    )
    if row is None:
        raise NotFound("view.not_found", "This view does not exist or is not shared with you.")
    return _view_row(row, actor)


def undoable_changes(run_ids: Iterable[int], actor: Actor) -> dict[int, int]:
    """The changes of many records that the actor may take back, by the run that made them; one query."""
    rows = BulkChange.objects.filter(
        run_id__in=list(run_ids), user=actor.user_id, undo_entry_id__isnull=True, changed__gt=0
    )
    return {run_id: change_id for run_id, change_id in rows.values_list("run_id", "pk") if run_id is not None}


_CHOSEN = ("is_pinned_by", "is_default_of")


def _offered(user_id: Any, unit_id: Any) -> QuerySet[SavedView]:
    """Own views, those for everybody, and those of a unit at or above the person's."""
    above = OrgUnit.objects.filter(pk=unit_id, path__contains=[OuterRef("unit_id")])
    shared = Q(audience=Audience.ALL) | (Q(audience=Audience.UNIT) & Exists(above))
    mine = ViewChoice.objects.filter(view=OuterRef("pk"), user=user_id)
    return SavedView.objects.filter(Q(owner=user_id) | shared).annotate(
        is_pinned_by=Exists(mine.filter(is_pinned=True)), is_default_of=Exists(mine.filter(is_default=True))
    )


def _all_offered(_: None) -> QuerySet[Any, Any]:
    rows = _offered(Slot("user_id"), Slot("unit_id")).filter(object_key=Slot("object_key"))
    return rows.values_list("pk", "name", "query", "audience", "owner_id", *_CHOSEN)


_VIEWS: Prepared[None] = Prepared(_all_offered)


def _view_row(row: tuple[Any, ...], actor: Actor) -> ViewRow:
    view_id, name, query, audience, owner_id, is_pinned, is_default = row
    return ViewRow(view_id, name, query, audience, owner_id == actor.user_id, is_pinned, is_default)
