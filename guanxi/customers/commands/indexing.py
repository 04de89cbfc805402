"""What accounts and contacts are found by: written in the same transaction as what it is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from guanxi.customers.choices import PointType
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import unscoped
from guanxi.platform.customfields.schema import with_made_texts
from guanxi.platform.records.sealing import numbers_of
from guanxi.platform.search.commands import index_records, remove_records
from guanxi.platform.search.entries import Described

SEARCH_REASON = "search: the index covers all records, results are re-read through the reader's grant"
NUMBERS = ("mobile", "phone")
SEARCHED = (*NUMBERS, PointType.MAIL.value)


def index_accounts(account_ids: Sequence[int]) -> None:
    """Write what accounts are found by: names, contacts' names, phone numbers, e-mail addresses."""
    index_records("account", described_accounts(account_ids))


def index_contacts(contact_ids: Sequence[int]) -> None:
    """Write what contacts are found by: name, job title, the account's names, ways to be reached; none of the trash."""
    rows = unscoped(Contact, reason=SEARCH_REASON).filter(pk__in=contact_ids, trashed_at__isnull=True)
    found = list(rows.values_list("pk", "name", "custom", "title", "account__name", "account__short_name"))
    points: dict[int, list[tuple[str, str]]] = {pk: [] for pk, *_ in found}
    known = unscoped(ContactPoint, reason=SEARCH_REASON).filter(contact__in=list(points), trashed_at__isnull=True)
    for contact_id, kind, value in known.filter(type__in=SEARCHED).values_list("contact_id", "type", "normalised"):
        points[contact_id].append((kind, value))
    entries = (
        with_made_texts(
            replace(
                described(pk, name, "", names=names, points=points[pk]), numbers=numbers_of(Contact(custom=custom))
            ),
            "contact",
            custom,
        )
        for pk, name, custom, *names in found
    )
    index_records("contact", entries)
    remove_records("contact", set(contact_ids) - set(points))


def index_contacts_of(account_id: int) -> None:
    """Write what an account's contacts are found by anew: its name is one of the words they are found by."""
    rows = unscoped(Contact, reason=SEARCH_REASON).filter(account=account_id, trashed_at__isnull=True)
    index_contacts(list(rows.values_list("pk", flat=True)))


def index_new_account(account: Account) -> None:
    """Write what an account is found by that has no parts yet, from the object at hand."""
    index_records("account", [_described_account(account, names=(), points=())])


def described_accounts(account_ids: Sequence[int]) -> list[Described]:
    """What accounts are found by; those in the trash are left out. Three queries."""
    rows = unscoped(Account, reason=SEARCH_REASON).filter(pk__in=account_ids, trashed_at__isnull=True)
    accounts = list(rows.only("name", "short_name", "tax_id", "custom"))
    names: dict[int, list[str]] = {account.pk: [] for account in accounts}
    points: dict[int, list[tuple[str, str]]] = {account_id: [] for account_id in names}
    contacts = unscoped(Contact, reason=SEARCH_REASON).filter(account__in=list(names), trashed_at__isnull=True)
    for account_id, family, given in contacts.values_list("account_id", "family_name", "given_name"):
        names[account_id].append(full_name(family, given))
    known = unscoped(ContactPoint, reason=SEARCH_REASON).filter(account__in=list(names), trashed_at__isnull=True)
    for account_id, kind, value in known.filter(type__in=SEARCHED).values_list("account_id", "type", "normalised"):
        points[account_id].append((kind, value))
    return [_described_account(account, names=names[account.pk], points=points[account.pk]) for account in accounts]


def _described_account(account: Account, *, names: Iterable[str], points: Iterable[tuple[str, str]]) -> Described:
    """What an account is found by, of itself and of what its contacts and points say."""
    found = described(account.pk, account.name, account.short_name, names=names, points=points)
    return with_made_texts(replace(found, numbers=numbers_of(account)), "account", account.custom)


def described(
    record_id: int, name: str, short_name: str, *, names: Iterable[str], points: Iterable[tuple[str, str]]
) -> Described:
    """What an account or a contact is found by; `points` are (type, normalised value) of its ways to be reached."""
    known = tuple(points)
    return Described(
        record_id,
        name,
        short_name,
        names=tuple(names),
        phones=tuple(value for kind, value in known if kind in NUMBERS),
        mails=tuple(value for kind, value in known if kind == PointType.MAIL),
    )
