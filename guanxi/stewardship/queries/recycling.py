"""When customers leave their owners by rules: for the night's run, the simulation and the remaining time alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.customers.facade import HeldAccount, held_account_ids, held_accounts
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.objects.criteria import criteria_of, exemptions_of
from guanxi.stewardship.models import AccountLock, HoldingTerm, RecycleRule
from guanxi.stewardship.rules.pools import RuleTerms, Term, earliest, leaving_day
from guanxi.value.facade import grades_of

HOLDING = "pool: rules of pools are applied to all customers, whoever looks after them"
BLOCK = 2_000


@dataclass(frozen=True, slots=True)
class _Known:
    """What the rules need to know of a block of customers, read in a fixed number of queries."""

    accounts: Sequence[HeldAccount]
    held_on: Mapping[int, date]
    grades: Mapping[int, str]
    locks: Mapping[int, date]
    since: Mapping[str, Mapping[int, date | None]]
    exempt: Mapping[str, frozenset[int]]


def rules_in_force() -> tuple[RuleTerms, ...]:
    """The rules that are applied, those of the first pool first; one query."""
    rows = unscoped(RecycleRule, reason=HOLDING).filter(
        is_active=True, trashed_at__isnull=True, pool__is_active=True, pool__trashed_at__isnull=True
    )
    return tuple(map(terms_of, rows.select_related("pool").order_by("pool__position", "pool_id", "pk")))


def terms_of(rule: RecycleRule) -> RuleTerms:
    """A rule, saved or not, as it is applied."""
    return RuleTerms(
        rule_id=rule.pk,
        pool_id=rule.pool_id,
        criterion=rule.criterion,
        days=rule.days,
        starts_on=rule.starts_on,
        grades=tuple(rule.grades),
        relations=tuple(rule.relations),
        pool_relations=tuple(rule.pool.relations),
        exemptions=tuple(rule.exemptions),
        warn_days=rule.warn_days,
        manager_days=rule.manager_days,
    )


def all_terms(rules: Sequence[RuleTerms]) -> Iterable[Term]:
    """When each customer leaves whom rules reach, block by block."""
    if not rules:
        return
    ids = held_account_ids()
    for start in range(0, len(ids), BLOCK):
        yield from terms_of_accounts(rules, ids[start : start + BLOCK]).values()


def terms_of_accounts(
    rules: Sequence[RuleTerms], account_ids: Sequence[int], *, accounts: Sequence[HeldAccount] | None = None
) -> dict[int, Term]:
    """When each of these customers leaves, by account id; without those that no rule reaches.

    `accounts` are the customers where they are at hand already. The number of queries depends on the rules alone.
    """
    known = _known(rules, held_accounts(account_ids) if accounts is None else accounts)
    found: dict[int, Term] = {}
    for account in known.accounts:
        term = earliest(_terms(account, rules, known))
        if term is not None:
            found[account.id] = term
    return found


def _terms(account: HeldAccount, rules: Sequence[RuleTerms], known: _Known) -> Iterable[Term]:
    grade = known.grades.get(account.id, "")
    for rule in rules:
        since = known.since.get(rule.criterion, {})
        if account.id not in since or not rule.is_about(relation=account.relation, grade=grade):
            continue
        if any(account.id in known.exempt.get(key, ()) for key in rule.exemptions):
            continue
        day = leaving_day(
            rule,
            held_on=known.held_on[account.id],
            since=since[account.id],
            locked_until=known.locks.get(account.id),
        )
        yield Term(account.id, account.owner_id, rule.rule_id, rule.pool_id, day, grade)


def _known(rules: Sequence[RuleTerms], accounts: Sequence[HeldAccount]) -> _Known:
    ids = [account.id for account in accounts]
    criteria, exemptions = criteria_of("account"), exemptions_of("account")
    asked = dict.fromkeys(rule.criterion for rule in rules if rule.criterion in criteria)
    excused = dict.fromkeys(key for rule in rules for key in rule.exemptions if key in exemptions)
    return _Known(
        accounts=accounts,
        held_on=held_days(accounts),
        grades=grades_of(ids),
        locks=_locks(ids),
        since={key: criteria[key].since(ids) for key in asked},
        exempt={key: exemptions[key].holds(ids) for key in excused},
    )


def held_days(accounts: Sequence[HeldAccount]) -> dict[int, date]:
    """Since which day of the company's clock the present owners have these customers, by account id; one query."""
    rows = unscoped(HoldingTerm, reason=HOLDING).filter(Among("pk", [account.id for account in accounts]))
    noted = dict(rows.filter(held_since__isnull=False).values_list("pk", "held_since"))
    zone = ZoneInfo(settings.TIME_ZONE)
    return {account.id: noted.get(account.id) or account.created_at.astimezone(zone).date() for account in accounts}


def _locks(account_ids: Sequence[int]) -> dict[int, date]:
    rows = unscoped(AccountLock, reason=HOLDING).filter(Among("account_id", account_ids), trashed_at__isnull=True)
    return dict(rows.values_list("account_id", "until_on"))
