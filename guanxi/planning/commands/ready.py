"""Starting with the ready plan: about forty items for firms and persons, with audiences, purposes and limits."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict
from guanxi.planning.commands.places import place_id
from guanxi.planning.models import Audience, InformationItem, InformationPlan
from guanxi.planning.queries.plans import AUDIENCES, BINDINGS, next_number
from guanxi.planning.rules import require_needs, require_purposes
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.records.change import create

SOURCE = Path(__file__).parents[1] / "ready_plan.json"
TAKEN = ("key", "name_zh", "name_en", "purposes", "needs", "supplier_zh", "supplier_en", "way", "moment", "limit_days")
TAKEN_TOO = ("decision_zh", "decision_en", "account_kind", "relations")


@dataclass(frozen=True, slots=True)
class ReadyPlan:
    """What the ready plan consists of: (key, Chinese, English) of audiences, and the values of items by column."""

    audiences: tuple[tuple[str, str, str], ...]
    items: tuple[Mapping[str, Any], ...]
    bindings: tuple[tuple[str, str, str], ...]


@cache
def ready_plan() -> ReadyPlan:
    """The ready plan as it is shipped."""
    data = json.loads(SOURCE.read_text(encoding="utf-8"))
    groups, items, bindings = data["groups"], [], []
    for row in data["items"]:
        bindings.append(_place_named(row["binding"]))
        group = groups[row["group"]]
        taken = {name: row[name] for name in (*TAKEN, *TAKEN_TOO)}
        items.append({**taken, "group_zh": group["zh"], "group_en": group["en"]})
    known = tuple((row["key"], row["name_zh"], row["name_en"]) for row in data["audiences"])
    return ReadyPlan(known, tuple(items), tuple(bindings))


@transaction.atomic
def start_ready_plan(today: date, *, actor: Actor) -> InformationPlan:
    """Begin a first draft with the ready plan, and its audiences and places where they are not there yet.

    Raises: AccessDenied, Conflict("plan.started") when there is a plan already.
    """
    if grant(actor, InformationPlan, Action.CREATE).queryset().filter(trashed_at__isnull=True).exists():
        raise Conflict("plan.started", "There is a plan already. Begin its next version instead.")
    ready = ready_plan()
    begin_entry(actor, action="start_ready_plan", object_key="information_plan", record_count=len(ready.items))
    audience_keys = add_audiences(ready.audiences)
    plan = InformationPlan(year=today.year, number=next_number(today.year, "", None))
    with create(plan, actor=actor) as work:
        plan_id = work.record.pk
    for position, (values, named) in enumerate(zip(ready.items, ready.bindings, strict=True), 1):
        require_needs(values["needs"], audiences=audience_keys)
        require_purposes(values["purposes"])
        item = InformationItem(plan_id=plan_id, position=position, binding_id=place_id(*named), **values)
        with create(item, actor=actor):
            pass
    caches["process"].delete_many((AUDIENCES, BINDINGS))
    return work.record


def add_audiences(rows: tuple[tuple[str, str, str], ...]) -> frozenset[str]:
    """Add audiences that are not there yet, at the end. Returns the keys of all."""
    known = Audience.objects.count()
    for place, (key, name_zh, name_en) in enumerate(rows, known):
        Audience.objects.get_or_create(pk=key, defaults={"name_zh": name_zh, "name_en": name_en, "position": place})
    caches["process"].delete(AUDIENCES)
    return frozenset(Audience.objects.values_list("pk", flat=True))


def _place_named(text: str) -> tuple[str, str, str]:
    kind, object_key, name = text.split(":") if text else ("", "", "")
    return kind, object_key, name
