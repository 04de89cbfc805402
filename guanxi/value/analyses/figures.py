"""Money of the last twelve months per account, and who the core customers are."""

from datetime import date

import numpy as np
from ibis.expr.types import Table

from guanxi.value.analyses.indicators import age_in_days
from guanxi.value.analyses.scoring import Floats
from guanxi.value.rules import CORE_MARGIN_SHARE

YEAR_DAYS = 365


def purchase_figures(daily: Table, *, as_of: date) -> Table:
    """Amount and margin of the last 365 days, returns taken off. Grain: account.

    Input: `daily` from `daily_facts`. Columns: account_id, amount, margin (company currency), last_purchase_on.
    """
    age = age_in_days(daily.occurred_on, as_of=as_of)
    bought = daily.filter((daily.kind == "purchase") & (age >= 0))
    is_return = bought.sub_kind == "return"
    is_sale = bought.sub_kind.isin(["buy", "renew", "return"])
    in_year = is_sale & (age_in_days(bought.occurred_on, as_of=as_of) < YEAR_DAYS)
    return bought.group_by("account_id").aggregate(
        amount=is_return.ifelse(-bought.amount.abs(), bought.amount).sum(where=in_year).fill_null(0.0),
        margin=is_return.ifelse(-bought.margin.abs(), bought.margin).sum(where=in_year).fill_null(0.0),
        last_purchase_on=bought.occurred_on.max(where=bought.sub_kind.isin(["buy", "renew"])),
    )


def core_accounts(margins: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """The smallest set of accounts that brings 80 % of the margin. Shape in and out: (accounts,).

    Accounts with equal margins keep their order.
    """
    earning = np.where(margins > 0, margins, 0.0)
    order = np.argsort(-earning, kind="stable")
    running = np.cumsum(earning[order])
    needed = int(np.searchsorted(running, CORE_MARGIN_SHARE * running[-1]) + 1) if len(running) else 0
    is_core = np.zeros(len(margins), dtype=bool)
    is_core[order[:needed]] = earning[order[:needed]] > 0
    return is_core
