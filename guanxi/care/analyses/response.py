"""How often contact is followed by something the customer does, by channel, weekday and hour.

Method: METHODS §4. A trial is one contact from our side; it succeeds when the same customer writes, asks,
attends, answers or buys within RESPONSE_DAYS. It tells where customers react, not what the contact caused:
that is what the control groups measure. The chance is a Beta posterior mean in two steps: a channel's counts
on its stated prior, then a band's counts on its channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import ibis
from ibis.expr.types import Table

from guanxi.care.analyses.rhythm import is_one_of

RESPONSE_DAYS = 14
LOOK_BACK_DAYS = 365
BANDS = ((9, 11), (11, 14), (14, 17), (17, 20))
"""Bands of hours, from and to; contacts outside of them count for the nearest."""
PRIORS = {"phone": 0.35, "wecom": 0.30, "sms": 0.12, "mail": 0.10, "visit": 0.60, "letter": 0.08}
"""Stated priors of a channel's chance, used until there are counts."""
CHANNEL_STRENGTH = 20.0
BAND_STRENGTH = 20.0
ADDRESSED = frozenset(
    ("interaction", name)
    for name in ("call", "call_missed", "visit", "message_sent", "mail_sent", "sms_sent", "material_posted")
)
OWN_ACTS = frozenset(
    {
        ("interaction", "message_received"),
        ("interaction", "mail_received"),
        ("interaction", "sms_received"),
        ("purchase", "buy"),
        ("purchase", "renew"),
        ("purchase", "enquiry"),
        ("participation", "attended"),
        ("survey", "answered"),
        ("suggestion", "made"),
        ("referral", "made"),
    }
)
CHANNEL_OF = {
    "call": "phone",
    "call_missed": "phone",
    "visit": "visit",
    "message_sent": "wecom",
    "mail_sent": "mail",
    "sms_sent": "sms",
    "material_posted": "letter",
}


@dataclass(frozen=True, slots=True)
class Count:
    """Trials and successes of one cell."""

    trials: int
    successes: int


Cell = tuple[str, int, int]
"""Channel, weekday (0 = Monday), place in BANDS."""


def response_counts(facts: Table, *, as_of: date, time_zone: str) -> Table:
    """Trials and successes of the last LOOK_BACK_DAYS whose time to answer is over.

    Input grain: fact. Output grain: channel × weekday × band. Columns: channel (text), weekday,
    band (0 = first of BANDS), trials, successes (counts). Hours are those of `time_zone`.
    """
    age = ibis.literal(as_of).delta(facts.occurred_on, unit="day")
    recent = facts.mutate(
        is_trial=is_one_of(facts, ADDRESSED) & (age >= RESPONSE_DAYS), is_act=is_one_of(facts, OWN_ACTS)
    ).filter((age >= 0) & (age < LOOK_BACK_DAYS) & (ibis._.is_trial | ibis._.is_act))
    act_on = ibis.ifelse(recent.is_act, recent.occurred_on, ibis.null("date"))
    dated = recent.mutate(act_on=act_on)
    following = ibis.rows_window(following=(1, None), group_by="account_id", order_by="occurred_at")
    answered = dated.mutate(next_on=dated.act_on.min().over(following)).filter(ibis._.is_trial)
    days = answered.next_on.delta(answered.occurred_on, unit="day")
    local = answered.occurred_at.cast(f"timestamp('{time_zone}')")
    hour = local.hour()
    cells = answered.mutate(
        channel=answered.sub_kind.cases(*CHANNEL_OF.items(), else_=""),
        weekday=local.day_of_week.index(),
        band=sum((ibis.ifelse(hour >= start, 1, 0) for start, _ in BANDS[1:]), start=ibis.literal(0)),
        is_success=(days <= RESPONSE_DAYS).fill_null(False) & (answered.sub_kind != "call_missed"),
    )
    return cells.group_by("channel", "weekday", "band").aggregate(
        trials=cells.count(), successes=cells.is_success.sum()
    )


def response_chances(counts: Mapping[Cell, Count]) -> dict[Cell, float]:
    """The chance of every cell, 0 to 1: Beta posterior means, bands shrunk to their channel, channels to the
    prior."""
    chances: dict[Cell, float] = {}
    for channel, prior in PRIORS.items():
        own = [count for (name, _, _), count in counts.items() if name == channel]
        middle = _posterior(own, mean=prior, strength=CHANNEL_STRENGTH)
        for weekday in range(7):
            for band in range(len(BANDS)):
                cell = (channel, weekday, band)
                found = [counts[cell]] if cell in counts else []
                chances[cell] = _posterior(found, mean=middle, strength=BAND_STRENGTH)
    return chances


def _posterior(counts: list[Count], *, mean: float, strength: float) -> float:
    trials = sum(count.trials for count in counts)
    successes = sum(count.successes for count in counts)
    return (successes + mean * strength) / (trials + strength)
