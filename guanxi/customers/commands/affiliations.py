"""Verbs about the roles that contacts have at further accounts."""

from collections.abc import Mapping
from functools import partial

from guanxi.customers.commands.parts import add_part, edit_part, remove_part, require_editable, restore_part
from guanxi.customers.models import Affiliation, Contact
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant


def add_affiliation(affiliation: Affiliation, *, actor: Actor) -> Affiliation:
    """Note that a contact has a role at a further account; both accounts must be the actor's to change.

    Raises: NotFound, AccessDenied, Conflict("record.taken"), RuleViolation("affiliation.own" | "affiliation.period").
    """
    prepare = partial(_require_sound, actor=actor)
    return add_part(affiliation, action="add_affiliation", prepare=prepare, actor=actor)


def edit_affiliation(
    affiliation_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> Affiliation:
    """Change a role at a further account. Raises: as `add_affiliation`, and Conflict("record.changed")."""
    return edit_part(
        Affiliation,
        affiliation_id,
        values,
        action="edit_affiliation",
        version=version,
        prepare=partial(_require_sound, actor=actor),
        actor=actor,
    )


def remove_affiliation(affiliation_id: int, *, actor: Actor) -> Affiliation:
    """Put a role at a further account into the trash. Raises: NotFound, AccessDenied."""
    return remove_part(Affiliation, affiliation_id, action="remove_affiliation", actor=actor)


def restore_affiliation(affiliation_id: int, *, actor: Actor) -> Affiliation:
    """Take a role at a further account out of the trash. Raises: NotFound, AccessDenied, Conflict("record.taken")."""
    return restore_part(Affiliation, affiliation_id, action="restore_affiliation", actor=actor)


def _require_sound(affiliation: Affiliation, *, actor: Actor) -> None:
    contact = grant(actor, Contact).get(affiliation.contact_id)
    require_editable(contact.account_id, actor=actor)
    if contact.account_id == affiliation.account_id:
        raise RuleViolation(
            "affiliation.own", "This is the customer whose contact this already is.", field="account_id"
        )
    if affiliation.start_on and affiliation.end_on and affiliation.end_on < affiliation.start_on:
        raise RuleViolation("affiliation.period", "The end lies before the start.", field="end_on")
