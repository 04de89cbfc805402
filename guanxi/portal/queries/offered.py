"""What forms can ask for: what is there for all, and unprotected fields that people made for customers and contacts."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError

from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.customfields.schema import FieldDefinition, fields_made_for
from guanxi.portal.rules.fields import MADE_MARK, MADE_TYPES, OFFERED, SEVERAL, OfferedField

OBJECTS = ("account", "contact")
LONGEST_LINE, LONGEST_TEXT = 200, 2_000


def offered_fields() -> Mapping[str, OfferedField]:
    """All fields that a form can ask for, by key: those of the house after those that are there for all."""
    made = {f"{key}{MADE_MARK}{item.key}": _offered(key, item) for key in OBJECTS for item in _askable(key)}
    return {**OFFERED, **made}


def made_definitions(object_key: str) -> Mapping[str, FieldDefinition]:
    """The fields of an object that visitors can answer as they are now, by column."""
    return {item.column: item for item in _askable(object_key)}


def is_same(item: FieldDefinition, held: object, value: object) -> bool:
    """Whether a record holds just what was answered."""
    known = held if isinstance(held, list) else made_value(item, str(held))
    return set(known) == set(value) if isinstance(known, list) and isinstance(value, list) else known == value


def _askable(object_key: str) -> list[FieldDefinition]:
    return [item for item in fields_made_for(object_key) if item.kind in MADE_TYPES and not item.sensitivity]


def _offered(object_key: str, item: FieldDefinition) -> OfferedField:
    return OfferedField(
        key=f"{object_key}{MADE_MARK}{item.key}",
        target=object_key,
        column=item.column,
        label_zh=item.name_zh,
        label_en=item.name_en,
        type=item.kind,
        maximum_length=LONGEST_TEXT if item.kind is FieldType.LONG_TEXT else LONGEST_LINE if item.kind in TEXTS else 20,
        choices=item.choices,
    )


def made_value(item: FieldDefinition, text: str) -> object:
    """An answer as a made field takes it now; None for what it does not take any more."""
    known = {value for value, _chinese, _english in item.choices}
    if item.kind is FieldType.MULTI_CHOICE:
        return [value for value in text.split(SEVERAL) if value in known] or None
    if item.kind is FieldType.CHOICE and text not in known:
        return None
    if item.kind is FieldType.BOOLEAN:
        return text in ("true", "True")
    try:
        found: object = item.typed.to_python(text)
    except ValidationError:
        return None
    return found
