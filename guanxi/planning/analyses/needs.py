"""What a round of the needs questionnaire says: of each item, against the draft, and against itself."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from guanxi.planning.choices import AskedAs, NeedValue, Way
from guanxi.planning.rules import WEIGHTS, deciding_key, importance

EASE: Mapping[str, int] = {
    Way.AUTOMATIC: 0,
    Way.CONNECTOR: 1,
    Way.FORM: 2,
    Way.SURVEY: 3,
    Way.IMPORTED: 4,
    Way.TYPED: 5,
}
"""How little work a way in is for the house: the lower, the better."""
BY_ITSELF = frozenset({Way.AUTOMATIC, Way.CONNECTOR})
"""The ways for which nobody need collect anything."""
NEEDS, LIMIT, WAY = "needs:", "limit_days", "way"
DECISIONS = {"zh": "decision_zh", "en": "decision_en"}
LONGEST_DECISION = 200
UNCOLLECTED, UNNEEDED, TOO_OLD = "uncollected", "unneeded", "too_old"


@dataclass(frozen=True, slots=True)
class Said:
    """What one person says of one item about one party; "" and None were not said. `audience` is who speaks."""

    sheet_id: int
    audience: str
    item_id: int
    party: str
    need: str = ""
    decision: str = ""
    fresh_days: int | None = None
    way: str = ""
    is_never_used: bool = False
    kept_days: int | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the draft says of an item."""

    id: int
    needs: Mapping[str, str]
    limit_days: int | None
    way: str
    decision_zh: str
    decision_en: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value of an item that follows from answers, beside the one that the draft has; both as texts.

    `name` is a column of the item, or "needs:" with the key of a need. `is_more` when more is asked for than before, or
    less work: what takes something away is never chosen by itself.
    """

    item_id: int
    name: str
    former: str
    value: str
    sheet_ids: tuple[int, ...]
    is_more: bool

    @property
    def key(self) -> str:
        """The proposal in one word, by which a form names it."""
        return f"{self.item_id}:{self.name}"


@dataclass(frozen=True, slots=True)
class ItemSaid:
    """What a round says of one item: how many persons say what, whose strongest need it is, and what it is for.

    `needs` are (audience, party, value, persons), `decisions` the texts by how many wrote them, `fresh_days` the
    strictest limit, `ways` those in which it could come in, the easiest first, `never_used` how many collectors know of
    no use, `kept_days` the best that a keeper offers.
    """

    item_id: int
    must: int
    needed: int
    refused: int
    needs: tuple[tuple[str, str, str, int], ...]
    decisions: tuple[str, ...]
    fresh_days: int | None
    ways: tuple[str, ...]
    never_used: int
    kept_days: int | None

    @property
    def is_needed(self) -> bool:
        """Whether anybody needs it."""
        return bool(self.must or self.needed)


def summed(said: Iterable[Said]) -> dict[int, ItemSaid]:
    """What is said of each item, by item; items of which nothing is said are missing."""
    rows = sorted(said, key=lambda row: (row.item_id, row.sheet_id))
    return {item_id: _summed_item(item_id, tuple(found)) for item_id, found in groupby(rows, lambda row: row.item_id)}


def _summed_item(item_id: int, rows: Sequence[Said]) -> ItemSaid:
    strongest = [max(found, key=_need_weight) for found in _by_person(rows).values()]
    needs = []
    for (audience, party), found in sorted(_by_need(rows).items()):
        value = max(found, key=_need_weight).need
        needs.append((audience, party, value, sum(row.need == value for row in found)))
    fresh = [row.fresh_days for row in rows if row.fresh_days]
    kept = [row.kept_days for row in rows if row.kept_days]
    return ItemSaid(
        item_id=item_id,
        must=sum(row.need == NeedValue.MUST for row in strongest),
        needed=sum(row.need == NeedValue.NEEDED for row in strongest),
        refused=sum(row.need == NeedValue.NOT for row in strongest),
        needs=tuple(needs),
        decisions=_decisions(rows),
        fresh_days=min(fresh, default=None),
        ways=tuple(sorted({row.way for row in rows if row.way}, key=EASE.__getitem__)),
        never_used=len({row.sheet_id for row in rows if row.is_never_used}),
        kept_days=min(kept, default=None),
    )


def _need_weight(row: Said) -> int:
    return WEIGHTS.get(row.need, 0)


def _by_person(rows: Iterable[Said]) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = {}
    for row in rows:
        if row.need:
            found.setdefault(row.sheet_id, []).append(row)
    return found


def _by_need(rows: Iterable[Said]) -> dict[tuple[str, str], list[Said]]:
    found: dict[tuple[str, str], list[Said]] = {}
    for row in rows:
        if row.need:
            found.setdefault((row.audience, row.party), []).append(row)
    return found


def _decisions(rows: Iterable[Said]) -> tuple[str, ...]:
    """The decisions that are named, those named most often first."""
    writers: dict[str, set[int]] = {}
    for row in rows:
        if row.decision and row.need != NeedValue.NOT:
            writers.setdefault(row.decision, set()).add(row.sheet_id)
    return tuple(sorted(writers, key=lambda text: -len(writers[text])))


def proposals(items: Iterable[Drafted], said: Iterable[Said], *, stage: str) -> tuple[Proposal, ...]:
    """How the draft would have to change to meet the answers, item by item in the order of the items.

    The importance is the strongest need of an audience, the limit the shortest, the way in the easiest that somebody
    offers, decisions are added to those that stand there. What the draft says already is left out.
    """
    by_item: dict[int, list[Said]] = {}
    for row in said:
        by_item.setdefault(row.item_id, []).append(row)
    return tuple(
        proposal
        for item in items
        if item.id in by_item
        for proposal in (
            *_need_proposals(item, by_item[item.id], stage),
            *_limit_proposal(item, by_item[item.id]),
            *_way_proposal(item, by_item[item.id]),
            *_decision_proposals(item, by_item[item.id]),
        )
    )


def _need_proposals(item: Drafted, rows: Sequence[Said], stage: str) -> Iterable[Proposal]:
    for (audience, party), found in sorted(_by_need(rows).items()):
        strongest = max(found, key=_need_weight).need
        value = "" if strongest == NeedValue.NOT else strongest
        former = importance(item.needs, audience, party=party, stage=stage)
        if value != former:
            key = deciding_key(item.needs, audience, party=party, stage=stage)
            sources = _sheets(row for row in found if row.need == strongest)
            is_more = WEIGHTS.get(value, 0) > WEIGHTS.get(former, 0)
            yield Proposal(item.id, f"{NEEDS}{key.text}", former, value, sources, is_more)


def _limit_proposal(item: Drafted, rows: Sequence[Said]) -> Iterable[Proposal]:
    limits = [row.fresh_days for row in rows if row.fresh_days and row.need != NeedValue.NOT]
    shortest = min(limits, default=None)
    if shortest is not None and shortest != item.limit_days:
        sources = _sheets(row for row in rows if row.fresh_days == shortest)
        is_more = item.limit_days is None or shortest < item.limit_days
        yield Proposal(item.id, LIMIT, str(item.limit_days or ""), str(shortest), sources, is_more)


def _way_proposal(item: Drafted, rows: Sequence[Said]) -> Iterable[Proposal]:
    easiest = min((row.way for row in rows if row.way), key=EASE.__getitem__, default=item.way)
    if EASE[easiest] < EASE[item.way]:
        yield Proposal(
            item.id, WAY, item.way, easiest, _sheets(row for row in rows if row.way == easiest), is_more=True
        )


def _decision_proposals(item: Drafted, rows: Sequence[Said]) -> Iterable[Proposal]:
    for language, column in DECISIONS.items():
        present = item.decision_zh if language == "zh" else item.decision_en
        text, sources = present, set[int]()
        for words in _decisions(rows):
            joined = (f"{text}；{words}" if language == "zh" else f"{text}; {words}") if text else words
            if _language_of(words) == language and words not in text and len(joined) <= LONGEST_DECISION:
                text = joined
                sources.update(row.sheet_id for row in rows if row.decision == words)
        if text != present:
            yield Proposal(item.id, column, present, text, tuple(sorted(sources)), is_more=True)


def _language_of(text: str) -> str:
    return "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"


def _sheets(rows: Iterable[Said]) -> tuple[int, ...]:
    return tuple(sorted({row.sheet_id for row in rows}))


def contradictions(
    items: Iterable[Drafted], found: Mapping[int, ItemSaid], *, asked_as: Collection[str]
) -> tuple[tuple[str, int], ...]:
    """Where a round does not fit together: (what, item), in the order of the items.

    UNCOLLECTED: needed, comes in by nothing by itself, and no collector offers a way. UNNEEDED: somebody collects it or
    knows of no use, and nobody needs it. TOO_OLD: needed fresher than any keeper can keep it. What nobody was asked
    about contradicts nothing.
    """
    told: list[tuple[str, int]] = []
    for item in items:
        row = found.get(item.id)
        if row is None:
            continue
        has_way = bool(row.ways) or item.way in BY_ITSELF
        if row.is_needed and not has_way and AskedAs.COLLECTOR in asked_as:
            told.append((UNCOLLECTED, item.id))
        if not row.is_needed and (row.ways or row.never_used) and AskedAs.USER in asked_as:
            told.append((UNNEEDED, item.id))
        if row.fresh_days and row.kept_days and row.fresh_days < row.kept_days:
            told.append((TOO_OLD, item.id))
    return tuple(told)
