"""What becomes of the rows of the queues when customers pass from one person to another."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef

from guanxi.care.adapters.planning import REASON
from guanxi.care.commands.contact import WAITING
from guanxi.care.models import QueueRow
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among
from guanxi.platform.objects.owned import Passing


def waiting_rows(user_id: int, account_ids: Sequence[int], actor: Actor) -> int:
    """How many rows about these customers wait in the queue of a person."""
    del actor  # who may hand the customers over may know how much waits for them
    return _waiting(user_id, account_ids).count()


@transaction.atomic
def hand_rows_over(passing: Passing, actor: Actor) -> int:
    """Let the waiting rows of customers go to the queue of who looks after them now. Returns how many went.

    Where the new owner has a row about the customer on that day already, the former one's goes; doing it again
    changes nothing.
    """
    del actor  # the customers themselves passed by the actor's right
    rows = _waiting(passing.from_id, passing.ids)
    same = _rows().filter(user=passing.to_id, account=OuterRef("account_id"), day=OuterRef("day"))
    rows.filter(Exists(same)).delete()
    return int(rows.update(user=passing.to_id))


def _rows() -> GuardedQuerySet[QueueRow]:
    return unscoped(QueueRow, reason=REASON)


def _waiting(user_id: int, account_ids: Sequence[int]) -> GuardedQuerySet[QueueRow]:
    return _rows().filter(Among("account_id", list(account_ids)), user=user_id, state__in=WAITING)
