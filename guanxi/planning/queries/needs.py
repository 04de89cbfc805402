"""Rounds of the needs questionnaire: what the planner reads of all, and each person of the own sheet alone."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.core.cache import caches
from django.db.models import Count, Max, Q
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.kernel.names import full_name
from guanxi.planning.analyses.needs import Drafted, Said
from guanxi.planning.choices import PlanState
from guanxi.planning.models import (
    InformationItem,
    InformationPlan,
    NeedsAnswer,
    NeedsReminder,
    NeedsRound,
    NeedsSheet,
    TakenNeed,
)
from guanxi.planning.rules import is_reminder_due, is_round_open
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import own_id

ASKED = "planning: who is asked reads what the round asks about"
KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Meant:
    """A person who is meant by departments, roles or name: with the own department and the keys of the own roles."""

    user_id: int
    name: str
    unit_id: int | None
    role_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many persons a round asks, and how many of them began and handed in."""

    asked: int
    begun: int
    handed_in: int


@dataclass(frozen=True, slots=True)
class OwnSheet:
    """A person's own sheet with its round and the version that it is about, and whether it can still be changed."""

    sheet: NeedsSheet
    round: NeedsRound
    plan: InformationPlan
    is_open: bool


def rounds_of(plan_id: int, actor: Actor) -> tuple[NeedsRound, ...]:
    """The rounds about a version, the newest first; for who may change the plan."""
    rows = grant(actor, NeedsRound, Action.EDIT).queryset().filter(plan_id=plan_id, trashed_at__isnull=True)
    return tuple(rows.order_by("-number"))


def round_of(round_id: int, actor: Actor) -> NeedsRound:
    """One round, for who may change the plan. Raises: NotFound, AccessDenied."""
    found: NeedsRound = grant(actor, NeedsRound, Action.EDIT).live(round_id)
    return found


def turnouts(round_ids: Collection[int]) -> dict[int, Turnout]:
    """How many persons each round asks and how many answered, by round; one query."""
    rows = NeedsSheet.objects.filter(round_id__in=round_ids).values_list("round_id").order_by()
    counted = rows.annotate(
        Count("id"),
        begun=Count("id", filter=Q(saved_at__isnull=False)),
        handed_in=Count("id", filter=Q(handed_in_at__isnull=False)),
    )
    return {round_id: Turnout(*counts) for round_id, *counts in counted}


def sheets_of(round_id: int) -> tuple[NeedsSheet, ...]:
    """All sheets of a round that the planner may read, by department and person."""
    return tuple(NeedsSheet.objects.filter(round_id=round_id).order_by("unit__path", "user_id"))


def reminders_of(round_id: int) -> tuple[NeedsReminder, ...]:
    """When a round that the planner may read reminded, the latest first."""
    return tuple(NeedsReminder.objects.filter(round_id=round_id).order_by("-day"))


def late_in(round_id: int) -> tuple[int, ...]:
    """Who is asked in a round, may sign in, and has not handed in, by id."""
    rows = NeedsSheet.objects.filter(round_id=round_id, handed_in_at__isnull=True, user__is_active=True)
    return tuple(rows.order_by("user_id").values_list("user_id", flat=True))


def rounds_to_remind(actor: Actor, *, today: date) -> tuple[int, ...]:
    """The rounds that remind by themselves on a day, by id; two queries."""
    rows = (
        grant(actor, NeedsRound, Action.EDIT)
        .queryset()
        .filter(closes_on__gte=today, closed_at__isnull=True, remind_days__isnull=False, trashed_at__isnull=True)
    )
    waiting = rows.filter(plan__state=PlanState.DRAFT, plan__trashed_at__isnull=True)
    found = list(waiting.order_by("pk"))
    last = NeedsReminder.objects.filter(round_id__in=[row.pk for row in found]).values_list("round_id").order_by()
    days = dict(last.annotate(Max("day")))
    return tuple(row.pk for row in found if reminds_on(row, last_on=days.get(row.pk), today=today))


def reminds_on(held: NeedsRound, *, last_on: date | None, today: date) -> bool:
    """Whether a round reminds by itself on a day."""
    return is_reminder_due(
        closes_on=held.closes_on,
        remind_days=held.remind_days,
        opened_on=timezone.localdate(held.created_at),
        last_on=last_on,
        today=today,
    )


def said_in(round_id: int) -> tuple[Said, ...]:
    """What is said in the sheets of a round that were handed in; one query."""
    columns = ("need", "decision", "fresh_days", "way", "is_never_used", "kept_days")
    rows = NeedsAnswer.objects.filter(sheet__round_id=round_id, sheet__handed_in_at__isnull=False)
    told = rows.order_by("sheet_id", "pk").values_list("sheet_id", "sheet__audience_id", "item_id", "party", *columns)
    return tuple(Said(*row) for row in told)


def drafted(items: Iterable[InformationItem]) -> tuple[Drafted, ...]:
    """What a draft says of its items, of those that are collected."""
    return tuple(
        Drafted(item.pk, item.needs, item.limit_days, item.way, item.decision_zh, item.decision_en)
        for item in items
        if not item.is_retired
    )


def taken_of(item_ids: Collection[int]) -> tuple[TakenNeed, ...]:
    """From which answers values of some items were taken over, the last time each."""
    return tuple(TakenNeed.objects.filter(item_id__in=item_ids).order_by("item_id", "name"))


def taken_by_ids(taken_ids: Collection[int]) -> tuple[TakenNeed, ...]:
    """Some of what was taken over, by id."""
    return tuple(TakenNeed.objects.filter(pk__in=taken_ids).order_by("item_id", "name"))


def speakers(sheet_ids: Collection[int]) -> dict[int, int]:
    """Whose sheets these are: the person by the sheet."""
    return dict(NeedsSheet.objects.filter(pk__in=sheet_ids).values_list("pk", "user_id"))


def people_meant(
    *, unit_ids: Collection[int], role_keys: Collection[str], user_ids: Collection[int]
) -> tuple[Meant, ...]:
    """The active persons in some departments or below who have one of some roles, and those named; two queries.

    No department and no role narrows nothing, but with neither of them only those named are meant.
    """
    group = Q(pk__in=list(user_ids))
    if unit_ids or role_keys:
        narrowed = Q(unit__path__overlap=list(unit_ids)) if unit_ids else Q()
        narrowed &= Q(roles__key__in=list(role_keys)) if role_keys else Q()
        group |= narrowed
    found = User.objects.filter(group, is_active=True).distinct().order_by("pk").prefetch_related("roles")
    return tuple(
        Meant(
            user.pk,
            full_name(user.family_name, user.given_name),
            user.unit_id,
            tuple(sorted(role.key for role in user.roles.all())),
        )
        for user in found
    )


def own_sheets(actor: Actor, *, today: date) -> tuple[OwnSheet, ...]:
    """The sheets of the person who acts, those that wait first; three queries."""
    rows = NeedsSheet.objects.filter(user_id=own_id(actor)).order_by("-pk")
    return _with_rounds(rows, today=today)


def own_sheet(sheet_id: int, actor: Actor, *, today: date) -> OwnSheet:
    """One sheet of the person who acts. Raises: NotFound for that of anybody else."""
    found = _with_rounds(NeedsSheet.objects.filter(pk=sheet_id, user_id=own_id(actor)), today=today)
    if not found:
        raise no_such_record()
    return found[0]


def own_sheets_in(round_ids: Collection[int], actor: Actor) -> tuple[OwnSheet, ...]:
    """The sheets of the person who acts in some rounds; three queries."""
    rows = NeedsSheet.objects.filter(user_id=own_id(actor), round_id__in=list(round_ids))
    return _with_rounds(rows, today=timezone.localdate())


def _with_rounds(rows: Iterable[NeedsSheet], *, today: date) -> tuple[OwnSheet, ...]:
    sheets = list(rows)
    asked = unscoped(NeedsRound, reason=ASKED).filter(
        pk__in=[sheet.round_id for sheet in sheets], trashed_at__isnull=True
    )
    rounds = {row.pk: row for row in asked}
    plans = {
        row.pk: row
        for row in unscoped(InformationPlan, reason=ASKED).filter(pk__in=[row.plan_id for row in rounds.values()])
    }
    found = [
        OwnSheet(sheet, rounds[sheet.round_id], plan, round_is_open(rounds[sheet.round_id], plan, today=today))
        for sheet in sheets
        if sheet.round_id in rounds and (plan := plans[rounds[sheet.round_id].plan_id]).trashed_at is None
    ]
    return tuple(sorted(found, key=lambda row: not row.is_open))


def round_is_open(asked: NeedsRound, plan: InformationPlan, *, today: date) -> bool:
    """Whether a round takes answers on a day."""
    return is_round_open(plan.state, closes_on=asked.closes_on, is_closed=asked.closed_at is not None, today=today)


def waiting_sheets(actor: Actor, *, today: date) -> int:
    """How many questionnaires wait for the person who acts; at most a minute old."""
    if actor.user_id is None:
        return 0
    user_id = actor.user_id
    key = f"planning.needs.{user_id}"
    found = caches["process"].get_or_set(key, lambda: _waiting(user_id, today), KEPT_SECONDS)
    return int(found or 0)


def _waiting(user_id: int, today: date) -> int:
    rows = NeedsSheet.objects.filter(
        user_id=user_id,
        handed_in_at__isnull=True,
        round__closed_at__isnull=True,
        round__closes_on__gte=today,
        round__trashed_at__isnull=True,
        round__plan__state=PlanState.DRAFT,
        round__plan__trashed_at__isnull=True,
    )
    return rows.count()


def has_sheets(actor: Actor) -> bool:
    """Whether the person who acts was ever asked; at most a minute old."""
    if actor.user_id is None:
        return False
    user_id = actor.user_id
    key = f"planning.asked.{user_id}"
    rows = NeedsSheet.objects.filter(user_id=user_id)
    return bool(caches["process"].get_or_set(key, rows.exists, KEPT_SECONDS))


def asked_about(plan_id: int) -> tuple[InformationItem, ...]:
    """The items that a round about a version asks about, in their order; what they are called is no secret."""
    rows = unscoped(InformationItem, reason=ASKED).filter(plan_id=plan_id, trashed_at__isnull=True, is_retired=False)
    return tuple(rows.order_by("position", "pk"))


def own_answers(sheet_id: int) -> Mapping[tuple[int, str], NeedsAnswer]:
    """The answers of a sheet that was read as one's own, by item and party."""
    return {(row.item_id, row.party): row for row in NeedsAnswer.objects.filter(sheet_id=sheet_id)}
