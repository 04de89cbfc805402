"""Roll-ups: what related records add up to, read through the reader's rights to them.

A roll-up is no column: nobody writes, filters or sorts by it. Records that the reader may not see, or that lie in the
trash, are not in it; who may not read the field that it goes by does not learn that it exists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Max, Min, Sum

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.customfields.models import RollUpFunction
from guanxi.platform.customfields.schema import FieldDefinition, RollUpDefinition, in_language, roll_ups_made_for
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_specs
from guanxi.platform.objects.spec import ObjectSpec

SUMMED = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY})
COMPARED = SUMMED | {FieldType.DATE, FieldType.DATETIME}


@dataclass(frozen=True, slots=True)
class RolledField:
    """A roll-up that a person may read: `item` says what its values are, `link` leads from `source` to the object.

    `summed` is the field of the related records that it goes by, None when it counts them.
    """

    item: ObjectField
    function: RollUpFunction
    source: ObjectSpec
    link: ObjectField
    summed: ObjectField | None


def rolled_fields(spec: ObjectSpec, actor: Actor, *, action: Action = Action.VIEW) -> tuple[RolledField, ...]:
    """The roll-ups of an object that the actor may read, in their order."""
    made = roll_ups_made_for(spec.key)
    sources = {other.key: other for other in object_specs()} if made else {}
    found = (_rolled(spec, item, sources.get(item.source)) for item in made)
    return tuple(item for item in found if item is not None and _is_readable(item, actor, action))


def _rolled(spec: ObjectSpec, made: RollUpDefinition, source: ObjectSpec | None) -> RolledField | None:
    """A roll-up with what it goes by; None when that is no more."""
    known = {item.key: item for item in fields_of(source) if item.beside is None} if source is not None else {}
    function, link, summed = RollUpFunction(made.function), known.get(made.link), known.get(made.field)
    if source is None or link is None or (summed is None) != (function is RollUpFunction.COUNT):
        return None
    return RolledField(_result(spec, made, summed), function, source, link, summed)


def _result(spec: ObjectSpec, made: RollUpDefinition, summed: ObjectField | None) -> ObjectField:
    """What the values of a roll-up are: of the kind of the field that it goes by, or a whole number."""
    kind, digits = (FieldType.INTEGER, 0) if summed is None else (summed.kind, summed.digits)
    typed = FieldDefinition(made.id, spec.key, made.key, kind, made.name_zh, made.name_en, digits=digits)
    return ObjectField(
        key=made.key,
        label=in_language(made.name_zh, made.name_en),
        kind=kind,
        column=typed.column,
        model=spec.model,
        is_editable=False,
        digits=digits,
        made=typed,
    )


def _is_readable(rolled: RolledField, actor: Actor, action: Action) -> bool:
    if not may(actor, rolled.source.model, action):
        return False
    asked = (rolled.link, rolled.summed) if rolled.summed is not None else (rolled.link,)
    return all(item.access(actor) >= FieldAccess.READ for item in asked)


@dataclass(frozen=True, slots=True)
class _Question:
    """What related records add up to: the rows of a Grant, by the column that leads to a record."""

    permission: Grant[Any]
    function: RollUpFunction
    link: str
    column: str


_FUNCTIONS: Mapping[RollUpFunction, type[models.Aggregate]] = {
    RollUpFunction.SUM: Sum,
    RollUpFunction.MOST: Max,
    RollUpFunction.LEAST: Min,
}


def _related(asked: _Question) -> models.QuerySet[Any, Any]:
    rows = asked.permission.queryset().filter(Among(asked.link, "ids"))
    if hasattr(asked.permission.model, "trashed_at"):
        rows = rows.filter(trashed_at__isnull=True)
    made = Count("pk") if asked.function is RollUpFunction.COUNT else _FUNCTIONS[asked.function](asked.column)
    found: models.QuerySet[Any, Any] = rows.order_by().values_list(asked.link).annotate(rolled_up=made)
    return found


_RELATED: Prepared[_Question] = Prepared(_related)


def rolled_values(
    rolled: RolledField, ids: Sequence[int], actor: Actor, *, action: Action = Action.VIEW
) -> dict[int, Any]:
    """The roll-up of each record; one query. What counts nothing is 0; what has nothing to go by is None."""
    column = rolled.summed.column if rolled.summed is not None else "pk"
    permission = grant(actor, rolled.source.model, action)
    found = dict(_RELATED(_Question(permission, rolled.function, rolled.link.column, column), ids=list(ids)))
    nothing = 0 if rolled.function is RollUpFunction.COUNT else None
    return {record_id: found.get(record_id, nothing) for record_id in ids}
