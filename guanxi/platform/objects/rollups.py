"""Roll-ups: what related records add up to, read through the reader's rights to them.

A roll-up is no column: nobody writes or filters by it, and a list sorted by it is sorted anew for each reader. Records
that the reader may not see, that lie in the trash, or that do not meet its conditions are not in it; who may not read
a field that it goes by does not learn that it exists.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from django.db import models
from django.db.models import Case, Count, F, Max, Min, Q, Sum, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.customfields.models import RollUpFunction
from guanxi.platform.customfields.schema import (
    FieldDefinition,
    RollUpDefinition,
    retired_fields_of,
    roll_ups_made_for,
)
from guanxi.platform.objects.conditions import Where, conditions_of, parse_where
from guanxi.platform.objects.fields import ObjectField, made_field
from guanxi.platform.objects.reaching import reached_rows
from guanxi.platform.objects.registry import fields_of, object_spec, object_specs
from guanxi.platform.objects.spec import Narrowed, ObjectSpec, Ordering
from guanxi.platform.preferences.locale import in_language

SUMMED = frozenset({FieldType.INTEGER, FieldType.NUMBER, FieldType.MONEY})
COMPARED = SUMMED | {FieldType.DATE, FieldType.DATETIME}


@dataclass(frozen=True, slots=True)
class RolledField:
    """A roll-up that a person may read: `item` says what its values are, `link` leads from `source` to the object.

    `summed` is the field of the related records that it goes by, None when it counts them; `where` are the conditions
    that those records meet, about the fields `asked`. `missing` are those of all these that were taken out of sight:
    while there are any, it shows nothing.
    """

    item: ObjectField
    function: RollUpFunction
    source: ObjectSpec
    link: ObjectField
    summed: ObjectField | None
    where: Where | None = None
    asked: tuple[ObjectField, ...] = ()
    missing: tuple[ObjectField, ...] = ()

    @property
    def used(self) -> tuple[ObjectField, ...]:
        """All the fields that it goes by."""
        return (self.link, *((self.summed,) if self.summed is not None else ()), *self.asked)

    @property
    def problem(self) -> str:
        """Why it shows nothing; "" when it does."""
        if not self.missing:
            return ""
        return _("Shows nothing: it goes by “%(field)s”, which is out of sight.") % {"field": self.missing[0].label}


def rolled_fields(spec: ObjectSpec, actor: Actor, *, action: Action = Action.VIEW) -> tuple[RolledField, ...]:
    """The roll-ups of an object that the actor may read, in their order."""
    found = (item for _made, item in rolled_definitions(spec))
    return tuple(item for item in found if item is not None and _is_readable(item, actor, action))


def rolled_definitions(spec: ObjectSpec) -> Iterator[tuple[RollUpDefinition, RolledField | None]]:
    """The roll-ups of an object whoever asks; None for one of which the object or a field is not known at all."""
    made = roll_ups_made_for(spec.key)
    sources = {other.key: other for other in object_specs()} if made else {}
    for item in made:
        yield item, _rolled(spec, item, sources.get(item.source))


def _rolled(spec: ObjectSpec, made: RollUpDefinition, source: ObjectSpec | None) -> RolledField | None:
    """A roll-up with what it goes by; None when some of that is not known at all."""
    if source is None:
        return None
    retired = {item.key: made_field(source.model, item) for item in retired_fields_of(source.key)}
    known = retired | {item.key: item for item in fields_of(source)}
    where = parse_where(made.where)
    function, link, summed = RollUpFunction(made.function), known.get(made.link), known.get(made.field)
    asked = tuple(known[key] for key in {item.field: None for item in conditions_of(where)} if key in known)
    is_known = len(asked) == len({item.field for item in conditions_of(where)})
    if link is None or not is_known or (summed is None) != (function is RollUpFunction.COUNT):
        return None
    rolled = RolledField(_result(spec, made, summed), function, source, link, summed, where, asked)
    return replace(rolled, missing=tuple(item for item in rolled.used if retired.get(item.key) is item))


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
    return all(item.access(actor) >= FieldAccess.READ for item in rolled.used)


@dataclass(frozen=True, slots=True)
class _Question:
    """What related records add up to: the rows of a Grant under conditions, by the column that leads to a record.

    Conditions on days mean the days of `zone`, of which `today` is one; without conditions neither is told.
    """

    source_key: str
    permission: Grant[Any]
    function: RollUpFunction
    link: str
    column: str
    where: Where | None
    today: date | None
    zone: str


_FUNCTIONS: Mapping[RollUpFunction, type[models.Aggregate]] = {
    RollUpFunction.SUM: Sum,
    RollUpFunction.MOST: Max,
    RollUpFunction.LEAST: Min,
}


def _question(rolled: RolledField, actor: Actor, action: Action) -> _Question:
    has_days = rolled.where is not None
    return _Question(
        source_key=rolled.source.key,
        permission=grant(actor, rolled.source.model, action),
        function=rolled.function,
        link=rolled.link.column,
        column=rolled.summed.column if rolled.summed is not None else "pk",
        where=rolled.where,
        today=timezone.localdate() if has_days else None,
        zone=timezone.get_current_timezone_name() if has_days else "",
    )


def _added_up(asked: _Question, *narrowings: Any) -> models.QuerySet[Any, Any]:
    """What the related records add up to, by the record that they lead to, in no order."""
    today = asked.today or timezone.localdate()  # without a condition no day matters
    rows = reached_rows(object_spec(asked.source_key), asked.permission, where=asked.where, today=today)
    made = Count("pk") if asked.function is RollUpFunction.COUNT else _FUNCTIONS[asked.function](asked.column)
    grouped = rows.filter(*narrowings).order_by().values_list(asked.link)
    found: models.QuerySet[Any, Any] = grouped.annotate(rolled_up=made)
    return found


_RELATED: Prepared[_Question] = Prepared(lambda asked: _added_up(asked, Among(asked.link, "ids")))


def rolled_values(
    rolled: RolledField, ids: Sequence[int], actor: Actor, *, action: Action = Action.VIEW
) -> dict[int, Any]:
    """The roll-up of each record; one query. What counts nothing is 0; what has nothing to go by is None."""
    if rolled.missing:
        return dict.fromkeys(ids)
    found = dict(_RELATED(_question(rolled, actor, action), ids=list(ids)))
    nothing = 0 if rolled.function is RollUpFunction.COUNT else None
    return {record_id: found.get(record_id, nothing) for record_id in ids}


def rolled_orderings(spec: ObjectSpec, actor: Actor, *, keys: Collection[str]) -> dict[str, Ordering]:
    """How a list is sorted by those of its roll-ups that have these keys and that the actor may read."""
    if not any(item.key in keys for item in roll_ups_made_for(spec.key)):
        return {}
    rolled = (item for item in rolled_fields(spec, actor) if item.item.key in keys and not item.missing)
    return {item.item.key: rolled_ordering(item, actor) for item in rolled}


def rolled_ordering(rolled: RolledField, actor: Actor) -> Ordering:
    """The order by what the related records of each record add up to; records without any come last."""
    return Ordering(beside=partial(_sorted_ids, _question(rolled, actor, Action.VIEW)))


def _sorted_ids(asked: _Question, narrowed: Narrowed, is_falling: bool) -> models.QuerySet[Any, Any]:
    among = Among(asked.link, narrowed.among) if narrowed.among else Q()
    rows = _added_up(asked, _leads_into(asked.link, narrowed), among)
    value = F("rolled_up")
    order = value.desc(nulls_last=True) if is_falling else value.asc(nulls_last=True)
    return rows.order_by(order, f"-{asked.link}" if is_falling else asked.link).values_list(asked.link, flat=True)


def _leads_into(link: str, narrowed: Narrowed) -> Q | Case:
    """The condition that a link leads to a record of the list.

    As a case it is no join: how many rows meet conditions on fields that people made is not known to the planner, and
    a join that is planned for three rows takes seconds with a hundred thousand.
    """
    follows = protection_of(narrowed.rows.model).follows
    if narrowed.left_out is not None and not follows:
        return Q(**{f"{link}__isnull": False}) & ~Q(**{f"{link}__in": narrowed.left_out})
    listed = Q(**{f"{link}__in": narrowed.rows.order_by().values("pk")})
    return Case(When(listed, then=Value(True)), default=Value(False), output_field=models.BooleanField())
