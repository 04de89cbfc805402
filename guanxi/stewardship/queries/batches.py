"""Likely duplicates among many new records: a block of rows of a file against the base, and against the rows before.

A fixed number of queries for a block, whatever it holds. Names are looked for by their beginnings: the core alone and
behind its place, how it sounds, and its first half, in which case a slip stands in the second. A name whose place
stands in front in the base alone is left to the scan. Earlier rows of the same file are kept in memory, in a form that
takes some 250 bytes a row; in a file of more than `MOST_REMEMBERED` rows only those are compared with later ones.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

from guanxi.customers.facade import home_names, ids_reached
from guanxi.platform.objects.alike import Candidate, EntryPoint, Hit, Treatment
from guanxi.platform.search.queries import Probe, probed_ids
from guanxi.platform.search.tokens import CHINESE
from guanxi.stewardship.queries.alike import SHORTEST, hit_of, known_identity, recognised, typed_identity
from guanxi.stewardship.queries.likeness import entry_rule, house_rule
from guanxi.stewardship.rules.duplicates import Identity
from guanxi.stewardship.rules.likeness import CONTACT, EntryRule, HouseRule, Verdict, verdict_of

MOST_OF_A_NAME = 4
MOST_OF_A_KEY = 20
LEAST_FOR_HALF = 4
MOST_REMEMBERED = 500_000
SETS = ("phones", "mails")
NAMES = tuple(item.name for item in fields(Identity))


@dataclass(slots=True)
class FileMatcher:
    """Compares the rows of one file with the base and with each other.

    With `remembers`, rows of earlier blocks are not written and so are not in the base. Where the house refuses what
    looks alike, a refused row is nothing that a later one could look like.
    """

    object_key: str
    rule: HouseRule
    told: EntryRule
    remembers: bool
    rows: "_Rows" = field(init=False)

    def __post_init__(self) -> None:
        self.rows = _Rows()

    def hits(self, candidates: Sequence[Candidate]) -> Mapping[int, tuple[Hit, ...]]:
        """What each row looks like, the likeliest first, by its number; five queries at most."""
        if not candidates:
            return {}
        if not self.remembers:
            self.rows = _Rows()
        mine = self._identities(candidates)
        known = self._of_base(mine)
        found: dict[int, tuple[Hit, ...]] = {}
        with self.rows.block():
            for number, own in mine.items():
                self._compare(number, own, known[number], found)
        return found

    def _compare(
        self,
        number: int,
        own: Identity,
        known: Sequence[tuple[int, Identity]],
        found: dict[int, tuple[Hit, ...]],
    ) -> None:
        """Note what one row looks like, and remember it for the rows behind it."""
        hits = [hit for record_id, other in known if (hit := self._hit(own, other, record_id, None))]
        hits += [hit for row, other in self.rows.like(own) if (hit := self._hit(own, other, None, row))]
        if hits:
            found[number] = tuple(sorted(hits, key=lambda hit: -hit.weight))
        if not hits or self.told.treatment is not Treatment.BLOCK:
            self.rows.add(number, own)

    def pairs(self, known: Mapping[int, Identity]) -> Iterator[tuple[int, int, Verdict]]:
        """The records of the base that these ones of it look like; five queries at most."""
        for record_id, others in self._of_base(known).items():
            for other_id, other in others:
                verdict = verdict_of(self.rule, known[record_id], other)
                if other_id != record_id and verdict.is_alike(self.told.least):
                    yield record_id, other_id, verdict

    def _hit(self, own: Identity, other: Identity, record_id: int | None, row: int | None) -> Hit | None:
        verdict = verdict_of(self.rule, own, other)
        return hit_of(verdict, record_id, row=row) if verdict.is_alike(self.told.least) else None

    def _identities(self, candidates: Sequence[Candidate]) -> dict[int, Identity]:
        key = self.object_key
        ids = {item.values.get("account_id") for item in candidates} if key == CONTACT else set()
        homes = home_names(found for found in ids if isinstance(found, int)) if ids else {}
        return {item.number: typed_identity(key, item.values, homes=homes) for item in candidates}

    def _of_base(self, mine: Mapping[int, Identity]) -> dict[int, list[tuple[int, Identity]]]:
        """The records that each row may be, by the row."""
        named = probed_ids(self.object_key, _probes(mine), most=MOST_OF_A_NAME)
        points = {point for own in mine.values() for point in own.phones | own.mails}
        numbers = {own.number for own in mine.values() if own.number}
        ids = {record_id for _number, record_id in named} | set(ids_reached(self.object_key, points))
        known = {row.id: known_identity(row) for row in recognised(self.object_key, ids, *sorted(numbers))}
        shared: dict[str, list[int]] = {}
        for record_id, other in known.items():
            for mark in _numbers(other):
                shared.setdefault(mark, []).append(record_id)
        found: dict[int, set[int]] = {number: set() for number in mine}
        for number, record_id in named:
            found[number].add(record_id)
        for number, own in mine.items():
            for mark in _numbers(own):
                found[number].update(shared.get(mark, ())[:MOST_OF_A_KEY])
        return {number: [(pk, known[pk]) for pk in sorted(ids) if pk in known] for number, ids in found.items()}


def file_matcher(object_key: str, entry: EntryPoint, *, remembers: bool) -> FileMatcher:
    """What compares the rows of a file, as the house says for the way in; one query."""
    rule = house_rule(object_key)
    return FileMatcher(object_key, rule, entry_rule(rule, entry), remembers)


def _probes(mine: Mapping[int, Identity]) -> Iterator[Probe]:
    """By which beginnings the names of rows are looked for."""
    for number, own in mine.items():
        if own.family:
            yield Probe(number, _person(own), is_whole=True)
        elif len(own.core) >= SHORTEST:
            yield Probe(number, own.core)
            if own.place:
                yield Probe(number, own.place + own.core)
            if own.sound:
                yield Probe(number, own.sound, is_sound=True)
            if CHINESE.fullmatch(own.core) and len(own.core) >= LEAST_FOR_HALF:
                yield Probe(number, own.core[: (len(own.core) + 1) // 2])


def _person(own: Identity) -> str:
    return f"{own.given} {own.family}".strip() if (own.family + own.given).isascii() else own.family + own.given


def _numbers(own: Identity) -> Iterator[str]:
    """What hardly two records share that are not one."""
    if own.number:
        yield f"n{own.number}"
    yield from (f"p{phone}" for phone in own.phones)
    yield from (f"m{mail}" for mail in own.mails)


def _keys(own: Identity) -> Iterable[str]:
    """By what two rows of one file are put beside each other."""
    yield from _numbers(own)
    if own.family:
        yield f"f{own.family}{own.given}"
    elif len(own.core) >= SHORTEST:
        yield f"c{own.core}"
        if own.sound:
            yield f"s{own.sound}"


class _Rows:
    """The rows of a file so far, with what they are recognised by, in a database that lives in memory alone."""

    def __init__(self) -> None:
        self._count = 0
        self._file = sqlite3.connect(":memory:", isolation_level=None)
        self._file.execute("CREATE TABLE told (row INTEGER PRIMARY KEY, told TEXT)")
        self._file.execute("CREATE TABLE keys (key INTEGER, row INTEGER, PRIMARY KEY (key, row)) WITHOUT ROWID")

    @contextmanager
    def block(self) -> Iterator[None]:
        """A block of rows is remembered at once."""
        self._file.execute("BEGIN")
        yield
        self._file.execute("COMMIT")

    def add(self, row: int, own: Identity) -> None:
        """Remember a row."""
        if self._count >= MOST_REMEMBERED:
            return
        self._count += 1
        self._file.execute("INSERT INTO told VALUES (?, ?)", (row, _packed(own)))
        self._file.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", [(hash(key), row) for key in _keys(own)])

    def like(self, own: Identity) -> list[tuple[int, Identity]]:
        """The earlier rows that share what hardly two share, or the name; of many that share one, the first."""
        rows: set[int] = set()
        for key in _keys(own):
            found = self._file.execute("SELECT row FROM keys WHERE key = ? LIMIT ?", (hash(key), MOST_OF_A_NAME))
            rows.update(row for (row,) in found)
        told = (
            (row, self._file.execute("SELECT told FROM told WHERE row = ?", (row,)).fetchone()) for row in sorted(rows)
        )
        return [(row, _unpacked(text)) for row, (text,) in told]


def _packed(own: Identity) -> str:
    told = {name: value for name in NAMES if (value := getattr(own, name))}
    return json.dumps(told, ensure_ascii=False, default=sorted)


def _unpacked(text: str) -> Identity:
    told: dict[str, Any] = json.loads(text)
    return Identity(**{**told, **{name: frozenset(told[name]) for name in SETS if name in told}})
