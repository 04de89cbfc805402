"""Named reads about gifts: limits, budgets with what is spent, receivers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from guanxi.customers.facade import account_rows, contact_grant, current_ids
from guanxi.kernel.actor import Actor
from guanxi.ledger.facade import GivingRow, givings, worth_given_in
from guanxi.platform.access.grant import grant, may, may_act_on, unscoped
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import active_people, actors_by_user_id, unit_names, unit_paths
from guanxi.stewardship.models import GiftBudget, GiftLimit
from guanxi.stewardship.rules.gifts import GOVERNMENT, Limit, Spending, is_at_limit

REASON = "gifts: limits and budgets count what everybody gave"
MOST_NAMED = 3
NOTHING = Decimal(0)
ReceiverKey = tuple[int, int | None]
"""The account and the contact of a receiver, None for the account itself."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A person or a customer with what they got in a year; `limit` is what holds for them."""

    account_id: int
    contact_id: int | None
    name: str
    home: str
    is_government: bool
    count: int
    worth: Decimal
    limit: Limit

    @property
    def is_at_limit(self) -> bool:
        """Whether hardly anything is left of the year's limit."""
        return is_at_limit(self.worth, self.limit)


@dataclass(frozen=True, slots=True)
class GiftYear:
    """All that the actor sees of a year: each giving, the receivers of gifts by worth, the budgets with what is spent.

    `unbudgeted` is what was given in departments without any budget.
    """

    givings: tuple[GivingRow, ...]
    receivers: tuple[Receiver, ...]
    budgets: tuple[tuple[GiftBudget, Spending], ...]
    unbudgeted: Decimal

    @property
    def worth(self) -> Decimal:
        """What all of it is worth."""
        return sum((row.worth or NOTHING for row in self.givings), NOTHING)


def gift_year(actor: Actor, year: int) -> GiftYear:
    """The givings of a year to customers that the actor sees, and what they add up to; a fixed number of queries."""
    rows = givings(actor, first_on=date(year, 1, 1), last_on=date(year, 12, 31))
    budgets = budgets_of(actor, year)
    paths = unit_paths()
    known = {budget.unit_id for budget in budgets}
    names = unit_names()
    spendings = []
    for budget in budgets:
        spent = sum((row.worth or NOTHING for row in rows if budget.unit_id in _path(row, paths)), NOTHING)
        found = Spending(budget.unit_id, names.get(budget.unit_id, ""), year, budget.amount, spent)
        spendings.append((budget, found))
    loose = sum((row.worth or NOTHING for row in rows if known.isdisjoint(_path(row, paths))), NOTHING)
    return GiftYear(rows, _receivers(rows, actor), tuple(spendings), loose)


def _path(row: GivingRow, paths: Mapping[int, tuple[int, ...]]) -> tuple[int, ...]:
    """The department of the customer and those above it."""
    return paths.get(row.unit_id or 0, ())


def _receivers(rows: Iterable[GivingRow], actor: Actor) -> tuple[Receiver, ...]:
    """Who got gifts, the one who got most first; customers that were merged count as what they are now."""
    gifts = [row for row in rows if row.is_gift]
    now = current_ids({row.account_id for row in gifts})
    sums: dict[ReceiverKey, list[GivingRow]] = {}
    for row in gifts:
        key = (now.get(row.account_id, row.account_id), row.contact_id)
        sums.setdefault(key, []).append(row)
    accounts = account_rows(actor, {account_id for account_id, _contact in sums})
    names = contact_names(actor, {contact_id for _account, contact_id in sums if contact_id})
    limits = limits_in_force()
    found = []
    for (account_id, contact_id), given in sums.items():
        account = accounts.get(account_id)
        if account is None:
            continue
        receiver = Receiver(
            account_id,
            contact_id,
            names.get(contact_id, account.label) if contact_id else account.label,
            account.label if contact_id in names else "",
            account.relation == GOVERNMENT,
            len(given),
            sum((row.worth or NOTHING for row in given), NOTHING),
            limit_for(account.relation, limits),
        )
        found.append(receiver)
    return tuple(sorted(found, key=lambda item: (-item.worth, item.account_id, item.contact_id or 0)))


def contact_names(actor: Actor, contact_ids: Iterable[int]) -> dict[int, str]:
    """The names of contacts that the actor sees, by id; one query."""
    rows = contact_grant(actor).queryset().filter(Among("pk", list(contact_ids)))
    return dict(rows.values_list("pk", "name"))


def budgets_of(actor: Actor, year: int) -> tuple[GiftBudget, ...]:
    """The budgets of a year that the actor sees, from the root of the departments down; one query."""
    if not may(actor, GiftBudget, Action.VIEW):
        return ()
    rows = grant(actor, GiftBudget).queryset().filter(year=year, trashed_at__isnull=True)
    return tuple(rows.order_by("unit__path"))


def limits_of(actor: Actor) -> tuple[GiftLimit, ...]:
    """The limits in force, that of all others first, for who sees them; one query."""
    if not may(actor, GiftLimit, Action.VIEW):
        return ()
    return tuple(grant(actor, GiftLimit).queryset().filter(trashed_at__isnull=True).order_by("relation"))


def limits_in_force() -> dict[str, Limit]:
    """The limits by relation, "" = all others; for the rules about gifts. One query."""
    rows = unscoped(GiftLimit, reason=REASON).filter(trashed_at__isnull=True)
    return {relation: Limit(*found) for relation, *found in rows.values_list("relation", "per_gift", "per_year")}


def limit_for(relation: str, limits: Mapping[str, Limit]) -> Limit:
    """The limit of a relation: its own, else that of all others, else none."""
    return limits.get(relation) or limits.get("") or Limit()


def spendings_over(unit_id: int | None, year: int) -> tuple[tuple[GiftBudget, Spending], ...]:
    """The budgets that a giving in a department is counted against, the nearest first, with all that is spent.

    Whoever gave it; for the rules about gifts alone. Two queries and one for each budget.
    """
    if unit_id is None:
        return ()
    paths, names = unit_paths(), unit_names()
    above = paths.get(unit_id, (unit_id,))
    rows = unscoped(GiftBudget, reason=REASON).filter(trashed_at__isnull=True, year=year, unit__in=above)
    found = []
    for budget in sorted(rows, key=lambda row: -above.index(row.unit_id)):
        below = [pk for pk, path in paths.items() if budget.unit_id in path]
        spent = worth_given_in(below, first_on=date(year, 1, 1), last_on=date(year, 12, 31))
        found.append((budget, Spending(budget.unit_id, names.get(budget.unit_id, ""), year, budget.amount, spent)))
    return tuple(found)


def raisers_of(budget: GiftBudget) -> tuple[str, ...]:
    """The names of some who may raise a budget, those of the nearest departments first; two queries."""
    above = unit_paths().get(budget.unit_id, ())
    persons = {person.id: person for person in active_people()}
    actors = actors_by_user_id(persons)
    able = [pk for pk, actor in actors.items() if may_act_on(actor, budget, Action.EDIT)]
    depth = {unit_id: place for place, unit_id in enumerate(above)}
    able.sort(key=lambda pk: (-depth.get(persons[pk].unit_id or 0, -1), pk))
    return tuple(persons[pk].name for pk in able[:MOST_NAMED])


def budget_to_edit(actor: Actor, budget_id: int) -> GiftBudget:
    """One budget that the actor may change. Raises: NotFound, AccessDenied."""
    return grant(actor, GiftBudget, Action.EDIT).live(budget_id)


def limit_to_edit(actor: Actor, limit_id: int) -> GiftLimit:
    """One limit that the actor may change. Raises: NotFound, AccessDenied."""
    return grant(actor, GiftLimit, Action.EDIT).live(limit_id)


def units_to_budget(actor: Actor) -> Sequence[tuple[int, str]]:
    """The departments whose budgets the actor may set, from the root down; one query."""
    if not may(actor, GiftBudget, Action.EDIT):
        return ()
    return [(pk, name) for pk, name in unit_names().items() if may_act_on(actor, GiftBudget(unit_id=pk), Action.EDIT)]
