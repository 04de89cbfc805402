"""Verbs that set up pools: the pools themselves, their rules, the limits of persons, the locks of customers."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.criteria import criteria_of, exemptions_of
from guanxi.platform.records.change import change, create
from guanxi.platform.records.values import assign
from guanxi.stewardship.events import PoolRulesChanged
from guanxi.stewardship.models import AccountLock, HoldingLimit, Pool, RecycleRule
from guanxi.stewardship.queries.pools import ANY_POOL, lock_of, waiting_counts

LONGEST_LOCK_DAYS = 366


def create_pool(values: Mapping[str, object], *, actor: Actor) -> Pool:
    """Make a pool. Raises: AccessDenied, RuleViolation("record.invalid")."""
    pool = Pool()
    assign(pool, values)
    with create(pool, right=Action.ADMINISTER, actor=actor):
        caches["process"].delete(ANY_POOL)
    return pool


def edit_pool(pool_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> Pool:
    """Change a pool. Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("record.invalid")."""
    with change(Pool, pool_id, action="edit", right=Action.ADMINISTER, version=version, actor=actor) as work:
        assign(work.record, values)
        work.publish(PoolRulesChanged(pool_id=pool_id))
    return work.record


def remove_pool(pool_id: int, *, actor: Actor) -> None:
    """Take a pool out of use for good. Raises: NotFound, AccessDenied, Conflict("pool.not_empty")."""
    with change(Pool, pool_id, action="trash", right=Action.ADMINISTER, actor=actor) as work:
        count = sum(waiting_counts([work.record]).get(pool_id, {}).values())
        if count:
            raise Conflict("pool.not_empty", "%(count)s customers are in this pool. Assign them first.", count=count)
        work.record.trashed_at = timezone.now()
        work.publish(PoolRulesChanged(pool_id=pool_id))


def create_rule(values: Mapping[str, object], *, actor: Actor) -> RecycleRule:
    """Make a rule of a pool.

    Raises: AccessDenied, RuleViolation("record.invalid" | "pool.criterion" | "pool.steps").
    """
    rule = RecycleRule()
    assign(rule, values)
    _require_known(rule)
    with create(rule, right=Action.ADMINISTER, actor=actor) as work:
        work.publish(PoolRulesChanged(pool_id=rule.pool_id))
    return rule


def edit_rule(rule_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor) -> RecycleRule:
    """Change a rule. Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation."""
    with change(RecycleRule, rule_id, action="edit", right=Action.ADMINISTER, version=version, actor=actor) as work:
        assign(work.record, values)
        _require_known(work.record)
        work.publish(PoolRulesChanged(pool_id=work.record.pool_id))
    return work.record


def remove_rule(rule_id: int, *, actor: Actor) -> None:
    """Take a rule away. Raises: NotFound, AccessDenied."""
    _move_rule(rule_id, is_trashed=True, actor=actor)


def restore_rule(rule_id: int, *, actor: Actor) -> None:
    """Bring a rule back that was taken away. Raises: NotFound, AccessDenied."""
    _move_rule(rule_id, is_trashed=False, actor=actor)


def _move_rule(rule_id: int, *, is_trashed: bool, actor: Actor) -> None:
    action = "trash" if is_trashed else "restore"
    with change(
        RecycleRule, rule_id, action=action, right=Action.ADMINISTER, actor=actor, also_trashed=not is_trashed
    ) as work:
        work.record.trashed_at = timezone.now() if is_trashed else None
        work.publish(PoolRulesChanged(pool_id=work.record.pool_id))


def _require_known(rule: RecycleRule) -> None:
    if rule.criterion not in criteria_of("account"):
        raise RuleViolation("pool.criterion", "There is no such criterion.", field="criterion")
    if rule.manager_days is not None and rule.manager_days >= rule.days:
        raise RuleViolation(
            "pool.steps",
            "The manager is told before the customer leaves: less than %(days)s days before.",
            days=rule.days,
            field="manager_days",
        )
    if not set(rule.exemptions) <= set(exemptions_of("account")):
        raise RuleViolation("pool.criterion", "There is no such exemption.", field="exemptions")


def create_limit(values: Mapping[str, object], *, actor: Actor) -> HoldingLimit:
    """Set how many customers a person, a unit or a role may look after.

    Raises: AccessDenied, Conflict("record.taken") when there is a limit already, RuleViolation("record.invalid").
    """
    limit = HoldingLimit()
    assign(limit, values)
    with create(limit, right=Action.ADMINISTER, actor=actor):
        return limit


def remove_limit(limit_id: int, *, actor: Actor) -> None:
    """Take a limit away. Raises: NotFound, AccessDenied."""
    with change(HoldingLimit, limit_id, action="trash", right=Action.ADMINISTER, actor=actor) as work:
        work.record.trashed_at = timezone.now()


@transaction.atomic
def lock_account(account_id: int, *, until_on: date, reason: str, actor: Actor) -> AccountLock:
    """Keep a customer from going into a pool by a rule, to the end of a day.

    Raises: NotFound, AccessDenied without the right to give the customer to others,
    RuleViolation("pool.lock_day" | "record.invalid").
    """
    today = timezone.localdate()
    if not today <= until_on <= today + timedelta(days=LONGEST_LOCK_DAYS):
        raise RuleViolation("pool.lock_day", "Choose a day from today on, within a year.", field="until_on")
    known = lock_of(actor, account_id)
    if known is None:
        lock = AccountLock(account_id=account_id, until_on=until_on, reason=reason.strip())
        with create(lock, action="lock", right=Action.TRANSFER, actor=actor):
            return lock
    with change(AccountLock, known.pk, action="lock", right=Action.TRANSFER, actor=actor) as work:
        work.record.until_on, work.record.reason = until_on, reason.strip()
    return work.record


@transaction.atomic
def unlock_account(account_id: int, *, actor: Actor) -> None:
    """Take a customer's lock away; doing it again changes nothing. Raises: NotFound, AccessDenied."""
    known = lock_of(actor, account_id)
    if known is not None:
        with change(AccountLock, known.pk, action="unlock", right=Action.TRANSFER, actor=actor) as work:
            work.record.trashed_at = timezone.now()
