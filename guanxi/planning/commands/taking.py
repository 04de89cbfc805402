"""Taking answers of a round over into the draft, and giving back what was taken."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning.analyses.needs import LIMIT, NEEDS, Proposal, proposals
from guanxi.planning.models import InformationItem, InformationPlan, TakenNeed
from guanxi.planning.queries.needs import drafted, round_of, said_in, taken_by_ids
from guanxi.planning.queries.plans import audiences, item_of, items_of, plan_of
from guanxi.planning.rules import importance, read_need, require_draft, require_needs, with_importance
from guanxi.platform.records.change import change


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the planner saw and chose: the value of an item before and after, as texts."""

    item_id: int
    name: str
    former: str
    value: str


@transaction.atomic
def take_over(round_id: int, *, chosen: Sequence[Chosen], actor: Actor) -> list[int]:
    """Take values that follow from the answers of a round over into the draft; each remembers its answers.

    Nothing is overwritten that was not shown: when the draft or the answers moved meanwhile, nothing is taken.
    Returns the ids under which it can be given back. Raises: NotFound, AccessDenied,
    Conflict("plan.not_draft" | "round.moved"), RuleViolation("round.nothing").
    """
    asked = round_of(round_id, actor)
    with change(InformationPlan, asked.plan_id, action="take_over", actor=actor) as held:
        plan = held.record
        require_draft(plan.state)
    if not chosen:
        raise RuleViolation("round.nothing", "Choose what you take over.")
    found = {
        (row.item_id, row.name): row
        for row in proposals(drafted(items_of(plan.pk, actor)), said_in(round_id), stage=plan.stage)
    }
    wanted = [found.get((row.item_id, row.name)) for row in chosen]
    for seen, now in zip(chosen, wanted, strict=True):
        if now is None or (now.former, now.value) != (seen.former, seen.value):
            raise Conflict(
                "round.moved", "The draft or the answers changed meanwhile. Look again at what is taken over."
            )
    rows = sorted((row for row in wanted if row is not None), key=lambda row: (row.item_id, row.name))
    taken: list[int] = []
    for item_id, found_rows in groupby(rows, lambda row: row.item_id):
        taken += _take(item_id, list(found_rows), round_id=round_id, stage=plan.stage, actor=actor)
    return taken


def _take(item_id: int, rows: Sequence[Proposal], *, round_id: int, stage: str, actor: Actor) -> list[int]:
    with change(InformationItem, item_id, action="take_over", actor=actor) as work:
        for row in rows:
            _set(work.record, row.name, row.value, stage=stage)
        require_needs(work.record.needs, audiences=audiences())
    now = timezone.now()
    return [
        TakenNeed.objects.update_or_create(
            item_id=item_id,
            name=row.name,
            defaults={
                "value": row.value,
                "former": row.former,
                "round_id": round_id,
                "sheet_ids": list(row.sheet_ids),
                "taken_by_id": actor.user_id,
                "taken_at": now,
            },
        )[0].pk
        for row in rows
    ]


@transaction.atomic
def give_back(taken_ids: Collection[int], *, actor: Actor) -> int:
    """Set what was taken over back to what it was, where nobody changed it since. Returns how many were set back.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft").
    """
    done = 0
    for item_id, rows in groupby(taken_by_ids(taken_ids), lambda row: row.item_id):
        plan = plan_of(item_of(item_id, actor).plan_id, actor)
        with change(InformationItem, item_id, action="give_back", actor=actor) as work:
            require_draft(plan.state)
            for row in rows:
                if _text_of(work.record, row.name, stage=plan.stage) == row.value:
                    _set(work.record, row.name, row.former, stage=plan.stage)
                    TakenNeed.objects.filter(pk=row.pk).delete()
                    done += 1
    return done


def _set(item: InformationItem, name: str, text: str, *, stage: str) -> None:
    value: Any = text
    if name.startswith(NEEDS):
        item.needs = with_importance(item.needs, read_need(name.removeprefix(NEEDS)), text, stage=stage)
        return
    if name == LIMIT:
        value = int(text) if text else None
    setattr(item, name, value)


def _text_of(item: InformationItem, name: str, *, stage: str) -> str:
    if name.startswith(NEEDS):
        key = read_need(name.removeprefix(NEEDS))
        return importance(item.needs, key.audience, party=key.party, stage=stage)
    return str(getattr(item, name) or "")
