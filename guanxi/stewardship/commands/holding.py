"""Verbs that keep the remaining time of customers: since when somebody has them, on which day they leave."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.db import transaction

from guanxi.customers.facade import HeldAccount, held_account_ids, held_accounts
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among
from guanxi.stewardship.choices import LeavingWay
from guanxi.stewardship.commands.stays import Leaving, end_stays
from guanxi.stewardship.models import HoldingTerm
from guanxi.stewardship.queries.pools import HOLDING, entries_in_use
from guanxi.stewardship.queries.recycling import BLOCK, rules_in_force, terms_of_accounts
from guanxi.stewardship.rules.pools import RuleTerms, Term

WRITTEN = ("holder_id", "held_since", "rule", "leaves_on", "warned_for", "manager_warned_for")


def refresh_terms(account_ids: Iterable[int] | None = None) -> int:
    """Work out anew when customers leave; of all without ids. Returns how many terms changed.

    Doing it again changes nothing.
    """
    rules = rules_in_force()
    ids = held_account_ids() if account_ids is None else sorted(set(account_ids))
    return sum(write_terms(ids[start : start + BLOCK], rules=rules) for start in range(0, len(ids), BLOCK))


@transaction.atomic
def write_terms(account_ids: Sequence[int], *, rules: Sequence[RuleTerms]) -> int:
    """Write when a block of customers leaves. Returns how many terms changed."""
    accounts = {account.id: account for account in held_accounts(account_ids)}
    terms = terms_of_accounts(rules, account_ids, accounts=tuple(accounts.values()))
    rows = unscoped(HoldingTerm, reason=HOLDING).filter(Among("account_id", list(account_ids)))
    known = {row.pk: row for row in rows.select_for_update().order_by("pk")}
    written = []
    for account_id in account_ids:
        row = known.get(account_id)
        account = accounts.get(account_id)
        if account is None and row is None:
            continue
        row = row or HoldingTerm(account_id=account_id)
        if _is_moved(row, account, terms.get(account_id)) or account_id not in known:
            written.append(row)
    unscoped(HoldingTerm, reason=HOLDING).bulk_create(
        written, update_conflicts=True, unique_fields=["account"], update_fields=list(WRITTEN)
    )
    return len(written)


def _is_moved(row: HoldingTerm, account: HeldAccount | None, term: Term | None) -> bool:
    """Set what a term is now. Returns whether it is another one."""
    before = (row.holder_id, row.rule_id, row.leaves_on)
    row.holder_id = account.owner_id if account is not None else row.holder_id
    row.rule_id = term.rule_id if term is not None else None
    row.leaves_on = term.leaves_on if term is not None else None
    return before != (row.holder_id, row.rule_id, row.leaves_on)


@transaction.atomic
def note_held(account_ids: Sequence[int], *, owner_id: int, today: date) -> None:
    """Note that a person has these customers from today on, whoever had them before."""
    rows = [
        HoldingTerm(account_id=account_id, holder_id=owner_id, held_since=today)
        for account_id in sorted(set(account_ids))
    ]
    unscoped(HoldingTerm, reason=HOLDING).bulk_create(
        rows, update_conflicts=True, unique_fields=["account"], update_fields=list(WRITTEN)
    )


@transaction.atomic
def note_owners(account_ids: Iterable[int], *, today: date) -> None:
    """Note who has customers now whose owner may be another one; who still has them goes on as before.

    Customers who were given an owner elsewhere leave their pool. Doing it again changes nothing.
    """
    ids = sorted(set(account_ids))
    accounts = held_accounts(ids)
    rows = unscoped(HoldingTerm, reason=HOLDING).filter(Among("account_id", ids))
    holders = dict(rows.values_list("pk", "holder_id"))
    by_owner: dict[int, list[int]] = {}
    for account in accounts:
        if holders.get(account.id) != account.owner_id:
            by_owner.setdefault(account.owner_id, []).append(account.id)
    for owner_id, taken in sorted(by_owner.items()):
        note_held(taken, owner_id=owner_id, today=today)
    _leave_pools(accounts)
    refresh_terms(ids)


def _leave_pools(accounts: Sequence[HeldAccount]) -> None:
    """End the stays of customers who have an owner."""
    owners = {account.id: account.owner_id for account in accounts}
    stays = entries_in_use(list(owners)).select_for_update(of=("self",)).values_list("account_id", flat=True)
    by_owner: dict[int, list[int]] = {}
    for account_id in stays:
        by_owner.setdefault(owners[account_id], []).append(account_id)
    for owner_id, ids in by_owner.items():
        end_stays(ids, leaving=Leaving(LeavingWay.TAKEN, taken_by_id=owner_id))
