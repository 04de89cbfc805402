"""How often customers are in contact and buy.

Input grain: fact, with account_id, kind, sub_kind, occurred_at, occurred_on, channel, category_id, amount.
Pure Ibis functions; facts after `as_of` are ignored. Method: METHODS §4. Gaps are whole days between
different days; they are taken as log-normal, so the middle is their median and the spread the standard
deviation of their logarithm. Both are shrunk to the peers': weight n/(n + PRIOR_GAPS) for the account's own n
gaps.
"""

from datetime import date

import ibis
from ibis.expr.types import BooleanValue, Table

from guanxi.care.rules import DEFAULT_SPREAD, LEAST_GAPS, LEAST_RHYTHM_DAYS, REPLENISHMENT_AHEAD_DAYS

PRIOR_GAPS = 4.0
BUYING = ("buy", "renew")
LATEST_LATENESS = 1.0
MOST_CATEGORIES = 3
Pairs = frozenset[tuple[str, str]]


def is_one_of(facts: Table, pairs: Pairs) -> BooleanValue:
    """Whether a fact's kind and sub-kind are one of the pairs."""
    return (facts.kind + "." + facts.sub_kind).isin(sorted(f"{kind}.{sub_kind}" for kind, sub_kind in pairs))


def last_touches(facts: Table, *, touches: Pairs, as_of: date) -> Table:
    """The latest contact per account. Grain: account. Columns: account_id, last_touch_at, last_channel ("" =
    none)."""
    seen = facts.filter(is_one_of(facts, touches) & (facts.occurred_on <= as_of))
    return seen.group_by("account_id").aggregate(
        last_touch_at=seen.occurred_at.max(),
        last_channel=seen.channel.fill_null("").argmax(seen.occurred_at),
    )


def contact_rhythms(facts: Table, *, touches: Pairs, as_of: date) -> Table:
    """The own rhythm of accounts with at least LEAST_GAPS gaps between contacts, else between purchases.

    Grain: account. Columns: account_id, rhythm_days (median, shrunk), gaps (count), spread.
    """
    known = facts.filter(facts.occurred_on <= as_of)
    contacts = _rhythms(known.filter(is_one_of(known, touches)), ("account_id",))
    purchases = _rhythms(known.filter((known.kind == "purchase") & known.sub_kind.isin(BUYING)), ("account_id",))
    without = purchases.anti_join(contacts, "account_id")
    return contacts.union(without).rename(rhythm_days="gap_days")


def replenishments(facts: Table, *, as_of: date) -> Table:
    """Categories that accounts buy again and again and that are due about now.

    Grain: account × category with at least LEAST_GAPS gaps of at least LEAST_RHYTHM_DAYS in the middle, due
    within REPLENISHMENT_AHEAD_DAYS or late by at most one gap; at most MOST_CATEGORIES per account, those of
    most money. Columns: account_id, category_id, gap_days, gaps, spread, last_bought_on, due_on (dates),
    share (of the account's purchases of 365 days, 0 to 1).
    """
    bought = facts.filter(
        (facts.kind == "purchase")
        & facts.sub_kind.isin(BUYING)
        & facts.category_id.notnull()
        & (facts.occurred_on <= as_of)
    )
    keys = ("account_id", "category_id")
    rhythms = _rhythms(bought, keys)
    spent = _money_shares(bought, as_of=as_of)
    found = rhythms.inner_join(spent, list(keys))
    days = ibis.literal(as_of).delta(found.last_on, unit="day")
    is_due = (days >= found.gap_days - REPLENISHMENT_AHEAD_DAYS) & (days <= found.gap_days * (1 + LATEST_LATENESS))
    due = found.filter(is_due & (found.gap_days >= LEAST_RHYTHM_DAYS))
    place = ibis.row_number().over(ibis.window(group_by="account_id", order_by=[ibis.desc(due.money), due.category_id]))
    ranked = due.mutate(place=place)
    return ranked.filter(ranked.place < MOST_CATEGORIES).select(
        "account_id",
        "category_id",
        "gap_days",
        "gaps",
        "spread",
        last_bought_on=ranked.last_on,
        due_on=ranked.last_on + ranked.gap_days.round().cast("int64").as_interval("D"),
        share=ranked.share,
    )


def _money_shares(bought: Table, *, as_of: date) -> Table:
    """Money and its share by account × category in the last 365 days, and the latest purchase of all."""
    is_recent = ibis.literal(as_of).delta(bought.occurred_on, unit="day") < 365
    money = ibis.ifelse(is_recent, bought.amount, 0.0)
    by_category = bought.mutate(money=money).group_by("account_id", "category_id")
    sums = by_category.aggregate(money=ibis._.money.sum(), last_on=ibis._.occurred_on.max())
    whole = sums.money.sum().over(ibis.window(group_by="account_id"))
    return sums.mutate(share=ibis.ifelse(whole > 0, sums.money / whole, 0.0))


def _rhythms(facts: Table, keys: tuple[str, ...]) -> Table:
    """Median gap, number of gaps and spread per key, shrunk to those of all. Columns: keys, gap_days, gaps,
    spread."""
    days = facts.select(*keys, "occurred_on").distinct()
    window = ibis.window(group_by=list(keys), order_by="occurred_on")
    gaps = days.mutate(gap=days.occurred_on.delta(days.occurred_on.lag().over(window), unit="day"))
    gaps = gaps.filter(gaps.gap.notnull()).mutate(log_gap=ibis._.gap.cast("float64").ln())
    own = gaps.group_by(*keys).aggregate(
        middle=gaps.log_gap.median(), gaps=gaps.count(), own_spread=gaps.log_gap.std(how="sample")
    )
    own = own.filter(own.gaps >= LEAST_GAPS)
    weight = own.gaps / (own.gaps + PRIOR_GAPS)
    peers = own.middle.median().over(ibis.window())
    return own.select(
        *keys,
        gap_days=(weight * own.middle + (1.0 - weight) * peers).exp(),
        gaps=own.gaps,
        spread=weight * own.own_spread.fill_null(0.0) + (1.0 - weight) * DEFAULT_SPREAD,
    )
