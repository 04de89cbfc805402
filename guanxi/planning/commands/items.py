"""Items of the plan: added, changed, and collected no more."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from guanxi.customers.facade import relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning.choices import OPEN_OR_IN_FORCE, MarketStage
from guanxi.planning.models import InformationItem, InformationPlan
from guanxi.planning.queries.plans import COMPARED, audiences, item_of, places, plan_of
from guanxi.planning.rules import NeedKey, require_draft, require_needs, require_purposes, with_grid, with_need
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create

EDITABLE = frozenset(COMPARED) - {"needs", "relations"}
"""What a form writes; needs are pressed one by one, relations are not offered yet."""


@transaction.atomic
def add_item(plan_id: int, *, key: str, values: Mapping[str, object], actor: Actor) -> InformationItem:
    """Add an item to a draft.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft" | "record.taken"), RuleViolation.
    """
    _require_open(plan_id, actor=actor)
    item = InformationItem(plan_id=plan_id, key=key)
    known = grant(actor, InformationItem).queryset().filter(plan_id=plan_id).count()
    item.position = known + 1
    _assign(item, values)
    with create(item, actor=actor) as work:
        return work.record


@transaction.atomic
def edit_item(
    item_id: int, *, values: Mapping[str, object], version: int | None = None, actor: Actor
) -> InformationItem:
    """Change an item of a draft.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft" | "record.changed"), RuleViolation.
    """
    _require_open(item_of(item_id, actor).plan_id, actor=actor)
    with change(InformationItem, item_id, action="edit", version=version, actor=actor) as work:
        _assign(work.record, values)
    return work.record


@transaction.atomic
def set_need(item_id: int, *, need: NeedKey, value: str, actor: Actor) -> str:
    """Say how much an audience needs an item of a draft. Returns what it was before.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft"), RuleViolation("need.audience" | "need.importance").
    """
    _require_open(item_of(item_id, actor).plan_id, actor=actor)
    with change(InformationItem, item_id, action="set_need", actor=actor) as work:
        former = str(work.record.needs.get(need.text, ""))
        needs = with_need(work.record.needs, need, value)
        require_needs(needs, audiences=audiences())
        work.record.needs = needs
    return former


@transaction.atomic
def set_needs(
    item_id: int, *, needs: Mapping[NeedKey, str | None], version: int | None = None, actor: Actor
) -> InformationItem:
    """Say how much audiences need an item of a draft, by party and phase: must, needed, "" for not, None for whatever
    holds more generally; needs that are not named stay.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft" | "record.changed"), RuleViolation("need.audience" |
    "need.importance" | "need.party").
    """
    _require_open(item_of(item_id, actor).plan_id, actor=actor)
    if not {key.party for key in needs} <= {"", *relation_names()} or not {key.stage for key in needs} <= {
        "",
        *MarketStage.values,
    }:
        raise RuleViolation("need.party", "There is no such external party or market phase.")
    with change(InformationItem, item_id, action="set_need", version=version, actor=actor) as work:
        found = with_grid(work.record.needs, needs)
        require_needs(found, audiences=audiences())
        work.record.needs = found
    return work.record


@transaction.atomic
def retire_items(item_ids: Sequence[int], *, actor: Actor) -> list[int]:
    """Collect some items no more; what is known stays. Returns those that changed.

    Raises: NotFound, AccessDenied, Conflict("plan.superseded").
    """
    return _set_retired(item_ids, is_retired=True, actor=actor)


@transaction.atomic
def restore_items(item_ids: Sequence[int], *, actor: Actor) -> list[int]:
    """Take the collecting of some items up again. Returns those that changed. Raises: as `retire_items`."""
    return _set_retired(item_ids, is_retired=False, actor=actor)


def _set_retired(item_ids: Sequence[int], *, is_retired: bool, actor: Actor) -> list[int]:
    changed = []
    for item_id in item_ids:
        state = plan_of(item_of(item_id, actor).plan_id, actor).state
        if state not in OPEN_OR_IN_FORCE:
            raise Conflict("plan.superseded", "This version is superseded; it is not changed any more.")
        action = "stop_collecting" if is_retired else "collect_again"
        with change(InformationItem, item_id, action=action, actor=actor) as work:
            if work.record.is_retired != is_retired:
                work.record.is_retired = is_retired
                changed.append(item_id)
    return changed


def _require_open(plan_id: int, *, actor: Actor) -> InformationPlan:
    plan: InformationPlan = grant(actor, InformationPlan, Action.VIEW).live(plan_id)
    grant(actor, InformationPlan, Action.EDIT)
    require_draft(plan.state)
    return plan


def _assign(item: InformationItem, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise RuleViolation("item.field", "“%(field)s” is no field of an item.", field=name)
        setattr(item, name, value)
    require_purposes(item.purposes)
    if item.binding_id is not None and item.binding_id not in places():
        raise RuleViolation("item.binding", "There is no such place of information.", field="binding_id")
