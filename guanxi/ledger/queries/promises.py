"""What was promised to customers and is not kept yet."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from guanxi.kernel.actor import Actor
from guanxi.ledger.models import Fact
from guanxi.ledger.queries.facts import of_account
from guanxi.ledger.rules import PROMISE_KEPT, promise_name
from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.prepared import Prepared
from guanxi.platform.access.rules import Action

MOST_READ = 500


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """What a colleague promised to a customer: the fact, the words, by when (None = no day was named), since when."""

    fact_id: int
    words: str
    due_on: date | None
    made_on: date
    user_id: int | None


def open_promises(actor: Actor, account_id: int) -> tuple[OpenPromise, ...]:
    """What was promised to an account and to those merged into it and is not kept, the most urgent first. One query.

    Raises: AccessDenied when no role of the actor allows reading facts at all.
    """
    found = _PROMISES(grant(actor, Fact, Action.VIEW), account_id=account_id, limit=MOST_READ)
    kept = {str(fact.payload.get("keeps")) for fact in found if fact.sub_kind == PROMISE_KEPT[1] and fact.payload}
    open_ones = [
        OpenPromise(
            fact.pk,
            str(fact.payload["promise"]),
            parse_date(str(fact.payload.get("due_on", ""))),
            timezone.localdate(fact.occurred_at),
            fact.user_id,
        )
        for fact in found
        if fact.payload and fact.payload.get("promise") and promise_name(fact.source, fact.source_id) not in kept
    ]
    return tuple(sorted(open_ones, key=lambda item: (item.due_on or date.max, item.made_on, item.fact_id)))


_PROMISES: Prepared[Grant[Fact]] = Prepared(
    lambda permission: (
        of_account(permission)
        .filter(Q(payload__has_key="promise") | Q(sub_kind=PROMISE_KEPT[1]), kind=PROMISE_KEPT[0])
        .order_by(F("occurred_at").desc(), "-id")
    ),
    limit="limit",
)
