"""The ObjectSpec of an object that people made: it has all that an object of the program has, by the usual verbs."""

from functools import lru_cache

from django.utils.functional import lazy

from guanxi.kernel.fields import FieldType
from guanxi.platform.customfields.schema import FieldDefinition, ObjectDefinition, record_model
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.objects.verbs import Kind, with_usual
from guanxi.platform.preferences.locale import in_language

MOST_SHOWN = 6
NOT_SHOWN = frozenset({FieldType.LONG_TEXT, FieldType.FILE})  # too long, or nothing to compare rows by
_named = lazy(in_language, str)


@lru_cache(maxsize=256)
def made_object(item: ObjectDefinition, fields: tuple[FieldDefinition, ...]) -> ObjectSpec:
    """The spec of an object that people made, with its fields."""
    shown = tuple(made.key for made in fields if made.kind not in NOT_SHOWN)
    spec = ObjectSpec(
        key=item.key,
        model=record_model(item.id, item.key),
        label=_named(item.name_zh, item.name_en),
        plural=_named(item.name_zh, item.plural_en),
        icon=item.icon,
        columns=(),
        shown=("name", *shown[:MOST_SHOWN], "owner"),
        api_name=item.key,
        fields=("name", "owner", "unit", "created_at", "updated_at"),
        labels={"name": _named(item.title_zh, item.title_en)},
        hint_columns=("owner",),
        list_fields=("id", "name", "name_key", "owner_id"),
        board_field=item.board_field,
        calendar_field=item.calendar_field,
    )
    lane = next((made.column for made in fields if made.key == item.board_field), "")
    return with_usual(spec, Kind(record_model(item.id, item.key), lane=lane))
