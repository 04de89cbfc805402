"""Filling a day: which customers a person contacts, through which channel and when, and what is held back
why.

Pure and deterministic: the same proposals and the same day give the same plan; ties go to the lower account
id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time

from guanxi.care.analyses.response import BANDS, Cell
from guanxi.care.choices import Hold, RowState
from guanxi.care.rules import FREQUENCY_CAP_DAYS, Occasion, chance_after, priority
from guanxi.engagement.choices import CHANNELS, Channel

WITHDRAWN, GIVEN = "withdrawn", "given"


@dataclass(frozen=True, slots=True)
class Point:
    """One way to reach a customer: the kind of contact point and the state of consent."""

    type: str
    consent: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer with at least one occasion, best known facts for planning.

    `stake` is money in ¥ a year; `days_since_contact` is None when there never was one; `answers` are former
    not-useful answers by reason: (answer, days ago); `preferred` are the channels that the strategy of the customer's
    class wants, the best one first.
    """

    account_id: int
    occasions: tuple[Occasion, ...]
    stake: float
    points: tuple[Point, ...] = ()
    is_organisation: bool = False
    days_since_contact: int | None = None
    answers: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    preferred: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One person's day: capacity left, hours of work and quiet hours (24-hour clock), chances by cell."""

    on: date
    contacts: int
    minutes: int
    chances: Mapping[Cell, float]
    works: tuple[int, int] = (9, 20)
    quiet: tuple[int, int] = (12, 14)
    is_rest_day: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """One customer as proposed for the day. `rank` counts from 1 in the order of all proposals."""

    account_id: int
    occasion: Occasion
    further: tuple[Occasion, ...]
    channel: str
    hours: tuple[time, time] | None
    stake: float
    chance: float
    minutes: int
    priority: float
    state: RowState = RowState.OPEN
    hold: Hold = Hold.NONE
    rank: int = 0


def usable_channels(points: Iterable[Point]) -> tuple[Channel, ...]:
    """The channels that lead to a customer and that we may use.

    A withdrawn consent closes its kind of point for good; without a given one only telephone and visit
    remain.
    """
    points = tuple(points)
    closed = {point.type for point in points if point.consent == WITHDRAWN}
    given = {point.type for point in points if point.consent == GIVEN}
    known = {point.type for point in points}
    usable = []
    for channel in CHANNELS.values():
        types = (given if channel.needs_consent else known) - closed
        if types.intersection(channel.point_types):
            usable.append(channel)
    return tuple(usable)


def preferred_channels(usable: Sequence[Channel], preferred: Sequence[str]) -> tuple[Channel, ...]:
    """The first of the preferred channels that can be used; all that can be where none of those is."""
    by_key = {channel.key: channel for channel in usable}
    first = next((by_key[key] for key in preferred if key in by_key), None)
    return tuple(usable) if first is None else (first,)


def hours_of(band: int, *, day: Day) -> tuple[time, time] | None:
    """The part of a band inside working hours and outside quiet hours, at most one hour; None when nothing is
    left."""
    start, end = max(BANDS[band][0], day.works[0]), min(BANDS[band][1], day.works[1])
    quiet_from, quiet_to = day.quiet
    if quiet_from <= start < quiet_to:
        start = quiet_to
    elif start < quiet_from < end:
        end = quiet_from
    return (time(start), time(start + 1)) if start + 1 <= end else None


def propose(candidate: Candidate, *, day: Day) -> Proposal:
    """The best occasion, channel and hours for one customer: those of the highest priority."""
    channels = preferred_channels(usable_channels(candidate.points), candidate.preferred)
    best = max(
        (
            option
            for occasion in candidate.occasions
            for option in _options(candidate, occasion, channels=channels, day=day)
        ),
        key=lambda option: (option.priority, option.occasion.reason, option.channel),
    )
    further = tuple(occasion for occasion in candidate.occasions if occasion is not best.occasion)
    return _held(best, further=further, candidate=candidate, day=day)


def _options(candidate: Candidate, occasion: Occasion, *, channels: Sequence[Channel], day: Day) -> list[Proposal]:
    answers = candidate.answers.get(occasion.reason, ())
    options = []
    for channel in channels:
        chance, hours = _best_hours(channel.key, day=day)
        chance = chance_after(chance, answers=tuple(answers))
        gain = priority(
            stake=candidate.stake,
            share=occasion.share,
            urgency=occasion.urgency,
            chance=chance,
            minutes=channel.minutes,
        )
        options.append(
            Proposal(
                candidate.account_id,
                occasion,
                (),
                channel.key,
                hours,
                candidate.stake,
                chance,
                channel.minutes,
                gain,
            )
        )
    return options or [Proposal(candidate.account_id, occasion, (), "", None, candidate.stake, 0.0, 0, 0.0)]


def _best_hours(channel: str, *, day: Day) -> tuple[float, tuple[time, time] | None]:
    """The band of the day with the best chance; the earlier one wins a tie."""
    found = [
        (day.chances[channel, day.on.weekday(), band], -band, hours)
        for band in range(len(BANDS))
        if (hours := hours_of(band, day=day)) is not None
    ]
    if not found:
        return 0.0, None
    chance, _, hours = max(found, key=lambda item: (item[0], item[1]))
    return chance, hours


def _held(best: Proposal, *, further: tuple[Occasion, ...], candidate: Candidate, day: Day) -> Proposal:
    hold = Hold.NONE
    days = candidate.days_since_contact
    if not best.channel:
        hold = Hold.CONSENT
    elif days is not None and days < FREQUENCY_CAP_DAYS:
        hold = Hold.FREQUENCY
    elif day.is_rest_day and candidate.is_organisation:
        hold = Hold.REST_DAY
    elif best.priority <= 0:
        hold = Hold.COST
    return _with(best, further=further, state=RowState.LATER if hold else RowState.OPEN, hold=hold)


def fill(candidates: Iterable[Candidate], *, day: Day) -> tuple[Proposal, ...]:
    """All customers in the order of priority; those that fit into the day are open, all others say why not.

    Steps: 1 the best proposal of each customer, 2 sort by priority, then account id, 3 take while contacts
    and minutes last, 4 what does not fit or does not pay goes to an automatic touch where one is possible and
    else to later.
    """
    candidates = tuple(candidates)
    can_be_automatic = {item.account_id for item in candidates if _is_automatic(item)}
    proposals = sorted(
        (propose(item, day=day) for item in candidates), key=lambda item: (-item.priority, item.account_id)
    )
    contacts, minutes = day.contacts, day.minutes
    filled = []
    for rank, proposal in enumerate(proposals, start=1):
        state, hold = proposal.state, proposal.hold
        if state == RowState.OPEN and contacts > 0 and proposal.minutes <= minutes:
            contacts, minutes = contacts - 1, minutes - proposal.minutes
        elif state == RowState.OPEN:
            state, hold = RowState.LATER, Hold.CAPACITY
        if hold in (Hold.CAPACITY, Hold.COST) and proposal.account_id in can_be_automatic:
            state = RowState.AUTOMATIC
        filled.append(_with(proposal, further=proposal.further, state=state, hold=hold, rank=rank))
    return tuple(filled)


def _is_automatic(candidate: Candidate) -> bool:
    return any(channel.is_automatic for channel in usable_channels(candidate.points))


def _with(proposal: Proposal, *, further: tuple[Occasion, ...], state: RowState, hold: Hold, rank: int = 0) -> Proposal:
    return replace(proposal, further=further, state=state, hold=hold, rank=rank)
