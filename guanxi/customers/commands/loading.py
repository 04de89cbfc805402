"""Loading many accounts with what belongs to them at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction

from guanxi.customers.commands.contacts import name_contact
from guanxi.customers.commands.indexing import NUMBERS
from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Trait
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.search.commands import copy_entries
from guanxi.platform.search.tokens import digit_tokens, merged, name_tokens, sort_key, tail_token

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
    copy_entries("account", _batch_tokens(batch))
    copy_entries("contact", _contact_tokens(batch))


def _batch_tokens(batch: AccountBatch) -> Iterator[tuple[int, list[str]]]:
    """The search tokens of new accounts, from the objects at hand."""
    parts = {account.pk: [name_tokens(account.name), name_tokens(account.short_name)] for account in batch.accounts}
    for contact in batch.contacts:
        parts[contact.account_id].append(name_tokens(contact.full_name))
    for point in batch.points:
        if point.type in NUMBERS:
            parts[point.account_id].extend((digit_tokens(point.normalised), tail_token(point.normalised)))
    for account_id, tokens in parts.items():
        yield account_id, merged(tokens)


def _contact_tokens(batch: AccountBatch) -> Iterator[tuple[int, list[str]]]:
    """The search tokens of new contacts, from the objects at hand."""
    parts = {
        contact.pk: [
            name_tokens(text)
            for text in (contact.name, contact.title, contact.account.name, contact.account.short_name)
        ]
        for contact in batch.contacts
    }
    for point in batch.points:
        if point.type in NUMBERS and point.contact_id is not None:
            parts[point.contact_id].extend((digit_tokens(point.normalised), tail_token(point.normalised)))
    for contact_id, tokens in parts.items():
        yield contact_id, merged(tokens)
