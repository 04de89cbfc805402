"""What other capabilities may ask about customers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pyarrow
from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Exists, Q, QuerySet

from guanxi.customers.analyses.names import canonical_mail as canonical_mail
from guanxi.customers.analyses.names import organisation_name as organisation_name
from guanxi.customers.choices import AccountKind as AccountKind
from guanxi.customers.commands import edit_contact_point as edit_contact_point
from guanxi.customers.commands import mark_point_working as mark_point_working
from guanxi.customers.commands import mark_point_wrong as mark_point_wrong
from guanxi.customers.commands import remove_contact_point as remove_contact_point
from guanxi.customers.commands.accounts import add_external_keys as add_external_keys
from guanxi.customers.commands.accounts import create_account as create_account
from guanxi.customers.commands.accounts import edit_account as edit_account
from guanxi.customers.commands.contacts import create_contact as create_contact
from guanxi.customers.commands.contacts import edit_contact as edit_contact
from guanxi.customers.commands.owners import place_accounts as place_accounts
from guanxi.customers.commands.owners import unplace_accounts as unplace_accounts
from guanxi.customers.commands.parts import require_editable as require_editable
from guanxi.customers.commands.points import add_point as add_point
from guanxi.customers.commands.points import set_point_consents as set_point_consents
from guanxi.customers.commands.strategies import remove_class_strategy as remove_class_strategy
from guanxi.customers.commands.strategies import set_class_strategy as set_class_strategy
from guanxi.customers.models import (
    Account,
    AccountAlias,
    AccountClass,
    Classification,
    ClassStrategy,
    Contact,
    ContactPoint,
    ImportantDate,
    Relation,
    Trait,
)
from guanxi.customers.queries import ContactRow as ContactRow
from guanxi.customers.queries import GroupMember as GroupMember
from guanxi.customers.queries import KnownPoint as KnownPoint
from guanxi.customers.queries import KnownStrategy as KnownStrategy
from guanxi.customers.queries import MainContact as MainContact
from guanxi.customers.queries import OfAccount as OfAccount
from guanxi.customers.queries import PointRow as PointRow
from guanxi.customers.queries import RecordState as RecordState
from guanxi.customers.queries import Scheme as Scheme
from guanxi.customers.queries import SchemeClass as SchemeClass
from guanxi.customers.queries import WrongPoint as WrongPoint
from guanxi.customers.queries import account_ids_by_keys as account_ids_by_keys
from guanxi.customers.queries import changed_account_ids as changed_account_ids
from guanxi.customers.queries import class_counts as class_counts
from guanxi.customers.queries import class_members as class_members
from guanxi.customers.queries import contact_points as contact_points
from guanxi.customers.queries import contacts_of as contacts_of
from guanxi.customers.queries import existing_account_ids as existing_account_ids
from guanxi.customers.queries import existing_contact_ids as existing_contact_ids
from guanxi.customers.queries import former_ids as former_ids
from guanxi.customers.queries import group_of as group_of
from guanxi.customers.queries import important_dates_of as important_dates_of
from guanxi.customers.queries import known_points as known_points
from guanxi.customers.queries import known_strategy as known_strategy
from guanxi.customers.queries import main_contacts as main_contacts
from guanxi.customers.queries import other_ways as other_ways
from guanxi.customers.queries import record_states as record_states
from guanxi.customers.queries import schemes as schemes
from guanxi.customers.queries import strategies as strategies
from guanxi.customers.queries import strategies_of_accounts as strategies_of_accounts
from guanxi.customers.queries import strategy_of as strategy_of
from guanxi.customers.queries import traits_of as traits_of
from guanxi.customers.queries import unreached_account_ids as unreached_account_ids
from guanxi.customers.queries import way_field as way_field
from guanxi.customers.queries import wrong_point as wrong_point
from guanxi.customers.queries import wrong_point_count as wrong_point_count
from guanxi.customers.queries import wrong_points as wrong_points
from guanxi.customers.queries.captured import reads_points as reads_points
from guanxi.customers.queries.captured import reads_tax_ids as reads_tax_ids
from guanxi.customers.queries.recognising import Recognised as Recognised
from guanxi.customers.queries.recognising import contact_identity_rows as contact_identity_rows
from guanxi.customers.queries.recognising import home_names as home_names
from guanxi.customers.queries.recognising import identity_rows as identity_rows
from guanxi.customers.queries.recognising import ids_reached as ids_reached
from guanxi.customers.queries.recognising import newest_ids as newest_ids
from guanxi.customers.queries.recognising import recognised_accounts as recognised_accounts
from guanxi.customers.queries.recognising import recognised_contacts as recognised_contacts
from guanxi.customers.rules import Strategy as Strategy
from guanxi.customers.rules import next_occurrence as next_occurrence
from guanxi.customers.rules import normalised_point as normalised_point
from guanxi.customers.rules import split_name as split_name
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, may, may_act_on, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among, Prepared, number_array
from guanxi.platform.access.rules import Action
from guanxi.platform.encryption.in_use import number_token
from guanxi.platform.lake.arrow import read_arrow
from guanxi.platform.objects.restraints import unrestrained
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.bulk import history_table

PLANNING = "care: queues are planned for all persons"
HOLDING = "pool: rules of pools are applied to all customers, whoever looks after them"
ALIKE = "duplicates: whether a record is there already does not depend on who asks; of foreign ones nothing is shown"
MOST_ALIKE = 400
QUALITY = "stewardship: the quality of records is counted of all customers"
OWNERS = "stewardship: who looked after a customer is kept for all customers"


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


def current_ids(account_ids: Iterable[int]) -> dict[int, int]:
    """What accounts are by now that were merged into others, by the former id; one query."""
    return dict(AccountAlias.objects.filter(Among("former_id", list(account_ids))).values_list("former_id", "account"))


def may_set_strategies(actor: Actor) -> bool:
    """Whether a person may say how contact with the customers of classes is kept up."""
    return may(actor, ClassStrategy, Action.EDIT)


def may_set_up_schemes(actor: Actor) -> bool:
    """Whether the actor says by which schemes customers are sorted."""
    return may(actor, Classification, Action.ADMINISTER)


def sees_classes(actor: Actor) -> bool:
    """Whether the classes of customers are anything to a person."""
    return may(actor, AccountClass, Action.VIEW)


def absorbing_accounts(condition: Exists) -> QuerySet[Any, Any]:
    """The ids of the accounts into which others were merged that meet a condition on `former_id`; a query."""
    return AccountAlias.objects.filter(condition).order_by().values("account_id")


def former_accounts(accounts: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """The ids of the accounts that were merged into these, which are a query of ids; a query."""
    return AccountAlias.objects.filter(account__in=accounts).order_by().values("former_id")


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


@dataclass(frozen=True, slots=True)
class HeldAccount:
    """An account in use with the person who looks after it, as rules about holding need it."""

    id: int
    owner_id: int
    unit_id: int | None
    relation: str
    created_at: datetime


def held_accounts(account_ids: Iterable[int], *, locks: bool = False) -> tuple[HeldAccount, ...]:
    """Those of the accounts that somebody looks after, by id; one query. For the system's rules alone.

    With `locks` they are locked until the transaction ends, which must have begun.
    """
    rows = _held_rows().filter(Among("pk", list(account_ids)))
    rows = rows.select_for_update(no_key=True) if locks else rows
    columns = ("pk", "owner_id", "unit_id", "relation_id", "created_at")
    return tuple(HeldAccount(*row) for row in rows.order_by("pk").values_list(*columns))


def held_account_ids(owner_id: int | None = None) -> list[int]:
    """The ids of all accounts in use that somebody looks after, or that one person does. For the system's rules."""
    rows = _held_rows() if owner_id is None else _held_rows().filter(owner=owner_id)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def held_counts(owner_ids: Iterable[int]) -> dict[int, int]:
    """How many accounts in use each of these people looks after, by the person's id. For the system's rules."""
    rows = _held_rows().filter(Among("owner_id", sorted(set(owner_ids))))
    return dict(rows.order_by().values_list("owner_id").annotate(Count("pk")))


def _held_rows() -> GuardedQuerySet[Account]:
    return unscoped(Account, reason=HOLDING).filter(trashed_at__isnull=True, owner__isnull=False)


def reach_points() -> dict[int, tuple[ReachPoint, ...]]:
    """The ways that do reach each account that somebody looks after; one query, for planning alone.

    Contacts who must not be used are reached by none.
    """
    live = unscoped(ContactPoint, reason=PLANNING).filter(trashed_at__isnull=True, wrong_since__isnull=True)
    rows = unrestrained(live.filter(account__owner__isnull=False), "contact", column="contact")
    found: dict[int, list[ReachPoint]] = {}
    columns = ("account_id", "type", "consent", "is_preferred")
    for account_id, kind, consent, is_preferred in rows.order_by("pk").values_list(*columns):
        found.setdefault(account_id, []).append(ReachPoint(kind, consent, is_preferred))
    return {account_id: tuple(points) for account_id, points in found.items()}


def yearly_dates(days: Iterable[tuple[str, int, int]]) -> tuple[YearlyDate, ...]:
    """The important dates on these days (calendar, month, day); one query, for planning alone.

    Those of contacts who must not be used are left out.
    """
    wanted = Q(pk__in=[])
    for calendar, month, day in days:
        wanted |= Q(calendar=calendar, month=month, day=day)
    live = unscoped(ImportantDate, reason=PLANNING).filter(wanted, trashed_at__isnull=True)
    rows = unrestrained(live, "contact", column="contact")
    columns = ("pk", "account_id", "type", "label", "calendar", "month", "day")
    return tuple(YearlyDate(*row) for row in rows.order_by("pk").values_list(*columns))


def dialable_numbers(actor: Actor, account_ids: Iterable[int]) -> dict[int, str]:
    """A telephone number per account where the actor may read it whole, by account id; one query."""
    numbers: dict[int, str] = {}
    for account_id, points in contact_points(account_ids, actor).items():
        phones = (point for point in points if point.type in {"mobile", "phone"} and point.wrong_on is None)
        whole = (point.text for point in phones if not point.is_masked)
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
    found = scheme.class_of(class_key) if scheme else None
    return in_language(found.name_zh, found.name_en) if found else class_key


def may_hand_over(actor: Actor, *, owner_id: int | None, unit_id: int | None) -> bool:
    """Whether the actor may give customers that somebody of a unit looks after to somebody else."""
    whose = Account(owner_id=owner_id, unit_id=unit_id)
    return may_act_on(actor, whose, Action.TRANSFER, counts_shares=False)


def account_dates(actor: Actor, account_ids: Iterable[int]) -> tuple[YearlyDate, ...]:
    """The important dates of accounts and their contacts, as far as the actor may see them; one query."""
    rows = _ACCOUNT_DATES(grant(actor, ImportantDate), ids=list(account_ids))
    return tuple(YearlyDate(*row) for row in rows)


_ACCOUNT_DATES: Prepared[Grant[ImportantDate]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(Among("account_id", "ids"), trashed_at__isnull=True)
        .order_by("account_id", "month", "day", "pk")
        .values_list("pk", "account_id", "type", "label", "calendar", "month", "day")
    )
)


def may_see_customers_of(actor: Actor, *, owner_id: int | None, unit_id: int | None) -> bool:
    """Whether the actor sees customers that somebody of a unit looks after, without anybody having shared them."""
    whose = Account(owner_id=owner_id, unit_id=unit_id)
    return may_act_on(actor, whose, Action.VIEW, counts_shares=False)


def customer_counts(among: QuerySet[Any, Any] | None) -> dict[tuple[int, int], int]:
    """How many customers in use each owner of each unit has, by (unit, owner), 0 = none; one query.

    `among` are the ids of those that count, None = all. For the system's own records alone.
    """
    rows = unscoped(Account, reason=QUALITY).filter(trashed_at__isnull=True)
    meant = rows if among is None else rows.filter(pk__in=among)
    counted = meant.order_by().values_list("unit_id", "owner_id").annotate(count=Count("pk"))
    return {(unit_id or 0, owner_id or 0): count for unit_id, owner_id, count in counted}


@dataclass(frozen=True, slots=True)
class OwnerChange:
    """An account passed from one person to another, under an audit entry; None = nobody."""

    account_id: int
    at: datetime
    entry_id: UUID | None
    former_id: int | None
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class OwnedSince:
    """Who looks after an account now, and since when there is such an account."""

    account_id: int
    created_at: datetime
    owner_id: int | None


_OWNER_CHANGES = """
WITH seen AS (
    SELECT h.pgh_obj_id, h.pgh_id, h.pgh_created_at, h.pgh_context_id, h.owner_id AS former,
           lead(h.owner_id) OVER row AS following, lead(h.pgh_id) OVER row IS NULL AS is_last
    FROM {history} h WHERE h.pgh_obj_id = ANY(%s::bigint[])
    WINDOW row AS (PARTITION BY h.pgh_obj_id ORDER BY h.pgh_id)
), moved AS (
    SELECT seen.*, CASE WHEN seen.is_last THEN a.owner_id ELSE seen.following END AS owner
    FROM seen JOIN customers_account a ON a.id = seen.pgh_obj_id
)
SELECT pgh_obj_id, pgh_created_at, pgh_context_id, former, owner FROM moved
WHERE former IS DISTINCT FROM owner ORDER BY pgh_obj_id, pgh_id
"""


def owner_changes(account_ids: Iterable[int]) -> tuple[OwnerChange, ...]:
    """Every change of owner of accounts, in the order of time, whichever way it was made; one query.

    They come from the former values that the database itself keeps. For the system's own records alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWNER_CHANGES.format(history=history_table(Account)), [number_array(account_ids)])
        return tuple(OwnerChange(*row) for row in cursor.fetchall())


def owned_since(account_ids: Iterable[int]) -> tuple[OwnedSince, ...]:
    """Who looks after accounts now, those in the trash too; one query. For the system's own records alone."""
    rows = unscoped(Account, reason=OWNERS).filter(Among("pk", list(account_ids)))
    return tuple(OwnedSince(*row) for row in rows.order_by("pk").values_list("pk", "created_at", "owner_id"))


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """A field whose holding is asked for: `place` numbers it, `sql` is its value as text, with {} for the row."""

    place: int
    sql: str


Parameter = list[int] | list[str] | list[bool] | str
Selected = tuple[str, tuple[Parameter, ...]]
"""A SELECT and its parameters."""
COMPLETENESS = "planning: completeness is computed for all accounts"
ANY = "any"
UNSAID = "('', '[]', 'none')"
"""The texts of values that say nothing: no text, no choice, the role of somebody who has no say."""
PART_KINDS: Mapping[str, str] = {
    Trait.protection.key: "part.kind",
    ContactPoint.protection.key: "part.type, CASE WHEN part.consent <> 'unknown' THEN 'consent' END",
    ImportantDate.protection.key: "part.type",
    Contact.protection.key: "''",
    AccountClass.protection.key: "(SELECT s.key FROM {schemes} s WHERE s.id = part.classification_id)",
}
"""What tells the kinds of a part that belongs to accounts, by the key of its object; the SQL of some texts."""


def scored_account_ids(*, after: int, limit: int) -> list[int]:
    """The next accounts that do not lie in the trash, by id; for computing completeness alone."""
    rows = unscoped(Account, reason=COMPLETENESS).filter(trashed_at__isnull=True, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def accounts_sql() -> str:
    """The SELECT of what sorts accounts. Grain: account that does not lie in the trash.

    Columns: account_id, kind, relation, owner_id, unit_id (both null for none).
    """
    table = Account._meta.db_table
    return f"SELECT id AS account_id, kind, relation_id AS relation, owner_id, unit_id FROM {table} WHERE trashed_at IS NULL"  # noqa: S608, E501  # our table


def known_fields(object_key: str, columns: Sequence[KnownColumn], *, account_ids: Sequence[int]) -> Selected:
    """The SELECT of which fields hold something, of accounts or their contacts, and since when they hold just that.

    Grain: record × place. Columns: account_id, place, known_at: when the value was last written, which the history
    tells, or else when the record was made.
    """
    model: type[Account | Contact] = Account if object_key == Account.protection.key else Contact
    link = "id" if model is Account else "account_id"
    changed = ", ".join(
        f"max(pgh_created_at) FILTER (WHERE old_{item.place} IS DISTINCT FROM new_{item.place}) AS at_{item.place}"
        for item in columns
    )
    pairs = ", ".join(
        f"{item.sql.format('h')} AS old_{item.place}, lead({item.sql.format('h')}, 1, {item.sql.format('t')}) "
        f"OVER (ORDER BY h.pgh_id) AS new_{item.place}"
        for item in columns
    )
    values = ", ".join(f"({item.place}, {item.sql.format('t')}, w.at_{item.place})" for item in columns)
    table, kept = model._meta.db_table, history_table(model)
    statement = (
        f"SELECT t.{link} AS account_id, v.place, coalesce(v.changed_at, t.created_at) AS known_at FROM {table} t "  # noqa: S608  # names of our own models
        f"CROSS JOIN LATERAL (SELECT {changed} FROM (SELECT h.pgh_created_at, {pairs} FROM {kept} h "
        f"WHERE h.pgh_obj_id = t.id) c) w CROSS JOIN LATERAL (VALUES {values}) v(place, value, changed_at) "
        f"WHERE t.{link} = ANY(%s::bigint[]) AND t.trashed_at IS NULL AND coalesce(v.value, '') NOT IN {UNSAID}"
    )
    return statement, (list(account_ids),)


def known_parts(object_key: str, names: Mapping[int, str], *, account_ids: Sequence[int]) -> Selected:
    """The SELECT of which kinds of parts accounts have, and when the last one was written.

    `names` are the kinds by place, "any" for all. Grain: part × place. Columns: account_id, place, known_at.
    """
    models = {item.protection.key: item for item in (Trait, ContactPoint, ImportantDate, Contact, AccountClass)}
    table, told = models[object_key]._meta.db_table, PART_KINDS[object_key]
    kind = told.format(schemes=Classification._meta.db_table)
    statement = (
        f"SELECT part.account_id, v.place, part.updated_at AS known_at FROM {table} part "  # noqa: S608  # our tables
        "JOIN unnest(%s::int[], %s::text[]) v(place, name) "
        f"ON v.name = '{ANY}' OR v.name IN ({kind}) "
        "WHERE part.account_id = ANY(%s::bigint[]) AND part.trashed_at IS NULL"
    )
    return statement, (list(names), list(names.values()), list(account_ids))


def tax_id_token(text: str) -> str:
    """By what two equal tax ids are told, "" for an empty one."""
    number = text.strip()
    return number_token(number, place="account.tax_id") if number else ""


@dataclass(frozen=True, slots=True)
class PointHolder:
    """Who is reached by a number or an address: an account, or a contact of it."""

    account_id: int
    contact_id: int | None
    type: str
    normalised: str


def point_holders(normalised: Iterable[str]) -> tuple[PointHolder, ...]:
    """Who is reached by one of these numbers and addresses, in the form in which they are compared; one query.

    For the system alone: whoever asks is not told.
    """
    rows = unscoped(ContactPoint, reason=ALIKE).filter(
        normalised__in=list(normalised), trashed_at__isnull=True, account__trashed_at__isnull=True
    )
    columns = ("account_id", "contact_id", "type", "normalised")
    return tuple(PointHolder(*row) for row in rows.order_by("account_id", "pk").values_list(*columns)[:MOST_ALIKE])


def contact_grant(actor: Actor, action: Action = Action.VIEW) -> Grant[Contact]:
    """The actor's grant on contacts."""
    return grant(actor, Contact, action)


def point_grant(actor: Actor, action: Action = Action.VIEW) -> Grant[ContactPoint]:
    """The actor's grant on the ways to reach accounts and contacts."""
    return grant(actor, ContactPoint, action)


def contacts_named(account_id: int, name: str) -> tuple[int, ...]:
    """The ids of an account's contacts of a name; one query. For the system alone."""
    rows = unscoped(Contact, reason=ALIKE).filter(account=account_id, name=name, trashed_at__isnull=True)
    return tuple(rows.order_by("pk").values_list("pk", flat=True)[:MOST_ALIKE])
