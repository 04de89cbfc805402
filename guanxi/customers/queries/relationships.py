"""Named reads about what customers and their people are to each other; each a fixed number of queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.db.models import Count, Q, QuerySet

from guanxi.customers.analyses.relations import group_tree
from guanxi.customers.choices import GROUP_TYPE
from guanxi.customers.models import Account, Contact, Relationship, RelationshipType
from guanxi.customers.queries.accounts import accounts_named, found_contacts
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.preferences.locale import in_language

RELATIONSHIP_TYPES_KEY = "customers.relationship_types"
TYPES_SECONDS = 60
MOST_SHOWN = 200
MOST_NAMES = 8
GROUP_DEPTH = 6
MOST_IN_GROUP = 200
BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A type of relationship; `names` and `inverse` are Chinese and English, the same when it reads both ways."""

    key: str
    joins: str
    names: tuple[str, str]
    inverse: tuple[str, str]
    is_active: bool = True

    @property
    def is_symmetric(self) -> bool:
        """Whether it reads the same from both sides."""
        return self.names == self.inverse

    def words(self, *, is_first: bool) -> str:
        """What the first party (or the second) is to the other one, in the active language."""
        return in_language(*(self.names if is_first else self.inverse))


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a relationship: an account, or a contact of it. `name` is its own, `home` the account's."""

    account_id: int
    contact_id: int | None
    name: str
    home: str
    is_person: bool

    @property
    def key(self) -> str:
        """The party as one word."""
        return f"p{self.contact_id}" if self.contact_id else f"a{self.account_id}"

    @property
    def label(self) -> str:
        """Its name, of a contact with that of the customer."""
        return f"{self.name}{BETWEEN}{self.home}" if self.contact_id else self.name

    @property
    def url(self) -> str:
        """The address of its card."""
        return record_url("contact", self.contact_id) if self.contact_id else f"/accounts/{self.account_id}/"


@dataclass(frozen=True, slots=True)
class RelationshipRow:
    """A relationship as this person sees it, from one party to the other."""

    id: int
    type_key: str
    one: Party
    other: Party
    bond: int
    since_on: date | None
    source: str
    note: str

    def side(self, account_id: int) -> tuple[Party, Party, bool]:
        """This side as seen from an account, the far side, and whether the far side is the first party."""
        is_far_first = self.one.account_id != account_id
        return (self.other, self.one, True) if is_far_first else (self.one, self.other, False)


@dataclass(frozen=True, slots=True)
class GroupMember:
    """A company of a group in the order of its tree; `depth` counts from the top."""

    id: int
    name: str
    depth: int


def relationship_types() -> dict[str, TypeRow]:
    """All types by key, in their order; at most a minute old."""
    found: dict[str, TypeRow] | None = caches["process"].get_or_set(RELATIONSHIP_TYPES_KEY, _types, TYPES_SECONDS)
    return found or {}


def _types() -> dict[str, TypeRow]:
    return {
        row.key: TypeRow(
            row.key,
            row.joins,
            (row.name_zh, row.name_en),
            (row.inverse_zh or row.name_zh, row.inverse_en or row.name_en),
            row.is_active,
        )
        for row in RelationshipType.objects.all()
    }


@dataclass(frozen=True, slots=True)
class TypeUse:
    """How many relationships are of a type, by how close the two are; of those that the person sees."""

    type_key: str
    bond: int
    count: int


def type_uses(actor: Actor) -> tuple[TypeUse, ...]:
    """How often each type is used, of the relationships that the person sees. One query."""
    rows = _seen(grant(actor, Relationship)).order_by().values_list("type_id", "bond").annotate(count=Count("pk"))
    return tuple(TypeUse(*row) for row in rows)


def relationship_type(type_key: str) -> RelationshipType:
    """One type as it stands. Raises: NotFound."""
    found = RelationshipType.objects.filter(pk=type_key).first()
    if found is None:
        raise no_such_record()
    return found


def all_relationship_types() -> tuple[RelationshipType, ...]:
    """All types in their order, those that are not in use any more too; as they stand now."""
    return tuple(RelationshipType.objects.all())


def type_words(type_key: str, *, is_first: bool) -> str:
    """What a party is to the other by a type's key; the key itself when the list has it no more."""
    found = relationship_types().get(type_key)
    return found.words(is_first=is_first) if found else type_key


def _seen(permission: Grant[Relationship]) -> QuerySet[Any, Any]:
    """Live relationships between live parties both of which the actor sees, wherever the contacts are now."""
    accounts = grant(permission.actor, Account).queryset().filter(trashed_at__isnull=True).values("pk")
    contacts = grant(permission.actor, Contact).queryset().filter(trashed_at__isnull=True).values("pk")
    rows = permission.queryset().filter(trashed_at__isnull=True, account__in=accounts, other_account__in=accounts)
    return rows.filter(Q(contact=None) | Q(contact__in=contacts), Q(other_contact=None) | Q(other_contact__in=contacts))


_SIDES = ("account", "other_account"), ("contact", "other_contact")
_COLUMNS = (
    *("pk", "type_id", "bond", "since_on", "source", "note"),
    *(f"{side}{part}" for side in _SIDES[0] for part in ("_id", "__name", "__kind")),
    *(f"{side}{part}" for side in _SIDES[1] for part in ("_id", "__family_name", "__given_name")),
)
_AROUND: Prepared[Grant[Relationship]] = Prepared(
    lambda permission: (
        _seen(permission)
        .filter(Q(Among("account_id", "ids")) | Q(Among("other_account_id", "ids")))
        .order_by("-bond", "pk")
        .values_list(*_COLUMNS)[:MOST_SHOWN]
    )
)


def relationships_of(account_ids: Sequence[int], actor: Actor) -> tuple[RelationshipRow, ...]:
    """The relationships of accounts and of their people, the closest first; both ends are seen. One query."""
    return tuple(_relationship(row) for row in _AROUND(grant(actor, Relationship), ids=list(account_ids)))


def _relationship(row: Sequence[Any]) -> RelationshipRow:
    pk, type_key, bond, since_on, source, note, *sides = row
    one = _party(*sides[0:3], *sides[6:9])
    return RelationshipRow(pk, type_key, one, _party(*sides[3:6], *sides[9:12]), bond, since_on, source, note)


def _party(account_id: int, home: str, kind: str, contact_id: int | None, *names: str | None) -> Party:
    own = full_name(names[0] or "", names[1] or "") if contact_id else home
    return Party(account_id, contact_id, own, home, is_person=bool(contact_id) or kind == "person")


_GROUP = """
WITH RECURSIVE links AS (
    SELECT account_id AS upper, other_account_id AS lower FROM customers_relationship
    WHERE type_id = %(type)s AND trashed_at IS NULL AND contact_id IS NULL AND other_contact_id IS NULL
), around (id, step) AS (
    SELECT %(id)s::bigint, 0
    UNION
    SELECT CASE WHEN l.upper = a.id THEN l.lower ELSE l.upper END, a.step + 1
    FROM around a JOIN links l ON a.id IN (l.upper, l.lower) WHERE a.step < %(depth)s
)
SELECT DISTINCT upper, lower FROM links WHERE upper IN (SELECT id FROM around) AND lower IN (SELECT id FROM around)
LIMIT %(most)s
"""


def group_of(account_id: int, actor: Actor) -> tuple[GroupMember, ...]:
    """The parents and subsidiaries of a company as a tree, as far as the person sees the way there.

    Nothing for a company that stands alone. Two queries, one for most companies.
    """
    with connection.cursor() as cursor:
        cursor.execute(_GROUP, {"type": GROUP_TYPE, "id": account_id, "depth": GROUP_DEPTH, "most": MOST_IN_GROUP})
        links = [(int(upper), int(lower)) for upper, lower in cursor.fetchall()]
    if not links:
        return ()
    names = dict(_LIVE_NAMES(grant(actor, Account), ids=sorted({pk for link in links for pk in link})))
    seen = [link for link in links if link[0] in names and link[1] in names]
    order = group_tree(account_id, seen, names=names)
    return tuple(GroupMember(pk, names[pk], depth) for pk, depth in order) if len(order) > 1 else ()


_LIVE_NAMES: Prepared[Grant[Account]] = Prepared(
    lambda permission: (
        permission.queryset().filter(Among("pk", "ids"), trashed_at__isnull=True).values_list("pk", "name")
    )
)


@dataclass(frozen=True, slots=True)
class NamedParty:
    """A party that words may mean; `label` is how it is called where it is chosen."""

    account_id: int
    contact_id: int | None
    label: str


def parties_named(words: str, actor: Actor) -> tuple[NamedParty, ...]:
    """Whom words mean: “person · customer”, a customer, or a person; of those whom the actor may change."""
    person, mark, _home = words.partition(BETWEEN)
    if mark:
        return tuple(party for party in _people_named(person.strip(), actor) if party.label == words.strip())
    accounts = tuple(NamedParty(pk, None, name) for pk, name in accounts_named(words, actor, limit=MOST_NAMES))
    exact = tuple(party for party in accounts if party.label == words)
    return exact or (*accounts, *_people_named(words, actor))[:MOST_NAMES]


def _people_named(words: str, actor: Actor) -> tuple[NamedParty, ...]:
    found = found_contacts(words, actor)
    if found is None:
        return ()
    rows = grant(actor, Contact, Action.EDIT).queryset().filter(pk__in=found.ids, trashed_at__isnull=True)
    columns = rows.order_by("name_key", "pk").values_list("account_id", "pk", "name", "account__name")[:MOST_NAMES]
    return tuple(NamedParty(home_id, pk, f"{name}{BETWEEN}{home}") for home_id, pk, name, home in columns)


def group_ids(root_id: int, actor: Actor) -> QuerySet[Any, Any]:
    """The ids of the companies below one, three steps down, that the actor sees; as a subquery."""
    links = _seen(grant(actor, Relationship)).filter(type=GROUP_TYPE, contact=None, other_contact=None)
    first = links.filter(account=root_id).values("other_account_id")
    second = links.filter(account__in=first).values("other_account_id")
    wanted = Q(account=root_id) | Q(account__in=first) | Q(account__in=second)
    return links.filter(wanted).values("other_account_id")


def editable_ids(account_ids: Sequence[int], actor: Actor) -> frozenset[int]:
    """Those of the accounts that the person may change. One query."""
    if not may(actor, Account, Action.EDIT):
        return frozenset()
    return frozenset(pk for (pk,) in _EDITABLE(grant(actor, Account, Action.EDIT), ids=list(account_ids)))


_EDITABLE: Prepared[Grant[Account]] = Prepared(
    lambda permission: permission.queryset().filter(Among("pk", "ids")).values_list("pk")
)
