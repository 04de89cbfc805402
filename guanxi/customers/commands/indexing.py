"""The search tokens of accounts and contacts: written in the same transaction as what they are made of."""

from collections.abc import Sequence

from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import unscoped
from guanxi.platform.search.commands import index_records, remove_records
from guanxi.platform.search.tokens import digit_tokens, merged, name_tokens, tail_token

SEARCH_REASON = "search: the index covers all records, results are re-read through the reader's grant"
NUMBERS = ("mobile", "phone")


def index_accounts(account_ids: Sequence[int]) -> None:
    """Write the search tokens of accounts: names, contacts' names, external keys, phone digits."""
    index_records("account", account_tokens(account_ids))


def index_contacts(contact_ids: Sequence[int]) -> None:
    """Write the search tokens of contacts: name, job title, the account's names, phone digits; none of the trash."""
    rows = unscoped(Contact, reason=SEARCH_REASON).filter(pk__in=contact_ids, trashed_at__isnull=True)
    found = rows.values_list("pk", "name", "title", "account__name", "account__short_name")
    parts = {pk: [name_tokens(text) for text in texts] for pk, *texts in found}
    points = unscoped(ContactPoint, reason=SEARCH_REASON).filter(contact__in=list(parts), trashed_at__isnull=True)
    for contact_id, normalised in points.filter(type__in=NUMBERS).values_list("contact_id", "normalised"):
        parts[contact_id].extend((digit_tokens(normalised), tail_token(normalised)))
    index_records("contact", [(pk, merged(tokens)) for pk, tokens in parts.items()])
    remove_records("contact", set(contact_ids) - set(parts))


def index_contacts_of(account_id: int) -> None:
    """Write the search tokens of an account's contacts anew: its name is one of the words they are found by."""
    rows = unscoped(Contact, reason=SEARCH_REASON).filter(account=account_id, trashed_at__isnull=True)
    index_contacts(list(rows.values_list("pk", flat=True)))


def index_new_account(account: Account) -> None:
    """Write the search tokens of an account that has no parts yet, from the object at hand."""
    index_records("account", [(account.pk, merged([name_tokens(account.name), name_tokens(account.short_name)]))])


def account_tokens(account_ids: Sequence[int]) -> list[tuple[int, list[str]]]:
    """The search tokens of accounts, by id; those in the trash have none."""
    parts: dict[int, list[set[str]]] = {}
    rows = unscoped(Account, reason=SEARCH_REASON).filter(pk__in=account_ids, trashed_at__isnull=True)
    for account_id, name, short_name in rows.values_list("pk", "name", "short_name"):
        parts[account_id] = [name_tokens(name), name_tokens(short_name)]
    contacts = unscoped(Contact, reason=SEARCH_REASON).filter(account__in=list(parts), trashed_at__isnull=True)
    for account_id, family, given in contacts.values_list("account_id", "family_name", "given_name"):
        parts[account_id].append(name_tokens(full_name(family, given)))
    points = unscoped(ContactPoint, reason=SEARCH_REASON).filter(account__in=list(parts), trashed_at__isnull=True)
    for account_id, normalised in points.filter(type__in=NUMBERS).values_list("account_id", "normalised"):
        parts[account_id].extend((digit_tokens(normalised), tail_token(normalised)))
    return [(account_id, merged(tokens)) for account_id, tokens in parts.items()]
