"""Verbs about objects and fields that people make; their records have the usual verbs of objects."""

import json
from collections.abc import Collection, Mapping
from typing import TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.kernel.fields import TEXTS, FieldType
from guanxi.platform.access.policy import copy_rules, lock_policy, note_policy_change
from guanxi.platform.access.protection import ENCRYPTED, protection_of
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.customfields.models import CustomField, CustomObject, CustomRollUp, Designed, Tag
from guanxi.platform.customfields.rules import CHOSEN, MOST_FIELDS, in_both, key_from
from guanxi.platform.customfields.schema import SEARCHED, definition_of
from guanxi.platform.jobs.queue import defer
from guanxi.platform.records.models import Record

INDEX_JOB = "customfields.build_index"
REINDEX_JOB = "objects.reindex"
ENCRYPT_JOB = "objects.encrypt"
OBJECT_VALUES = frozenset(
    {"name_zh", "name_en", "plural_en", "icon", "title_zh", "title_en"}
    | {"board_field", "calendar_field", "is_in_navigation"}
)
FIELD_VALUES = frozenset(
    {"name_zh", "name_en", "help_zh", "help_en", "choices", "sensitivity", "digits", "is_required", "is_indexed"}
    | {"visible_when", "required_when", "position"}
)


Arranged = TypeVar("Arranged", CustomField, Tag)


def begin_design(actor: Actor) -> None:
    """Let the actor change objects or fields, after whoever is changing some: two keys are never made alike.

    To be called within the transaction. Raises: AccessDenied("access.denied").
    """
    require_designer(actor)
    lock_policy()


def require_designer(actor: Actor) -> None:
    """The actor may make objects and fields. Raises: AccessDenied("access.denied")."""
    if actor.read_only or not administers_everybody(actor):
        raise AccessDenied("access.denied", "Only who administers everybody makes objects and fields.")


@transaction.atomic
def make_object(values: Mapping[str, object], *, taken: Collection[str], rights_of: str, actor: Actor) -> CustomObject:
    """Make an object; every role may do with it what it may do with the object `rights_of` ("" = what "*" says).

    `taken` are the keys of the objects that the program itself has. Raises: AccessDenied, RuleViolation.
    """
    begin_design(actor)
    made = CustomObject(**_known(values, OBJECT_VALUES))
    _name(made)
    known = {*taken, *CustomObject.objects.values_list("key", flat=True)}
    made.key = key_from(made.name_en, taken=known)
    made.full_clean(exclude=["key"])
    made.save()
    if rights_of:
        copy_rules(rights_of, made.key)
    begin_entry(actor, action="make_object", object_key=made.key)
    note_policy_change()
    return made


@transaction.atomic
def edit_object(key: str, values: Mapping[str, object], *, actor: Actor) -> CustomObject:
    """Change how an object is called and shown. Raises: AccessDenied, NotFound, RuleViolation."""
    begin_design(actor)
    made = _object(key)
    for name, value in _known(values, OBJECT_VALUES).items():
        setattr(made, name, value)
    _name(made)
    made.full_clean(exclude=["key"])
    made.save()
    begin_entry(actor, action="edit_object", object_key=key)
    note_policy_change()
    return made


@transaction.atomic
def retire_object(key: str, *, is_retired: bool = True, actor: Actor) -> None:
    """Take an object with its records out of sight, or bring it back; nothing is lost.

    Raises: AccessDenied, NotFound.
    """
    begin_design(actor)
    made = _object(key)
    set_retired(made, is_retired=is_retired)
    begin_entry(actor, action="retire_object" if is_retired else "bring_object_back", object_key=key)
    note_policy_change()


@transaction.atomic
def make_field(
    model: type[Record], *, kind: FieldType, values: Mapping[str, object], target: str = "", actor: Actor
) -> CustomField:
    """Make a field of an object; `target` is the key of the object that a link leads to.

    Raises: AccessDenied, RuleViolation("customfields.…").
    """
    begin_design(actor)
    object_key = protection_of(model).key
    others = keys_of(object_key)
    if len(others) >= MOST_FIELDS:
        raise RuleViolation(
            "customfields.many", "An object has at most %(most)s fields of this kind.", most=MOST_FIELDS
        )
    made = CustomField(object_key=object_key, kind=kind, target=target, **_known(values, FIELD_VALUES))
    made.key = key_from(made.name_en, taken=others)
    _require_sense(made)
    made.save()
    begin_entry(actor, action="make_field", object_key=object_key, reason=made.key)
    note_policy_change()
    if made.is_indexed or definition_of(made).is_sealed:
        _ask_for_index(made, model)
    return made


@transaction.atomic
def edit_field(field_id: int, values: Mapping[str, object], *, model: type[Record], actor: Actor) -> CustomField:
    """Change a field; its type and key stay. Raises: AccessDenied, NotFound, RuleViolation("customfields.…")."""
    begin_design(actor)
    made = _field(field_id)
    was_indexed, was_searched, was_sealed = made.is_indexed, _is_searched(made), definition_of(made).is_sealed
    for name, value in _known(values, FIELD_VALUES).items():
        setattr(made, name, value)
    _require_sense(made)
    is_sealed = definition_of(made).is_sealed
    if is_sealed and not was_sealed:
        _require_no_rules(made)
    made.save()
    begin_entry(actor, action="edit_field", object_key=made.object_key, reason=made.key)
    note_policy_change()
    if (made.is_indexed, is_sealed) != (was_indexed, was_sealed):
        _ask_for_index(made, model)
    if is_sealed != was_sealed:
        defer(ENCRYPT_JOB)
    if _is_searched(made) != was_searched or is_sealed != was_sealed:
        _ask_for_reindexing(made)
    return made


@transaction.atomic
def retire_field(field_id: int, *, is_retired: bool = True, actor: Actor) -> None:
    """Take a field out of sight, or bring it back; what records hold in it is kept. Raises: AccessDenied, NotFound."""
    begin_design(actor)
    made = _field(field_id)
    set_retired(made, is_retired=is_retired)
    action = "retire_field" if is_retired else "bring_field_back"
    begin_entry(actor, action=action, object_key=made.object_key, reason=made.key)
    note_policy_change()
    if FieldType(made.kind) in SEARCHED and not made.sensitivity:
        _ask_for_reindexing(made)


@transaction.atomic
def move_field(field_id: int, *, steps: int, actor: Actor) -> None:
    """Move a field among those of its object, down by so many steps or up. Raises: AccessDenied, NotFound."""
    begin_design(actor)
    made = _field(field_id)
    move_among(made, steps=steps)
    begin_entry(actor, action="move_field", object_key=made.object_key, reason=made.key)
    note_policy_change()


def set_retired(made: Designed, *, is_retired: bool) -> None:
    """Take what people made out of sight, or bring it back."""
    made.retired_at = timezone.now() if is_retired else None
    made.save(update_fields=["retired_at"])


def move_among(made: Arranged, *, steps: int) -> None:
    """Move a field or tag among those of its object that are in sight, down by so many steps or up."""
    rows = type(made)._default_manager
    others = [row for row in rows.filter(object_key=made.object_key, retired_at__isnull=True) if row.pk != made.pk]
    place = sum((row.position, row.pk) < (made.position, made.pk) for row in others)
    others.insert(max(0, place + steps), made)
    for position, row in enumerate(others):
        row.position = position
    rows.bulk_update(others, ["position"])


def keys_of(object_key: str) -> set[str]:
    """The keys of all fields and roll-ups that people made for an object, those out of sight too."""
    tables: tuple[type[CustomField] | type[CustomRollUp], ...] = (CustomField, CustomRollUp)
    return {
        key
        for table in tables
        for key in table._default_manager.filter(object_key=object_key).values_list("key", flat=True)
    }


def _object(key: str) -> CustomObject:
    found = CustomObject.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise NotFound("customfields.no_object", "There is no such object.")
    return found


def _name(made: CustomObject) -> None:
    """Give an object the names that are missing in one of the languages."""
    made.name_zh, made.name_en = in_both(made.name_zh, made.name_en)
    made.title_zh, made.title_en = in_both(made.title_zh, made.title_en)
    made.plural_en = made.plural_en or made.name_en


def _field(field_id: int) -> CustomField:
    found = CustomField.objects.select_for_update().filter(pk=field_id).first()
    if found is None:
        raise NotFound("customfields.no_field", "There is no such field.")
    return found


def _known(values: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise RuleViolation("customfields.unknown", "“%(name)s” cannot be set.", name=unknown[0])
    return dict(values)


def _require_sense(made: CustomField) -> None:
    """What a field of its type needs is there. Raises: RuleViolation naming the field of the form."""
    kind = FieldType(made.kind)
    made.name_zh, made.name_en = in_both(made.name_zh, made.name_en)
    if kind in CHOSEN and not made.choices:
        raise RuleViolation("customfields.choices", "Give the choices, one on each line.", field="choices")
    if kind is FieldType.LINK and not made.target:
        raise RuleViolation("customfields.target", "Say which object the link leads to.", field="target")
    if made.sensitivity in ENCRYPTED and kind not in TEXTS and (made.pk is None or made.sensitivity != _kept(made)):
        raise RuleViolation(
            "customfields.protection",
            "Identity and bank numbers are encrypted, so only a field of text can hold them.",
            field="sensitivity",
        )
    if made.digits > 6:
        raise RuleViolation("customfields.digits", "A number has at most 6 decimals here.", field="digits")


def _require_no_rules(made: CustomField) -> None:
    """No rule or roll-up goes by a field that is encrypted from now on: it would keep its values in clear.

    Raises: RuleViolation("customfields.protection") naming the first that does.
    """
    named = json.dumps(made.key)
    fields = CustomField.objects.filter(object_key=made.object_key)
    ruled = fields.filter(Q(visible_when__contains=named) | Q(required_when__contains=named)).first()
    found = ruled or CustomRollUp.objects.filter(source=made.object_key, where__contains=named).first()
    if found is not None:
        raise RuleViolation(
            "customfields.protection",
            "“%(name)s” goes by what stands in this field. Change that first.",
            name=str(found),
            field="sensitivity",
        )


def _kept(made: CustomField) -> str:
    """The protection that the field has until now."""
    return CustomField.objects.values_list("sensitivity", flat=True).get(pk=made.pk)


def _ask_for_index(made: CustomField, model: type[Record]) -> None:
    defer(INDEX_JOB, lock=f"{INDEX_JOB}:{made.pk}", field_id=made.pk, table=model._meta.db_table)


def _is_searched(made: CustomField) -> bool:
    """Whether records are found by what stands in the field."""
    return FieldType(made.kind) in SEARCHED and not made.sensitivity and made.retired_at is None


def _ask_for_reindexing(made: CustomField) -> None:
    """Have all records of the object written into the index anew, for they are found by more or by less now."""
    defer(REINDEX_JOB, lock=f"{REINDEX_JOB}:{made.object_key}", object_key=made.object_key)
