"""Rounds of the needs questionnaire: opened about a draft, more people asked, reminded, closed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from guanxi.customers.facade import relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning.choices import REMIND_DAYS, AskedAs
from guanxi.planning.events import NEEDS_CLOSING, NEEDS_REMINDER, NEEDS_ROUND
from guanxi.planning.models import InformationPlan, NeedsReminder, NeedsRound, NeedsSheet
from guanxi.planning.queries.needs import (
    Meant,
    late_in,
    people_meant,
    reminders_of,
    reminds_on,
    round_is_open,
    rounds_of,
    rounds_to_remind,
)
from guanxi.planning.queries.plans import audiences, items_of, plan_of
from guanxi.planning.rules import require_closing, require_draft, require_remind_days, require_round_open
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.records.change import change, create
from guanxi.platform.records.events import PeopleAsked

MOST_NAMED = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a round asks: people of departments and roles, and people by name; for which audience they speak ("" = that
    of their role), and in which of the three ways they are asked."""

    unit_ids: Sequence[int] = ()
    role_keys: Sequence[str] = ()
    user_ids: Sequence[int] = ()
    audience: str = ""
    asked_as: Sequence[str] = ()


@transaction.atomic
def open_round(
    plan_id: int,
    *,
    introduction: str,
    parties: Sequence[str],
    closes_on: date,
    asked: Asked,
    remind_days: int | None = REMIND_DAYS,
    today: date,
    actor: Actor,
) -> NeedsRound:
    """Open a round about a draft, and tell those whom it asks.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft" | "round.open"), RuleViolation("round.closes_on" |
    "round.remind_days" | "round.parties" | "round.items" | "round.nobody" | "round.audience" | "round.asked_as").
    """
    require_closing(closes_on, today=today)
    require_remind_days(remind_days)
    if not parties or not set(parties) <= set(relation_names()):
        raise RuleViolation("round.parties", "Choose about whom you ask.", field="parties")
    with change(InformationPlan, plan_id, action="open_round", actor=actor) as held:
        plan = held.record
        require_draft(plan.state)
    if all(item.is_retired for item in items_of(plan_id, actor)):
        raise RuleViolation("round.items", "The draft has no items to ask about yet.")
    former = rounds_of(plan_id, actor)
    if any(round_is_open(row, plan, today=today) for row in former):
        raise Conflict("round.open", "A round about this draft is open already. Ask more people there.")
    fresh = NeedsRound(
        plan_id=plan_id,
        number=former[0].number + 1 if former else 1,
        introduction=introduction.strip(),
        parties=list(parties),
        opened_by_id=actor.user_id,
        closes_on=closes_on,
        remind_days=remind_days,
    )
    with create(fresh, action="open", actor=actor) as work:
        _ask(work.record, asked, actor=actor)
    return work.record


@transaction.atomic
def ask_more(round_id: int, *, asked: Asked, today: date, actor: Actor) -> int:
    """Ask more people in an open round; who is asked already is not asked again. Returns how many are new.

    Raises: NotFound, AccessDenied, Conflict("round.closed"), RuleViolation as `open_round`.
    """
    return _ask(_held(round_id, action="ask", today=today, actor=actor), asked, actor=actor)


@transaction.atomic
def release(sheet_id: int, *, round_id: int, today: date, actor: Actor) -> int:
    """Ask somebody no more who has not begun to answer. Returns the person's id.

    Raises: NotFound, AccessDenied, Conflict("round.closed" | "sheet.begun").
    """
    held = _held(round_id, action="release", today=today, actor=actor)
    found = NeedsSheet.objects.select_for_update().filter(pk=sheet_id, round_id=held.pk, saved_at__isnull=True).first()
    if found is None:
        raise Conflict("sheet.begun", "This person has begun to answer, or is not asked any more.")
    user_id = found.user_id
    NeedsSheet.objects.filter(pk=sheet_id).delete()
    _forget_counts([user_id])
    return user_id


@transaction.atomic
def remind(round_id: int, *, today: date, actor: Actor) -> int:
    """Remind those who have not handed in; once a day. Returns how many they are.

    Raises: NotFound, AccessDenied, Conflict("round.closed" | "round.reminded"), RuleViolation("round.complete").
    """
    with change(NeedsRound, round_id, action="remind", actor=actor) as work:
        _require_open(work.record, today=today, actor=actor)
        if _last_reminded(round_id) == today:
            raise Conflict("round.reminded", "They were reminded today already.")
        late = late_in(round_id)
        if not late:
            raise RuleViolation("round.complete", "Everybody has answered: there is nobody to remind.")
        NeedsReminder.objects.create(round_id=round_id, day=today, people=len(late), by_id=actor.user_id)
        work.publish(PeopleAsked(topic=NEEDS_REMINDER, subject_id=round_id, user_ids=late, by_id=actor.user_id))
    return len(late)


def remind_by_itself(today: date, *, actor: Actor) -> int:
    """Let each round that ends soon, or today, remind those who have not handed in; each in its own transaction.

    Run again, or killed between two rounds, it reminds nobody twice on a day. Returns how many people were reminded.
    """
    return sum(_remind_of_end(round_id, today=today, actor=actor) for round_id in rounds_to_remind(actor, today=today))


def _remind_of_end(round_id: int, *, today: date, actor: Actor) -> int:
    if not late_in(round_id):
        return 0
    with change(NeedsRound, round_id, action="remind", actor=actor) as work:
        held, late = work.record, late_in(round_id)
        is_open = round_is_open(held, plan_of(held.plan_id, actor), today=today)
        if not late or not is_open or not reminds_on(held, last_on=_last_reminded(round_id), today=today):
            return 0
        NeedsReminder.objects.create(round_id=round_id, day=today, people=len(late))
        work.publish(PeopleAsked(topic=NEEDS_CLOSING, subject_id=round_id, user_ids=late))
    return len(late)


def _last_reminded(round_id: int) -> date | None:
    found = reminders_of(round_id)
    return found[0].day if found else None


def close_round(round_id: int, *, today: date, actor: Actor) -> None:
    """Close a round before its day; what was answered can still be read and taken over.

    Raises: NotFound, AccessDenied, Conflict("round.closed").
    """
    with change(NeedsRound, round_id, action="close", actor=actor) as work:
        _require_open(work.record, today=today, actor=actor)
        work.record.closed_at = timezone.now()
    _forget_counts(_asked_in(round_id))


def extend_round(round_id: int, *, closes_on: date, remind_days: int | None, today: date, actor: Actor) -> None:
    """Say until when a round is open and when it reminds by itself; also of one that was closed, while the plan is a
    draft and no other round is open.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft" | "round.open"), RuleViolation("round.closes_on" |
    "round.remind_days").
    """
    require_closing(closes_on, today=today)
    require_remind_days(remind_days)
    with change(NeedsRound, round_id, action="extend", actor=actor) as work:
        plan = plan_of(work.record.plan_id, actor)
        require_draft(plan.state)
        others = (row for row in rounds_of(plan.pk, actor) if row.pk != round_id)
        if any(round_is_open(row, plan, today=today) for row in others):
            raise Conflict("round.open", "A round about this draft is open already. Ask more people there.")
        work.record.closes_on, work.record.closed_at = closes_on, None
        work.record.remind_days = remind_days
    _forget_counts(_asked_in(round_id))


def _held(round_id: int, *, action: str, today: date, actor: Actor) -> NeedsRound:
    """A round, locked until the transaction ends, that takes answers."""
    with change(NeedsRound, round_id, action=action, actor=actor) as work:
        _require_open(work.record, today=today, actor=actor)
    return work.record


def _require_open(held: NeedsRound, *, today: date, actor: Actor) -> None:
    require_round_open(round_is_open(held, plan_of(held.plan_id, actor), today=today))


def _ask(held: NeedsRound, asked: Asked, *, actor: Actor) -> int:
    if not asked.asked_as or not set(asked.asked_as) <= set(AskedAs.values):
        raise RuleViolation("round.asked_as", "Choose in which way they are asked.", field="asked_as")
    meant = people_meant(unit_ids=asked.unit_ids, role_keys=asked.role_keys, user_ids=asked.user_ids)
    if not meant:
        raise RuleViolation("round.nobody", "Nobody is meant: choose departments, roles or people.", field="units")
    speaking = _audiences(meant, asked.audience)
    known = set(_asked_in(held.pk))
    fresh = [
        NeedsSheet(
            round_id=held.pk,
            user_id=person.user_id,
            audience_id=speaking[person.user_id],
            unit_id=person.unit_id,
            asked_as=[way for way in AskedAs.values if way in asked.asked_as],
        )
        for person in meant
        if person.user_id not in known
    ]
    NeedsSheet.objects.bulk_create(fresh)
    begin_entry(actor, action="ask", object_key="needs_round", record_id=held.pk, record_count=len(fresh))
    told = tuple(sheet.user_id for sheet in fresh)
    if told:
        publish(PeopleAsked(topic=NEEDS_ROUND, subject_id=held.pk, user_ids=told, by_id=actor.user_id))
    _forget_counts(told)
    return len(fresh)


def _audiences(meant: Sequence[Meant], audience: str) -> dict[int, str]:
    """For which audience each person speaks: the one that is named, or the first that has the name of a role."""
    known = list(audiences())
    if audience:
        if audience not in known:
            raise RuleViolation(
                "round.audience", "There is no audience “%(audience)s”.", audience=audience[:30], field="audience"
            )
        return {person.user_id: audience for person in meant}
    found = {person.user_id: next((key for key in known if key in person.role_keys), "") for person in meant}
    silent = [person.name for person in meant if not found[person.user_id]]
    if silent:
        names = ", ".join(silent[:MOST_NAMED]) + (" …" if len(silent) > MOST_NAMED else "")
        raise RuleViolation(
            "round.audience",
            "The role of these people is no audience; ask them on their own and say for whom they speak: %(names)s.",
            names=names,
            field="audience",
        )
    return found


def _asked_in(round_id: int) -> list[int]:
    return list(NeedsSheet.objects.filter(round_id=round_id).values_list("user_id", flat=True))


def _forget_counts(user_ids: Collection[int]) -> None:
    """Let the sidebar of these people count anew, in this process; others are at most a minute behind."""
    kinds = ("needs", "asked")
    caches["process"].delete_many([f"planning.{kind}.{user_id}" for kind in kinds for user_id in user_ids])
