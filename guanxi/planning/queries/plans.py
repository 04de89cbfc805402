"""Versions of the plan, their items and sign-offs; each a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.cache import caches
from django.db.models import Max, Sum

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, no_such_record
from guanxi.planning.choices import Moment, PlanState
from guanxi.planning.models import (
    Audience,
    Binding,
    BriefingReceipt,
    FieldRead,
    InformationItem,
    InformationPlan,
    ItemScore,
    MarketPhase,
    Signoff,
)
from guanxi.planning.rules import Phase, PlanInForce, PlannedItem, VersionItem
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.accounts.queries import own_id

IN_FORCE = "planning: which version is in force is known to everybody"
KEPT_SECONDS = 60
AUDIENCES, BINDINGS, OWED = "planning.audiences", "planning.bindings", "planning.owed"
ORDER = (PlanState.SIGN_OFF, PlanState.PUBLISHED, PlanState.DRAFT, PlanState.SUPERSEDED)
COMPARED = (
    "name_zh",
    "name_en",
    "group_zh",
    "group_en",
    "binding_id",
    "purposes",
    "needs",
    "supplier_zh",
    "supplier_en",
    "way",
    "moment",
    "limit_days",
    "decision_zh",
    "decision_en",
    "account_kind",
    "relations",
)
"""The columns of an item by which versions are compared, and which the next version takes over."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands: kind, object and name of a binding."""

    id: int
    kind: str
    object_key: str
    name: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many accounts owe an item, have it, have it freshly, and had it written in 90 days."""

    due: int
    filled: int
    fresh: int
    written: int

    @property
    def completeness(self) -> float | None:
        """The share of those who owe it that have it."""
        return self.filled / self.due if self.due else None

    @property
    def freshness(self) -> float | None:
        """The share of those who have it whose value is within its limit."""
        return self.fresh / self.filled if self.filled else None


def plan_versions(actor: Actor) -> tuple[InformationPlan, ...]:
    """All versions that are in use or were, those that count now first, then the newest."""
    rows = grant(actor, InformationPlan).queryset().filter(trashed_at__isnull=True)
    newest = sorted(rows, key=lambda plan: (plan.year, plan.number, plan.pk), reverse=True)
    return tuple(sorted(newest, key=lambda plan: ORDER.index(PlanState(plan.state))))


def chosen_version(versions: Sequence[InformationPlan], plan_id: int | None) -> InformationPlan | None:
    """The version asked for, or the first; None when there is none at all.

    Raises: NotFound("record.not_found") for one that the person does not see.
    """
    if plan_id is None:
        return versions[0] if versions else None
    found = next((plan for plan in versions if plan.pk == plan_id), None)
    if found is None:
        raise no_such_record()
    return found


def plan_of(plan_id: int, actor: Actor) -> InformationPlan:
    """One version. Raises: NotFound("record.not_found")."""
    return grant(actor, InformationPlan).live(plan_id)


def items_of(plan_id: int, actor: Actor) -> tuple[InformationItem, ...]:
    """The items of a version in their order, those that are collected no more last in their group."""
    rows = grant(actor, InformationItem).queryset().filter(plan_id=plan_id, trashed_at__isnull=True)
    return tuple(rows.order_by("position", "pk"))


def item_of(item_id: int, actor: Actor) -> InformationItem:
    """One item. Raises: NotFound("record.not_found")."""
    return grant(actor, InformationItem).live(item_id)


def signoffs_of(plan_id: int, actor: Actor) -> tuple[Signoff, ...]:
    """What units say to a version, by unit."""
    rows = grant(actor, Signoff).queryset().filter(plan_id=plan_id, trashed_at__isnull=True)
    return tuple(rows.order_by("unit_id"))


def version_items(items: Iterable[InformationItem]) -> tuple[VersionItem, ...]:
    """Items as versions are compared by them."""
    return tuple(
        VersionItem(item.key, {name: getattr(item, name) for name in COMPARED}, item.is_retired) for item in items
    )


def audiences() -> dict[str, tuple[str, str]]:
    """The audiences by key, in their order: (Chinese, English); at most a minute old."""
    found: dict[str, tuple[str, str]] | None = caches["process"].get_or_set(
        AUDIENCES, lambda: {row.pk: (row.name_zh, row.name_en) for row in Audience.objects.all()}, KEPT_SECONDS
    )
    return found or {}


def places() -> dict[int, Place]:
    """All places of information by id; at most a minute old."""
    found: dict[int, Place] | None = caches["process"].get_or_set(
        BINDINGS,
        lambda: {row.pk: Place(row.pk, row.kind, row.object_key, row.name) for row in Binding.objects.all()},
        KEPT_SECONDS,
    )
    return found or {}


def plans_in_force() -> tuple[PlanInForce, ...]:
    """The published versions with their items, for the system's scores; two queries."""
    plans = unscoped(InformationPlan, reason=IN_FORCE).filter(state=PlanState.PUBLISHED, trashed_at__isnull=True)
    items: dict[int, list[PlannedItem]] = {plan.pk: [] for plan in plans}
    for item in unscoped(InformationItem, reason=IN_FORCE).filter(plan_id__in=list(items), trashed_at__isnull=True):
        items[item.plan_id].append(planned(item))
    return tuple(PlanInForce(plan.product_line, plan.unit_id, plan.stage, tuple(items[plan.pk])) for plan in plans)


def planned(item: InformationItem) -> PlannedItem:
    """What the rules need of an item."""
    return PlannedItem(
        key=item.key,
        binding_id=item.binding_id,
        needs=item.needs,
        limit_days=item.limit_days,
        needs_purchase=item.moment == Moment.FIRST_PURCHASE,
        account_kind=item.account_kind,
        relations=tuple(item.relations),
        is_retired=item.is_retired,
    )


def asked_items(binding_ids: Iterable[int]) -> dict[int, InformationItem]:
    """The items of published versions that stand in some places, by place; why something is asked is no secret."""
    rows = unscoped(InformationItem, reason=IN_FORCE).filter(
        plan__state=PlanState.PUBLISHED,
        plan__trashed_at__isnull=True,
        trashed_at__isnull=True,
        is_retired=False,
        binding_id__in=list(binding_ids),
    )
    return {item.binding_id: item for item in rows.order_by("-pk") if item.binding_id is not None}


@dataclass(frozen=True, slots=True)
class Owed:
    """A field that a published version asks for: of whom, how much, and for which decision."""

    object_key: str
    field: str
    account_kind: str
    relations: tuple[str, ...]
    needs: tuple[tuple[str, str], ...]
    stage: str
    decision_zh: str
    decision_en: str


def owed_fields() -> tuple[Owed, ...]:
    """The fields that published versions ask for, at most a minute old."""
    found: tuple[Owed, ...] | None = caches["process"].get_or_set(OWED, _owed_fields, KEPT_SECONDS)
    return found or ()


def _owed_fields() -> tuple[Owed, ...]:
    rows = unscoped(InformationItem, reason=IN_FORCE).filter(
        plan__state=PlanState.PUBLISHED,
        plan__trashed_at__isnull=True,
        trashed_at__isnull=True,
        is_retired=False,
        binding__kind="field",
    )
    return tuple(
        Owed(
            item.binding.object_key,
            item.binding.name,
            item.account_kind,
            tuple(item.relations),
            tuple(item.needs.items()),
            item.plan.stage,
            item.decision_zh,
            item.decision_en,
        )
        for item in rows.select_related("binding", "plan")
        if item.binding is not None
    )


def market_phases() -> tuple[Phase, ...]:
    """All market phases, for the system's scores."""
    rows = unscoped(MarketPhase, reason=IN_FORCE).filter(trashed_at__isnull=True)
    return tuple(Phase(row.product_line, row.unit_id, row.stage, row.from_on) for row in rows)


def latest_item_scores() -> dict[int, Counted]:
    """How each place stood when scores were last computed, by place; two queries."""
    day = ItemScore.objects.aggregate(day=Max("day"))["day"]
    rows = ItemScore.objects.filter(day=day).values_list("binding_id", "due", "filled", "fresh", "written")
    return {binding_id: Counted(*counts) for binding_id, *counts in rows}


def reads_by_name(today: date, *, days: int) -> dict[tuple[str, str], int]:
    """How often each field, kind of part or fact was used in the last days, by object and name; one query."""
    rows = FieldRead.objects.filter(day__gt=today - timedelta(days=days))
    counted = rows.values_list("object_key", "name").annotate(total=Sum("count")).order_by()
    return {(object_key, name): int(total) for object_key, name, total in counted}


def counted_since() -> date | None:
    """The first day for which reads are counted; None when none are."""
    return FieldRead.objects.order_by("day").values_list("day", flat=True).first()


def reads_by_use(place: Place, today: date, *, days: int) -> tuple[tuple[str, int], ...]:
    """What a place was used for in the last days: (use, count), the most frequent first."""
    rows = FieldRead.objects.filter(day__gt=today - timedelta(days=days), object_key=place.object_key, name=place.name)
    counted = rows.values_list("use").annotate(total=Sum("count")).order_by("-total")
    return tuple((use, int(total)) for use, total in counted)


def open_receipt(user_id: int, plan_id: int) -> bool:
    """Whether a person was told of a version and has not confirmed it yet."""
    return BriefingReceipt.objects.filter(user_id=user_id, plan_id=plan_id, confirmed_at__isnull=True).exists()


def waiting_for(actor: Actor) -> int:
    """How many published versions a person has not confirmed; at most a minute old."""
    if actor.user_id is None:
        return 0
    key = f"planning.waiting.{actor.user_id}"
    found = caches["process"].get_or_set(key, lambda: _open_receipts(own_id(actor)), KEPT_SECONDS)
    return int(found or 0)


def _open_receipts(user_id: int) -> int:
    rows = BriefingReceipt.objects.filter(user_id=user_id, confirmed_at__isnull=True)
    return rows.filter(plan__state=PlanState.PUBLISHED).count()


def receipt_counts(plan_id: int) -> tuple[int, int]:
    """How many people confirmed a version, and how many were told of it."""
    rows: Any = BriefingReceipt.objects.filter(plan_id=plan_id)
    return rows.filter(confirmed_at__isnull=False).count(), rows.count()


def next_number(year: int, product_line: str, unit_id: int | None) -> int:
    """The number of the next version of a year."""
    rows = unscoped(InformationPlan, reason=IN_FORCE).filter(year=year, product_line=product_line, unit_id=unit_id)
    return int(rows.aggregate(last=Max("number"))["last"] or 0) + 1


def binding_of(kind: str, object_key: str, name: str) -> Binding:
    """A place by its name. Raises: NotFound("binding.not_found")."""
    found = Binding.objects.filter(kind=kind, object_key=object_key, name=name).first()
    if found is None:
        raise NotFound("binding.not_found", "There is no such place of information.")
    return found
