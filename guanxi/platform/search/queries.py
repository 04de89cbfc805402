"""Finding records by what a person typed, the best match first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.search.entries import Named, plain_title
from guanxi.platform.search.models import SearchEntry
from guanxi.platform.search.tokens import (
    CHINESE,
    LATIN,
    Alternatives,
    letters_of,
    marked,
    normalise,
    number_tokens,
    query_tokens,
)

MOST_BEGINNING = 200

# 0 the very name, 1 its beginning, 2 the short name or its beginning, 3 within a name, 4 a further name, a number.
_RANK = """CASE
    WHEN title = %(title)s THEN 0
    WHEN title LIKE %(title)s || '%%' THEN 1
    WHEN short LIKE %(title)s || '%%' THEN 2
    WHEN title LIKE ALL (%(within)s::text[]) OR short LIKE ALL (%(within)s::text[]) THEN 3
    ELSE 4 END"""
_RANK_OF_LETTERS = """CASE
    WHEN %(title)s = title OR %(letters)s IN (sound, initials) THEN 0
    WHEN title LIKE %(title)s || '%%' OR sound LIKE %(letters)s || '%%' OR initials LIKE %(letters)s || '%%' THEN 1
    WHEN short LIKE %(title)s || '%%' THEN 2
    WHEN title LIKE ALL (%(within)s::text[]) OR short LIKE ALL (%(within)s::text[])
        OR sound LIKE '%%' || %(letters)s || '%%' OR initials LIKE '%%' || %(letters)s || '%%' THEN 3
    ELSE 4 END"""
_COLUMNS = "object_key, record_id, title, short, sound, initials"
_RANKED = (
    "SELECT {rank} AS rank, array_agg(record_id) FROM ({found}) AS found "
    "WHERE object_key = %(object_key)s GROUP BY rank"
)
_FOUND = f"SELECT {_COLUMNS} FROM search_searchentry WHERE {{condition}} LIMIT %(limit)s"  # noqa: S608  # our own words
_OF_OBJECT = "object_key = %(object_key)s AND ({condition})"


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for in an object: a record matches when it has all tokens of one of the alternatives."""

    object_key: str
    plain: str
    alternatives: Alternatives

    @property
    def ids(self) -> QuerySet[SearchEntry, Any]:
        """The ids of all records that match, as a subquery to be narrowed by a Grant."""
        condition = Q()
        for tokens in self.alternatives:
            condition |= Q(tokens__contains=marked(self.object_key, tokens))
        return SearchEntry.objects.filter(condition, object_key=self.object_key).values_list("record_id", flat=True)


def question(object_key: str, text: str, *, reach: FieldAccess, numbers: Iterable[str] = ()) -> Question | None:
    """What the words ask for; None when nothing can be searched.

    `reach` says how much of phone numbers and e-mail addresses the person may read; what a mask hides finds nothing.
    `numbers` are the tokens of the encrypted numbers that the text may be, of fields that the person reads whole.
    """
    alternatives = (*query_tokens(text, reach=reach), *((token,) for token in sorted(number_tokens(numbers))))
    return Question(object_key, normalise(text).strip(), alternatives) if alternatives else None


def ranked_ids(asked: Question, *, most: int) -> Mapping[int, int]:
    """How well each record matches, 0 best, by id: at most so many records, in no order. One query.

    The tokens alone are asked for, as they are marked by the object: its key beside them would cost a second index.
    """
    conditions, tokens = _by_tokens(asked)
    return _ranked(asked, conditions, limit=most, **tokens)


def beginning_ids(asked: Question) -> Mapping[int, int]:
    """How well each record matches, 0 best, by id, of the first that begin with the words. One query."""
    title, letters = plain_title(asked.plain), letters_of(asked.plain)
    condition = "title LIKE %(beginning)s" + (" OR initials LIKE %(begun)s OR sound LIKE %(begun)s" if letters else "")
    conditions = (_OF_OBJECT.format(condition=words) for words in ("title = %(title)s", condition))
    return _ranked(asked, *conditions, beginning=f"{title}%", begun=f"{letters}%")


def named_like(asked: Question, *, sound: str, most: int) -> tuple[Named, ...]:
    """Records that may be called so: at most so many, in no order, by the question's tokens, and so many that begin so.

    `sound` is how Chinese words read; without it the words themselves are what names begin with. One query.
    """
    begun = plain_title(sound or asked.plain)
    conditions, tokens = _by_tokens(asked)
    beginnings = "sound LIKE %(begun)s" if sound else "title LIKE %(begun)s OR sound LIKE %(begun)s"
    wanted = [*([conditions] if conditions else []), _OF_OBJECT.format(condition=beginnings)]
    found = " UNION ALL ".join(f"({_FOUND.format(condition=condition)})" for condition in wanted)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT record_id, title, sound FROM ({found}) AS found WHERE object_key = %(object_key)s",  # noqa: S608  # our own words
            {"object_key": asked.object_key, "begun": f"{begun}%", "limit": most, **tokens},
        )
        return tuple(Named(*row) for row in cursor.fetchall())


def _by_tokens(asked: Question) -> tuple[str, dict[str, list[str]]]:
    """The condition that a record has all tokens of an alternative, and its values; "" where nothing is asked for."""
    conditions = [f"tokens @> %(tokens_{place})s::text[]" for place in range(len(asked.alternatives))]
    tokens = {f"tokens_{place}": marked(asked.object_key, found) for place, found in enumerate(asked.alternatives)}
    return " OR ".join(conditions), tokens


def _ranked(asked: Question, *conditions: str, limit: int = MOST_BEGINNING, **values: object) -> dict[int, int]:
    """The ranks of so many records for each condition."""
    letters = letters_of(asked.plain)
    found = " UNION ALL ".join(f"({_FOUND.format(condition=condition)})" for condition in conditions)
    sql = _RANKED.format(rank=_RANK_OF_LETTERS if letters else _RANK, found=found)
    given: dict[str, Any] = {
        "object_key": asked.object_key,
        "title": plain_title(asked.plain),
        "letters": letters,
        "within": [f"%{word}%" for word in (*CHINESE.findall(asked.plain), *LATIN.findall(asked.plain))],
        "limit": limit,
        **values,
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return {record_id: rank for rank, ids in cursor.fetchall() for record_id in ids}


@dataclass(frozen=True, slots=True)
class Probe:
    """A beginning that names are looked for by: of titles, or of how they sound; `is_whole` asks for the very name."""

    place: int
    text: str
    is_sound: bool = False
    is_whole: bool = False


def probed_ids(object_key: str, probes: Iterable[Probe], *, most: int) -> list[tuple[int, int]]:
    """The records whose names begin so, as (place of the probe, id), at most so many for each probe. One query."""
    given = list(probes)
    if not given:
        return []
    values: dict[str, Any] = {"object_key": object_key, "most": most}
    for name, is_sound in (("title", False), ("sound", True)):
        mine = [probe for probe in given if probe.is_sound is is_sound]
        values[f"{name}_places"] = [probe.place for probe in mine]
        values[f"{name}_from"] = [probe.text for probe in mine]
        values[f"{name}_to"] = [probe.text + (_NEXT if probe.is_whole else _LAST) for probe in mine]
    with connection.cursor() as cursor:
        cursor.execute(_PROBED, values)
        return [(place, record_id) for place, record_id in cursor.fetchall()]


_NEXT, _LAST = "\x01", "\U0010ffff"
"""What sorts behind a whole name and before any longer one, and what sorts behind all that begin so."""
_PROBED = " UNION ALL ".join(
    f"""
SELECT p.place, e.record_id FROM unnest(%({name}_places)s::int[], %({name}_from)s::text[], %({name}_to)s::text[])
    AS p(place, low, high)
CROSS JOIN LATERAL (
    SELECT record_id FROM search_searchentry
    WHERE object_key = %(object_key)s AND {name} ~>=~ p.low AND {name} ~<~ p.high LIMIT %(most)s
) e"""  # noqa: S608  # our own words
    for name in ("title", "sound")
)
