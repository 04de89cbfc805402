"""Where information can stand: the fields, parts and kinds of facts that an item can be bound to, with their names."""

from collections.abc import Iterator

from django.utils.translation import gettext

from guanxi.customers.choices import DateType, PointType, TraitKind
from guanxi.customers.facade import ANY
from guanxi.kernel.actor import Actor
from guanxi.ledger.facade import FACT_KINDS
from guanxi.planning.choices import BindingKind
from guanxi.planning.queries.plans import Place
from guanxi.platform.access.catalogue import protected_object
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.objects.spec import Label

FIELD_OBJECTS = ("account", "contact")
PART_CHOICES = {"contact_point": PointType.choices, "important_date": DateType.choices, "trait": TraitKind.choices}
READ_AS = {"contact_point": "value"}
"""The field of a part whose rights decide who may know that it is asked for."""


def binding_text(kind: str, object_key: str, name: str) -> str:
    """A place in one word, as forms carry it."""
    return f"{kind}:{object_key}:{name}"


def binding_choices() -> list[tuple[Label, list[tuple[str, Label]]]]:
    """Everything that an item can be bound to, in groups."""
    found: list[tuple[Label, list[tuple[str, Label]]]] = []
    for key in FIELD_OBJECTS:
        spec = object_spec(key)
        fields = [item for item in fields_of(spec) if item.beside is None and not item.is_tags]
        named: list[tuple[str, Label]] = [
            (binding_text(BindingKind.FIELD, key, item.key), item.label) for item in fields
        ]
        found.append((spec.plural, named))
    for key, choices in PART_CHOICES.items():
        rows: list[tuple[str, Label]] = [
            (binding_text(BindingKind.PART, key, value), label) for value, label in choices
        ]
        found.append((_label_of(key), rows))
    found.extend(_fact_choices())
    return found


def _fact_choices() -> Iterator[tuple[Label, list[tuple[str, Label]]]]:
    for kind in FACT_KINDS.values():
        rows: list[tuple[str, Label]] = [(binding_text(BindingKind.FACT, kind.name, ANY), gettext(kind.label))]
        rows += [(binding_text(BindingKind.FACT, kind.name, sub.name), gettext(sub.label)) for sub in kind.sub_kinds]
        yield gettext(kind.label), rows


def _label_of(key: str) -> Label:
    found = protected_object(key)
    return found.protection.label if found and found.protection.label else key


def is_readable(place: Place, actor: Actor) -> bool:
    """Whether a person may know what stands in a place: of hidden fields nothing is told, nor that they are missing."""
    found = protected_object("fact" if place.kind == BindingKind.FACT else place.object_key)
    if found is None or not may(actor, found.model, Action.VIEW):
        return False
    if place.kind == BindingKind.FIELD:
        fields = {item.key: item for item in fields_of(object_spec(place.object_key))}
        item = fields.get(place.name)
        return item is not None and item.access(actor) > FieldAccess.HIDDEN
    name = READ_AS.get(place.object_key)
    return name is None or grant(actor, found.model).field_access(name) > FieldAccess.HIDDEN
