"""The ObjectSpec of an object that people made: it has all that an object of the program has."""

from functools import lru_cache, partial

from django.utils.functional import lazy

from guanxi.kernel.actor import Actor
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.customfields import commands
from guanxi.platform.customfields.schema import FieldDefinition, ObjectDefinition, in_language, record_model
from guanxi.platform.objects.spec import ObjectSpec, Verbs
from guanxi.platform.records.sealing import asked_numbers
from guanxi.platform.search.queries import Question, question

MOST_SHOWN = 6
_named = lazy(in_language, str)


def record_url(object_key: str, record_id: int) -> str:
    """The address of the card of a record that has no page of its own making."""
    return f"/objects/{object_key}/{record_id}/"


def form_url(object_key: str, record_id: int) -> str:
    """The address of the form of a record of any object."""
    return f"/objects/{object_key}/{record_id}/edit/"


def preview_url(object_key: str, record_id: int) -> str:
    """The address of the preview of such a record."""
    return f"/objects/{object_key}/{record_id}/preview/"


@lru_cache(maxsize=256)
def made_object(item: ObjectDefinition, fields: tuple[FieldDefinition, ...]) -> ObjectSpec:
    """The spec of an object that people made, with its fields."""
    keys = tuple(made.key for made in fields)
    return ObjectSpec(
        key=item.key,
        model=record_model(item.id, item.key),
        label=_named(item.name_zh, item.name_en),
        plural=_named(item.name_zh, item.plural_en),
        icon=item.icon,
        columns=(),
        shown=("name", *keys[:MOST_SHOWN], "owner"),
        list_url=f"/objects/{item.key}/",
        api_name=item.key,
        fields=("name", "owner", "unit", "created_at", "updated_at"),
        labels={"name": _named(item.title_zh, item.title_en)},
        orders={"name": ("name_key",)},
        verbs=Verbs(
            partial(commands.create_record, item),
            partial(commands.edit_record, item),
            partial(commands.trash_record, item),
            partial(commands.restore_record, item),
        ),
        index=partial(commands.index_many, item),
        default_sort="name",
        hint_columns=("owner",),
        list_fields=("id", "name", "name_key", "owner_id"),
        detail_url=partial(record_url, item.key),
        preview_url=partial(preview_url, item.key),
        search=partial(_question, item.id, item.key),
        board_field=item.board_field,
        calendar_field=item.calendar_field,
    )


def _question(object_id: int, object_key: str, words: str, actor: Actor) -> Question | None:
    """What is looked for: names and texts that are not protected, so that nobody finds what he may not read, and the
    encrypted numbers that the actor reads whole."""
    numbers = asked_numbers(record_model(object_id, object_key), words, actor)
    return question(object_key, words, reach=FieldAccess.READ, numbers=numbers)
