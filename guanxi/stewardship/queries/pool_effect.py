"""What pools are good for: who came, who was taken, who bought afterwards, how long they lay there."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from statistics import median

from django.utils import timezone

from guanxi.ledger.facade import BUYING, last_days
from guanxi.platform.access.grant import unscoped
from guanxi.stewardship.choices import LeavingWay
from guanxi.stewardship.models import Pool, PoolEntry
from guanxi.stewardship.queries.pools import MEMBERS

TAKEN = frozenset({LeavingWay.CLAIMED, LeavingWay.ASSIGNED, LeavingWay.TAKEN})


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of some stays. `won` are customers who bought since somebody took them; `days` is the median time of
    those who left, None without any.
    """

    key: str
    entered: int
    waiting: int
    taken: int
    won: int
    days: float | None

    @property
    def taken_share(self) -> float | None:
        """Which part of those who came was taken; None without any."""
        return self.taken / self.entered if self.entered else None

    @property
    def won_share(self) -> float | None:
        """Which part of those who were taken bought; None without any."""
        return self.won / self.taken if self.taken else None


@dataclass(frozen=True, slots=True)
class Report:
    """The effect of a pool since a day: as a whole, by reason, by former owner, by who took them."""

    whole: Effect
    by_reason: tuple[Effect, ...]
    by_owner: tuple[Effect, ...]
    by_taker: tuple[Effect, ...]


def effect_of(pool: Pool, *, since: date) -> Report:
    """The effect of a pool on those who came since a day, without nights and returns that were taken back; two queries.

    For who was found to administer the pool.
    """
    start = timezone.make_aware(datetime.combine(since, time.min))
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(pool=pool, entered_at__gte=start)
    stays = list(rows.exclude(way=LeavingWay.UNDONE).order_by("pk"))
    bought = last_days([stay.account_id for stay in stays if stay.way in TAKEN], BUYING)
    return Report(
        whole=_effect("", stays, bought),
        by_reason=_grouped(stays, bought, lambda stay: stay.reason),
        by_owner=_grouped(stays, bought, lambda stay: str(stay.former_owner_id or "")),
        by_taker=_grouped([stay for stay in stays if stay.taken_by_id], bought, lambda stay: str(stay.taken_by_id)),
    )


def _grouped(
    stays: Sequence[PoolEntry], bought: dict[int, date], key: Callable[[PoolEntry], str]
) -> tuple[Effect, ...]:
    groups: dict[str, list[PoolEntry]] = {}
    for stay in stays:
        groups.setdefault(key(stay), []).append(stay)
    found = (_effect(name, members, bought) for name, members in groups.items())
    return tuple(sorted(found, key=lambda effect: (-effect.entered, effect.key)))


def _effect(key: str, stays: Iterable[PoolEntry], bought: dict[int, date]) -> Effect:
    known = list(stays)
    taken = [stay for stay in known if stay.way in TAKEN]
    lengths = [(stay.left_at - stay.entered_at).total_seconds() / 86_400 for stay in known if stay.left_at is not None]
    return Effect(
        key=key,
        entered=len(known),
        waiting=sum(stay.left_at is None for stay in known),
        taken=len(taken),
        won=sum(_is_won(stay, bought) for stay in taken),
        days=median(lengths) if lengths else None,
    )


def _is_won(stay: PoolEntry, bought: dict[int, date]) -> bool:
    day = bought.get(stay.account_id)
    return day is not None and stay.left_at is not None and day >= timezone.localdate(stay.left_at)
