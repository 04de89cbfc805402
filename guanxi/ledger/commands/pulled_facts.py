"""Pulled order lines as purchases in the ledger: a line that changed is corrected, one that is gone withdrawn."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import pyarrow

from guanxi.ledger.adapters.files import RowBatch
from guanxi.ledger.adapters.rejects import explained
from guanxi.ledger.adapters.sieve import Outcome as Sifted
from guanxi.ledger.analyses.purchase_columns import purchase_targets
from guanxi.ledger.choices import PullTarget
from guanxi.ledger.commands.pulled import (
    KeyedRow,
    Taken,
    connector,
    erased_key,
    mapping_of_pull,
    reason_of,
    row_of,
)
from guanxi.ledger.commands.recording import Way, captured_way, lock_source, open_sieve, record_batch
from guanxi.ledger.models import Connection, Fact, Pull, PulledRow, WaitingFact
from guanxi.ledger.rules import VOIDED
from guanxi.platform.access.grant import unscoped
from guanxi.platform.transfer.mapping import Target
from guanxi.platform.transfer.models import Outcome
from guanxi.platform.transfer.rows import Column, Reader, ReadRow

REASON = "pull: a line that changed is corrected wherever it stands"
PURCHASE = "purchase"
ACCOUNT_KEY = "account_key"
FactRow = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FactTaker:
    """Takes order lines. `columns` are those that are mapped, in the order of the reader's."""

    connection: Connection
    pull: Pull
    reader: Reader
    columns: tuple[str, ...]
    targets: Mapping[str, Target]
    way: Way
    is_trial: bool

    def take(self, rows: Sequence[KeyedRow], known: Mapping[str, PulledRow]) -> Sequence[Taken]:
        """Record the lines: new ones as purchases, changed ones as corrections of what stood."""
        read = list(self.reader.read(row_of(row, self.columns, number=n) for n, row in enumerate(rows, 1)))
        waiting = self._waiting([former for row in rows if (former := known.get(row.key)) is not None])
        erased = self._erased([str(item.values.get(ACCOUNT_KEY, "")) for item in read])
        done: list[Taken] = []
        facts: list[tuple[Taken, FactRow]] = []
        for row, item in zip(rows, read, strict=True):
            former = known.get(row.key)
            if item.is_faulty:
                done.append(Taken(row.key, Outcome.ERROR, reason=self._reason(item)))
            elif erased_key(str(item.values.get(ACCOUNT_KEY, ""))) in erased:
                done.append(Taken(row.key, Outcome.SAME))
            else:
                facts.append(self._fact(row, item, former, waiting))
        return [*done, *self._record(facts)]

    def remove(self, rows: Sequence[PulledRow]) -> Sequence[Taken]:
        """Withdraw the purchases of lines that are gone; what still waits is no longer waited for."""
        waiting = self._waiting(rows)
        standing = {
            fact.source_id: fact
            for fact in unscoped(Fact, reason=REASON).filter(
                source=self.connection.system, source_id__in=[row.source_id for row in rows if row.source_id]
            )
        }
        facts = []
        done = [Taken(row.key, Outcome.UPDATED, revision=row.revision) for row in rows if row.source_id not in standing]
        for row in rows:
            fact = standing.get(row.source_id)
            if fact is not None and row.source_id not in waiting:
                number = row.revision + 1
                source_id = self._source_id(row.key, number)
                values = {"occurred_at": fact.occurred_at, "account_id": fact.account_id, "corrects": fact.source_id}
                made = {"source_id": source_id, "kind": PURCHASE, "sub_kind": VOIDED, **values}
                facts.append((Taken(row.key, Outcome.UPDATED, source_id=source_id, revision=number), made))
        return [*done, *self._record(facts)]

    def _fact(
        self, row: KeyedRow, item: ReadRow, former: PulledRow | None, waiting: frozenset[str]
    ) -> tuple[Taken, FactRow]:
        """The fact of a line; what stood of it is corrected."""
        number = former.revision + 1 if former is not None else 1
        source_id = self._source_id(row.key, number)
        values = dict(item.values)
        amount = values.get("amount")
        is_back = isinstance(amount, Decimal | int | float) and amount < 0
        made = {"sub_kind": "return" if is_back else "buy", **values, "source_id": source_id, "kind": PURCHASE}
        stands = former is not None and former.source_id and former.source_id not in waiting
        if stands and former is not None:
            made["corrects"] = former.source_id
        outcome = Outcome.UPDATED if former is not None and former.source_id else Outcome.CREATED
        return Taken(row.key, outcome, source_id=source_id, revision=number), made

    def _record(self, facts: Sequence[tuple[Taken, FactRow]]) -> list[Taken]:
        """Send facts through the sieve into the ledger."""
        if not facts:
            return []
        lines = [json.dumps(fact, ensure_ascii=False, default=_as_text) for _taken, fact in facts]
        numbers = pyarrow.array(range(1, len(lines) + 1), pyarrow.int64())
        table = pyarrow.table({"line": numbers, "row": pyarrow.array(lines, pyarrow.string())})
        with open_sieve(self.way) as sieve:
            batch = sieve.sift(RowBatch(table))
            outcome: Sifted = sieve.outcome(batch)
            if not self.is_trial:
                batch, outcome = record_batch(sieve, batch, way=self.way)
            refused = {entry.line: explained(entry).reason for entry in sieve.rejections(batch)}
        waiting = self._waiting_ids([taken.source_id for taken, _fact in facts]) if outcome.waiting else frozenset()
        return [
            Taken(taken.key, Outcome.ERROR, reason=refused[line])
            if line in refused
            else Taken(taken.key, taken.outcome, None, taken.source_id, taken.revision, "", taken.source_id in waiting)
            for line, (taken, _fact) in enumerate(facts, 1)
        ]

    def _waiting(self, rows: Sequence[PulledRow]) -> frozenset[str]:
        """Which of the former facts still wait for their customer; these never entered the ledger, so they go.

        Nothing that waits is adopted until the transaction ends.
        """
        lock_source(self.connection.system)
        found = self._waiting_ids([row.source_id for row in rows if row.source_id])
        if found and not self.is_trial:
            WaitingFact.objects.filter(source=self.connection.system, source_id__in=found).delete()
        return found

    def _waiting_ids(self, source_ids: Sequence[str]) -> frozenset[str]:
        rows = WaitingFact.objects.filter(source=self.connection.system, source_id__in=source_ids)
        return frozenset(rows.values_list("source_id", flat=True))

    def _erased(self, account_keys: Sequence[str]) -> frozenset[str]:
        """The hashes of those keys whose customer was erased: nothing is recorded of them any more."""
        rows = PulledRow.objects.filter(
            pull__connection=self.connection,
            pull__target=PullTarget.ACCOUNT,
            key__in={erased_key(key) for key in account_keys},
        )
        return frozenset(rows.values_list("key", flat=True))

    def _source_id(self, key: str, number: int) -> str:
        return f"{self.pull.pk}:{key}" if number == 1 else f"{self.pull.pk}:{key}#{number}"

    def _reason(self, item: ReadRow) -> str:
        mapping = mapping_of_pull(self.pull)
        return reason_of(item.problems, [mapping[name] for name in self.columns], self.targets)


def fact_taker(connection: Connection, pull: Pull, *, is_trial: bool) -> FactTaker:
    """The taker of a pull of order lines. Raises: RuleViolation("source.…")."""
    targets = {target.key: target for target in purchase_targets()}
    mapping = mapping_of_pull(pull)
    columns = [
        Column(number, targets[key], {}, {}, targets[key].longest)
        for number, key in enumerate(mapping.values())
        if key in targets
    ]
    way = captured_way(connection.system, actor=connector(connection), action="pull")
    reader = Reader(columns, len(mapping), False, {})
    return FactTaker(connection, pull, reader, tuple(mapping), targets, way, is_trial)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
