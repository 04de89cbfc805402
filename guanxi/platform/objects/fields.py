"""The fields of an object: its model's columns as one list that lists, filters, forms, export and API read.

A built-in field is a column of the model that the spec names; a contributed one stands in a table beside it, whose key
is the record's id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.protection import Protection, protection_of, sensitivity_of
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.models import OrgUnit, User
from guanxi.platform.accounts.queries import first_colleagues, unit_names
from guanxi.platform.customfields.schema import FieldDefinition, tags_definition
from guanxi.platform.encryption.cipher import is_sealed
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.encryption.in_use import Unreadable, open_text
from guanxi.platform.objects.spec import Label, ListColumn, Ordering, View
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.sealing import place_of
from guanxi.platform.records.values import CUSTOM, TAGS

Offered = Callable[[View], Sequence[tuple[str, Label]]]
Beside = Callable[[], models.QuerySet[Any, Any]]
MOST_OFFERED = 2_000

_TYPES: "tuple[tuple[type[models.Field[Any, Any]], FieldType], ...]" = (
    (models.BooleanField, FieldType.BOOLEAN),
    (models.DateTimeField, FieldType.DATETIME),
    (models.DateField, FieldType.DATE),
    (models.ForeignKey, FieldType.LINK),
    (models.DecimalField, FieldType.MONEY),
    (models.FloatField, FieldType.NUMBER),
    (models.IntegerField, FieldType.INTEGER),
    (models.EmailField, FieldType.EMAIL),
    (EncryptedTextField, FieldType.TEXT),
    (models.TextField, FieldType.LONG_TEXT),
    (models.CharField, FieldType.TEXT),
)


@dataclass(frozen=True, slots=True)
class ObjectField:
    """One field: `key` is its name in addresses and in the API, `column` the model's column that holds it.

    `offered` gives the allowed values of a choice or link with their labels. `beside` gives the rows of the table that
    holds a contributed field, for the system; None when the field is the object's own. `model` is the one whose
    rights protect it. `digits` are the decimals that are shown of a number. `made` is the definition of a field that
    people made: its column is a key of the record's JSON. `target` is the object that a link leads to, if it is one.
    """

    key: str
    label: Label
    kind: FieldType
    column: str
    model: type[models.Model]
    offered: Offered | None = None
    beside: Beside | None = None
    is_required: bool = False
    is_editable: bool = True
    maximum_length: int | None = None
    digits: int = 0
    help: Label = ""
    made: FieldDefinition | None = None
    target: str = ""

    def access(self, actor: Actor) -> FieldAccess:
        """What the actor may do with the field."""
        if not may(actor, self.model, Action.VIEW):
            return FieldAccess.HIDDEN
        return grant(actor, self.model).field_access(self.protected_name)

    @property
    def protected_name(self) -> str:
        """The name under which the model's protection knows the field: owner for owner_id, but tax_id for tax_id."""
        return self.typed.name

    @property
    def sensitivity(self) -> str:
        """The class of protection of the field, "" for a plain one."""
        return sensitivity_of(self.model, self.protected_name)

    @property
    def mask(self) -> str:
        """The class by which the field's words are masked: of a file's name nothing is kept."""
        return "" if self.kind is FieldType.FILE else self.sensitivity

    @property
    def typed(self) -> "models.Field[Any, Any]":
        """A column of the field's type, which checks and converts its values: its own, if it has one."""
        return self.made.typed if self.made is not None else column_of(self.model, self.column)

    @property
    def read_column(self) -> str:
        """The column of the table that has to be read for the field."""
        return CUSTOM if self.made is not None else self.column

    @property
    def is_ordered(self) -> bool:
        """Whether records can be sorted by the field."""
        return self.kind not in (FieldType.MULTI_CHOICE, FieldType.FILE) and not self.is_sealed

    @property
    def is_sealed(self) -> bool:
        """Whether the values are encrypted in the database, and so are found by their whole value alone."""
        return self.made.is_sealed if self.made is not None else isinstance(self.typed, EncryptedTextField)

    @property
    def place(self) -> str:
        """The place that encrypted values are bound to, "" for other fields."""
        if self.made is not None:
            return place_of(self.made.object_key, self.made.stored)
        return self.typed.place if isinstance(self.typed, EncryptedTextField) else ""

    def opened(self, value: Any) -> Any:
        """What a value of the column means, as the database gave it: encrypted ones of made fields in clear."""
        return open_text(value, place=self.place) if self.made is not None and is_sealed(value) else value

    @property
    def is_tags(self) -> bool:
        """Whether the field holds the tags of a record, which are changed one by one and not in forms."""
        return self.made is not None and self.made.stored == TAGS

    def value_of(self, record: models.Model) -> Any:
        """What a record holds in the field; None for nothing, or "" in a text."""
        if self.made is None:
            return getattr(record, self.column)
        stored = self.opened(getattr(record, CUSTOM).get(self.made.stored))
        if isinstance(stored, Unreadable):
            return stored
        return self.typed.to_python(stored) if stored is not None else None


def column_of(model: type[models.Model], name: str) -> "models.Field[Any, Any]":
    """A column of a model by its name, also `pk` and `owner_id`, or of what it links to: `account__name_key`.

    Raises: TypeError for what is no column, a defect.
    """
    link, is_path, rest = name.partition("__")
    target = model._meta.get_field(link).related_model if is_path else None
    if isinstance(target, type):
        return column_of(target, rest)
    found = model._meta.pk if name == "pk" else model._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise TypeError(f"{model.__name__}.{name} is no column.")
    return found


@cache
def own_field(
    model: type[models.Model], name: str, *, offered: Offered | None = None, label: Label = ""
) -> ObjectField:
    """The field of a model's column, called `label` if it is given.

    Raises: TypeError for a column of a type that no field has, a defect.
    """
    column = column_of(model, name)
    kind = FieldType.CHOICE if column.choices else _type_of(column)
    return ObjectField(
        key=name,
        label=label or column.verbose_name,
        kind=kind,
        column=column.attname,
        model=model,
        offered=offered or _offered(column),
        is_required=not column.blank and not column.has_default() and kind is not FieldType.BOOLEAN,
        is_editable=column.editable and column.attname not in _responsibility(model),
        maximum_length=column.max_length,
        digits=getattr(column, "decimal_places", None) or 0,
        help=column.help_text,
        target="" if offered or _offered(column) else _target_key(column),
    )


def _target_key(column: "models.Field[Any, Any]") -> str:
    """The key of the protected object that a link leads to, "" for any other column."""
    protection = getattr(column.related_model, "protection", None)
    return protection.key if isinstance(protection, Protection) and not protection.is_base else ""


def made_field(model: type[models.Model], made: FieldDefinition) -> ObjectField:
    """The field of an object that people made."""
    return ObjectField(
        key=made.key,
        label=in_language(made.name_zh, made.name_en),
        kind=made.kind,
        column=made.column,
        model=model,
        offered=partial(_made_choices, made) if made.choices else None,
        is_required=made.is_required,
        maximum_length=made.typed.max_length,
        digits=made.digits if made.kind in (FieldType.NUMBER, FieldType.MONEY) else 0,
        help=in_language(made.help_zh, made.help_en),
        made=made,
        target=made.target,
    )


def tags_field(model: type[models.Model]) -> ObjectField | None:
    """The field of the tags of an object's records; None for an object without a vocabulary of tags."""
    definition = tags_definition(protection_of(model).key)
    return replace(made_field(model, definition), label=_("Tags")) if definition is not None else None


def _made_choices(made: FieldDefinition, view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # as all choices
    return [(key, in_language(chinese, english)) for key, chinese, english in made.choices]


def _type_of(column: "models.Field[Any, Any]") -> FieldType:
    for known, kind in _TYPES:
        if isinstance(column, known):
            return kind
    raise TypeError(f"{column.model.__name__}.{column.name}: no field holds a {type(column).__name__}.")


def _responsibility(model: type[models.Model]) -> tuple[str, str]:
    """The columns that say whose a record is: handing it over is an act of its own."""
    protection = protection_of(model)
    return protection.owner_field, protection.unit_field


def _offered(column: "models.Field[Any, Any]") -> Offered | None:
    """The values that the column itself knows: its choices, colleagues, units."""
    if column.choices:
        known = tuple((str(key), label) for key, label in column.flatchoices)
        return lambda view: known
    if column.related_model is User:
        return _colleagues
    return _units if column.related_model is OrgUnit else None


def _colleagues(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    return [(str(person.id), person.name) for person in first_colleagues(MOST_OFFERED)]


def _units(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    return [(str(unit_id), name) for unit_id, name in unit_names().items()]


def readable(fields: Sequence[ObjectField], actor: Actor) -> tuple[ObjectField, ...]:
    """The fields whose whole value the actor may read: those that may be filtered, sorted, grouped and exported by."""
    return tuple(item for item in fields if item.access(actor) >= FieldAccess.READ)


def may_sort(ordering: Ordering, actor: Actor) -> bool:
    """Whether the actor may read all of what an order tells of other objects."""
    return all(
        may(actor, model, Action.VIEW) and grant(actor, model).field_access(name) >= FieldAccess.READ
        for model, name in ordering.reads
    )


def closed_orders(columns: Sequence[ListColumn], actor: Actor) -> frozenset[str]:
    """The keys of the columns that the actor may not sort by."""
    return frozenset(item.key for item in columns if item.ordering and not may_sort(item.ordering, actor))


def is_person(item: ObjectField) -> bool:
    """Whether the field links to a colleague."""
    return _target(item) is User


def is_unit(item: ObjectField) -> bool:
    """Whether the field links to a unit of the house."""
    return _target(item) is OrgUnit


def _target(item: ObjectField) -> object:
    return item.typed.related_model if item.beside is None and item.kind is FieldType.LINK else None
