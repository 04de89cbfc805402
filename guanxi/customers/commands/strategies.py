"""Verbs about how we keep up contact with the customers of a class."""

from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from guanxi.customers.models import ClassStrategy
from guanxi.customers.queries import STRATEGIES_KEY, class_option
from guanxi.customers.rules import Strategy
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create


@transaction.atomic
def set_class_strategy(strategy: Strategy, *, version: int | None = None, actor: Actor) -> int:
    """Write the strategy of a class. Returns its id. `version` is 0 for who saw none.

    Raises: NotFound for a class that there is not, AccessDenied, Conflict("record.changed" | "record.taken"),
    RuleViolation("record.invalid").
    """
    option = class_option(strategy.scheme_id, strategy.class_key)
    known = grant(actor, ClassStrategy, Action.EDIT).queryset().filter(option=option).first()
    transaction.on_commit(lambda: caches["process"].delete(STRATEGIES_KEY))
    if known is None:
        fresh = ClassStrategy(option=option)
        _fill(fresh, strategy)
        with create(fresh, actor=actor) as work:
            return int(work.record.pk)
    with change(
        ClassStrategy, known.pk, action="set_strategy", version=version, actor=actor, also_trashed=True
    ) as changed:
        _fill(changed.record, strategy)
        changed.record.trashed_at = None
    return int(known.pk)


@transaction.atomic
def remove_class_strategy(scheme_id: int, class_key: str, *, version: int | None = None, actor: Actor) -> None:
    """Take the strategy of a class away; doing it again changes nothing.

    Raises: NotFound for a class that there is not, AccessDenied, Conflict("record.changed").
    """
    option = class_option(scheme_id, class_key)
    known = grant(actor, ClassStrategy, Action.EDIT).queryset().filter(option=option).first()
    transaction.on_commit(lambda: caches["process"].delete(STRATEGIES_KEY))
    if known is not None and known.trashed_at is None:
        with change(ClassStrategy, known.pk, action="remove_strategy", version=version, actor=actor) as work:
            work.record.trashed_at = timezone.now()


def _fill(record: ClassStrategy, strategy: Strategy) -> None:
    record.ideal_days, record.maximum_days = strategy.ideal_days, strategy.maximum_days
    record.channels, record.contacted_by = list(strategy.channels), strategy.contacted_by
    record.tone, record.offer = strategy.tone, strategy.offer
