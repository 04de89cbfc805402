"""Verbs about the list of what parties can be to each other."""

from dataclasses import dataclass
from uuid import uuid4

from django.core.cache import caches
from django.db import transaction
from django.db.models import Max

from guanxi.customers.choices import GROUP_TYPE, Joins
from guanxi.customers.models import RelationshipType
from guanxi.customers.queries import RELATIONSHIP_TYPES_KEY
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry


@dataclass(frozen=True, slots=True)
class TypeNames:
    """What the first party is to the second, and the other way round; without an inverse both read the same."""

    name_zh: str
    name_en: str
    inverse_zh: str = ""
    inverse_en: str = ""


@transaction.atomic
def add_relationship_type(names: TypeNames, *, joins: str, actor: Actor) -> RelationshipType:
    """Add a type at the end of the list.

    Raises: AccessDenied, RuleViolation("relationship_type.name" | "relationship_type.joins"),
    Conflict("relationship_type.taken") when another one has the name.
    """
    grant(actor, RelationshipType, Action.ADMINISTER)
    _lock()
    if joins not in Joins.values:
        raise RuleViolation("relationship_type.joins", "Say between whom it can be.", field="joins")
    _require_names(names, own_key="")
    last = RelationshipType.objects.aggregate(last=Max("position"))["last"]
    key = f"made-{uuid4().hex[:16]}"
    begin_entry(actor, action="add_relationship_type", object_key="relationship_type", reason=names.name_zh)
    made = RelationshipType.objects.create(
        key=key, joins=joins, position=0 if last is None else last + 1, **_columns(names)
    )
    _forget()
    return made


@transaction.atomic
def rename_relationship_type(type_key: str, names: TypeNames, *, actor: Actor) -> None:
    """Give a type other names; relationships that are noted keep the type.

    Raises: NotFound, AccessDenied, RuleViolation("relationship_type.name"), Conflict("relationship_type.taken").
    """
    grant(actor, RelationshipType, Action.ADMINISTER)
    _lock()
    _require_names(names, own_key=type_key)
    begin_entry(actor, action="rename_relationship_type", object_key="relationship_type", reason=type_key)
    if not RelationshipType.objects.filter(pk=type_key).update(**_columns(names)):
        raise no_such_record()
    _forget()


@transaction.atomic
def use_relationship_type(type_key: str, *, is_active: bool, actor: Actor) -> None:
    """Offer a type for new relationships or stop doing so; what is noted stays. Doing it again changes nothing.

    Raises: NotFound, AccessDenied, RuleViolation("relationship_type.needed") for the type that makes groups.
    """
    grant(actor, RelationshipType, Action.ADMINISTER)
    _lock()
    if type_key == GROUP_TYPE and not is_active:
        raise RuleViolation("relationship_type.needed", "Groups of companies are made of this type; it stays in use.")
    action = "use_relationship_type" if is_active else "retire_relationship_type"
    begin_entry(actor, action=action, object_key="relationship_type", reason=type_key)
    if not RelationshipType.objects.filter(pk=type_key).update(is_active=is_active):
        raise no_such_record()
    _forget()


def _lock() -> None:
    """Wait until nobody else changes the list, so that no two types get one name."""
    list(RelationshipType.objects.select_for_update().order_by("pk").values_list("pk"))


def _require_names(names: TypeNames, *, own_key: str) -> None:
    for field, name in (("name_zh", names.name_zh), ("name_en", names.name_en)):
        if not name:
            raise RuleViolation("relationship_type.name", "Name the type in both languages.", field=field)
    if bool(names.inverse_zh) != bool(names.inverse_en):
        field = "inverse_en" if names.inverse_zh else "inverse_zh"
        raise RuleViolation("relationship_type.name", "Name the other side in both languages too.", field=field)
    others = RelationshipType.objects.exclude(pk=own_key)
    for field, name in (("name_zh", names.name_zh), ("name_en", names.name_en)):
        if others.filter(**{f"{field}__iexact": name}).exists():
            raise Conflict("relationship_type.taken", "Another type is called “%(name)s”.", name=name, field=field)


def _columns(names: TypeNames) -> dict[str, str]:
    return {
        "name_zh": names.name_zh,
        "name_en": names.name_en,
        "inverse_zh": names.inverse_zh,
        "inverse_en": names.inverse_en,
    }


def _forget() -> None:
    """Let the next page read the list anew."""
    transaction.on_commit(lambda: caches["process"].delete(RELATIONSHIP_TYPES_KEY))
