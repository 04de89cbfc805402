"""Verbs about the people at an account."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from guanxi.customers.commands.parts import add_part, edit_part, remove_part, restore_part
from guanxi.customers.models import Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action


@transaction.atomic
def add_contact(contact: Contact, *, actor: Actor) -> Contact:
    """Add a contact to an account that the actor may change. Raises: NotFound, AccessDenied, RuleViolation."""
    added = add_part(contact, action="add_contact", actor=actor)
    _keep_one_main(added, actor=actor)
    return added


@transaction.atomic
def edit_contact(contact_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Contact:
    """Change fields of a contact. Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation."""
    contact = edit_part(Contact, contact_id, values, action="edit_contact", version=version, actor=actor)
    _keep_one_main(contact, actor=actor)
    return contact


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
