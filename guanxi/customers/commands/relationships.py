"""Verbs about what customers and their people are to each other."""

from collections.abc import Iterable, Mapping
from functools import partial

from django.core.cache import caches
from django.db.models import F

from guanxi.customers.choices import AccountKind
from guanxi.customers.commands.parts import add_part, edit_part, remove_part, require_editable, restore_part
from guanxi.customers.models import Account, Contact, Relationship, RelationshipType
from guanxi.customers.queries import RELATIONSHIP_TYPES_KEY
from guanxi.customers.rules import require_fitting
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.objects.merging import REASON


def add_relationship(relationship: Relationship, *, actor: Actor) -> Relationship:
    """Note what one party is to another; both accounts must be the actor's to change.

    Raises: NotFound, AccessDenied, Conflict("record.taken") for one that is noted already, whichever way round,
    RuleViolation("relationship.self" | "relationship.joins" | "part.contact").
    """
    return add_part(relationship, action="add_relationship", prepare=partial(_require_sound, actor=actor), actor=actor)


def edit_relationship(
    relationship_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> Relationship:
    """Change what is noted of a relationship. Raises: as `add_relationship`, and Conflict("record.changed")."""
    return edit_part(
        Relationship,
        relationship_id,
        values,
        action="edit_relationship",
        version=version,
        prepare=partial(_require_sound, actor=actor),
        actor=actor,
    )


def remove_relationship(relationship_id: int, *, actor: Actor) -> Relationship:
    """Put a relationship into the trash. Raises: NotFound, AccessDenied."""
    return remove_part(Relationship, relationship_id, action="remove_relationship", actor=actor)


def restore_relationship(relationship_id: int, *, actor: Actor) -> Relationship:
    """Take a relationship out of the trash. Raises: NotFound, AccessDenied, Conflict("record.taken")."""
    return restore_part(Relationship, relationship_id, action="restore_relationship", actor=actor)


def set_relationship_types(types: Iterable[tuple[str, str, str, str, str, str]]) -> None:
    """Write the editable list of types, (key, joins, Chinese, English, inverse Chinese, inverse English) in order."""
    for position, (key, joins, name_zh, name_en, inverse_zh, inverse_en) in enumerate(types):
        names = {"name_zh": name_zh, "name_en": name_en, "inverse_zh": inverse_zh, "inverse_en": inverse_en}
        RelationshipType.objects.update_or_create(pk=key, defaults={**names, "joins": joins, "position": position})
    caches["process"].delete(RELATIONSHIP_TYPES_KEY)


def follow_contacts_home(contact_ids: Iterable[int]) -> None:
    """Let the relationships of contacts stand at the accounts where these are now."""
    homes = dict(unscoped(Contact, reason=REASON).filter(pk__in=list(contact_ids)).values_list("pk", "account_id"))
    rows = unscoped(Relationship, reason=REASON)
    for contact_id, home_id in homes.items():
        for contact, account in (("contact_id", "account_id"), ("other_contact_id", "other_account_id")):
            stale = rows.filter(**{contact: contact_id}).exclude(**{account: home_id})
            stale.update(**{account: home_id, "version": F("version") + 1})


def _require_sound(relationship: Relationship, *, actor: Actor) -> None:
    for account_id in {relationship.account_id, relationship.other_account_id}:
        require_editable(account_id, actor=actor)
    one = (relationship.account_id, relationship.contact_id)
    other = (relationship.other_account_id, relationship.other_contact_id)
    if one == other:
        raise RuleViolation("relationship.self", "Nobody has a relationship with themselves.", field="other")
    people = [_is_person(*party, actor=actor) for party in (one, other)]
    require_fitting(relationship.type.joins, one_is_person=people[0], other_is_person=people[1])


def _is_person(account_id: int, contact_id: int | None, *, actor: Actor) -> bool:
    """Whether a party is a person: a contact, who must be one of the account's, or an account that is one."""
    if contact_id is not None:
        contact = grant(actor, Contact).live(contact_id)
        if contact.account_id != account_id:
            raise RuleViolation("part.contact", "This contact does not belong to the customer.", field="contact_id")
        return True
    return grant(actor, Account).live(account_id).kind == AccountKind.PERSON
