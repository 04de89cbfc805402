"""Tagging records of any object with the house's vocabulary: who may edit a record may tag it.

Tags are put on and taken off one by one, whatever version the record has: tagging is no conflict with an open form.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.platform.customfields.schema import TagDefinition, tags_made_for
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import ObjectSpec, WrittenBlock
from guanxi.platform.records.change import change
from guanxi.platform.records.models import Record
from guanxi.platform.records.tags import COLUMN, Tagging, retag, tags_of


def tag_record(object_key: str, record_id: int, tagging: Tagging, *, actor: Actor) -> Record:
    """Put tags on a record and take others off; doing it again changes nothing.

    Raises: NotFound, also for a record in the trash, AccessDenied, RuleViolation("tags.unknown" | "tags.nothing").
    """
    spec, model = listed_object(object_key), listed_object(object_key).model
    _require_offered(spec, tagging)
    if not issubclass(model, Record):
        raise no_such_record()
    with change(model, record_id, action="tag", actor=actor) as work:
        before = tags_of(work.record)
        retag(work.record, tagging)
        if spec.follow is not None and tags_of(work.record) != before:
            spec.follow(WrittenBlock((record_id,), fields=(COLUMN,), actor=actor))
    return work.record


def offered_tags(object_key: str) -> tuple[TagDefinition, ...]:
    """The tags that records of an object can be given, in their order."""
    return tuple(tag for tag in tags_made_for(object_key) if not tag.is_retired)


def shown_tags(object_key: str, record: models.Model) -> tuple[TagDefinition, ...]:
    """The tags that a record has, in the order of the vocabulary; retired ones too."""
    held = set(tags_of(record))
    return tuple(tag for tag in tags_made_for(object_key) if tag.key in held)


def tagging_from(spec: ObjectSpec, values: Mapping[str, object]) -> Tagging:
    """The tagging that a change of many asks for. Raises: RuleViolation("tags.unknown" | "tags.nothing")."""
    tagging = Tagging(_keys(values.get("added", ())), _keys(values.get("taken", ())))
    _require_offered(spec, tagging)
    return tagging


def _keys(value: Any) -> tuple[str, ...]:
    found: Sequence[Any] = value if isinstance(value, list | tuple) else ()
    return tuple(dict.fromkeys(str(key) for key in found))


def _require_offered(spec: ObjectSpec, tagging: Tagging) -> None:
    """What comes is offered, what goes is known, and something does."""
    offered = {tag.key for tag in offered_tags(spec.key)}
    known = {tag.key for tag in tags_made_for(spec.key)}
    if not set(tagging.added) <= offered or not set(tagging.taken) <= known:
        raise RuleViolation("tags.unknown", "There is no such tag.")
    if not tagging.touched:
        raise RuleViolation("tags.nothing", "Choose a tag.")
