"""Named reads of classes and of how we keep up contact with their customers; each a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.cache import caches
from django.db.models import Count, QuerySet

from guanxi.customers.models import Account, AccountClass, ClassOption, ClassStrategy
from guanxi.customers.queries.schemes import SCHEMES_SECONDS
from guanxi.customers.rules import Strategy, strategy_in_force
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.rules import Action

STRATEGIES_KEY = "customers.strategies"
CLASSES_REASON = "customers: classifications are words that everybody may read"
PLANNING_REASON = "care: queues are planned for all persons"
ClassKey = tuple[int, str]
"""The id of a scheme and the key of one of its classes."""


@dataclass(frozen=True, slots=True)
class KnownStrategy:
    """What is set for a class as of a version: None when it was taken away; version 0 when nothing ever was set."""

    strategy: Strategy | None = None
    version: int = 0


def strategies() -> Mapping[ClassKey, Strategy]:
    """The strategies of all classes that have one; at most a minute old."""
    found: dict[ClassKey, Strategy] | None = caches["process"].get_or_set(
        STRATEGIES_KEY, read_strategies, SCHEMES_SECONDS
    )
    return found or {}


def read_strategies() -> dict[ClassKey, Strategy]:
    """The strategies of all classes that have one, as they stand now; one query."""
    rows = unscoped(ClassStrategy, reason=CLASSES_REASON).filter(
        trashed_at__isnull=True, option__classification__trashed_at__isnull=True
    )
    return {(row.option.classification_id, row.option.key): _strategy(row) for row in rows.select_related("option")}


def _strategy(row: ClassStrategy) -> Strategy:
    return Strategy(
        row.option.classification_id,
        row.option.key,
        row.ideal_days,
        row.maximum_days,
        tuple(row.channels),
        row.contacted_by,
        row.tone,
        row.offer,
    )


def strategies_of_accounts(account_ids: Iterable[int] | None = None) -> dict[int, Strategy]:
    """The strategy that holds for each account that has one, by account id; None = of all. Two queries.

    For the system's planning alone.
    """
    known = read_strategies()
    if not known:
        return {}
    rows = unscoped(AccountClass, reason=PLANNING_REASON).filter(
        trashed_at__isnull=True, classification__in={scheme_id for scheme_id, _key in known}
    )
    if account_ids is not None:
        rows = rows.filter(Among("account_id", list(account_ids)))
    found: dict[int, list[Strategy]] = {}
    for account_id, scheme_id, class_key in rows.values_list("account_id", "classification_id", "class_key"):
        strategy = known.get((scheme_id, class_key))
        if strategy is not None:
            found.setdefault(account_id, []).append(strategy)
    return {account_id: chosen for account_id, some in found.items() if (chosen := strategy_in_force(some))}


def strategy_of(account_id: int, actor: Actor) -> Strategy | None:
    """The strategy that holds for an account whose classes the actor sees; no query while no class has one."""
    known = strategies()
    if not known:
        return None
    keys = _CLASSES_OF(grant(actor, AccountClass), account_id=account_id)
    return strategy_in_force(known[key] for key in keys if key in known)


_CLASSES_OF: Prepared[Grant[AccountClass]] = Prepared(
    lambda permission: (
        permission.queryset()
        .filter(account=Slot("account_id"), trashed_at__isnull=True)
        .values_list("classification_id", "class_key")
    )
)


def known_strategy(scheme_id: int, class_key: str, actor: Actor) -> KnownStrategy:
    """What was set for a class, for who may change it. Raises: NotFound for a class that there is not, AccessDenied."""
    permission = grant(actor, ClassStrategy, Action.EDIT)
    option = class_option(scheme_id, class_key)
    row = permission.queryset().filter(option=option).select_related("option").first()
    if row is None:
        return KnownStrategy()
    return KnownStrategy(_strategy(row) if row.trashed_at is None else None, row.version)


def class_option(scheme_id: int, class_key: str) -> ClassOption:
    """A class that a scheme offers. Raises: NotFound."""
    found = ClassOption.objects.filter(
        classification=scheme_id, key=class_key, classification__trashed_at__isnull=True
    ).first()
    if found is None:
        raise no_such_record()
    return found


def class_counts(actor: Actor) -> dict[ClassKey, int]:
    """How many customers each class has, of those that the actor sees. One query."""
    rows = _live_classes(actor).order_by().values_list("classification_id", "class_key")
    return {(scheme_id, key): count for scheme_id, key, count in rows.annotate(count=Count("pk"))}


def class_members(scheme_id: int, actor: Actor) -> dict[int, str]:
    """The class of each customer that a scheme sorts and that the actor sees, by account id. One query."""
    rows = _live_classes(actor).filter(classification=scheme_id)
    return dict(rows.values_list("account_id", "class_key"))


def _live_classes(actor: Actor) -> GuardedQuerySet[AccountClass]:
    """The classes of customers that do not lie in the trash and that the actor sees."""
    accounts = grant(actor, Account).queryset().filter(trashed_at__isnull=True).values("pk")
    return grant(actor, AccountClass).queryset().filter(trashed_at__isnull=True, account__in=accounts)


def ids_in_class(scheme_id: int, class_key: str, actor: Actor) -> QuerySet[Any, Any]:
    """The ids of the customers of a class, as a subquery within what is narrowed already."""
    rows = grant(actor, AccountClass).queryset().filter(trashed_at__isnull=True)
    return rows.filter(classification=scheme_id, class_key=class_key).values("account_id")
