"""The registered objects and what is contributed to them; filled by `apps.py` at start, read-only afterwards."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from guanxi.kernel.errors import NotFound
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.customfields.schema import FieldDefinition, current_schema, fields_made_for
from guanxi.platform.objects.addresses import form_url
from guanxi.platform.objects.fields import ObjectField, made_field, own_field, tags_field
from guanxi.platform.objects.held_files import with_files
from guanxi.platform.objects.made import made_object
from guanxi.platform.objects.spec import (
    FigureSource,
    FormGuidance,
    ListAct,
    ListColumn,
    ListFilter,
    Mark,
    ObjectSpec,
    Panel,
    RecordAct,
    Verbs,
)

Contribution = TypeVar(
    "Contribution", ObjectField, ListColumn, ListFilter, Panel, FigureSource, Mark, RecordAct, ListAct, FormGuidance
)

_objects: dict[str, ObjectSpec] = {}
_fields: dict[str, list[ObjectField]] = defaultdict(list)
_columns: dict[str, list[ListColumn]] = defaultdict(list)
_filters: dict[str, list[ListFilter]] = defaultdict(list)
_panels: dict[str, list[Panel]] = defaultdict(list)
_figures: dict[str, list[FigureSource]] = defaultdict(list)
_marks: dict[str, list[Mark]] = defaultdict(list)
_acts: dict[str, list[RecordAct]] = defaultdict(list)
_list_acts: dict[str, list[ListAct]] = defaultdict(list)
_guidance: dict[str, list[FormGuidance]] = defaultdict(list)
_panels_everywhere: list[Panel] = []


def register_object(spec: ObjectSpec) -> None:
    """Register an object. Raises: ValueError for a key in use or one that differs from its model's protection."""
    if spec.key in _objects:
        raise ValueError(f"The object {spec.key} is registered twice.")
    if protection_of(spec.model).key != spec.key:
        raise ValueError(f"The object {spec.key} and the protection of {spec.model.__name__} have different keys.")
    _objects[spec.key] = spec


def contribute(
    object_key: str,
    *,
    fields: Sequence[ObjectField] = (),
    columns: Sequence[ListColumn] = (),
    filters: Sequence[ListFilter] = (),
    panels: Sequence[Panel] = (),
    figures: Sequence[FigureSource] = (),
    marks: Sequence[Mark] = (),
    acts: Sequence[RecordAct] = (),
    list_acts: Sequence[ListAct] = (),
    guidance: Sequence[FormGuidance] = (),
) -> None:
    """Add to an object of a lower capability. Raises: ValueError when a key is in use already."""
    _add(_fields[object_key], fields)
    _add(_columns[object_key], columns)
    _add(_filters[object_key], filters)
    _add(_panels[object_key], panels)
    _add(_figures[object_key], figures)
    _add(_marks[object_key], marks)
    _add(_acts[object_key], acts)
    _add(_list_acts[object_key], list_acts)
    _add(_guidance[object_key], guidance)


def contribute_everywhere(*, panels: Sequence[Panel]) -> None:
    """Add panels to the card of every object. Raises: ValueError when a key is in use already."""
    _add(_panels_everywhere, panels)


def _add(known: list[Contribution], fresh: Sequence[Contribution]) -> None:
    taken = {item.key for item in known}
    for item in fresh:
        if item.key in taken:
            raise ValueError(f"The contribution {item.key} is made twice.")
        known.append(item)


def object_spec(key: str) -> ObjectSpec:
    """One object by its key, of the program or made by people. Raises: KeyError."""
    return _objects[key] if key in _objects else _made()[key]


def own_specs() -> tuple[ObjectSpec, ...]:
    """The objects that the program itself has, by key."""
    return tuple(_objects[key] for key in sorted(_objects))


def _made() -> Mapping[str, ObjectSpec]:
    schema = current_schema()
    return {
        key: made_object(item, schema.fields.get(key, ()))
        for key, item in schema.objects.items()
        if key not in _objects
    }


def listed_object(key: str) -> ObjectSpec:
    """One object that has a list, by the key in an address. Raises: NotFound("object.not_found")."""
    spec = _objects.get(key) or _made().get(key)
    if spec is None or not spec.list_url:
        raise NotFound("object.not_found", "There is no such list.")
    return spec


def required_verbs(spec: ObjectSpec) -> Verbs:
    """The commands that change an object's records. Raises: NotFound("object.not_found") for one that is read only."""
    if spec.verbs is None:
        raise NotFound("object.not_found", "There is no such list.")
    files = tuple(item for item in fields_of(spec) if item.kind is FieldType.FILE)
    return with_files(spec.verbs, files) if files else spec.verbs


def object_specs() -> tuple[ObjectSpec, ...]:
    """All objects, by key: those of the program, then those that people made."""
    return (*own_specs(), *made_specs())


def made_specs() -> tuple[ObjectSpec, ...]:
    """The objects that people made."""
    return tuple(_made().values())


def fields_of(spec: ObjectSpec) -> tuple[ObjectField, ...]:
    """Own fields in the order of the spec, then those that people made, the tags, and contributed ones.

    A link to an object that was taken out of sight is out of sight with it.
    """
    made = (made_field(spec.model, item) for item in fields_made_for(spec.key) if _leads_somewhere(item))
    tags = tags_field(spec.model)
    return (*own_fields_of(spec), *made, *((tags,) if tags else ()), *contributed_fields_of(spec))


def _leads_somewhere(item: FieldDefinition) -> bool:
    return not item.target or item.target in _objects or item.target in current_schema().objects


def own_fields_of(spec: ObjectSpec) -> tuple[ObjectField, ...]:
    """The fields that the spec itself names, in its order."""
    return tuple(
        own_field(spec.model, name, offered=spec.offered.get(name), label=spec.labels.get(name, ""))
        for name in spec.fields
    )


def contributed_fields_of(spec: ObjectSpec) -> tuple[ObjectField, ...]:
    """The fields that higher capabilities contribute."""
    return tuple(_fields[spec.key])


def bulk_fields_of(spec: ObjectSpec) -> tuple[ObjectField, ...]:
    """The fields that can be changed for many records at once: those that the spec names and those people made."""
    fields = fields_of(spec)
    made = {item.key for item in fields if item.made and item.kind is not FieldType.FILE and not item.is_tags}
    return tuple(item for item in fields if item.key in spec.bulk_fields or item.key in made)


def columns_of(spec: ObjectSpec) -> tuple[ListColumn, ...]:
    """Own and contributed columns in their order."""
    return tuple(sorted((*spec.columns, *_columns[spec.key]), key=lambda item: item.position))


def filters_of(spec: ObjectSpec) -> tuple[ListFilter, ...]:
    """Own and contributed filters in their order."""
    return tuple(sorted((*spec.filters, *_filters[spec.key]), key=lambda item: item.position))


def panels_of(key: str) -> tuple[Panel, ...]:
    """The panels of an object's card in their order, with those that stand on every card."""
    panels = {item.key: item for item in (*_panels_everywhere, *_panels[key])}
    return tuple(sorted(panels.values(), key=lambda item: item.position))


def figures_of(key: str) -> tuple[FigureSource, ...]:
    """The figures on top of an object's card in their order."""
    return tuple(sorted(_figures[key], key=lambda item: item.position))


def marks_of(key: str) -> tuple[Mark, ...]:
    """The marks beside a record's name in their order."""
    return tuple(sorted(_marks[key], key=lambda item: item.position))


def guidance_of(key: str) -> tuple[FormGuidance, ...]:
    """What says which fields the forms of an object ask for, in its order."""
    return tuple(sorted(_guidance[key], key=lambda item: item.position))


def acts_of(key: str) -> tuple[RecordAct, ...]:
    """What can be done with one record of an object, in its order; editing it, where nobody said how, is its form."""
    known = {item.key: item for item in _acts[key]}
    if key not in _objects or _objects[key].verbs is not None:
        known.setdefault("edit", RecordAct("edit", _("Edit"), "edit", partial(form_url, key), Action.EDIT, 10))
    return tuple(sorted(known.values(), key=lambda item: item.position))


def list_acts_of(key: str) -> tuple[ListAct, ...]:
    """What higher capabilities do with many records of an object, in the order in which they said so."""
    return tuple(_list_acts[key])


def check_contributions() -> list[str]:
    """What is wrong with the registries: contributions to objects that nobody registered. Empty = all well."""
    contributed = {
        key
        for store in (_fields, _columns, _filters, _panels, _figures, _marks, _acts, _list_acts, _guidance)
        for key, items in store.items()
        if items
    }
    return [f"Something is contributed to {key}, which is no object." for key in sorted(contributed - set(_objects))]
