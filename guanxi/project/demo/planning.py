"""The demo company's information plan: one version in force, the next one in sign-off, one for which people are being
asked, reads and scores of a quarter."""

from datetime import date, timedelta
from random import Random
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Now

from guanxi.customers.models import Account, Contact, ContactPoint, ImportantDate, Trait
from guanxi.kernel.actor import Actor
from guanxi.planning.choices import MarketStage
from guanxi.planning.commands import (
    begin_draft,
    publish_plan,
    refresh_completeness,
    retire_items,
    set_market_phase,
    set_need,
    sign_off,
    start_ready_plan,
    submit_plan,
)
from guanxi.planning.models import FieldRead, GroupScore, InformationPlan
from guanxi.planning.queries.plans import items_of, places, signoffs_of
from guanxi.planning.rules import NeedKey
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.models import OrgUnit, User
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.project.demo.needs import finish_round, open_southern_round
from guanxi.project.demo.sign_in import DOMAIN

REASON = "demo: the demo company is made by the system"
SIGNING = ("启衡集团", "华东分公司", "华南分公司", "上海区", "广州区")
UNREAD = frozenset({"website", "note", "department", "founding", "return"})
DAYS = 84
CHANGED = (
    ("competitor_in_use", "marketing", "must"),
    ("satisfaction", "sales", "must"),
    ("hobby", "sales", "needed"),
    ("short_name", "account_manager", ""),
)


def load_plan(today: date, *, actor: Actor) -> InformationPlan:
    """The plan of the demo company. Returns the version in sign-off."""
    _let_age()
    units = dict(OrgUnit.objects.values_list("name", "pk"))
    plan = start_ready_plan(today, actor=actor)
    _sign(plan.pk, [units[name] for name in SIGNING], today=today, actor=actor, count=len(SIGNING))
    publish_plan(plan.pk, actor=actor)
    since = today - timedelta(days=400)
    set_market_phase(MarketStage.GROWTH, product_line="", unit_id=None, from_on=since, actor=actor)
    set_market_phase(MarketStage.MATURITY, product_line="", unit_id=units["华南分公司"], from_on=since, actor=actor)
    draft = begin_draft(plan.pk, today=today, actor=actor)
    finish_round(draft, today=today, actor=actor)
    keys = {item.key: item.pk for item in items_of(draft.pk, actor)}
    for key, audience, value in CHANGED:
        set_need(keys[key], need=NeedKey(audience), value=value, actor=actor)
    retire_items([keys["website"]], actor=actor)
    _sign(draft.pk, [units[name] for name in SIGNING], today=today, actor=actor, count=3)
    open_southern_round(plan, units["华南分公司"], today=today, actor=actor)
    _count_reads(today)
    refresh_completeness(today, actor=actor)
    _remember_scores(today)
    return draft


def _let_age() -> None:
    """What is known of customers was written at different times of the last two years."""
    days = ExpressionWrapper(F("id") * 37 % 640 * Value(timedelta(days=1)), output_field=DurationField())
    before: Any = Now() - days
    unscoped(Account, reason=REASON).update(created_at=before)
    unscoped(Contact, reason=REASON).update(created_at=before, updated_at=before)
    for model in (ContactPoint, ImportantDate, Trait):
        unscoped(model, reason=REASON).update(updated_at=before)


def _sign(plan_id: int, unit_ids: list[int], *, today: date, actor: Actor, count: int) -> None:
    """Put a version into sign-off and let so many units agree, each by who leads it."""
    submit_plan(plan_id, unit_ids=unit_ids, due_on=today + timedelta(days=7), actor=actor)
    director = actor_by_user_id(User.objects.get(email=f"su.yun@{DOMAIN}").pk)
    for signoff in signoffs_of(plan_id, actor)[:count]:
        sign_off(signoff.pk, is_agreed=True, comment="", actor=director)


def _count_reads(today: date) -> None:
    """How often each place was used, day by day; some were used by nobody."""
    random = Random(20260102)
    rows = []
    for place in places().values():
        if place.name in UNREAD:
            continue
        often = random.choice((3, 8, 14, 40, 90))
        for days in range(0, DAYS, 7):
            for use, share in (("shown", 1.0), ("filter", 0.4), ("score", 0.2)):
                count = round(often * 7 * share * random.uniform(0.6, 1.4))
                day = today - timedelta(days=days)
                rows.append(FieldRead(day=day, object_key=place.object_key, name=place.name, use=use, count=count))
    FieldRead.objects.bulk_create(row for row in rows if row.count)


def _remember_scores(today: date) -> None:
    """The scores of the weeks before, a little lower each."""
    present = list(GroupScore.objects.filter(day=today))
    past = [
        GroupScore(
            day=today - timedelta(days=days),
            kind=row.kind,
            key=row.key,
            accounts=row.accounts,
            due=row.due,
            filled=round(row.filled * (1 - days / 900)),
            fresh=round(row.fresh * (1 - days / 900) * (0.97 + (days % 14) / 400)),
        )
        for row in present
        for days in range(7, DAYS + 1, 7)
    ]
    GroupScore.objects.bulk_create(past)
