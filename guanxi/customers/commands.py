"""Verbs about customers: one function, one transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from guanxi.customers.events import AccountChanged, AccountCreated, ExternalKeysAdded
from guanxi.customers.models import (
    Account,
    Contact,
    ContactPoint,
    ExternalKey,
    ImportantDate,
    Relation,
    Trait,
)
from guanxi.customers.rules import normalised_point
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.records.change import change, create
from guanxi.platform.search.commands import copy_entries, index_records
from guanxi.platform.search.tokens import digit_tokens, merged, name_tokens, sort_key, tail_token

SEARCH_REASON = "search: the index covers all records, results are re-read through the reader's grant"
MOST_KEYS_IN_EVENT = 500
LOAD_REASON = "demo: the demo company is made by the system"
LOAD_BATCH = 2_000
NUMBERS = ("mobile", "phone")


def create_account(values: Mapping[str, object], *, actor: Actor) -> Account:
    """Create an account. Raises: AccessDenied, RuleViolation("record.invalid")."""
    account = Account(**values)
    account.name_key = sort_key(account.name)[:400]
    if account.owner_id is None and account.unit_id is None:
        account.owner_id, account.unit_id = actor.user_id, actor.unit_id
    with create(account, actor=actor) as work:
        index_accounts([account.pk])
        work.publish(AccountCreated(account_id=account.pk))
    return account


def edit_account(account_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Account:
    """Change fields of an account. Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation."""
    with change(Account, account_id, action="edit", version=version, actor=actor) as work:
        for name, value in values.items():
            setattr(work.record, name, value)
        work.record.name_key = sort_key(work.record.name)[:400]
        work.publish(AccountChanged(account_id=account_id, fields=tuple(sorted(values))))
    index_accounts([account_id])
    return work.record


def add_contact(contact: Contact, *, actor: Actor) -> Contact:
    """Add a contact to an account that the actor may change. Raises: NotFound, AccessDenied, RuleViolation."""
    _require_account(contact.account_id, actor)
    with create(contact, actor=actor, action="add_contact"):
        index_accounts([contact.account_id])
    return contact


def add_contact_point(point: ContactPoint, *, actor: Actor) -> ContactPoint:
    """Add a way to reach an account. Raises: NotFound, AccessDenied, RuleViolation("point.phone" | "point.mail")."""
    _require_account(point.account_id, actor)
    point.normalised = normalised_point(point.type, point.value)
    with create(point, actor=actor, action="add_contact_point"):
        index_accounts([point.account_id])
    return point


def add_important_date(entry: ImportantDate, *, actor: Actor) -> ImportantDate:
    """Add a day to remember. Raises: NotFound, AccessDenied, RuleViolation."""
    _require_account(entry.account_id, actor)
    with create(entry, actor=actor, action="add_important_date"):
        return entry


def add_trait(trait: Trait, *, actor: Actor) -> Trait:
    """Note something worth knowing. Raises: NotFound, AccessDenied, RuleViolation."""
    _require_account(trait.account_id, actor)
    with create(trait, actor=actor, action="add_trait"):
        return trait


@transaction.atomic
def add_external_keys(system: str, keys: Sequence[tuple[str, int]], *, actor: Actor) -> int:
    """Make accounts known under keys of another system, (key, account id) each. Known keys stay as they are.

    Returns how many were new. Raises: AccessDenied without the right to edit accounts.
    """
    grant(actor, Account, Action.EDIT)
    begin_entry(actor, action="add_external_keys", object_key="account", record_count=len(keys), reason=system)
    wanted = [key for key, _ in keys]
    known = set(ExternalKey.objects.filter(system=system, key__in=wanted).values_list("key", flat=True))
    fresh = [ExternalKey(system=system, key=key, account_id=account_id) for key, account_id in keys if key not in known]
    ExternalKey.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=5_000)
    names = tuple(row.key for row in fresh) if len(fresh) <= MOST_KEYS_IN_EVENT else ()
    if fresh:
        publish(ExternalKeysAdded(system=system, keys=names))
    return len(fresh)


@transaction.atomic
def reveal_contact_point(point_id: int, *, actor: Actor) -> ContactPoint:
    """Show a masked contact point whole; it is noted in the audit trail. Raises: NotFound, AccessDenied."""
    point = grant(actor, ContactPoint, Action.REVEAL).get(point_id)
    begin_entry(actor, action="reveal", object_key="contact_point", record_id=point_id)
    return point


def set_relations(relations: Iterable[tuple[str, str, str]]) -> None:
    """Write the editable list of relations, (key, Chinese, English) in order."""
    for position, (key, name_zh, name_en) in enumerate(relations):
        Relation.objects.update_or_create(
            pk=key, defaults={"name_zh": name_zh, "name_en": name_en, "position": position}
        )


def index_accounts(account_ids: Sequence[int]) -> None:
    """Write the search tokens of accounts: names, contacts' names, external keys, phone digits."""
    index_records("account", account_tokens(account_ids))


def account_tokens(account_ids: Sequence[int]) -> list[tuple[int, list[str]]]:
    """The search tokens of accounts, by id."""
    parts: dict[int, list[set[str]]] = {}
    rows = unscoped(Account, reason=SEARCH_REASON).filter(pk__in=account_ids)
    for account_id, name, short_name in rows.values_list("pk", "name", "short_name"):
        parts[account_id] = [name_tokens(name), name_tokens(short_name)]
    contacts = unscoped(Contact, reason=SEARCH_REASON).filter(account__in=account_ids)
    for account_id, family, given in contacts.values_list("account_id", "family_name", "given_name"):
        parts[account_id].append(name_tokens(family + given if not family.isascii() else f"{given} {family}"))
    points = unscoped(ContactPoint, reason=SEARCH_REASON).filter(account__in=account_ids, type__in=NUMBERS)
    for account_id, normalised in points.values_list("account_id", "normalised"):
        parts[account_id].extend((digit_tokens(normalised), tail_token(normalised)))
    return [(account_id, merged(tokens)) for account_id, tokens in parts.items()]


def _require_account(account_id: int, actor: Actor) -> Account:
    """The account, if the actor may change it. Raises: NotFound, AccessDenied."""
    grant(actor, Account).get(account_id)
    return grant(actor, Account, Action.EDIT).get(account_id)


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
    for model, rows in (
        (Account, batch.accounts),
        (Contact, batch.contacts),
        (ContactPoint, batch.points),
        (ImportantDate, batch.dates),
        (Trait, batch.traits),
    ):
        unscoped(model, reason=LOAD_REASON).bulk_create(rows, batch_size=LOAD_BATCH)
    copy_entries("account", _batch_tokens(batch))


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
