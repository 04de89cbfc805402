"""Named reads of what customers were given: gifts, and materials that were posted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import DecimalField, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from guanxi.kernel.actor import Actor
from guanxi.ledger.models import Fact
from guanxi.ledger.queries.facts import of_account, standing, uncorrected
from guanxi.ledger.rules import GIFT, GIVEN
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.prepared import Among, Prepared

COUNTED_REASON = "gifts: limits and budgets count what everybody gave"
MOST_OF_ACCOUNT = 200
NOTHING = Value(Decimal(0), DecimalField(max_digits=14, decimal_places=2))


@dataclass(frozen=True, slots=True)
class GivingRow:
    """One thing that a customer was given. Grain: fact.

    `worth` is that of all of it in company currency, None when nobody stated it; `unit_id` is the department of the
    customer as it is now.
    """

    id: int
    account_id: int
    contact_id: int | None
    user_id: int | None
    is_gift: bool
    item: str
    occasion: str
    quantity: Decimal | None
    worth: Decimal | None
    occurred_at: datetime
    unit_id: int | None


def givings(actor: Actor, *, first_on: date, last_on: date) -> tuple[GivingRow, ...]:
    """What customers that the actor sees were given in a time, both days included, the latest first; one query."""
    rows = _between(standing(grant(actor, Fact)), first_on=first_on, last_on=last_on)
    return tuple(_row(*row) for row in rows.order_by("-occurred_at", "-id").values_list(*_COLUMNS))


def givings_of(actor: Actor, account_id: int) -> tuple[GivingRow, ...]:
    """The last things that one customer was given, the latest first; none if the actor does not see it. One query."""
    return tuple(_row(*row) for row in _GIVINGS_OF(grant(actor, Fact), account_id=account_id))


_COLUMNS = (
    *("id", "account_id", "contact_id", "user_id", "sub_kind", "payload", "quantity", "amount", "occurred_at"),
    "account__unit_id",
)
_GIVEN_SUB_KINDS = [sub_kind for _kind, sub_kind in GIVEN]
_GIVINGS_OF: Prepared[Grant[Fact]] = Prepared(
    lambda permission: (
        of_account(permission)
        .filter(kind=GIFT[0], sub_kind__in=_GIVEN_SUB_KINDS)
        .order_by("-occurred_at", "-id")
        .values_list(*_COLUMNS)[:MOST_OF_ACCOUNT]
    )
)


def _row(pk: int, account_id: int, contact_id: int | None, user_id: int | None, sub_kind: str, *rest: Any) -> GivingRow:
    payload, quantity, worth, occurred_at, unit_id = rest
    is_gift = sub_kind == GIFT[1]
    words = payload or {}
    return GivingRow(
        id=pk,
        account_id=account_id,
        contact_id=contact_id,
        user_id=user_id,
        is_gift=is_gift,
        item=str(words.get("gift" if is_gift else "material", "")),
        occasion=str(words.get("occasion", "")),
        quantity=quantity,
        worth=worth,
        occurred_at=occurred_at,
        unit_id=unit_id,
    )


def worth_given_to(account_ids: Sequence[int], *, contact_id: int | None, first_on: date, last_on: date) -> Decimal:
    """What the gifts of a time are worth that one person got, or an account itself where no person is named.

    Whoever gave them; for the rules about gifts alone. One query.
    """
    rows = _between(uncorrected(unscoped(Fact, reason=COUNTED_REASON)), first_on=first_on, last_on=last_on)
    rows = rows.filter(sub_kind=GIFT[1], contact_id=contact_id)
    if contact_id is None:
        rows = rows.filter(Among("account_id", list(account_ids)))
    total: Decimal = rows.aggregate(total=Coalesce(Sum("amount"), NOTHING))["total"]
    return total


def worth_given_in(unit_ids: Collection[int], *, first_on: date, last_on: date) -> Decimal:
    """What all that customers of departments were given in a time is worth; for the rules about gifts alone.

    Whoever gave it. One query.
    """
    rows = _between(uncorrected(unscoped(Fact, reason=COUNTED_REASON)), first_on=first_on, last_on=last_on)
    total: Decimal = rows.filter(account__unit__in=list(unit_ids)).aggregate(total=Coalesce(Sum("amount"), NOTHING))[
        "total"
    ]
    return total


def _between(rows: QuerySet[Any, Any], *, first_on: date, last_on: date) -> QuerySet[Any, Any]:
    """Of the facts those by which customers were given something in a time, by the company's clock."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return rows.filter(
        kind=GIFT[0],
        sub_kind__in=_GIVEN_SUB_KINDS,
        occurred_at__gte=datetime.combine(first_on, time.min, tzinfo=zone),
        occurred_at__lte=datetime.combine(last_on, time.max, tzinfo=zone),
    )
