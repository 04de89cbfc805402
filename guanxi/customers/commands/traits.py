"""Verbs about what is worth knowing of a customer."""

from collections.abc import Mapping

from guanxi.customers.commands.parts import add_part, edit_part, remove_part, restore_part
from guanxi.customers.models import Trait
from guanxi.kernel.actor import Actor


def add_trait(trait: Trait, *, actor: Actor) -> Trait:
    """Note something worth knowing. Raises: NotFound, AccessDenied, RuleViolation."""
    return add_part(trait, action="add_trait", actor=actor)


def edit_trait(trait_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Trait:
    """Change what was noted. Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation."""
    return edit_part(Trait, trait_id, values, action="edit_trait", version=version, actor=actor)


def remove_trait(trait_id: int, *, actor: Actor) -> Trait:
    """Put what was noted into the trash. Raises: NotFound, AccessDenied."""
    return remove_part(Trait, trait_id, action="remove_trait", actor=actor)


def restore_trait(trait_id: int, *, actor: Actor) -> Trait:
    """Take what was noted out of the trash. Raises: NotFound, AccessDenied."""
    return restore_part(Trait, trait_id, action="restore_trait", actor=actor)
