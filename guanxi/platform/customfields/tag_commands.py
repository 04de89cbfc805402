"""Verbs about the vocabulary of tags of an object; records are tagged by `objects.tagging`."""

from django.core.exceptions import ValidationError
from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.policy import note_policy_change
from guanxi.platform.access.protection import protection_of
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.customfields.commands import begin_design, move_among, set_retired
from guanxi.platform.customfields.models import Tag
from guanxi.platform.customfields.rules import MOST_TAGS, in_both, key_from
from guanxi.platform.jobs.queue import defer
from guanxi.platform.records.models import Record
from guanxi.platform.records.values import CUSTOM

TAG_INDEX_JOB = "customfields.build_tag_index"


@transaction.atomic
def make_tag(model: type[Record], *, name_zh: str, name_en: str = "", colour: str = "", actor: Actor) -> Tag:
    """Add a tag to the vocabulary of an object; named in one language, it is called the same in both.

    The first one asks for the index by which records are found by their tags. Raises: AccessDenied,
    RuleViolation("tags.none" | "tags.many" | "tags.taken" | "tags.invalid" | "customfields.name").
    """
    begin_design(actor)
    if not hasattr(model, CUSTOM):
        raise RuleViolation("tags.none", "Records of this kind have no tags.")
    object_key = protection_of(model).key
    taken = set(Tag.objects.filter(object_key=object_key).values_list("key", flat=True))
    if len(taken) >= MOST_TAGS:
        raise RuleViolation("tags.many", "An object has at most %(most)s tags.", most=MOST_TAGS)
    made = Tag(object_key=object_key, colour=colour)
    made.name_zh, made.name_en = in_both(name_zh, name_en)
    made.key = key_from(made.name_en, taken=taken)
    _save(made)
    begin_entry(actor, action="make_tag", object_key=object_key, reason=made.key)
    note_policy_change()
    if not taken:
        table = model._meta.db_table
        defer(TAG_INDEX_JOB, lock=f"{TAG_INDEX_JOB}:{table}", table=table)
    return made


@transaction.atomic
def edit_tag(tag_id: int, *, object_key: str, name_zh: str, name_en: str, colour: str, actor: Actor) -> Tag:
    """Call a tag something else, or give it another colour; the records that have it keep it.

    Raises: AccessDenied, NotFound, RuleViolation("tags.taken" | "tags.invalid" | "customfields.name").
    """
    begin_design(actor)
    made = _tag(tag_id, object_key)
    made.colour = colour
    made.name_zh, made.name_en = in_both(name_zh, name_en)
    _save(made)
    begin_entry(actor, action="edit_tag", object_key=object_key, reason=made.key)
    note_policy_change()
    return made


@transaction.atomic
def retire_tag(tag_id: int, *, object_key: str, is_retired: bool = True, actor: Actor) -> None:
    """Offer a tag no more, or offer it again; the records that have it keep it. Raises: AccessDenied, NotFound."""
    begin_design(actor)
    made = _tag(tag_id, object_key)
    set_retired(made, is_retired=is_retired)
    begin_entry(actor, action="retire_tag" if is_retired else "bring_tag_back", object_key=object_key, reason=made.key)
    note_policy_change()


@transaction.atomic
def move_tag(tag_id: int, *, object_key: str, steps: int, actor: Actor) -> None:
    """Move a tag among those of its object that are offered, down by so many steps or up.

    Raises: AccessDenied, NotFound.
    """
    begin_design(actor)
    made = _tag(tag_id, object_key)
    move_among(made, steps=steps)
    begin_entry(actor, action="move_tag", object_key=object_key, reason=made.key)
    note_policy_change()


def _tag(tag_id: int, object_key: str) -> Tag:
    found = Tag.objects.select_for_update().filter(pk=tag_id, object_key=object_key).first()
    if found is None:
        raise NotFound("tags.not_found", "There is no such tag.")
    return found


def _save(made: Tag) -> None:
    """Save a tag whose names no other tag of the object has. Raises: RuleViolation naming the field of the form."""
    try:
        made.full_clean(exclude=["key"])
    except ValidationError as error:
        name = next(iter(error.message_dict))
        raise RuleViolation("tags.invalid", "Give the tag a name of at most 40 characters.", field=name) from error
    others = Tag.objects.filter(object_key=made.object_key).exclude(pk=made.pk)
    for name in ("name_zh", "name_en"):
        if others.filter(**{f"{name}__iexact": getattr(made, name)}).exists():
            raise RuleViolation("tags.taken", "There is a tag of this name already.", field=name)
    made.save()
