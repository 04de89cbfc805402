"""What the steward's desk asks of planning: customers that miss what is a must, and those with stale values."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.planning.choices import BindingKind, PlanState
from guanxi.planning.models import Completeness, InformationItem
from guanxi.planning.queries.plans import IN_FORCE, places
from guanxi.planning.queries.scores import all_scores
from guanxi.planning.queries.sources import is_readable
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among

MISSING, STALE = "missing", "stale"


@dataclass(frozen=True, slots=True)
class FaultyAccount:
    """A customer with something missing or stale: in which of the places asked about, and how complete it is."""

    account_id: int
    name: str
    places: tuple[int, ...]
    completeness: float | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is looked for: `column` is "missing" or "stale", `places` are the ids of the places that may count.

    With `is_must` only those count that a published plan demands as a must.
    """

    column: str
    places: tuple[int, ...]
    is_must: bool = False


def missing_musts(actor: Actor | None) -> Fault:
    """What published plans demand as a must, of the places that a person may know of (None: all)."""
    return Fault(MISSING, _told(actor), is_must=True)


def stale_values(actor: Actor | None) -> Fault:
    """Whatever is past its limit, of the places that a person may know of (None: all)."""
    return Fault(STALE, _told(actor))


def _told(actor: Actor | None) -> tuple[int, ...]:
    """The places that a steward can put right: what happened comes in by itself, and nobody types it afterwards."""
    typed = ((key, place) for key, place in places().items() if place.kind != BindingKind.FACT)
    return tuple(sorted(key for key, place in typed if actor is None or is_readable(place, actor)))


def _musts(fault: Fault) -> GuardedQuerySet[InformationItem]:
    """The places that published plans demand as a must."""
    is_must = Func(F("needs"), Value('$.* ? (@ == "must")'), function="jsonb_path_exists", output_field=BooleanField())
    is_must.template = "%(function)s(%(expressions)s::jsonpath)"
    items = unscoped(InformationItem, reason=IN_FORCE).filter(
        plan__state=PlanState.PUBLISHED,
        plan__trashed_at__isnull=True,
        trashed_at__isnull=True,
        is_retired=False,
        binding_id__in=fault.places,
    )
    return items.filter(is_must).order_by().values("binding_id")  # type: ignore[return-value]  # values of rows


def counting_places(fault: Fault) -> frozenset[int]:
    """The places that count; one query for musts."""
    return frozenset(_musts(fault).values_list("binding_id", flat=True)) if fault.is_must else frozenset(fault.places)


def faulty_accounts(
    fault: Fault, actor: Actor, *, but: Collection[int], skip: int, limit: int
) -> tuple[FaultyAccount, ...]:
    """The customers with a fault that the actor sees, the least complete first, without some; two queries."""
    counting = counting_places(fault)
    rows = _faulty(fault, actor, but).annotate(name=F("account__name")).order_by(F("completeness").asc(), "pk")
    columns = ("pk", "name", fault.column, "completeness")
    return tuple(
        FaultyAccount(account_id, name, tuple(place for place in found if place in counting), share)
        for account_id, name, found, share in rows.values_list(*columns)[skip : skip + limit]
    )


def faulty_count(fault: Fault, actor: Actor, *, but: Collection[int], most: int) -> int:
    """How many customers with a fault the actor sees, without some; at most so many."""
    return int(_faulty(fault, actor, but).order_by()[:most].count())


def faulty_account(fault: Fault, account_id: int, actor: Actor) -> FaultyAccount:
    """One customer with a fault. Raises: NotFound for one that must not be seen, or that has none."""
    found = _faulty(fault, actor, ()).filter(pk=account_id).annotate(name=F("account__name")).first()
    if found is None:
        raise no_such_record()
    counting = counting_places(fault)
    held = tuple(place for place in getattr(found, fault.column) if place in counting)
    return FaultyAccount(found.pk, found.name, held, found.completeness)


def faulty_account_ids(fault: Fault) -> QuerySet[Any, Any]:
    """The ids of all accounts with a fault, to narrow accounts that a grant has narrowed already."""
    return all_scores().filter(_overlaps(fault)).order_by().values_list("pk", flat=True)


def _faulty(fault: Fault, actor: Actor, but: Collection[int]) -> GuardedQuerySet[Completeness]:
    rows = grant(actor, Completeness).queryset().filter(_overlaps(fault), account__trashed_at__isnull=True)
    return rows.exclude(Among("pk", list(but))) if but else rows


def _overlaps(fault: Fault) -> Q:
    held: object = ArraySubquery(_musts(fault)) if fault.is_must else list(fault.places)
    return Q(**{f"{fault.column}__overlap": held})
