from datetime import UTC, date, datetime, timedelta

import ibis
import pandas as pd
import pytest
from ibis.expr.types import Table

from guanxi.care.analyses.calendar import next_week_start
from guanxi.care.analyses.response import response_counts
from guanxi.care.analyses.rhythm import contact_rhythms, last_touches, replenishments

TODAY = date(2026, 11, 23)
TOUCHES = frozenset({("interaction", "call"), ("interaction", "visit")})


def facts(rows: list[tuple[int, str, str, int]], *, category_id: int | None = 7) -> Table:
    """Facts from (account, kind, sub-kind, days ago), all at 02:00 UTC, 10:00 in China."""
    moments = [datetime(2026, 11, 23, 2, tzinfo=UTC) - timedelta(days=row[3]) for row in rows]
    frame = pd.DataFrame(
        {
            "account_id": [row[0] for row in rows],
            "kind": [row[1] for row in rows],
            "sub_kind": [row[2] for row in rows],
            "occurred_at": moments,
            "occurred_on": [moment.date() for moment in moments],
            "channel": ["phone" for _ in rows],
            "category_id": pd.array([category_id if row[1] == "purchase" else None for row in rows], "Int64"),
            "amount": [100.0 for _ in rows],
        }
    )
    table = ibis.memtable(frame)
    return table.mutate(occurred_on=table.occurred_on.cast("date"))


def test_the_own_rhythm_needs_three_gaps_and_prefers_contacts() -> None:
    calls = [(1, "interaction", "call", days) for days in (80, 60, 40, 20)]
    purchases = [(2, "purchase", "buy", days) for days in (70, 60, 50, 40)]
    few = [(3, "interaction", "call", days) for days in (30, 20, 10)]
    found = contact_rhythms(facts(calls + purchases + few), touches=TOUCHES, as_of=TODAY).order_by("account_id")
    frame = found.execute()
    assert frame.account_id.tolist() == [1, 2]
    assert frame.gaps.tolist() == [3, 3]
    assert frame.rhythm_days.tolist() == pytest.approx([20.0, 10.0])
    assert frame.spread.tolist() == pytest.approx([0.5 * 4 / 7, 0.5 * 4 / 7])


def test_the_last_touch_is_the_latest_one() -> None:
    rows = [(1, "interaction", "call", 9), (1, "interaction", "visit", 4), (1, "purchase", "buy", 1)]
    (row,) = last_touches(facts(rows), touches=TOUCHES, as_of=TODAY).execute().itertuples()
    assert row.last_touch_at == datetime(2026, 11, 19, 2, tzinfo=UTC)
    assert row.last_channel == "phone"


def test_a_category_is_due_by_its_own_gaps() -> None:
    due = [(1, "purchase", "buy", days) for days in (90, 60, 31, 29)] + [(1, "purchase", "buy", 120)]
    early = [(2, "purchase", "buy", days) for days in (65, 45, 25, 5)]
    weekly = [(3, "purchase", "buy", days) for days in (8, 6, 4, 2)]
    (row,) = replenishments(facts(due + early + weekly), as_of=TODAY).execute().itertuples()
    assert (row.account_id, row.category_id, row.gaps) == (1, 7, 4)
    assert pd.Timestamp(row.last_bought_on).date() == date(2026, 10, 25)
    assert row.share == pytest.approx(1.0)


def test_a_contact_counts_as_answered_when_the_customer_acts_within_two_weeks() -> None:
    rows = [
        (1, "interaction", "call", 100),
        (1, "purchase", "buy", 95),
        (2, "interaction", "call", 100),
        (2, "purchase", "buy", 60),
        (3, "interaction", "call_missed", 100),
        (3, "purchase", "buy", 99),
        (4, "interaction", "message_sent", 3),
    ]
    (row,) = response_counts(facts(rows), as_of=TODAY, time_zone="Asia/Shanghai").execute().itertuples()
    assert (row.channel, row.weekday, row.band, row.trials, row.successes) == ("phone", 5, 0, 3, 1)


def test_the_next_week_starts_on_its_first_working_day() -> None:
    assert next_week_start(date(2026, 11, 22)) == date(2026, 11, 23)
    assert next_week_start(date(2026, 11, 23)) == date(2026, 11, 30)
    assert next_week_start(date(2026, 9, 30)) == date(2026, 10, 8)
