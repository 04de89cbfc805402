"""What people have made, as one value, read once for each number of the policy: it costs a page no query."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.utils.functional import lazy

from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.access.policy import policy_in_use
from guanxi.platform.access.protection import ENCRYPTED, Protection
from guanxi.platform.customfields.models import CustomField, CustomObject, CustomRecord, CustomRollUp, Tag
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.values import PATH, stored_key
from guanxi.platform.search.entries import Described

LONGEST_TEXT = 500
TAGS_FIELD = "tags"
SEARCHED = frozenset({FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE})


@dataclass(frozen=True, slots=True)
class FieldDefinition:
    """One field that people made; as `CustomField` says it."""

    id: int
    object_key: str
    key: str
    kind: FieldType
    name_zh: str
    name_en: str
    help_zh: str = ""
    help_en: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    target: str = ""
    sensitivity: str = ""
    digits: int = 2
    is_required: bool = False
    is_indexed: bool = False
    visible_when: str = ""
    required_when: str = ""

    @property
    def stored(self) -> str:
        """Under which key of the record's JSON the values stand."""
        return stored_key(self.key, self.kind)

    @property
    def column(self) -> str:
        """The name by which the values are read as a column."""
        return f"{PATH}{self.stored}"

    @property
    def is_sealed(self) -> bool:
        """Whether the values are encrypted in the database."""
        return self.kind in TEXTS and self.sensitivity in ENCRYPTED

    @property
    def typed(self) -> "models.Field[Any, Any]":
        """A column of the type, of no table: it checks and converts values."""
        return _typed(self)


@dataclass(frozen=True, slots=True)
class ObjectDefinition:
    """One object that people made; as `CustomObject` says it."""

    id: int
    key: str
    name_zh: str
    name_en: str
    plural_en: str
    icon: str
    title_zh: str
    title_en: str
    board_field: str = ""
    calendar_field: str = ""
    is_in_navigation: bool = True


@dataclass(frozen=True, slots=True)
class RollUpDefinition:
    """One roll-up; as `CustomRollUp` says it."""

    id: int
    key: str
    name_zh: str
    name_en: str
    source: str
    link: str
    function: str
    field: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class TagDefinition:
    """One tag; as `Tag` says it. `colour` is the class that draws it."""

    key: str
    name_zh: str
    name_en: str
    colour: str = ""
    is_retired: bool = False

    @property
    def name(self) -> str:
        """The name in the language of the page."""
        return in_language(self.name_zh, self.name_en)


@dataclass(frozen=True, slots=True)
class Schema:
    """All objects, fields and roll-ups in use, and all tags; `retired` are the fields that were taken out of sight."""

    objects: Mapping[str, ObjectDefinition] = field(default_factory=dict)
    fields: Mapping[str, tuple[FieldDefinition, ...]] = field(default_factory=dict)
    roll_ups: Mapping[str, tuple[RollUpDefinition, ...]] = field(default_factory=dict)
    retired: Mapping[str, tuple[FieldDefinition, ...]] = field(default_factory=dict)
    tags: Mapping[str, tuple[TagDefinition, ...]] = field(default_factory=dict)


def current_schema() -> Schema:
    """What people have made, under the policy that this request goes by."""
    return _schema(policy_in_use())


@lru_cache(maxsize=4)
def _schema(version: int) -> Schema:  # noqa: ARG001  # the version is the cache key
    objects = {
        row.key: ObjectDefinition(
            row.pk,
            *(row.key, row.name_zh, row.name_en, row.plural_en, row.icon, row.title_zh, row.title_en),
            *(row.board_field, row.calendar_field, row.is_in_navigation),
        )
        for row in CustomObject.objects.filter(retired_at__isnull=True).order_by("pk")
    }
    fields: dict[str, tuple[FieldDefinition, ...]] = {}
    retired: dict[str, tuple[FieldDefinition, ...]] = {}
    for row in CustomField.objects.all():
        known = fields if row.retired_at is None else retired
        known[row.object_key] = (*known.get(row.object_key, ()), definition_of(row))
    return Schema(objects, fields, _roll_ups(), retired, _tags())


def _roll_ups() -> dict[str, tuple[RollUpDefinition, ...]]:
    found: dict[str, tuple[RollUpDefinition, ...]] = {}
    for row in CustomRollUp.objects.filter(retired_at__isnull=True):
        made = RollUpDefinition(
            row.pk, row.key, row.name_zh, row.name_en, row.source, row.link, row.function, row.field, row.where
        )
        found[row.object_key] = (*found.get(row.object_key, ()), made)
    return found


def _tags() -> dict[str, tuple[TagDefinition, ...]]:
    found: dict[str, tuple[TagDefinition, ...]] = {}
    for row in Tag.objects.all():
        made = TagDefinition(row.key, row.name_zh, row.name_en, row.colour, row.retired_at is not None)
        found[row.object_key] = (*found.get(row.object_key, ()), made)
    return found


def definition_of(row: CustomField) -> FieldDefinition:
    """The definition that a row holds."""
    return FieldDefinition(
        id=row.pk,
        object_key=row.object_key,
        key=row.key,
        kind=FieldType(row.kind),
        name_zh=row.name_zh,
        name_en=row.name_en,
        help_zh=row.help_zh,
        help_en=row.help_en,
        choices=tuple((str(key), str(chinese), str(english)) for key, chinese, english in row.choices),
        target=row.target,
        sensitivity=row.sensitivity,
        digits=row.digits,
        is_required=row.is_required,
        is_indexed=row.is_indexed,
        visible_when=row.visible_when,
        required_when=row.required_when,
    )


def fields_made_for(object_key: str) -> tuple[FieldDefinition, ...]:
    """The fields that people made for an object, in their order."""
    return current_schema().fields.get(object_key, ())


def tags_made_for(object_key: str) -> tuple[TagDefinition, ...]:
    """The tags of an object in their order, those that are offered no more among them."""
    return current_schema().tags.get(object_key, ())


def tags_definition(object_key: str) -> FieldDefinition | None:
    """The field that holds the tags of a record, a list of their keys; None for an object without a vocabulary.

    Retired tags are among its choices, so that records that have them are found, read and written back.
    """
    tags = tags_made_for(object_key)
    if not tags:
        return None
    choices = tuple((tag.key, tag.name_zh, tag.name_en) for tag in tags)
    return FieldDefinition(0, object_key, TAGS_FIELD, FieldType.MULTI_CHOICE, "", "", choices=choices)


def retired_fields_of(object_key: str) -> tuple[FieldDefinition, ...]:
    """The fields of an object that were taken out of sight: their values are kept, and so is their protection."""
    return current_schema().retired.get(object_key, ())


def with_made_texts(found: Described, object_key: str, custom: Mapping[str, object]) -> Described:
    """What a record is found by, with the texts, numbers and addresses in fields that people made for its object.

    Nothing protected is among them, for a search must tell nobody what he may not read.
    """
    texts: dict[FieldType, list[str]] = {kind: [] for kind in SEARCHED}
    for item in fields_made_for(object_key):
        if item.kind in SEARCHED and not item.sensitivity and custom.get(item.stored):
            texts[item.kind].append(str(custom[item.stored]))
    return replace(
        found,
        names=(*found.names, *texts[FieldType.TEXT]),
        phones=(*found.phones, *texts[FieldType.PHONE]),
        mails=(*found.mails, *texts[FieldType.EMAIL]),
    )


def roll_ups_made_for(object_key: str) -> tuple[RollUpDefinition, ...]:
    """The roll-ups that people made for an object, in their order."""
    return current_schema().roll_ups.get(object_key, ())


def sensitivities(object_key: str) -> Mapping[str, str]:
    """The classes of protection of the fields that people made for an object, by column."""
    return _sensitivities(policy_in_use(), object_key)


@lru_cache(maxsize=256)
def _sensitivities(version: int, object_key: str) -> Mapping[str, str]:
    schema = _schema(version)
    known = (*schema.retired.get(object_key, ()), *schema.fields.get(object_key, ()))
    return {item.column: item.sensitivity for item in known if item.sensitivity}


@lru_cache(maxsize=1024)
def _typed(item: FieldDefinition) -> "models.Field[Any, Any]":
    make: Callable[..., models.Field[Any, Any]] = _TYPES.get(item.kind, _text)
    made = make(item)
    made.name = made.attname = item.column
    return made


def _text(item: FieldDefinition) -> "models.Field[Any, Any]":  # noqa: ARG001  # the shape of all types
    return models.CharField(max_length=LONGEST_TEXT, blank=True)


def _decimal(item: FieldDefinition) -> "models.Field[Any, Any]":
    return models.DecimalField(max_digits=18, decimal_places=item.digits, null=True, blank=True)


_TYPES: Mapping[FieldType, Callable[[FieldDefinition], "models.Field[Any, Any]"]] = {
    FieldType.LONG_TEXT: lambda item: models.TextField(max_length=20_000, blank=True),
    FieldType.INTEGER: lambda item: models.BigIntegerField(null=True, blank=True),
    FieldType.LINK: lambda item: models.BigIntegerField(null=True, blank=True),
    FieldType.FILE: lambda item: models.BigIntegerField(null=True, blank=True),
    FieldType.NUMBER: _decimal,
    FieldType.MONEY: _decimal,
    FieldType.RATIO: _decimal,
    FieldType.BOOLEAN: lambda item: models.BooleanField(null=True, blank=True),
    FieldType.DATE: lambda item: models.DateField(null=True, blank=True),
    FieldType.DATETIME: lambda item: models.DateTimeField(null=True, blank=True),
    FieldType.EMAIL: lambda item: models.EmailField(max_length=254, blank=True),
    FieldType.MULTI_CHOICE: lambda item: models.JSONField(default=list, blank=True),
    FieldType.CHOICE: lambda item: models.CharField(max_length=60, blank=True),
}


def _named(key: str) -> str:
    item = current_schema().objects.get(key)
    return in_language(item.name_zh, item.name_en) if item is not None else key


_label = lazy(_named, str)


def made_models() -> tuple[type[CustomRecord], ...]:
    """The models of the objects that people made."""
    return tuple(record_model(item.id, item.key) for item in current_schema().objects.values())


_MADE = Apps()  # of their own: migrations know nothing of what people make


@lru_cache(maxsize=256)
def record_model(object_id: int, key: str) -> type[CustomRecord]:
    """The model of the records of one object that people made: its rows alone, with rights of its own."""
    meta = type("Meta", (), {"proxy": True, "app_label": "customfields", "apps": _MADE})
    protection = Protection(key=key, owner_field="owner_id", unit_field="unit_id", within=(("kind_id", object_id),))
    body = {"__module__": __name__, "__doc__": f"Records of {key}.", "Meta": meta, "protection": protection}
    made: type[CustomRecord] = type(f"CustomRecord{object_id}", (CustomRecord,), body)
    return made
