"""What rules would say that are not saved yet: of two records, and of the newest of the base."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from guanxi.customers.facade import newest_ids
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.objects.alike import EntryPoint
from guanxi.platform.objects.registry import listed_object
from guanxi.stewardship.queries.alike import known_identity, recognised
from guanxi.stewardship.queries.batches import FileMatcher
from guanxi.stewardship.rules.likeness import HouseRule, Verdict, verdict_of

NEWEST = 1_000
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class PairTrial:
    """What rules say of two records: what they are called, and the verdict."""

    names: tuple[str, str]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class NewestTrial:
    """How many of the newest records look like another one, and some of the pairs that the person sees."""

    looked_at: int
    found: int
    pairs: tuple[PairTrial, ...]


def try_pair(object_key: str, rule: HouseRule, ids: tuple[int, int], actor: Actor) -> PairTrial:
    """What rules say of two records that the actor sees. Raises: NotFound."""
    spec = listed_object(object_key)
    permission = grant(actor, spec.model)
    names = tuple(str(getattr(permission.live(pk), spec.title)) for pk in ids)
    known = {row.id: known_identity(row) for row in recognised(object_key, ids)}
    return PairTrial((names[0], names[1]), verdict_of(rule, known[ids[0]], known[ids[1]]))


def try_newest(object_key: str, rule: HouseRule, actor: Actor) -> NewestTrial:
    """What rules would have said of the newest records when they were typed; a fixed number of queries."""
    ids = newest_ids(object_key, limit=NEWEST)
    known = {row.id: known_identity(row) for row in recognised(object_key, ids)}
    matcher = FileMatcher(object_key, rule, rule.entries[EntryPoint.FORM], remembers=False)
    pairs = {tuple(sorted((pk, other))): verdict for pk, other, verdict in matcher.pairs(known)}
    likely = sorted(pairs.items(), key=lambda item: -item[1].weight)
    names = _names(object_key, {pk for pair, _verdict in likely for pk in pair}, actor)
    shown = (
        PairTrial((names[first], names[second]), verdict)
        for (first, second), verdict in likely
        if first in names and second in names
    )
    found = {pk for pair in pairs for pk in pair} & set(ids)
    return NewestTrial(
        len(known), len(found), tuple(pair for pair, _place in zip(shown, range(MOST_SHOWN), strict=False))
    )


def _names(object_key: str, ids: Iterable[int], actor: Actor) -> Mapping[int, str]:
    spec = listed_object(object_key)
    return dict(grant(actor, spec.model).queryset().filter(pk__in=list(ids)).values_list("pk", spec.title))
