"""Where what the plan asks for meets what the other rooms hold: one set-based statement for a block of accounts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from guanxi.customers.facade import KnownColumn, Parameter, accounts_sql, known_fields, known_parts
from guanxi.ledger.facade import last_facts_sql
from guanxi.planning.choices import BindingKind
from guanxi.planning.models import Completeness, GroupScore, StaleNews, Verification
from guanxi.planning.queries.plans import Place
from guanxi.planning.rules import Asked
from guanxi.platform.encryption.fields import token_sql
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.records.values import CUSTOM
from guanxi.value.facade import grades_sql

PURCHASE = 0
"""The place that says whether an account ever bought; no binding has this number."""
FIELD_OBJECTS = ("account", "contact")
Selected = tuple[str, tuple[Parameter, ...]]


@dataclass(frozen=True, slots=True)
class Sorted:
    """What the accounts of one kind, relation and unit (0 = none) owe."""

    kind: str
    relation: str
    unit_id: int
    asked: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class PlaceSums:
    """How many accounts of a block owe what stands in a place, have it, have it freshly, were written lately."""

    place: int
    due: int
    filled: int
    fresh: int
    written: int

    def __add__(self, other: "PlaceSums") -> "PlaceSums":
        """The sums of two blocks."""
        return PlaceSums(
            self.place,
            self.due + other.due,
            self.filled + other.filled,
            self.fresh + other.fresh,
            self.written + other.written,
        )


def sorts_of(account_ids: Sequence[int]) -> list[tuple[str, str, int]]:
    """The kinds, relations and units (0 = none) that occur among accounts."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT kind, relation, coalesce(unit_id, 0) FROM ({accounts_sql()}) a "  # noqa: S608  # our tables
            "WHERE account_id = ANY(%s::bigint[]) ORDER BY 1, 2, 3",
            [list(account_ids)],
        )
        return [(kind, relation, unit_id) for kind, relation, unit_id in cursor.fetchall()]


def score_block(
    account_ids: Sequence[int], *, sorts: Sequence[Sorted], places: Iterable[Place], as_of: date, now: datetime
) -> list[PlaceSums]:
    """Write the scores of a block of accounts and return the sums by place. Runs in the caller's transaction.

    Steps: 1 what each account holds and what it is asked for, 2 both side by side, 3 the sums of each account, 4 the
    rows of accounts that are asked for nothing go, 5 how many values went past their limit, for those who look after
    the accounts, 6 the sums by place.
    """
    wanted = {asked.binding_id for sort in sorts for asked in sort.asked}
    ids = list(account_ids)
    known, parameters = _known([place for place in places if place.id in wanted], account_ids)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS planning_known, planning_asked, planning_state, planning_former")
        cursor.execute(_KNOWN.format(known=known), parameters)
        cursor.execute(_ASKED.format(accounts=accounts_sql()), [*_asked(sorts), ids])
        cursor.execute("ANALYZE planning_known, planning_asked")  # joined without figures, they are looped over
        cursor.execute(_STATE, [now])
        cursor.execute(_FORMER, [ids])
        cursor.execute(_SCORES, [as_of])
        cursor.execute(_GONE, [ids])
        cursor.execute(_NEWS.format(accounts=accounts_sql()))
        cursor.execute(_PLACES)
        return [PlaceSums(*row) for row in cursor.fetchall()]


_KNOWN = """
CREATE TEMP TABLE planning_known ON COMMIT DROP AS
SELECT account_id, place, max(known_at) AS known_at FROM ({known}) k GROUP BY 1, 2
"""
_ASKED = """
CREATE TEMP TABLE planning_asked ON COMMIT DROP AS
SELECT s.account_id, a.place, a.weight, a.limit_days, a.needs_purchase
FROM ({accounts}) s
JOIN unnest(%s::text[], %s::text[], %s::bigint[], %s::int[]) sort(kind, relation, unit_id, sort)
  ON sort.kind = s.kind AND sort.relation = s.relation AND sort.unit_id = coalesce(s.unit_id, 0)
JOIN unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::boolean[])
  a(sort, place, weight, limit_days, needs_purchase) ON a.sort = sort.sort
WHERE s.account_id = ANY(%s::bigint[])
"""
_STATE = """
CREATE TEMP TABLE planning_state ON COMMIT DROP AS
SELECT a.account_id, a.place, a.weight, k.known_at IS NOT NULL AS is_filled,
       k.known_at IS NOT NULL AND (a.limit_days = 0 OR k.known_at >= n.now - a.limit_days * interval '1 day')
       AS is_fresh, coalesce(k.known_at >= n.now - 90 * interval '1 day', false) AS is_written
FROM planning_asked a
LEFT JOIN planning_known k ON k.account_id = a.account_id AND k.place = a.place
LEFT JOIN planning_known bought ON bought.account_id = a.account_id AND bought.place = 0
CROSS JOIN (SELECT %s::timestamptz AS now) n
WHERE NOT a.needs_purchase OR bought.known_at IS NOT NULL
"""
_SCORES = f"""
INSERT INTO {Completeness._meta.db_table}
       (account_id, as_of, due, filled, fresh, completeness, freshness, missing, stale)
SELECT account_id, %s, due, filled, fresh, filled::float8 / nullif(due, 0), fresh::float8 / nullif(filled, 0),
       coalesce(missing, '{{}}'), coalesce(stale, '{{}}')
FROM (SELECT account_id, sum(weight) AS due, coalesce(sum(weight) FILTER (WHERE is_filled), 0) AS filled,
             coalesce(sum(weight) FILTER (WHERE is_fresh), 0) AS fresh,
             array_agg(place::smallint ORDER BY weight DESC, place)
             FILTER (WHERE weight > 0 AND NOT is_filled) AS missing,
             array_agg(place::smallint ORDER BY weight DESC, place)
             FILTER (WHERE weight > 0 AND is_filled AND NOT is_fresh) AS stale
      FROM planning_state GROUP BY account_id) sums
ON CONFLICT (account_id) DO UPDATE SET as_of = EXCLUDED.as_of, due = EXCLUDED.due, filled = EXCLUDED.filled,
       fresh = EXCLUDED.fresh, completeness = EXCLUDED.completeness, freshness = EXCLUDED.freshness,
       missing = EXCLUDED.missing, stale = EXCLUDED.stale
"""  # noqa: S608  # our table
_GONE = f"""
DELETE FROM {Completeness._meta.db_table}
WHERE account_id = ANY(%s::bigint[]) AND account_id NOT IN (SELECT account_id FROM planning_state)
"""  # noqa: S608  # our table
_FORMER = f"""
CREATE TEMP TABLE planning_former ON COMMIT DROP AS
SELECT account_id, stale FROM {Completeness._meta.db_table} WHERE account_id = ANY(%s::bigint[])
"""  # noqa: S608  # our table
_NEWS = f"""
INSERT INTO {StaleNews._meta.db_table} AS known (owner_id, count)
SELECT a.owner_id, sum(cardinality(ARRAY(SELECT unnest(c.stale) EXCEPT SELECT unnest(f.stale)))) AS count
FROM planning_former f
JOIN {Completeness._meta.db_table} c ON c.account_id = f.account_id AND NOT c.stale <@ f.stale
JOIN ({{accounts}}) a ON a.account_id = f.account_id
WHERE a.owner_id IS NOT NULL GROUP BY a.owner_id ORDER BY a.owner_id
ON CONFLICT (owner_id) DO UPDATE SET count = known.count + EXCLUDED.count
"""  # noqa: S608  # our tables; who is told first is locked in the order of people, so that nobody waits in a ring
_PLACES = """
SELECT place, count(*), count(*) FILTER (WHERE is_filled), count(*) FILTER (WHERE is_fresh),
       count(*) FILTER (WHERE is_written)
FROM planning_state GROUP BY place
"""


def _asked(sorts: Sequence[Sorted]) -> list[Parameter]:
    """The arrays of the sorts and of what each of them owes; a limit of 0 days is none."""
    owed = [(place, item) for place, sort in enumerate(sorts) for item in sort.asked]
    return [
        [sort.kind for sort in sorts],
        [sort.relation for sort in sorts],
        [sort.unit_id for sort in sorts],
        list(range(len(sorts))),
        [place for place, _ in owed],
        [item.binding_id for _, item in owed],
        [item.weight for _, item in owed],
        [item.limit_days or 0 for _, item in owed],
        [item.needs_purchase for _, item in owed],
    ]


def _known(places: Sequence[Place], account_ids: Sequence[int]) -> Selected:
    """The SELECT of everything that is known in some places of some accounts, with what people found still right."""
    parts = [*_known_fields(places, account_ids), *_known_parts(places, account_ids)]
    facts = {place.id: (place.object_key, place.name) for place in places if place.kind == BindingKind.FACT}
    parts.append(last_facts_sql({PURCHASE: ("purchase", "buy"), **facts}, account_ids=account_ids))
    held = " UNION ALL ".join(sql for sql, _ in parts)
    checked = (
        f"SELECT account_id, binding_id::int AS place, max(verified_at) AS verified_at FROM {Verification._meta.db_table} "  # noqa: S608, E501  # our table
        "WHERE account_id = ANY(%s::bigint[]) GROUP BY 1, 2"
    )
    statement = (
        f"SELECT account_id, place, greatest(held.known_at, checked.verified_at) AS known_at FROM ({held}) held "  # noqa: S608  # as above
        f"LEFT JOIN ({checked}) checked USING (account_id, place)"
    )
    return statement, (*(value for _, given in parts for value in given), list(account_ids))


def known_since(account_id: int, places: Sequence[Place]) -> dict[int, datetime]:
    """Since when what stands in some places of an account is known, or was last found right, by place; one query."""
    known, parameters = _known(places, [account_id])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT place, max(known_at) FROM ({known}) k GROUP BY 1", parameters)  # noqa: S608  # as above
        return {place: known_at for place, known_at in cursor.fetchall() if known_at is not None}


def _known_fields(places: Sequence[Place], account_ids: Sequence[int]) -> Iterator[Selected]:
    for key in FIELD_OBJECTS:
        fields = {item.key: item for item in fields_of(object_spec(key))}
        columns = [
            KnownColumn(place.id, text_sql(fields[place.name]))
            for place in places
            if place.kind == BindingKind.FIELD and place.object_key == key and place.name in fields
        ]
        if columns:
            yield known_fields(key, columns, account_ids=account_ids)


def _known_parts(places: Sequence[Place], account_ids: Sequence[int]) -> Iterator[Selected]:
    parts = [place for place in places if place.kind == BindingKind.PART]
    for key in sorted({place.object_key for place in parts}):
        names = {place.id: place.name for place in parts if place.object_key == key}
        yield known_parts(key, names, account_ids=account_ids)


def text_sql(item: ObjectField) -> str:
    """The SQL of a field's value as text, with {} for the row; of encrypted ones the token, which no key changes."""
    own = f'{{0}}."{item.column}"::text'
    column = own if item.made is None else f"{{0}}.{CUSTOM} ->> '{item.made.stored}'"
    return token_sql(f"({column})") if item.is_sealed else f"({column})"


def write_groups(day: date) -> int:
    """Write the sums of all groups for a day, in the place of those that stand. Returns how many accounts there are.

    Runs in the caller's transaction.
    """
    GroupScore.objects.filter(day=day).delete()
    keys = {
        "all": "''",
        "owner": "coalesce(a.owner_id::text, '')",
        "unit": "coalesce(a.unit_id::text, '')",
        "relation": "a.relation",
        "grade": "coalesce(g.grade, '')",
    }
    with connection.cursor() as cursor:
        for kind, key in keys.items():
            cursor.execute(_groups(key), [day, kind])
    return sum(GroupScore.objects.filter(day=day, kind="all").values_list("accounts", flat=True))


def _groups(key: str) -> str:
    return (
        f"INSERT INTO {GroupScore._meta.db_table} (day, kind, key, accounts, due, filled, fresh) "  # noqa: S608  # our tables
        f"SELECT %s, %s, {key}, count(*), sum(c.due), sum(c.filled), sum(c.fresh) "
        f"FROM {Completeness._meta.db_table} c JOIN ({accounts_sql()}) a ON a.account_id = c.account_id "
        f"LEFT JOIN ({grades_sql()}) g ON g.account_id = c.account_id GROUP BY 3"
    )
