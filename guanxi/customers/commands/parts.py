"""What all parts of an account have in common when they are written.

A part is a contact, a contact point, an important date, a trait, an affiliation, a class or a relationship. Who may
edit the account may write its parts, nobody else.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from guanxi.customers.commands.indexing import index_accounts, index_contacts
from guanxi.customers.events import PartChanged
from guanxi.customers.models import (
    Account,
    AccountClass,
    Affiliation,
    Contact,
    ContactPoint,
    ImportantDate,
    Relationship,
    Trait,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import Work, change, create
from guanxi.platform.records.values import assign

Part = Contact | ContactPoint | ImportantDate | Trait | Affiliation | AccountClass | Relationship
PartType = TypeVar("PartType", Contact, ContactPoint, ImportantDate, Trait, Affiliation, AccountClass, Relationship)
SEARCHED = (Contact, ContactPoint)


def require_editable(account_id: int, *, actor: Actor) -> None:
    """The actor may change the account. Raises: NotFound when it must not be seen, AccessDenied."""
    grant(actor, Account).get(account_id)
    if not grant(actor, Account, Action.EDIT).queryset().filter(pk=account_id).exists():
        raise AccessDenied(
            "access.denied", "Your role does not allow “%(action)s” on this record.", action=Action.EDIT.value
        )


@transaction.atomic
def add_part(
    part: PartType, *, action: str, prepare: Callable[[PartType], None] | None = None, actor: Actor
) -> PartType:
    """Add a part to an account that the actor may change; `prepare` checks it and works out what follows from it.

    Raises: NotFound, AccessDenied, RuleViolation, Conflict("record.taken").
    """
    require_editable(part.account_id, actor=actor)
    if prepare is not None:
        prepare(part)
    _require_own_contact(part, actor=actor)
    with create(part, actor=actor, action=action, right=Action.EDIT) as work:
        _tell(work, action=action)
    _index(part)
    return part


@transaction.atomic
def edit_part(
    model: type[PartType],
    part_id: int,
    values: Mapping[str, object],
    *,
    action: str,
    version: int | None,
    prepare: Callable[[PartType], None] | None = None,
    actor: Actor,
) -> PartType:
    """Change fields of a part; `prepare` works out the fields that follow from them before they are saved.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "record.taken"), RuleViolation.
    """
    with change(model, part_id, action=action, version=version, actor=actor) as work:
        assign(work.record, values)
        if prepare is not None:
            prepare(work.record)
        _require_own_contact(work.record, actor=actor)
        _tell(work, action=action)
    _index(work.record)
    return work.record


@transaction.atomic
def remove_part(model: type[PartType], part_id: int, *, action: str, actor: Actor) -> PartType:
    """Put a part into the trash, a contact with its points, dates and traits; doing it again changes nothing.

    Raises: NotFound, AccessDenied.
    """
    with change(model, part_id, action=action, actor=actor, also_trashed=True) as work:
        if work.record.trashed_at is not None:
            return work.record
        work.record.trashed_at = timezone.now()
        _tell(work, action=action)
    if isinstance(work.record, Contact):
        for rows in owned_by([part_id], actor=actor):
            rows.filter(trashed_at__isnull=True).update(trashed_at=work.record.trashed_at)
    _index(work.record)
    return work.record


@transaction.atomic
def restore_part(model: type[PartType], part_id: int, *, action: str, actor: Actor) -> PartType:
    """Take a part out of the trash, a contact with what went there together with it.

    Raises: NotFound, AccessDenied, RuleViolation("part.contact") while its contact is in the trash,
    Conflict("record.taken") when another took its place meanwhile.
    """
    with change(model, part_id, action=action, actor=actor, also_trashed=True) as work:
        moment = work.record.trashed_at
        if moment is None:
            return work.record
        _require_own_contact(work.record, actor=actor)
        work.record.trashed_at = None
        _tell(work, action=action)
    if isinstance(work.record, Contact):
        for rows in owned_by([part_id], actor=actor):
            rows.filter(trashed_at=moment).update(trashed_at=None)
    _index(work.record)
    return work.record


def owned_by(contact_ids: Sequence[int], *, actor: Actor) -> tuple[GuardedQuerySet[Any], ...]:
    """What goes with contacts: their points, dates and traits."""
    return (
        grant(actor, ContactPoint, Action.EDIT).queryset().filter(Among("contact_id", contact_ids)),
        grant(actor, ImportantDate, Action.EDIT).queryset().filter(Among("contact_id", contact_ids)),
        grant(actor, Trait, Action.EDIT).queryset().filter(Among("contact_id", contact_ids)),
    )


def _require_own_contact(part: Part, *, actor: Actor) -> None:
    """A part belongs to the account itself or to a contact of the same account."""
    if isinstance(part, ContactPoint | ImportantDate | Trait) and part.contact_id is not None:
        contacts = grant(actor, Contact).queryset().filter(account=part.account_id, trashed_at__isnull=True)
        if not contacts.filter(pk=part.contact_id).exists():
            raise RuleViolation("part.contact", "This contact does not belong to the customer.", field="contact_id")


def _tell(work: Work[PartType], *, action: str) -> None:
    part = work.record
    key = part.protection.key
    owners = {part.account_id, part.other_account_id} if isinstance(part, Relationship) else {part.account_id}
    work.publish(PartChanged(account_ids=tuple(sorted(owners)), part=key, record_ids=(part.pk,), action=action))


def _index(part: Part) -> None:
    if isinstance(part, SEARCHED):
        index_accounts([part.account_id])
        contact_id = part.pk if isinstance(part, Contact) else part.contact_id
        if contact_id is not None:
            index_contacts([contact_id])
