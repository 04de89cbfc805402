"""The rules of the fields that people made: which a record shows, which it must have, what it may hold."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.protection import protection_of
from guanxi.platform.customfields.schema import TAGS_FIELD, fields_made_for, tags_made_for
from guanxi.platform.files.queries import is_held_by
from guanxi.platform.objects.conditions import parse_where
from guanxi.platform.objects.fields import ObjectField, made_field
from guanxi.platform.objects.matching import Facing, Values, holds
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.records.models import Record
from guanxi.platform.records.values import CUSTOM, TAGS


def shown_and_required(spec: ObjectSpec, value_of: Values) -> tuple[set[str], set[str]]:
    """The fields that a record with these values shows, and those it must have, by key."""
    fields = {item.key: item for item in fields_of(spec)}
    facing = Facing(fields, value_of, timezone.localdate())
    shown: set[str] = set()
    required: set[str] = set()
    for item in fields.values():
        made = item.made
        if made is not None and made.visible_when and not _holds(made.visible_when, facing):
            continue
        shown.add(item.key)
        if item.is_required or (made is not None and made.required_when and _holds(made.required_when, facing)):
            required.add(item.key)
    return shown, required


def _holds(text: str, facing: Facing) -> bool:
    where = parse_where(text)
    return where is not None and holds(where, facing)


def refused_values(record: Record) -> Mapping[str, list[str]]:
    """Messages by the key of a field that people made, of whose type the value is not.

    What must be there is asked for by forms and by the API when a record is created: a rule that came later must not
    keep anybody from changing something else.
    """
    model = type(record)
    made = (made_field(model, item) for item in fields_made_for(protection_of(model).key))
    found = {item.key: _refusal(item, record) for item in made}
    if TAGS in getattr(record, CUSTOM, {}):
        found[TAGS_FIELD] = _tags_refusal(record)
    return {key: [message] for key, message in found.items() if message}


def _refusal(item: ObjectField, record: Record) -> str:
    try:
        value = item.value_of(record)
        if value is not None:
            item.typed.run_validators(value)
        if item.kind is FieldType.FILE and value is not None and not _is_own_file(item, record, value):
            return gettext("This file was not handed in here.")
    except ValidationError as error:
        return str(error.messages[0])
    return ""


def _is_own_file(item: ObjectField, record: Record, file_id: int) -> bool:
    key = protection_of(type(record)).key
    return is_held_by(file_id, object_key=key, field_key=item.key, record_id=record.pk)


def _tags_refusal(record: Record) -> str:
    known = {tag.key for tag in tags_made_for(protection_of(type(record)).key)}
    held = getattr(record, CUSTOM)[TAGS]
    return "" if isinstance(held, list) and known.issuperset(map(str, held)) else gettext("There is no such tag.")
