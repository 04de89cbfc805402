"""Pulled rows that become records: customers and products, by the same path as rows of an import."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from guanxi.customers.facade import account_ids_by_keys, add_external_keys
from guanxi.kernel.actor import Actor
from guanxi.ledger.choices import PullTarget
from guanxi.ledger.commands.pulled import KeyedRow, Taken, connector, mapping_of_pull, reason_of, row_of
from guanxi.ledger.models import Connection, Pull, PulledRow
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.protection import protection_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.alike import EntryPoint
from guanxi.platform.objects.importing import Importing
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.transfer.blocks import Judged, Plan, judged, plan_of, write
from guanxi.platform.transfer.mapping import Columns, Target, targets_of
from guanxi.platform.transfer.models import Outcome
from guanxi.platform.transfer.rows import Reader, reader_of

REASON = "pull: where a row goes does not depend on who asks"
WRITTEN = (Outcome.CREATED, Outcome.UPDATED, Outcome.REPEATED, Outcome.SAME)


@dataclass(frozen=True, slots=True)
class RecordTaker:
    """Takes rows of customers or products. `columns` are those that are mapped, in the order of the reader's."""

    connection: Connection
    pull: Pull
    spec: ObjectSpec
    plan: Plan
    reader: Reader
    columns: tuple[str, ...]
    targets: Mapping[str, Target]
    actor: Actor

    def take(self, rows: Sequence[KeyedRow], known: Mapping[str, PulledRow]) -> Sequence[Taken]:
        """Make or change the records of some rows; what is empty in a row stays as it is."""
        places = self._places(rows, known)
        live = set(
            unscoped(self.spec.model, reason=REASON)
            .filter(pk__in=places.values(), trashed_at__isnull=True)
            .values_list("pk", flat=True)
        )
        aside: list[Taken] = []
        numbered: dict[int, KeyedRow] = {}
        for number, row in enumerate(rows, 1):
            record_id = places.get(row.key)
            if record_id is not None and record_id not in live:
                former = known.get(row.key)
                if former is None or not former.is_deleted or self.plan.is_trial:
                    aside.append(Taken(row.key, Outcome.SAME, record_id))
                    continue
                self._verbs().restore(record_id, actor=self.actor)
            numbered[number] = row
        return [*aside, *self._written(numbered, places)]

    def remove(self, rows: Sequence[PulledRow]) -> Sequence[Taken]:
        """Put the records of rows that are gone into the trash, from which they can be taken back."""
        ids = self._ids_of([row.key for row in rows], {row.key: row for row in rows})
        live = set(
            unscoped(self.spec.model, reason=REASON)
            .filter(pk__in=ids.values(), trashed_at__isnull=True)
            .values_list("pk", flat=True)
        )
        if not self.plan.is_trial:
            for record_id in sorted(live):
                self._verbs().trash(record_id, actor=self.actor)
        return [Taken(row.key, Outcome.UPDATED, ids.get(row.key, row.record_id)) for row in rows]

    def _verbs(self) -> Any:
        """The verbs of the object, which every object that is pulled has."""
        return self.spec.verbs

    def _written(self, numbered: Mapping[int, KeyedRow], places: Mapping[str, int]) -> list[Taken]:
        read = self.reader.read(row_of(row, self.columns, number=number) for number, row in numbered.items())
        placed = {number: places[row.key] for number, row in numbered.items() if row.key in places}
        plan = replace(self.plan, placed=placed, seen={})
        results = judged(plan, list(read))
        if not plan.is_trial:
            for item in results:
                self._give_owner(item)
            write(plan, results)
            self._name(numbered, results)
        return [self._taken(numbered[item.number], item) for item in results]

    def _name(self, numbered: Mapping[int, KeyedRow], results: Sequence[Judged]) -> None:
        """Make the customers known under their keys of the other system."""
        if self.pull.target == PullTarget.ACCOUNT:
            pairs = [
                (numbered[item.number].key, item.record.pk)
                for item in results
                if item.outcome in WRITTEN and item.record is not None
            ]
            known = account_ids_by_keys(self.connection.system, [key for key, _pk in pairs])
            fresh = [pair for pair in pairs if pair[0] not in known]
            if fresh:
                add_external_keys(self.connection.system, fresh, actor=self.actor)

    def _give_owner(self, item: Judged) -> None:
        """New customers are of the person or department that the pull names, unless the row names somebody."""
        protection = protection_of(self.spec.model)
        if item.outcome is not Outcome.CREATED or item.record is None or not protection.owner_field:
            return
        if getattr(item.record, protection.owner_field) is not None:
            return
        owner = people([self.pull.owner_id]).get(self.pull.owner_id) if self.pull.owner_id else None
        setattr(item.record, protection.owner_field, self.pull.owner_id)
        if protection.unit_field:
            setattr(item.record, protection.unit_field, self.pull.unit_id or (owner.unit_id if owner else None))

    def _taken(self, row: KeyedRow, item: Judged) -> Taken:
        if item.outcome is Outcome.ERROR:
            names = [self.plan_key(number) for number in range(len(self.columns))]
            return Taken(row.key, Outcome.ERROR, reason=reason_of(item.row.problems, names, self.targets))
        outcome = Outcome.UPDATED if item.outcome is Outcome.REPEATED else item.outcome
        return Taken(row.key, outcome, item.record.pk if item.record is not None else None)

    def plan_key(self, number: int) -> str:
        """The field that the column of a number goes into."""
        return mapping_of_pull(self.pull)[self.columns[number]]

    def _places(self, rows: Sequence[KeyedRow], known: Mapping[str, PulledRow]) -> dict[str, int]:
        return self._ids_of([row.key for row in rows], known)

    def _ids_of(self, keys: Sequence[str], known: Mapping[str, PulledRow]) -> dict[str, int]:
        """The record of each key: customers by their key in the other system, others as they were taken before."""
        if self.pull.target == PullTarget.ACCOUNT:
            return account_ids_by_keys(self.connection.system, keys)
        return {key: row.record_id for key in keys if (row := known.get(key)) is not None and row.record_id}


def record_taker(connection: Connection, pull: Pull, *, is_trial: bool) -> RecordTaker:
    """The taker of a pull of records. Raises: AccessDenied("import.field")."""
    actor = connector(connection)
    spec = object_spec(pull.target)
    view = View(actor, timezone.localdate())
    targets = targets_of(spec, view)
    mapping = mapping_of_pull(pull)
    numbers = dict(enumerate(mapping.values()))
    known_by = PRODUCT_KEY if pull.target == PullTarget.PRODUCT else pull.known_by
    columns = Columns(numbers, known_by=known_by, system=connection.system)
    complete = (spec.importing or Importing()).complete
    plan = plan_of(spec, columns, entry=EntryPoint.CONNECTION, is_trial=is_trial, actor=actor)
    reader = reader_of(targets, columns, width=len(mapping), replaced={}, edits={}, complete=complete, view=view)
    named = {target.key: target for target in targets}
    return RecordTaker(connection, pull, spec, plan, reader, tuple(mapping), named, actor)


PRODUCT_KEY = "code"
