"""A generated company of any size, for trying and measuring: accounts by bulk load, facts by the ordinary ingest."""

from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import duckdb
from django.utils import timezone

from guanxi.customers.commands import AccountBatch, add_external_keys, load_accounts
from guanxi.kernel.actor import Actor
from guanxi.ledger.commands import ingest_file
from guanxi.project.demo import business
from guanxi.project.demo.company import found_company
from guanxi.project.demo.load import (
    SEED,
    Counter,
    Loaded,
    Report,
    add_firm,
    add_person,
    compute,
    load_products,
)

SYSTEM = "shop"
FIRM_SHARE = 0.3
LINES_PER_VISIT = 4
BATCH = 10_000
FIRST_OWNER_ACCOUNTS = 2_000


def load_scale(accounts: int, *, facts: int, actor: Actor, report: Report, count: Counter) -> Loaded:
    """Make a company of so many accounts and facts. The first account manager looks after 2,000 of them."""
    today = timezone.localdate()
    report("Company and people")
    company = found_company(actor)
    load_products(None, actor=actor)
    report("Customers")
    random = Random(SEED)
    for start in range(0, accounts, BATCH):
        batch = AccountBatch([], [], [], [], [])
        for place in range(start, min(start + BATCH, accounts)):
            rest = company.managers[1 + place % (len(company.managers) - 1)]
            owner = company.managers[0] if place < FIRST_OWNER_ACCOUNTS else rest
            add = add_firm if random.random() < FIRM_SHARE else add_person
            add(batch, random, owner=owner, today=today)
        load_accounts(batch, actor=actor)
        pairs = [(f"A{start + place}", account.pk) for place, account in enumerate(batch.accounts)]
        add_external_keys(SYSTEM, pairs, actor=actor)
        count(start + len(batch.accounts), accounts)
    report("Ledger")
    with TemporaryDirectory() as folder:
        path = write_facts(Path(folder), accounts=accounts, facts=facts, today=today)
        result = ingest_file(path, source=SYSTEM, progress=count, actor=actor)
    compute(today, actor=actor, report=report)
    return Loaded(accounts, result.counts.recorded, has_retail=False)


def write_facts(folder: Path, *, accounts: int, facts: int, today: date) -> Path:
    """Write generated facts as one Parquet file, oldest first.

    Customers differ in how often they come (log-normal); a visit has four purchase lines on the average. One fact in
    eight is no purchase: contacts, invitations, surveys, suggestions, referrals.
    """
    codes = [code for _, _, members in business.CATALOG for code, _, _ in members]
    target = folder / "facts.parquet"
    duckdb.execute(
        f"""
        COPY (
            WITH visits AS (
                SELECT range AS visit, pow((hash(range) % 1000003) / 1000003.0, 2) AS place,
                    pow((hash(range * 31 + 7) % 100003) / 100003.0, 1.2) AS age, hash(range * 17 + 3) AS dice
                FROM range({facts // LINES_PER_VISIT + 1})
            ), lines AS (
                SELECT visit, line, dice, floor(place * {accounts})::BIGINT AS account,
                    TIMESTAMP '{today} 09:00:00' - to_days(1 + floor(age * 720)::INT) + to_minutes((dice % 540)::INT) AS moment,
                    hash(visit * 5 + line) AS detail
                FROM visits, range({LINES_PER_VISIT}) lines(line)
            )
            SELECT visit || '-' || line AS source_id, 'A' || account AS account_key,
                CASE WHEN dice % 8 > 0 THEN 'purchase' WHEN detail % 4 = 0 THEN 'interaction' WHEN detail % 4 = 1 THEN 'participation'
                     WHEN detail % 4 = 2 THEN 'survey' ELSE ['suggestion', 'referral'][1 + (dice % 2)::INT] END AS kind,
                CASE WHEN dice % 8 > 0 THEN CASE WHEN detail % 60 = 0 THEN 'return' ELSE 'buy' END
                     WHEN detail % 4 = 0 THEN ['call', 'message_sent', 'visit'][1 + (dice % 3)::INT]
                     WHEN detail % 4 = 1 THEN ['invited', 'attended'][1 + (dice % 2)::INT]
                     WHEN detail % 4 = 2 THEN ['asked', 'answered'][1 + (dice % 2)::INT]
                     ELSE ['asked', 'made'][1 + (detail % 2)::INT] END AS sub_kind,
                moment AS occurred_at,
                CASE WHEN dice % 8 > 0 THEN {codes!r}[1 + (detail % {len(codes)})::INT] END AS product,
                CASE WHEN dice % 8 > 0 THEN 1.0 + detail % 5 END AS quantity,
                CASE WHEN dice % 8 > 0 THEN round(5 + (detail % 90000) / 100.0, 2) END AS amount,
                CASE WHEN dice % 8 > 0 THEN round((5 + (detail % 90000) / 100.0) * 0.7, 2) END AS cost,
                CASE WHEN dice % 8 = 0 AND detail % 4 = 1 THEN 'Event ' || (dice % 9) END AS event,
                CASE WHEN dice % 8 = 0 AND detail % 4 = 2 THEN 'Survey ' || (dice % 5) END AS survey
            FROM lines LIMIT {facts}
        ) TO '{target}' (FORMAT parquet)
        """  # noqa: S608  # our own numbers and codes
    )
    return target
