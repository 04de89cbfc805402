"""What accounts are found by: written in the same transaction as what it is made of."""

from collections.abc import Iterable, Sequence

from guanxi.customers.choices import PointType
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import unscoped
from guanxi.platform.search.commands import index_records
from guanxi.platform.search.entries import Described

SEARCH_REASON = "search: the index covers all records, results are re-read through the reader's grant"
NUMBERS = ("mobile", "phone")
SEARCHED = (*NUMBERS, PointType.MAIL.value)


def index_accounts(account_ids: Sequence[int]) -> None:
    """Write what accounts are found by: names, contacts' names, phone numbers, e-mail addresses."""
    index_records("account", described_accounts(account_ids))


def index_new_account(account: Account) -> None:
    """Write what an account is found by that has no parts yet, from the object at hand."""
    index_records("account", [described(account.pk, account.name, account.short_name, names=(), points=())])


def described_accounts(account_ids: Sequence[int]) -> list[Described]:
    """What accounts are found by; those in the trash are left out. Three queries."""
    rows = unscoped(Account, reason=SEARCH_REASON).filter(pk__in=account_ids, trashed_at__isnull=True)
    accounts = list(rows.values_list("pk", "name", "short_name"))
    names: dict[int, list[str]] = {account_id: [] for account_id, *_ in accounts}
    points: dict[int, list[tuple[str, str]]] = {account_id: [] for account_id in names}
    contacts = unscoped(Contact, reason=SEARCH_REASON).filter(account__in=list(names), trashed_at__isnull=True)
    for account_id, family, given in contacts.values_list("account_id", "family_name", "given_name"):
        names[account_id].append(full_name(family, given))
    known = unscoped(ContactPoint, reason=SEARCH_REASON).filter(account__in=list(names), trashed_at__isnull=True)
    for account_id, kind, value in known.filter(type__in=SEARCHED).values_list("account_id", "type", "normalised"):
        points[account_id].append((kind, value))
    return [described(pk, name, short, names=names[pk], points=points[pk]) for pk, name, short in accounts]


def described(
    account_id: int, name: str, short_name: str, *, names: Iterable[str], points: Iterable[tuple[str, str]]
) -> Described:
    """What one account is found by; `points` are (type, normalised value) of its ways to be reached."""
    known = tuple(points)
    return Described(
        account_id,
        name,
        short_name,
        names=tuple(names),
        phones=tuple(value for kind, value in known if kind in NUMBERS),
        mails=tuple(value for kind, value in known if kind == PointType.MAIL),
    )
