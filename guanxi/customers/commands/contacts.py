"""Verbs about the people at an account."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from guanxi.customers.commands.indexing import index_accounts
from guanxi.customers.commands.parts import add_part, edit_part, owned_by, remove_part, restore_part
from guanxi.customers.models import Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.values import assign
from guanxi.platform.search.tokens import sort_key


def create_contact(values: Mapping[str, object], *, actor: Actor) -> Contact:
    """Add a contact with these values to an account that the actor may change. Raises: as `add_contact`."""
    contact = Contact()
    assign(contact, values)
    return add_contact(contact, actor=actor)


@transaction.atomic
def add_contact(contact: Contact, *, actor: Actor) -> Contact:
    """Add a contact to an account that the actor may change. Raises: NotFound, AccessDenied, RuleViolation."""
    added = add_part(contact, action="add_contact", prepare=name_contact, actor=actor)
    _keep_one_main(added, actor=actor)
    return added


@transaction.atomic
def edit_contact(contact_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Contact:
    """Change fields of a contact; one that is moved to another account takes points, dates and traits along.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation.
    """
    former_id = grant(actor, Contact).get(contact_id).account_id
    contact = edit_part(
        Contact, contact_id, values, action="edit_contact", version=version, prepare=name_contact, actor=actor
    )
    if contact.account_id != former_id:
        for rows in owned_by([contact_id], actor=actor):
            rows.update(account=contact.account_id, version=F("version") + 1)
        index_accounts([former_id, contact.account_id])
    _keep_one_main(contact, actor=actor)
    return contact


def name_contact(contact: Contact) -> None:
    """Work out the name as its own language writes it, and its order."""
    contact.name = contact.full_name[:121]
    contact.name_key = sort_key(contact.name)[:400]


def remove_contact(contact_id: int, *, actor: Actor) -> Contact:
    """Put a contact with its points, dates and traits into the trash. Raises: NotFound, AccessDenied."""
    return remove_part(Contact, contact_id, action="remove_contact", actor=actor)


@transaction.atomic
def restore_contact(contact_id: int, *, actor: Actor) -> Contact:
    """Take a contact and what was removed with it back. Raises: NotFound, AccessDenied."""
    contact = restore_part(Contact, contact_id, action="restore_contact", actor=actor)
    _keep_one_main(contact, actor=actor)
    return contact


def _keep_one_main(contact: Contact, *, actor: Actor) -> None:
    """The latest main contact is the only one."""
    if contact.is_main:
        rows = grant(actor, Contact, Action.EDIT).queryset().filter(account=contact.account_id, is_main=True)
        rows.exclude(pk=contact.pk).update(is_main=False, version=F("version") + 1)
