"""What erasing a person means to customers: by which words they are known, and what is found anew without them."""

from collections.abc import Iterator, Sequence

from guanxi.customers.commands.indexing import index_accounts
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.erasing import REASON


def words_of_accounts(ids: Sequence[int]) -> Iterator[str]:
    """The names, the tax id and the ways to reach by which accounts are known."""
    rows = unscoped(Account, reason=REASON).filter(pk__in=ids)
    for account in rows.only("name", "short_name", "tax_id", "website"):
        yield from (account.name, account.short_name, account.tax_id or "", account.website)
    yield from _points(account__in=ids)


def words_of_contacts(ids: Sequence[int]) -> Iterator[str]:
    """The names and the ways to reach by which contacts are known."""
    yield from unscoped(Contact, reason=REASON).filter(pk__in=ids).values_list("name", flat=True)
    yield from _points(contact__in=ids)


def follow_contact_erasure(ids: Sequence[int]) -> None:
    """Let the accounts of erased contacts be found by what they have now."""
    rows = unscoped(Contact, reason=REASON).filter(pk__in=ids)
    index_accounts(sorted(set(rows.values_list("account_id", flat=True))))


def _points(**condition: Sequence[int]) -> Iterator[str]:
    rows = unscoped(ContactPoint, reason=REASON).filter(**condition)
    for value, normalised in rows.values_list("value", "normalised"):
        yield from (value, normalised)
