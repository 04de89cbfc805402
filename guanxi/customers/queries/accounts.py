"""Named reads about accounts and what belongs to them; each a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable, Expression
from django.utils import timezone

from guanxi.customers.choices import PointType
from guanxi.customers.models import (
    Account,
    AccountAlias,
    AccountClass,
    Affiliation,
    Contact,
    ContactPoint,
    ExternalKey,
    ImportantDate,
    Trait,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.masking import masked
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.restraints import unrestrained
from guanxi.platform.records.sealing import asked_numbers
from guanxi.platform.search.queries import Question, question

PHONES = ("mobile", "phone")
SELF_EVIDENT = ("mobile", "mail")
POINT_MASKS = {"mobile": "phone", "phone": "phone", "mail": "mail"}
REGIONS_SECONDS = 300
MOST_CLASSES = 50
MOST_KEYS = 20


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
    consent_on: date | None = None
    receives_mail: bool = False
    receives_sms: bool = False
    wrong_on: date | None = None
    wrong_source: str = ""

    @property
    def type_words(self) -> str:
        """The type in words where the value does not show it by itself."""
        return "" if self.type in SELF_EVIDENT else str(PointType(self.type).label)


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
    influence: int = 0
    stance: str = "unknown"


@dataclass(frozen=True, slots=True)
class MainContact:
    """The person to speak to at an account."""

    id: int
    account_id: int
    family_name: str
    given_name: str
    title: str
    closeness: int
    salutation: str

    @property
    def full_name(self) -> str:
        """The name as its own language writes it."""
        return full_name(self.family_name, self.given_name)


@dataclass(frozen=True, slots=True)
class DateRow:
    """A day to remember; `year` is None when not known, `who` is the contact it belongs to, "" for the account."""

    id: int
    type: str
    label: str
    calendar: str
    year: int | None
    month: int
    day: int
    who: str


@dataclass(frozen=True, slots=True)
class TraitRow:
    """Something worth knowing; `who` is the contact it belongs to, "" for the account."""

    id: int
    kind: str
    text: str
    who: str


def found_accounts(words: str, actor: Actor) -> Question | None:
    """Which accounts a person looks for; what a mask hides of numbers and addresses finds nothing."""
    reach = grant(actor, ContactPoint).field_access("value")
    return question("account", words, reach=reach, numbers=asked_numbers(Account, words, actor))


def found_contacts(words: str, actor: Actor) -> Question | None:
    """Which contacts a person looks for; what a mask hides of numbers and addresses finds nothing."""
    reach = grant(actor, ContactPoint).field_access("value")
    return question("contact", words, reach=reach, numbers=asked_numbers(Contact, words, actor))


def account_by_id(account_id: int, actor: Actor) -> Account:
    """One account. Raises: NotFound."""
    return grant(actor, Account).get(account_id)


def consent_day(instant: datetime | None) -> date | None:
    """The day from which a consent holds, by the calendar of the house, so that everybody reads the same day."""
    return timezone.localdate(instant, timezone.get_default_timezone()) if instant else None


def contact_points(account_ids: Iterable[int], actor: Actor) -> dict[int, list[PointRow]]:
    """Contact points by account id, masked as the actor's rights say; preferred ones first."""
    permission = grant(actor, ContactPoint)
    access = permission.field_access("value")
    found: dict[int, list[PointRow]] = {}
    if access == FieldAccess.HIDDEN:
        return found
    is_masked = access == FieldAccess.MASKED
    for account_id, point_id, kind, value, label, contact_id, *rest in _POINTS(permission, ids=list(account_ids)):
        consent, is_preferred, consent_at, receives_mail, receives_sms, wrong_since, wrong_source = rest
        point = PointRow(
            id=point_id,
            type=kind,
            text=masked(value, sensitivity=POINT_MASKS.get(kind, "")) if is_masked else value,
            label=label,
            contact_id=contact_id,
            consent=consent,
            is_preferred=is_preferred,
            is_masked=is_masked,
            consent_on=consent_day(consent_at),
            receives_mail=receives_mail,
            receives_sms=receives_sms,
            wrong_on=consent_day(wrong_since),
            wrong_source=wrong_source,
        )
        found.setdefault(account_id, []).append(point)
    return found


_POINT_COLUMNS = (
    "account_id",
    "pk",
    "type",
    "value",
    "label",
    "contact_id",
    "consent",
    "is_preferred",
    "consent_at",
    "receives_mail",
    "receives_sms",
    "wrong_since",
    "wrong_source",
)
_POINTS: Prepared[Grant[ContactPoint]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(Among("account_id", "ids"), trashed_at__isnull=True, contact__trashed_at__isnull=True)
        .order_by("-is_preferred", "pk")
        .values_list(*_POINT_COLUMNS)
    )
)


def contacts_of(account_id: int, actor: Actor) -> tuple[tuple[ContactRow, ...], tuple[PointRow, ...]]:
    """The contacts of an account, main one first, and the points of the account itself. Two queries."""
    points = contact_points([account_id], actor).get(account_id, [])
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
            influence=row.influence,
            stance=row.stance,
        )
        for row in _CONTACTS(grant(actor, Contact), account_id=account_id)
    )
    return contacts, tuple(point for point in points if point.contact_id is None)


_CONTACTS: Prepared[Grant[Contact]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(account=Slot("account_id"), trashed_at__isnull=True)
        .order_by("-is_main", "-closeness", "pk")
    )
)


@dataclass(frozen=True, slots=True)
class Home:
    """The account of a contact, as far as a list of contacts shows it."""

    name: str
    owner_id: int | None


def homes(account_ids: Iterable[int], actor: Actor) -> dict[int, Home]:
    """The accounts with these ids that the actor may see; one query."""
    rows = _HOMES(grant(actor, Account), ids=list(set(account_ids)))
    return {account_id: Home(name, owner_id) for account_id, name, owner_id in rows}


_HOMES: Prepared[Grant[Account]] = Prepared(
    lambda permission: permission.queryset().filter(Among("pk", "ids")).values_list("pk", "name", "owner_id")
)


def main_contacts(account_ids: Iterable[int], actor: Actor) -> dict[int, MainContact]:
    """The main contact per account whom one may speak to; one query."""
    rows = _MAIN_CONTACTS(grant(actor, Contact), ids=list(account_ids))
    return {account_id: MainContact(pk, account_id, *names) for pk, account_id, *names in rows}


_MAIN_CONTACTS: Prepared[Grant[Contact]] = Prepared(
    lambda permission: (
        unrestrained(permission.queryset(), "contact")
        .filter(Among("account_id", "ids"), is_main=True, trashed_at__isnull=True)
        .order_by("-pk")
        .values_list("pk", "account_id", "family_name", "given_name", "title", "closeness", "salutation")
    )
)


def important_dates_of(account_id: int, actor: Actor) -> tuple[DateRow, ...]:
    """The important dates of an account and its contacts."""
    rows = _DATES(grant(actor, ImportantDate), account_id=account_id)
    return tuple(
        DateRow(pk, kind, label, calendar, year, month, day, full_name(family or "", given or ""))
        for pk, kind, label, calendar, year, month, day, family, given in rows
    )


_DATES: Prepared[Grant[ImportantDate]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(account=Slot("account_id"), trashed_at__isnull=True)
        .order_by("month", "day")
        .values_list(
            *("pk", "type", "label", "calendar", "year", "month", "day"), "contact__family_name", "contact__given_name"
        )
    )
)


def traits_of(account_id: int, actor: Actor) -> tuple[TraitRow, ...]:
    """Hobbies, taboos and other things worth knowing."""
    rows = _TRAITS(grant(actor, Trait), account_id=account_id)
    return tuple(
        TraitRow(pk, kind, text, full_name(family or "", given or "")) for pk, kind, text, family, given in rows
    )


_TRAITS: Prepared[Grant[Trait]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(account=Slot("account_id"), trashed_at__isnull=True)
        .order_by("kind", "pk")
        .values_list("pk", "kind", "text", "contact__family_name", "contact__given_name")
    )
)


def regions(actor: Actor) -> tuple[str, ...]:
    """The regions of the accounts that the actor sees, for a filter; at most five minutes old."""
    permission = grant(actor, Account)
    key = sha256(f"customers.regions {permission!r}".encode()).hexdigest()
    found: tuple[str, ...] | None = caches["process"].get_or_set(key, lambda: _regions(permission), REGIONS_SECONDS)
    return found or ()


def _regions(permission: Grant[Account]) -> tuple[str, ...]:
    rows = permission.queryset().exclude(region="").values_list("region", flat=True)
    return tuple(rows.order_by("region").distinct()[:50])


def account_ids_by_keys(system: str, keys: Sequence[str]) -> dict[str, int]:
    """The accounts that a system knows under these keys, by key; keys that nobody has are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT key, account_id FROM {ExternalKey._meta.db_table} WHERE system = %s AND key = ANY(%s)",  # noqa: S608  # our table
            [system, list(keys)],
        )
        return dict(cursor.fetchall())


def former_ids(account_id: int) -> tuple[int, ...]:
    """The accounts that were merged into one, whose facts are read as its own. One query."""
    return tuple(row[0] for row in _FORMER_IDS(None, account_id=account_id))


_FORMER_IDS: Prepared[None] = Prepared(
    lambda _everybody: AccountAlias.objects.filter(account_id=Slot("account_id")).values_list("former_id")
)


class OfAccount(Expression):
    """A condition: the column names the account in the slot `account_id`, or one that was merged into it."""

    output_field = BooleanField()

    def __init__(self, column: str) -> None:
        super().__init__()
        self.column: Any = F(column)

    def get_source_expressions(self) -> list[Any]:
        """The column."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved column."""
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """An array, so that an index over the column serves it."""
        column, parameters = compiler.compile(self.column)
        slot, given = compiler.compile(Slot("account_id"))
        merged = f"SELECT former_id FROM {AccountAlias._meta.db_table} WHERE account_id = {slot}"  # noqa: S608  # our table
        return f"{column} = ANY(ARRAY[{slot}]::bigint[] || ARRAY({merged}))", (*parameters, *given, *given)


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


def callable_number(points: Iterable[PointRow]) -> str:
    """The first number that is known whole, that reaches somebody and that nobody forbade to call; else ""."""
    usable = (point for point in points if point.type in PHONES and point.wrong_on is None)
    open_points = (point for point in usable if not point.is_masked)
    return next((point.text for point in open_points if point.consent != "withdrawn"), "")


@dataclass(frozen=True, slots=True)
class ClassRow:
    """An account's class in one scheme."""

    id: int
    scheme_id: int
    class_key: str


@dataclass(frozen=True, slots=True)
class KeyRow:
    """How another system calls an account, as this person may see it."""

    system: str
    key: str


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A contact's role at a further account; `is_here` when the further account is the one looked at.

    `is_editable` when the person may change both accounts.
    """

    id: int
    contact_id: int
    contact_name: str
    account_id: int
    account_name: str
    title: str
    decision_role: str
    is_here: bool
    is_editable: bool


def _classes(permission: Grant[AccountClass]) -> QuerySet[Any, Any]:
    rows = permission.queryset().filter(account=Slot("account_id"), trashed_at__isnull=True)
    unnamed = rows.annotate(no_system=Value("")).order_by("pk")
    return unnamed.values_list("no_system", "class_key", "classification_id", "pk")[:MOST_CLASSES]


def _with_keys(permission: Grant[AccountClass]) -> QuerySet[Any, Any]:
    keys = grant(permission.actor, ExternalKey).queryset().filter(account=Slot("account_id"))
    named = keys.annotate(no_scheme=Value(0)).order_by("system", "key")
    return _classes(permission).union(named.values_list("system", "key", "no_scheme", "pk")[:MOST_KEYS], all=True)


_CLASSES: Prepared[Grant[AccountClass]] = Prepared(_classes)
_CLASSES_AND_KEYS: Prepared[Grant[AccountClass]] = Prepared(_with_keys)


def classes_and_keys(account_id: int, actor: Actor) -> tuple[tuple[ClassRow, ...], tuple[KeyRow, ...]]:
    """The classes of an account and the keys under which other systems know it; one query for both."""
    access = grant(actor, ExternalKey).field_access("key")
    read = _CLASSES_AND_KEYS if access > FieldAccess.HIDDEN else _CLASSES
    found = read(grant(actor, AccountClass), account_id=account_id)
    is_whole = access >= FieldAccess.READ
    return (
        tuple(ClassRow(pk, scheme_id, name) for system, name, scheme_id, pk in found if not system),
        tuple(
            KeyRow(system, name if is_whole else masked(name, sensitivity="identity"))
            for system, name, _, _ in found
            if system
        ),
    )


def _role_ids(permission: Grant[Affiliation]) -> QuerySet[Any, Any]:
    rows = permission.queryset().filter(trashed_at__isnull=True)
    return rows.filter(Q(account=Slot("account_id")) | Q(Among("contact_id", "contact_ids"))).values_list("pk")


def _roles(permission: Grant[Affiliation]) -> QuerySet[Any, Any]:
    contacts = grant(permission.actor, Contact).queryset().filter(trashed_at__isnull=True).values("pk")
    rows = permission.queryset().filter(Among("pk", "ids"), contact__in=contacts)
    return (
        rows.annotate(is_editable=_both_ends_editable(permission.actor))
        .order_by("pk")
        .values_list(
            "pk",
            "title",
            "decision_role",
            "account_id",
            "account__name",
            "contact_id",
            "contact__family_name",
            "contact__given_name",
            "contact__account_id",
            "contact__account__name",
            "is_editable",
        )
    )


def _both_ends_editable(actor: Actor) -> Combinable:
    """Whether a role lies between accounts that the actor may change, as a column."""
    if not may(actor, Account, Action.EDIT):
        return Value(False)
    accounts = grant(actor, Account, Action.EDIT).queryset()
    there, home = (accounts.filter(pk=OuterRef(end)) for end in ("account_id", "contact__account_id"))
    return ExpressionWrapper(Exists(there) & Exists(home), output_field=BooleanField())


_ROLE_IDS: Prepared[Grant[Affiliation]] = Prepared(_role_ids)
_ROLES: Prepared[Grant[Affiliation]] = Prepared(_roles)


def roles_of(account_id: int, contact_ids: Iterable[int], actor: Actor) -> tuple[RoleRow, ...]:
    """Roles of the account's contacts at further accounts and of others' contacts here; both ends must be seen.

    Most accounts have none, which one small query tells; the names take a second one.
    """
    permission = grant(actor, Affiliation)
    known = _ROLE_IDS(permission, account_id=account_id, contact_ids=list(contact_ids))
    found = _ROLES(permission, ids=[pk for (pk,) in known]) if known else []
    return tuple(
        RoleRow(
            id=pk,
            contact_id=contact_id,
            contact_name=full_name(family, given),
            account_id=home_id if there_id == account_id else there_id,
            account_name=home if there_id == account_id else there,
            title=title,
            decision_role=role,
            is_here=there_id == account_id,
            is_editable=is_editable,
        )
        for pk, title, role, there_id, there, contact_id, family, given, home_id, home, is_editable in found
    )


def accounts_named(name: str, actor: Actor, *, limit: int = 8) -> tuple[tuple[int, str], ...]:
    """The accounts that the actor may change and that a name means: of exactly this name, else found by it."""
    rows = grant(actor, Account, Action.EDIT).queryset().filter(trashed_at__isnull=True)
    exact = tuple(rows.filter(name=name).order_by("pk").values_list("pk", "name")[:limit])
    found = None if exact else found_accounts(name, actor)
    if found is None:
        return exact
    return tuple(rows.filter(pk__in=found.ids).order_by("name_key", "pk").values_list("pk", "name")[:limit])


def contact_names(account_id: int, actor: Actor) -> tuple[tuple[int, str], ...]:
    """The contacts of an account for a choice, main one first."""
    rows = grant(actor, Contact).queryset().filter(account=account_id, trashed_at__isnull=True)
    return tuple((row.pk, row.full_name) for row in rows.order_by("-is_main", "-closeness", "pk"))
