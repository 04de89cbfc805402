"""What links lead to: names of colleagues, units and offered values; other records as far as the actor sees them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.queries import people, unit_names
from guanxi.platform.api.reading import Record, live_ids, read_records, resource_specs, shown_fields
from guanxi.platform.api.requests import Shape
from guanxi.platform.api.values import ShownField
from guanxi.platform.objects.fields import ObjectField, is_person, is_unit
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec, View


def expandable_fields(spec: ObjectSpec, view: View) -> tuple[ObjectField, ...]:
    """The links that can be expanded: those that the actor may read whole and that lead to something known."""
    return tuple(
        item
        for item in fields_of(spec)
        if item.kind is FieldType.LINK
        and item.beside is None
        and item.access(view.actor) >= FieldAccess.READ
        and (item.offered is not None or is_person(item) or is_unit(item) or target_of(item) is not None)
    )


def target_of(item: ObjectField) -> ObjectSpec | None:
    """The object of the API that a link leads to, if it leads to one."""
    target = item.typed.related_model
    return next((spec for spec in resource_specs() if spec.model is target or spec.key == item.target), None)


def require_expandable(spec: ObjectSpec, names: Sequence[str], view: View) -> tuple[ObjectField, ...]:
    """The links of these names. Raises: RuleViolation("field.expand")."""
    known = {item.key: item for item in expandable_fields(spec, view)}
    for name in names:
        if name not in known:
            raise RuleViolation("field.expand", "“%(field)s” is no link that can be expanded.", field=name[:100])
    return tuple(known[name] for name in names)


@dataclass(frozen=True, slots=True)
class Found:
    """Records as they were asked for, and what their links lead to, by link and key; None when none was to be told."""

    records: list[Record]
    expanded: dict[str, dict[str, Record]] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be told of records: fields, and links to expand."""

    fields: tuple[ShownField, ...]
    links: tuple[ObjectField, ...]


def wanted(spec: ObjectSpec, shape: Shape, view: View) -> Wanted:
    """What a request asks to be told. Raises: RuleViolation("field.unknown" | "field.expand")."""
    return Wanted(shown_fields(spec, shape.fields, view), require_expandable(spec, shape.expand, view))


def read_wanted(spec: ObjectSpec, ids: Sequence[int], asked: Wanted, view: View) -> Found:
    """The records with these ids that the actor may see; what the actor may not see of their links is left out."""
    told = {field.item.key for field in asked.fields}
    silent = [item.key for item in asked.links if item.key not in told]
    fields = (*asked.fields, *(shown_fields(spec, silent, view) if silent else ()))
    records = read_records(spec, ids, fields, view)
    if not asked.links:
        return Found(records, None)
    expanded = {
        item.key: _targets(item, {record[item.key] for record in records if record[item.key] is not None}, view)
        for item in asked.links
    }
    return Found([{key: row[key] for key in row if key not in silent} for row in records], expanded)


def _targets(item: ObjectField, keys: set[Any], view: View) -> dict[str, Record]:
    if is_person(item):
        found = people(keys)
        return {str(key): {"id": key, "name": found[key].name, "title": found[key].title} for key in sorted(found)}
    if is_unit(item):
        return _named(keys, unit_names())
    target = target_of(item)
    if target is None:
        return _named(keys, dict(item.offered(view)) if item.offered is not None else {})
    if not may(view.actor, target.model, Action.VIEW):
        return {}
    ids = live_ids(target, sorted(keys), view)
    return {str(row["id"]): row for row in read_records(target, ids, shown_fields(target, (), view), view)}


def _named(keys: set[Any], names: Mapping[Any, Any]) -> dict[str, Record]:
    return {str(key): {"id": key, "name": str(names[key])} for key in sorted(keys) if key in names}
