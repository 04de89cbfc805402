"""Loading many accounts with what belongs to them at once."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.db import transaction

from guanxi.customers.commands.contacts import name_contact
from guanxi.customers.commands.indexing import described
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Trait
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.records.sealing import numbers_of
from guanxi.platform.search.commands import copy_records
from guanxi.platform.search.entries import Described
from guanxi.platform.search.tokens import sort_key

LOAD_REASON = "demo: the demo company is made by the system"
LOAD_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class AccountBatch:
    """New accounts with what belongs to them; the parts point to their account objects."""

    accounts: list[Account]
    contacts: list[Contact]
    points: list[ContactPoint]
    dates: list[ImportantDate]
    traits: list[Trait]


@transaction.atomic
def load_accounts(batch: AccountBatch, *, actor: Actor) -> None:
    """Create many accounts at once under one audit entry and index them for search.

    Points must come normalised. Raises: AccessDenied.
    """
    grant(actor, Account, Action.CREATE)
    begin_entry(actor, action="load", object_key="account", record_count=len(batch.accounts))
    for account in batch.accounts:
        account.name_key = sort_key(account.name)[:400]
    for contact in batch.contacts:
        name_contact(contact)
    for model, rows in (
        (Account, batch.accounts),
        (Contact, batch.contacts),
        (ContactPoint, batch.points),
        (ImportantDate, batch.dates),
        (Trait, batch.traits),
    ):
        unscoped(model, reason=LOAD_REASON).bulk_create(rows, batch_size=LOAD_BATCH)
    copy_records("account", _described(batch))
    copy_records("contact", _described_contacts(batch))


def _described(batch: AccountBatch) -> Iterator[Described]:
    """What the new accounts are found by, from the objects at hand."""
    names: dict[int, list[str]] = {account.pk: [] for account in batch.accounts}
    points: dict[int, list[tuple[str, str]]] = {account.pk: [] for account in batch.accounts}
    for contact in batch.contacts:
        names[contact.account_id].append(contact.full_name)
    for point in batch.points:
        points[point.account_id].append((point.type, point.normalised))
    for account in batch.accounts:
        pk = account.pk
        found = described(pk, account.name, account.short_name, names=names[pk], points=points[pk])
        yield replace(found, numbers=numbers_of(account))


def _described_contacts(batch: AccountBatch) -> Iterator[Described]:
    """What the new contacts are found by, from the objects at hand."""
    points: dict[int, list[tuple[str, str]]] = {contact.pk: [] for contact in batch.contacts}
    for point in batch.points:
        if point.contact_id is not None:
            points[point.contact_id].append((point.type, point.normalised))
    for contact in batch.contacts:
        names = (contact.title, contact.account.name, contact.account.short_name)
        yield described(contact.pk, contact.name, "", names=names, points=points[contact.pk])
