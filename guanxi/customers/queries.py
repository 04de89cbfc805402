"""Named reads about accounts and what belongs to them; each a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import QuerySet

from guanxi.customers.models import Account, Contact, ContactPoint, ExternalKey, ImportantDate, Trait
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.masking import masked
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.search.queries import matching_ids

PHONES = ("mobile", "phone")
REGIONS_SECONDS = 300


@dataclass(frozen=True, slots=True)
class PointRow:
    """One contact point as this person may see it; `is_masked` when part of it is hidden."""

    id: int
    type: str
    text: str
    label: str
    contact_id: int | None
    consent: str
    is_preferred: bool
    is_masked: bool


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One contact with the points that reach it."""

    id: int
    name: str
    title: str
    department: str
    decision_role: str
    closeness: int
    salutation: str
    is_main: bool
    points: tuple[PointRow, ...]


def found_accounts(words: str, actor: Actor) -> QuerySet[Any, Any] | None:
    """Ids of accounts that match what a person typed, as a subquery; hidden parts of masked numbers find nothing."""
    sees_numbers = grant(actor, ContactPoint).field_access("value") >= FieldAccess.READ
    return matching_ids("account", words, sees_numbers=sees_numbers)


def account_by_id(account_id: int, actor: Actor) -> Account:
    """One account. Raises: NotFound."""
    return grant(actor, Account).get(account_id)


def contact_points(account_ids: Iterable[int], actor: Actor) -> dict[int, list[PointRow]]:
    """Contact points by account id, masked as the actor's rights say; preferred ones first."""
    permission = grant(actor, ContactPoint)
    access = permission.field_access("value")
    found: dict[int, list[PointRow]] = {}
    if access == FieldAccess.HIDDEN:
        return found
    rows = permission.queryset().filter(account__in=list(account_ids)).order_by("-is_preferred", "pk")
    for row in rows:
        is_masked = access == FieldAccess.MASKED
        sensitivity = {"mobile": "phone", "phone": "phone", "mail": "mail"}.get(row.type, "")
        shown = masked(row.value, sensitivity=sensitivity) if is_masked else row.value
        point = PointRow(row.pk, row.type, shown, row.label, row.contact_id, row.consent, row.is_preferred, is_masked)
        found.setdefault(row.account_id, []).append(point)
    return found


def contacts_of(account_id: int, actor: Actor) -> tuple[tuple[ContactRow, ...], tuple[PointRow, ...]]:
    """The contacts of an account, main one first, and the points of the account itself. Two queries."""
    points = contact_points([account_id], actor).get(account_id, [])
    rows = grant(actor, Contact).queryset().filter(account=account_id, trashed_at__isnull=True)
    contacts = tuple(
        ContactRow(
            id=row.pk,
            name=row.full_name,
            title=row.title,
            department=row.department,
            decision_role=row.decision_role,
            closeness=row.closeness,
            salutation=row.salutation,
            is_main=row.is_main,
            points=tuple(point for point in points if point.contact_id == row.pk),
        )
        for row in rows.order_by("-is_main", "-closeness", "pk")
    )
    return contacts, tuple(point for point in points if point.contact_id is None)


def main_contacts(account_ids: Iterable[int], actor: Actor) -> dict[int, Contact]:
    """The main contact per account."""
    rows = grant(actor, Contact).queryset().filter(account__in=list(account_ids), is_main=True).order_by("-pk")
    return {row.account_id: row for row in rows}


def important_dates_of(account_id: int, actor: Actor) -> tuple[ImportantDate, ...]:
    """The important dates of an account and its contacts."""
    rows = grant(actor, ImportantDate).queryset().filter(account=account_id, trashed_at__isnull=True)
    return tuple(rows.select_related("contact").order_by("month", "day"))


def traits_of(account_id: int, actor: Actor) -> tuple[Trait, ...]:
    """Hobbies, taboos and other things worth knowing."""
    rows = grant(actor, Trait).queryset().filter(account=account_id, trashed_at__isnull=True)
    return tuple(rows.select_related("contact").order_by("kind", "pk"))


def regions(actor: Actor) -> tuple[str, ...]:
    """The regions of the accounts that the actor sees, for a filter; at most five minutes old."""
    key = f"customers.regions.{actor.user_id}.{actor.policy_version}"
    found: tuple[str, ...] | None = caches["process"].get_or_set(key, lambda: _regions(actor), REGIONS_SECONDS)
    return found or ()


def _regions(actor: Actor) -> tuple[str, ...]:
    rows = grant(actor, Account).queryset().exclude(region="").values_list("region", flat=True)
    return tuple(rows.order_by("region").distinct()[:50])


def account_ids_by_keys(system: str, keys: Sequence[str]) -> dict[str, int]:
    """The accounts that a system knows under these keys, by key; keys that nobody has are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, account_id FROM {ExternalKey._meta.db_table} WHERE system = %s AND key = ANY(%s)",  # noqa: S608  # our table
            [system, list(keys)],
        )
        return dict(cursor.fetchall())


def existing_account_ids(ids: Sequence[int]) -> frozenset[int]:
    """Those of the ids that are accounts."""
    return _existing(Account._meta.db_table, ids)


def existing_contact_ids(ids: Sequence[int]) -> frozenset[int]:
    """Those of the ids that are contacts."""
    return _existing(Contact._meta.db_table, ids)


def _existing(table: str, ids: Sequence[int]) -> frozenset[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} WHERE id = ANY(%s)", [list(ids)])  # noqa: S608  # our table
        return frozenset(row[0] for row in cursor.fetchall())


def readable_phone(account_id: int, actor: Actor) -> str:
    """The number to call, if the actor may read it whole and nobody forbade it; else ""."""
    points = contact_points([account_id], actor).get(account_id, [])
    open_points = (point for point in points if point.type in PHONES and not point.is_masked)
    return next((point.text for point in open_points if point.consent != "withdrawn"), "")
