"""By what customers and the people at them are recognised, whoever looks after them; for the system alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow
from django.db.models import F, Q

from guanxi.customers.choices import AccountKind
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.customers.queries.captured import ALIKE
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.encryption.fields import token_sql
from guanxi.platform.lake.arrow import read_arrow

NUMBERS = ("mobile", "phone")
MOST_HOLDERS = 20_000


@dataclass(frozen=True, slots=True)
class Recognised:
    """What tells an account or a contact from another one, and who looks after it.

    `number` is the token of the tax id. A contact is of the kind `person`; `home_id` and `home` are the account it is
    at, None and "" for an account. `phones` and `mails` are in the form in which they are compared; an account has
    those of its contacts, too.
    """

    id: int
    kind: str
    name: str
    city: str = ""
    address: str = ""
    website: str = ""
    number: str = ""
    owner_id: int | None = None
    home_id: int | None = None
    home: str = ""
    phones: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()


def recognised_accounts(
    account_ids: Iterable[int], numbers: Collection[str] = (), *, has_points: bool = True
) -> tuple[Recognised, ...]:
    """Accounts in use among these, and those of these tax ids (their tokens), by id; a query, and one for the points.

    Without `has_points`, what reaches them is left out.
    """
    live = unscoped(Account, reason=ALIKE).filter(trashed_at__isnull=True).annotate(number=F("tax_id__token"))
    wanted = Q(Among("pk", list(account_ids)))
    rows = live.filter(wanted | Q(number__in=list(numbers)) if numbers else wanted).order_by("pk")
    names = ("pk", "kind", "name", "city", "address", "website", "number", "owner_id")
    found = list(rows.values_list(*names))
    points = _points([row[0] for row in found] if has_points else (), "account_id")
    return tuple(
        _reached(Recognised(pk, kind, name, city, address, website, number or "", owner), points.get(pk, ()))
        for pk, kind, name, city, address, website, number, owner in found
    )


def recognised_contacts(contact_ids: Iterable[int], *, has_points: bool = True) -> tuple[Recognised, ...]:
    """Contacts in use among these, by id, with the customers they are at; a query, and one for the points."""
    rows = unscoped(Contact, reason=ALIKE).filter(trashed_at__isnull=True, account__trashed_at__isnull=True)
    names = ("pk", "name", "account__owner_id", "account_id", "account__name")
    found = list(rows.filter(Among("pk", list(contact_ids))).order_by("pk").values_list(*names))
    points = _points([row[0] for row in found] if has_points else (), "contact_id")
    person = AccountKind.PERSON.value
    return tuple(
        _reached(Recognised(pk, person, name, owner_id=owner, home_id=home_id, home=home), points.get(pk, ()))
        for pk, name, owner, home_id, home in found
    )


def home_names(account_ids: Iterable[int]) -> dict[int, str]:
    """What accounts are called, by id; one query. For the system alone."""
    rows = unscoped(Account, reason=ALIKE).filter(Among("pk", list(account_ids)))
    return dict(rows.values_list("pk", "name"))


def newest_ids(object_key: str, *, limit: int) -> tuple[int, ...]:
    """The accounts or contacts in use that were made last; one query."""
    model: type[Account | Contact] = Account if object_key == Account.protection.key else Contact
    rows = unscoped(model, reason=ALIKE).filter(trashed_at__isnull=True)
    return tuple(rows.order_by("-pk").values_list("pk", flat=True)[:limit])


def ids_reached(object_key: str, normalised: Collection[str], *, most: int = MOST_HOLDERS) -> tuple[int, ...]:
    """The accounts or contacts that one of these numbers and addresses reaches, the first by id; one query."""
    if not normalised:
        return ()
    rows = unscoped(ContactPoint, reason=ALIKE).filter(normalised__in=list(normalised), trashed_at__isnull=True)
    link = "account_id" if object_key == Account.protection.key else "contact_id"
    found = rows.filter(**{f"{link}__isnull": False}).order_by(link).values_list(link, flat=True).distinct()
    return tuple(found[:most])


def _points(ids: Sequence[int], link: str) -> Mapping[int, list[tuple[str, str]]]:
    """Type and value of the ways to reach records, by the record."""
    found: dict[int, list[tuple[str, str]]] = {}
    if not ids:
        return found
    rows = unscoped(ContactPoint, reason=ALIKE).filter(Among(link, list(ids)), trashed_at__isnull=True)
    for record_id, kind, value in rows.values_list(link, "type", "normalised"):
        found.setdefault(record_id, []).append((kind, value))
    return found


def _reached(row: Recognised, points: Sequence[tuple[str, str]]) -> Recognised:
    return replace(
        row,
        phones=tuple(value for kind, value in points if kind in NUMBERS),
        mails=tuple(value for kind, value in points if kind == "mail"),
    )


def identity_rows() -> pyarrow.Table:
    """By what the accounts are recognised that do not lie in the trash. Grain: account, by id.

    Columns: record_id (bigint), kind, title and sound (the name as it is compared and how it reads), city, region,
    address, website, number (the token of the tax id, null for none), and the lists phones and mails.
    """
    return read_arrow(_IDENTITIES.format(number=token_sql("a.tax_id")))


def contact_identity_rows() -> pyarrow.Table:
    """By what the contacts are recognised that do not lie in the trash. Grain: contact, by id.

    Columns: record_id (bigint), title (the name as it is compared), home (the name of the customer as it is compared),
    home_id (bigint), and the lists phones and mails.
    """
    return read_arrow(_CONTACT_IDENTITIES)


_POINTS = """
    SELECT {link}, array_agg(DISTINCT normalised::text) FILTER (WHERE type IN ('mobile', 'phone')) AS phones,
           array_agg(DISTINCT normalised::text) FILTER (WHERE type = 'mail') AS mails
    FROM customers_contactpoint WHERE trashed_at IS NULL AND {link} IS NOT NULL GROUP BY {link}
"""
_IDENTITIES = (
    """
SELECT a.id AS record_id, a.kind::text AS kind, coalesce(e.title, lower(a.name))::text AS title,
       nullif(e.sound, '') AS sound, nullif(a.city, '')::text AS city, nullif(a.region, '')::text AS region,
       nullif(a.address, '')::text AS address, nullif(a.website, '')::text AS website,
       CASE WHEN a.tax_id <> '' THEN {number} END AS number, p.phones, p.mails
FROM customers_account a
LEFT JOIN search_searchentry e ON e.object_key = 'account' AND e.record_id = a.id
LEFT JOIN ("""
    + _POINTS.format(link="account_id")
    + """) p ON p.account_id = a.id
WHERE a.trashed_at IS NULL ORDER BY a.id
"""
)
_CONTACT_IDENTITIES = (
    """
SELECT c.id AS record_id, coalesce(e.title, lower(c.name))::text AS title, c.account_id AS home_id,
       coalesce(h.title, lower(a.name))::text AS home, p.phones, p.mails
FROM customers_contact c
JOIN customers_account a ON a.id = c.account_id AND a.trashed_at IS NULL
LEFT JOIN search_searchentry e ON e.object_key = 'contact' AND e.record_id = c.id
LEFT JOIN search_searchentry h ON h.object_key = 'account' AND h.record_id = a.id
LEFT JOIN ("""  # our own words
    + _POINTS.format(link="contact_id")
    + """) p ON p.contact_id = c.id
WHERE c.trashed_at IS NULL ORDER BY c.id
"""
)
