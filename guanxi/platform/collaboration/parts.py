"""What belongs to a record and stands in its history: higher capabilities register it when the program starts."""

from dataclasses import dataclass

from django.db import models
from django.db.models import CharField, Q, Value

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.spec import Label


@dataclass(frozen=True, slots=True)
class HistoryPart:
    """A kind of part: its rows follow a record by a key, `label` is what one of them is called."""

    model: type[models.Model]
    label: Label

    @property
    def key(self) -> str:
        """The part's name in the audit trail."""
        return protection_of(self.model).key


_parts: dict[str, tuple[HistoryPart, ...]] = {}


def register_parts(object_key: str, *parts: HistoryPart) -> None:
    """Let parts of an object stand in its history. Raises: ValueError when that is done twice."""
    if object_key in _parts:
        raise ValueError(f"The parts of {object_key} are registered twice.")
    _parts[object_key] = parts


def part_labels(object_key: str) -> dict[str, Label]:
    """What the parts of an object are called, by their keys in the audit trail."""
    return {part.key: part.label for part in _parts.get(object_key, ())}


def entries_of_parts(object_key: str, record_id: int, actor: Actor) -> Q | None:
    """The condition under which an audit entry is about a part that the actor may see; None for none. One query."""
    rows = [_ids(part, record_id, actor) for part in _parts.get(object_key, ()) if may(actor, part.model, Action.VIEW)]
    if not rows:
        return None
    found: dict[str, list[int]] = {}
    for key, part_id in rows[0].union(*rows[1:], all=True):
        found.setdefault(key, []).append(part_id)
    condition = Q(pk__isnull=True)
    for key, ids in found.items():
        condition |= Q(object_key=key, record_id__in=ids)
    return condition if found else None


def _ids(part: HistoryPart, record_id: int, actor: Actor) -> models.QuerySet[models.Model, tuple[str, int]]:
    rows = grant(actor, part.model).queryset().filter(**{protection_of(part.model).follows: record_id})
    return rows.order_by().values_list(Value(part.key, output_field=CharField()), "pk")
