"""The night: the rules of pools are applied, members are given customers, owners are warned.

Steps of a night: 1 begin its run and its one audit entry, or go on with those of a run that was killed, 2 block by
block and each in a transaction of its own, find who leaves and move them, 3 give the waiting customers of pools that
share out by themselves to members, 4 write everybody's remaining time, 5 warn owners, and managers, 6 note the end.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from guanxi.customers.facade import held_account_ids, held_accounts
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.commands import begin_entry, set_count
from guanxi.platform.events.commands import publish
from guanxi.platform.records.events import RecordsLeaving
from guanxi.stewardship.choices import AssignWay, EntryReason
from guanxi.stewardship.commands.holding import refresh_terms
from guanxi.stewardship.commands.pool_moves import give_in_way, lock_takers
from guanxi.stewardship.commands.stays import Entering, put_into_pool
from guanxi.stewardship.models import HoldingTerm, Pool, RecycleRun
from guanxi.stewardship.queries.managers import managers_of
from guanxi.stewardship.queries.pools import (
    HOLDING,
    locked_entries,
    members_of,
    pools_by_id,
    waiting_entries,
)
from guanxi.stewardship.queries.recycling import rules_in_force, terms_of_accounts
from guanxi.stewardship.rules.pools import RuleTerms

BLOCK = 2_000


def recycle(day: date, *, actor: Actor) -> RecycleRun:
    """Apply the rules of a day once, all that is left of it after a crash. Returns the run; a second call does nothing.

    Raises: AccessDenied for anybody but the system.
    """
    if actor.user_id is not None:
        raise AccessDenied("access.denied", "Only the system applies the rules.", action="recycle")
    run = _begun(day, actor=actor)
    if run.finished_at is not None:
        return run
    rules = rules_in_force()
    ids = held_account_ids() if rules else []
    for start in range(0, len(ids), BLOCK):
        _move_block(run.pk, ids[start : start + BLOCK], rules=rules, actor=actor)
    _share_out_waiting(run.pk, actor=actor)
    refresh_terms()
    _warn(run.pk, day, rules=rules)
    RecycleRun.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    return RecycleRun.objects.get(pk=run.pk)


@transaction.atomic
def _begun(day: date, *, actor: Actor) -> RecycleRun:
    """The run of a day, whether it begins now or began before."""
    known = RecycleRun.objects.filter(day=day).first()
    if known is not None:
        return known
    entry_id = begin_entry(actor, action="recycle", object_key="account", record_count=0, reason=day.isoformat())
    return RecycleRun.objects.create(day=day, entry_id=entry_id)


@transaction.atomic
def _move_block(run_id: int, account_ids: Sequence[int], *, rules: Sequence[RuleTerms], actor: Actor) -> None:
    """Move those of a block who leave by now; told once more from what is locked."""
    run = RecycleRun.objects.select_for_update().get(pk=run_id)
    due = [pk for pk, term in terms_of_accounts(rules, account_ids).items() if term.leaves_on <= run.day]
    if not due:
        return
    accounts = held_accounts(due, locks=True)
    terms = terms_of_accounts(rules, due, accounts=accounts)
    leaving = {pk: term for pk, term in terms.items() if term.leaves_on <= run.day}
    pools = pools_by_id({term.pool_id for term in leaving.values()})
    moved = 0
    for pool_id, pool in sorted(pools.items()):
        meant = [account for account in accounts if account.id in leaving and leaving[account.id].pool_id == pool_id]
        entering = Entering(pool, EntryReason.RULE, run.entry_id, run=run)
        named = {account.id: leaving[account.id].rule_id for account in meant}
        moved += len(put_into_pool(meant, entering=entering, rules=named, actor=actor))
    run.moved += moved
    RecycleRun.objects.filter(pk=run_id).update(moved=run.moved)
    set_count(run.entry_id, record_count=run.moved)


def _share_out_waiting(run_id: int, *, actor: Actor) -> None:
    """Give the waiting customers of pools that share out by themselves to members."""
    rows = unscoped(Pool, reason=HOLDING).filter(is_active=True, trashed_at__isnull=True)
    for pool in rows.exclude(assign_way=AssignWay.NONE).order_by("position", "pk"):
        ids = list(waiting_entries(pool).values_list("account_id", flat=True))
        for start in range(0, len(ids), BLOCK):
            _share_block_out(run_id, pool, ids[start : start + BLOCK], actor=actor)


@transaction.atomic
def _share_block_out(run_id: int, pool: Pool, account_ids: Sequence[int], *, actor: Actor) -> None:
    lock_takers(person.id for person in members_of(pool))
    entries = locked_entries(pool, account_ids)
    given = give_in_way(pool, entries, way=AssignWay(pool.assign_way), actor=actor) if entries else ()
    count = sum(len(moved.account_ids) for moved in given)
    RecycleRun.objects.filter(pk=run_id).update(assigned=F("assigned") + count)


@transaction.atomic
def _warn(run_id: int, day: date, *, rules: Sequence[RuleTerms]) -> None:
    """Tell owners, and managers, of customers who leave within the days of their rule; of each day of leaving once."""
    RecycleRun.objects.select_for_update().get(pk=run_id)
    warned = 0
    for rule in rules:
        if rule.rule_id is None:
            continue
        if rule.warn_days:
            rows = _leaving_within(rule.rule_id, rule.warn_days, day)
            warned += _tell_owners([row for row in rows if row.warned_for != row.leaves_on])
        if rule.manager_days is not None:
            rows = _leaving_within(rule.rule_id, rule.manager_days, day)
            _tell_managers([row for row in rows if row.manager_warned_for != row.leaves_on])
    RecycleRun.objects.filter(pk=run_id).update(warned=F("warned") + warned)


def _leaving_within(rule_id: int, days: int, day: date) -> list[HoldingTerm]:
    """Who leaves by a rule within so many days of a day, of those whom somebody looks after."""
    rows = unscoped(HoldingTerm, reason=HOLDING).filter(
        rule=rule_id, leaves_on__lte=day + timedelta(days=days), account__owner__isnull=False
    )
    return list(rows.order_by("holder_id", "pk"))


def _tell_owners(terms: Sequence[HoldingTerm]) -> int:
    """Publish for each owner how many customers leave soon, and note that it was said. Returns how many customers."""
    by_owner = _by_holder(terms)
    for owner_id, found in by_owner.items():
        publish(RecordsLeaving(object_key="account", owner_id=owner_id, count=len(found), record_id=_only_one(found)))
    for term in terms:
        term.warned_for = term.leaves_on
    unscoped(HoldingTerm, reason=HOLDING).bulk_update(terms, ["warned_for"], batch_size=BLOCK)
    return sum(map(len, by_owner.values()))


def _tell_managers(terms: Sequence[HoldingTerm]) -> None:
    """Publish for the managers of each owner how many of his customers leave soon, and note that it was said.

    An owner above whom nobody stands is told of by nobody.
    """
    by_owner = _by_holder(terms)
    managers = managers_of(by_owner)
    for owner_id, found in by_owner.items():
        for manager_id in managers.get(owner_id, ()):
            publish(
                RecordsLeaving(
                    object_key="account",
                    owner_id=manager_id,
                    count=len(found),
                    record_id=_only_one(found),
                    holder_id=owner_id,
                )
            )
    for term in terms:
        term.manager_warned_for = term.leaves_on
    unscoped(HoldingTerm, reason=HOLDING).bulk_update(terms, ["manager_warned_for"], batch_size=BLOCK)


def _by_holder(terms: Sequence[HoldingTerm]) -> dict[int, list[HoldingTerm]]:
    found: dict[int, list[HoldingTerm]] = {}
    for term in terms:
        if term.holder_id is not None:
            found.setdefault(term.holder_id, []).append(term)
    return found


def _only_one(terms: Sequence[HoldingTerm]) -> int | None:
    return terms[0].pk if len(terms) == 1 else None
