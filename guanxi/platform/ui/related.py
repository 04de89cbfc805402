"""The records of other objects that lead to one: a few of each, and where all of them are."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.urls import reverse

from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Prepared, Slot
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.conditions import Condition, Operator, where_text
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_specs
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui.values import title_columns, title_of

MOST_RELATED = 6


@dataclass(frozen=True, slots=True)
class Related:
    """The records of another object that lead to this one by a field: a few, and where all of them are."""

    label: Label
    icon: str
    records: tuple[tuple[str, str], ...]
    has_more: bool
    list_url: str
    new_url: str


def related_to(spec: ObjectSpec, record: models.Model, view: View, *, but: Collection[str] = ()) -> tuple[Related, ...]:
    """The records that lead to this one, by the object and the field; one query for each. Without the objects `but`."""
    return tuple(
        _related(other, item, record, view)
        for other in object_specs()
        if other.key not in but and may(view.actor, other.model, Action.VIEW)
        for item in fields_of(other)
        if item.target == spec.key and item.access(view.actor) >= FieldAccess.READ
    )


def _related(other: ObjectSpec, item: ObjectField, record: models.Model, view: View) -> Related:
    asked = _Leading(grant(view.actor, other.model), item.column, title_columns(other))
    found = _LEADING(asked, target=record.pk, limit=MOST_RELATED + 1)
    condition = where_text(Condition(item.key, Operator.IS, (str(record.pk),)))
    can_create = other.verbs is not None and may(view.actor, other.model, Action.CREATE)
    new_url = f"{reverse('record_new', args=[other.key])}?{item.key}={record.pk}" if can_create else ""
    return Related(
        label=other.plural,
        icon=other.icon,
        records=tuple(
            (other.detail_url(pk) if other.detail_url else "", title_of(*names)) for pk, *names in found[:MOST_RELATED]
        ),
        has_more=len(found) > MOST_RELATED,
        list_url=f"{other.list_url}?{urlencode({'where': condition})}",
        new_url=new_url,
    )


@dataclass(frozen=True, slots=True)
class _Leading:
    """Records in use that lead to another by a column: those that a Grant reaches, with what they are called."""

    permission: Grant[Any]
    column: str
    titles: tuple[str, ...]


def _leading(asked: _Leading) -> models.QuerySet[Any, Any]:
    target = {asked.column: Slot("target", models.BigIntegerField())}
    rows = asked.permission.queryset().filter(trashed_at__isnull=True, **target)
    return rows.order_by("-pk").values_list("pk", *asked.titles)


_LEADING: Prepared[_Leading] = Prepared(_leading, limit="limit")
