"""What other capabilities may ask about customers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow
from django.core.cache import caches
from django.db.models import Q

from guanxi.customers.analyses.names import canonical_mail as canonical_mail
from guanxi.customers.analyses.names import organisation_name as organisation_name
from guanxi.customers.choices import AccountKind as AccountKind
from guanxi.customers.commands.parts import require_editable as require_editable
from guanxi.customers.models import Account, ContactPoint, ImportantDate, Relation
from guanxi.customers.queries import GroupMember as GroupMember
from guanxi.customers.queries import MainContact as MainContact
from guanxi.customers.queries import account_ids_by_keys as account_ids_by_keys
from guanxi.customers.queries import contact_points, schemes
from guanxi.customers.queries import existing_account_ids as existing_account_ids
from guanxi.customers.queries import existing_contact_ids as existing_contact_ids
from guanxi.customers.queries import former_ids as former_ids
from guanxi.customers.queries import group_of as group_of
from guanxi.customers.queries import main_contacts as main_contacts
from guanxi.customers.rules import split_name as split_name
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Action
from guanxi.platform.encryption.fields import token_sql
from guanxi.platform.lake.arrow import read_arrow
from guanxi.platform.preferences.locale import in_language

PLANNING = "care: queues are planned for all persons"


RELATIONS_SECONDS = 60


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What other pages show of an account."""

    id: int
    name: str
    short_name: str
    kind: str
    relation: str
    owner_id: int | None
    unit_id: int | None

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name


def account_kinds(account_ids: Sequence[int] | None = None) -> pyarrow.Table:
    """Accounts for analyses. Grain: account, by id. Columns: account_id (bigint), relation, kind (text)."""
    condition = (
        "" if account_ids is None else f" AND id IN ({', '.join(str(int(value)) for value in account_ids) or 0})"
    )
    return read_arrow(
        "SELECT id AS account_id, relation_id AS relation, kind::text AS kind FROM customers_account "  # noqa: S608  # integers
        f"WHERE trashed_at IS NULL{condition} ORDER BY id"
    )


def account_aliases() -> pyarrow.Table:
    """The accounts that were merged into others, for analyses. Columns: former_id, current_id (bigint)."""
    return read_arrow("SELECT former_id, account_id AS current_id FROM customers_accountalias ORDER BY former_id")


def account_grant(actor: Actor, action: Action = Action.VIEW) -> Grant[Account]:
    """The actor's grant on accounts."""
    return grant(actor, Account, action)


def account_rows(actor: Actor, account_ids: Iterable[int]) -> dict[int, AccountRow]:
    """The accounts that the actor may see, by id; one query."""
    return {row[0]: AccountRow(*row) for row in _ACCOUNT_ROWS(grant(actor, Account), ids=list(account_ids))}


_ACCOUNT_ROWS: Prepared[Grant[Account]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(Among("pk", "ids"))
        .values_list("pk", "name", "short_name", "kind", "relation_id", "owner_id", "unit_id")
    )
)


def relation_names() -> dict[str, tuple[str, str]]:
    """Relation names (Chinese, English) by key, in their order; at most a minute old."""
    found: dict[str, tuple[str, str]] | None = caches["process"].get_or_set(
        "customers.relations",
        lambda: {row.pk: (row.name_zh, row.name_en) for row in Relation.objects.all()},
        RELATIONS_SECONDS,
    )
    return found or {}


@dataclass(frozen=True, slots=True)
class OwnedAccount:
    """An account with the person who looks after it, for planning."""

    id: int
    owner_id: int
    kind: str
    relation: str
    since_on: date | None


@dataclass(frozen=True, slots=True)
class ReachPoint:
    """One kind of contact point of an account and whether we may use it unasked; never the number itself."""

    type: str
    consent: str
    is_preferred: bool


@dataclass(frozen=True, slots=True)
class YearlyDate:
    """A day to remember each year; month and day are of the named calendar."""

    id: int
    account_id: int
    type: str
    label: str
    calendar: str
    month: int
    day: int


def owned_accounts(account_ids: Iterable[int] | None = None) -> tuple[OwnedAccount, ...]:
    """Accounts that somebody looks after, by id; one query. For the system's planning alone."""
    rows = unscoped(Account, reason=PLANNING).filter(trashed_at__isnull=True, owner__isnull=False)
    if account_ids is not None:
        rows = rows.filter(pk__in=list(account_ids))
    columns = ("pk", "owner_id", "kind", "relation_id", "since_on")
    return tuple(OwnedAccount(*row) for row in rows.order_by("pk").values_list(*columns))


def reach_points() -> dict[int, tuple[ReachPoint, ...]]:
    """The ways to reach each account that somebody looks after; one query, for planning alone."""
    rows = unscoped(ContactPoint, reason=PLANNING).filter(trashed_at__isnull=True, account__owner__isnull=False)
    found: dict[int, list[ReachPoint]] = {}
    columns = ("account_id", "type", "consent", "is_preferred")
    for account_id, kind, consent, is_preferred in rows.order_by("pk").values_list(*columns):
        found.setdefault(account_id, []).append(ReachPoint(kind, consent, is_preferred))
    return {account_id: tuple(points) for account_id, points in found.items()}


def yearly_dates(days: Iterable[tuple[str, int, int]]) -> tuple[YearlyDate, ...]:
    """The important dates on these days (calendar, month, day); one query, for planning alone."""
    wanted = Q(pk__in=[])
    for calendar, month, day in days:
        wanted |= Q(calendar=calendar, month=month, day=day)
    rows = unscoped(ImportantDate, reason=PLANNING).filter(wanted, trashed_at__isnull=True)
    columns = ("pk", "account_id", "type", "label", "calendar", "month", "day")
    return tuple(YearlyDate(*row) for row in rows.order_by("pk").values_list(*columns))


def dialable_numbers(actor: Actor, account_ids: Iterable[int]) -> dict[int, str]:
    """A telephone number per account where the actor may read it whole, by account id; one query."""
    numbers: dict[int, str] = {}
    for account_id, points in contact_points(account_ids, actor).items():
        whole = (point.text for point in points if point.type in {"mobile", "phone"} and not point.is_masked)
        number = next(whole, "")
        if number:
            numbers[account_id] = number
    return numbers


def relation_name(key: str) -> str:
    """A relation's name in the active language."""
    chinese, english = relation_names().get(key, (key, key))
    return in_language(chinese, english)


def scheme_name(scheme_id: int) -> str:
    """The name of a classification scheme in the active language; "" for one that is no more."""
    scheme = schemes().get(scheme_id)
    return in_language(scheme.name_zh, scheme.name_en) if scheme is not None else ""


def class_name(scheme_id: int, class_key: str) -> str:
    """The name of a class in the active language; its key when the scheme does not offer it any more."""
    scheme = schemes().get(scheme_id)
    names = {key: (name_zh, name_en) for key, name_zh, name_en in scheme.classes} if scheme else {}
    return in_language(*names.get(class_key, (class_key, class_key)))


def identity_rows() -> pyarrow.Table:
    """By what the accounts are recognised that do not lie in the trash. Grain: account, by id.

    Columns: account_id (bigint), kind, title and sound (the name as it is compared and how it reads), city, region,
    address, website, number (the token of the tax id, null for none), and the lists phones and mails.
    """
    return read_arrow(_IDENTITIES.format(number=token_sql("a.tax_id")))


_IDENTITIES = """
SELECT a.id AS account_id, a.kind::text AS kind, coalesce(e.title, lower(a.name))::text AS title,
       nullif(e.sound, '') AS sound, nullif(a.city, '')::text AS city, nullif(a.region, '')::text AS region,
       nullif(a.address, '')::text AS address, nullif(a.website, '')::text AS website,
       CASE WHEN a.tax_id <> '' THEN {number} END AS number, p.phones, p.mails
FROM customers_account a
LEFT JOIN search_searchentry e ON e.object_key = 'account' AND e.record_id = a.id
LEFT JOIN (
    SELECT account_id, array_agg(DISTINCT normalised::text) FILTER (WHERE type IN ('mobile', 'phone')) AS phones,
           array_agg(DISTINCT normalised::text) FILTER (WHERE type = 'mail') AS mails
    FROM customers_contactpoint WHERE trashed_at IS NULL GROUP BY account_id
) p ON p.account_id = a.id
WHERE a.trashed_at IS NULL ORDER BY a.id
"""
