"""Recording a checked batch: the one transaction in which facts enter the ledger, whichever way they came."""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from guanxi.catalog.facade import product_ids_by_code
from guanxi.customers.facade import account_ids_by_keys, existing_account_ids, existing_contact_ids
from guanxi.kernel.actor import Actor
from guanxi.ledger.adapters.sieve import (
    COPY_COLUMNS,
    WAITING_COLUMNS,
    Lookups,
    Occasion,
    Outcome,
    Sieve,
    SiftedBatch,
    feed_bytes,
)
from guanxi.ledger.events import FactsRecorded
from guanxi.ledger.models import Fact, WaitingFact
from guanxi.ledger.queries import (
    corrections_standing,
    reachable_account_ids,
    standing_facts,
    waiting_facts_standing,
)
from guanxi.ledger.rules import require_system
from guanxi.platform.accounts.queries import people
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish

COPY_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Way:
    """The way in of one run: what holds for its rows, who acts, and how the audit trail calls it.

    `reachable_accounts` are the accounts that the actor may record facts for, None for all.
    """

    occasion: Occasion
    actor: Actor
    action: str
    reachable_accounts: frozenset[int] | None = None
    reason: str = ""


def captured_way(source: str, *, actor: Actor, system: str = "", action: str = "ingest") -> Way:
    """The way in for rows that a system of `source` captured; bare account keys belong to `system`, or the
    source.

    Raises: RuleViolation("system.invalid"), AccessDenied when no role of the actor allows taking facts in.
    """
    require_system(system)
    reachable = reachable_account_ids(actor)
    occasion = Occasion(
        source=source,
        system=system or source,
        now=timezone.now(),
        time_zone=settings.TIME_ZONE,
        may_correct=reachable is None,
    )
    return Way(occasion, actor, action, reachable)


def stated_way(source: str, *, actor: Actor, reason: str = "") -> Way:
    """The way in for one row that a person states; the caller has checked the right to the account."""
    occasion = Occasion(source=source, system=source, now=timezone.now(), time_zone=settings.TIME_ZONE, is_typed=True)
    return Way(occasion, actor, "record", reason=reason[:500])


def open_sieve(way: Way) -> Sieve:
    """A sieve that resolves names by the database, narrowed to the accounts that the actor may record for."""
    lookups = Lookups(
        account_keys=account_ids_by_keys,
        account_ids=lambda texts: {str(number): number for number in existing_account_ids(_numbers(texts))},
        products=product_ids_by_code,
        contacts=lambda texts: {str(number): number for number in existing_contact_ids(_numbers(texts))},
        users=lambda texts: {str(number): number for number in people(_numbers(texts))},
        reachable_accounts=way.reachable_accounts,
    )
    return Sieve(way.occasion, lookups)


def record_batch(
    sieve: Sieve, batch: SiftedBatch, *, way: Way, is_adoption: bool = False
) -> tuple[SiftedBatch, Outcome]:
    """Record what is new of a batch. Returns the batch as it was recorded and how many rows went which way.

    Steps, in one transaction: 1 no other run records this source meanwhile, 2 rows that stand already and
    second corrections are set aside, 3 audit entry, 4 COPY of the new facts, 5 event, 6 COPY of those that
    must wait. In an adoption, rows that wait do not count as standing, and none is added to them.
    """
    source = way.occasion.source
    with transaction.atomic():
        lock_source(source)
        standing = _standing(source, batch, is_adoption=is_adoption)
        if standing:
            batch = sieve.mark_standing(batch, standing)
        corrected = sieve.corrections(batch)
        if corrected:
            batch = sieve.mark_corrected(batch, corrections_standing(source, corrected))
        outcome = sieve.outcome(batch)
        if outcome.ready or (outcome.waiting and not is_adoption):
            count = outcome.ready + outcome.waiting
            begin_entry(
                way.actor,
                action=way.action,
                object_key="fact",
                record_count=count,
                reason=way.reason or source,
            )
        if outcome.ready:
            _copy(Fact._meta.db_table, COPY_COLUMNS, feed=batch.feed)
            accounts, kinds = sieve.touched(batch)
            publish(FactsRecorded(source=source, count=outcome.ready, account_ids=accounts, kinds=kinds))
        if outcome.waiting and not is_adoption:
            _copy(WaitingFact._meta.db_table, WAITING_COLUMNS, feed=sieve.waiting_feed(batch))
    return batch, outcome


def _standing(source: str, batch: SiftedBatch, *, is_adoption: bool) -> list[tuple[str, int]]:
    """The rows of a batch that are in the ledger or wait, as (number of the source, digest)."""
    if not batch.source_ids:
        return []
    ids = batch.source_ids
    bounds = (batch.first_id, batch.last_id)
    standing = standing_facts(source, ids, bounds=bounds)
    return standing if is_adoption else standing + waiting_facts_standing(source, ids, bounds=bounds)


def lock_source(source: str) -> None:
    """Wait until no other transaction records facts of the source."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"ledger:{source}"])


def _copy(table: str, columns: tuple[str, ...], *, feed: pyarrow.Array) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for text in feed_bytes(feed):
            for start in range(0, len(text), COPY_BLOCK_BYTES):
                copy.write(text[start : start + COPY_BLOCK_BYTES])


def _numbers(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts]
