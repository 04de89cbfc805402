"""Verbs about gifts: giving within limits and budgets, and setting these."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from guanxi.customers.facade import account_rows, contact_grant, former_ids, relation_names, require_editable
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.ledger.facade import GIFT, MATERIAL, SCREEN_SOURCE, NewFact, fact_id_of, record_fact, worth_given_to
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import people
from guanxi.platform.records.change import change, create
from guanxi.platform.records.values import assign
from guanxi.stewardship.models import GiftBudget, GiftLimit
from guanxi.stewardship.queries.gifts import limit_for, limits_in_force, raisers_of, spendings_over
from guanxi.stewardship.rules.gifts import require_sound_giving, require_within_budget, require_within_limit

GIFT_LOCK = 7_203_121
GIVEN_AT = time(12)
"""A giving has a day alone; its instant is the noon of it, by the company's clock."""


@dataclass(frozen=True, slots=True)
class NewGiving:
    """What a customer is given: a gift, or material that is posted. `worth` is that of all of it, in company currency.

    `contact_id` is who receives it, None = the customer itself; `user_id` who gives it, None = who enters it.
    """

    is_gift: bool
    item: str
    worth: Decimal
    given_on: date
    quantity: Decimal = Decimal(1)
    occasion: str = ""
    contact_id: int | None = None
    user_id: int | None = None
    note: str = ""


@transaction.atomic
def give(account_id: int, giving: NewGiving, *, once: str = "", actor: Actor) -> int:
    """Record what a customer is given, if limits and budgets allow it. Returns the fact's id.

    Steps: 1 check what is stated, 2 wait for others who give in the same year, so that two do not spend the same rest,
    3 check the receiver's limit (gifts alone) and every budget of the customer's department and those above it,
    4 record the fact. `once` names the form; sent again it records once.
    Raises: NotFound, AccessDenied, RuleViolation("gift.…" | "part.contact"), and as `record_fact`.
    """
    require_editable(account_id, actor=actor)
    account = account_rows(actor, [account_id]).get(account_id)
    if account is None:
        raise no_such_record()
    today = timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE))
    require_sound_giving(
        giving.item, worth=giving.worth, quantity=giving.quantity, given_on=giving.given_on, today=today
    )
    _require_parties(account_id, giving, actor=actor)
    _lock(giving.given_on.year)
    source_id = f"gift-{actor.user_id}-{once}" if once else ""
    if not source_id or fact_id_of(SCREEN_SOURCE, source_id) is None:
        if giving.is_gift:
            _require_limit(account_id, giving, relation=account.relation)
        _require_budgets(account.unit_id, giving)
    return record_fact(account_id, fact=_fact(giving), source_id=source_id, actor=actor)


def _lock(year: int) -> None:
    """Wait until no other transaction gives something in this year."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [GIFT_LOCK, year])


def _require_parties(account_id: int, giving: NewGiving, *, actor: Actor) -> None:
    """The receiver is a contact of the customer, the giver a colleague."""
    if giving.contact_id is not None and contact_grant(actor).live(giving.contact_id).account_id != account_id:
        raise RuleViolation("part.contact", "This contact does not belong to the customer.", field="contact_id")
    if giving.user_id is not None and giving.user_id not in people([giving.user_id]):
        raise RuleViolation("gift.giver", "There is no such colleague.", field="user_id")


def _require_limit(account_id: int, giving: NewGiving, *, relation: str) -> None:
    limit = limit_for(relation, limits_in_force())
    year = giving.given_on.year
    given = worth_given_to(
        (account_id, *former_ids(account_id)),
        contact_id=giving.contact_id,
        first_on=date(year, 1, 1),
        last_on=date(year, 12, 31),
    )
    require_within_limit(giving.worth, given=given, limit=limit, year=year)


def _require_budgets(unit_id: int | None, giving: NewGiving) -> None:
    for budget, spending in spendings_over(unit_id, giving.given_on.year):
        is_over = spending.spent + giving.worth > spending.amount
        require_within_budget(giving.worth, budget=spending, raised_by=raisers_of(budget) if is_over else ())


def _fact(giving: NewGiving) -> NewFact:
    kind, sub_kind = GIFT if giving.is_gift else MATERIAL
    words = {
        "gift" if giving.is_gift else "material": giving.item.strip(),
        "occasion": giving.occasion.strip(),
        "note": giving.note.strip(),
    }
    return NewFact(
        kind,
        sub_kind,
        datetime.combine(giving.given_on, GIVEN_AT, tzinfo=ZoneInfo(settings.TIME_ZONE)),
        contact_id=giving.contact_id,
        user_id=giving.user_id,
        quantity=giving.quantity,
        amount=giving.worth,
        payload={name: text for name, text in words.items() if text},
    )


@transaction.atomic
def set_gift_budget(
    unit_id: int, *, year: int, amount: Decimal, budget_id: int | None = None, version: int | None = None, actor: Actor
) -> GiftBudget:
    """Set the budget of a department for a year, or change the amount of the one with an id.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "record.taken" where there is one already),
    RuleViolation("record.invalid").
    """
    if budget_id is None:
        with create(GiftBudget(unit_id=unit_id, year=year, amount=amount), actor=actor) as made:
            grant(actor, GiftBudget, Action.EDIT).get(made.record.pk)
        return made.record
    with change(GiftBudget, budget_id, action="set_gift_budget", version=version, actor=actor) as work:
        work.record.amount = amount
    return work.record


def remove_gift_budget(budget_id: int, *, actor: Actor) -> None:
    """Take a budget away: nothing binds the department then. Raises: NotFound, AccessDenied."""
    with change(GiftBudget, budget_id, action="trash", actor=actor) as work:
        work.record.trashed_at = timezone.now()


def set_gift_limit(
    values: Mapping[str, object], *, limit_id: int | None = None, version: int | None = None, actor: Actor
) -> GiftLimit:
    """Set what one receiver may get: `relation`, `per_gift`, `per_year`; or change the limit with an id.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "record.taken"),
    RuleViolation("gift.limit" | "gift.relation" | "record.invalid").
    """
    if values.get("per_gift") is None and values.get("per_year") is None:
        raise RuleViolation("gift.limit", "Fill in at least one of the two sums.", field="per_gift")
    relation = str(values.get("relation", ""))
    if relation and relation not in relation_names():
        raise RuleViolation("gift.relation", "There is no such relation.", field="relation")
    if limit_id is None:
        limit = GiftLimit()
        assign(limit, values)
        with create(limit, actor=actor):
            return limit
    with change(GiftLimit, limit_id, action="set_gift_limit", version=version, actor=actor) as work:
        assign(work.record, values)
    return work.record


def remove_gift_limit(limit_id: int, *, actor: Actor) -> None:
    """Take a limit away. Raises: NotFound, AccessDenied."""
    with change(GiftLimit, limit_id, action="trash", actor=actor) as work:
        work.record.trashed_at = timezone.now()
