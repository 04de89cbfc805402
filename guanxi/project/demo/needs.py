"""The needs questionnaires of the demo company: a round that is over and was taken over, and one that is open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.planning.analyses.needs import proposals
from guanxi.planning.choices import AskedAs, Way
from guanxi.planning.commands import (
    Asked,
    Chosen,
    ItemAnswer,
    Scope,
    ask_more,
    begin_draft,
    open_round,
    save_sheet,
    take_over,
)
from guanxi.planning.models import InformationPlan, NeedsReminder, NeedsRound, NeedsSheet
from guanxi.planning.queries.needs import drafted, late_in, said_in, sheets_of
from guanxi.planning.queries.plans import items_of
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.project.demo.sign_in import DOMAIN

ALL_WAYS = tuple(AskedAs.values)
TAKEN = ("short_name", "competitor_in_use", "hobby")


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of an item about customers; the columns of an answer."""

    item: str
    need: str = ""
    decision: str = ""
    fresh_days: int | None = None
    way: str = ""
    is_never_used: bool = False
    kept_days: int | None = None


CLOSED: Mapping[str, tuple[Told, ...]] = {
    "su.yun": (
        Told("competitor_in_use", "must", "要不要为这家客户让价", 90),
        Told("satisfaction", "must", "先上门还是先打电话", 60),
        Told("industry", "needed", "明年主攻哪些行业"),
    ),
    "chen.zhiyuan": (
        Told("competitor_in_use", "must", "报价前先看对手", 60),
        Told("hobby", "needed", "拜访时聊什么", 365),
        Told("website", "not", is_never_used=True),
        Told("mobile", "must", fresh_days=180, kept_days=365),
    ),
    "lin.xiaowen": (
        Told("mobile", "must", "用哪个号码联系", 180, Way.AUTOMATIC, kept_days=365),
        Told("short_name", "needed", "电话里怎么称呼", way=Way.AUTOMATIC),
        Told("website", "not", is_never_used=True),
        Told("hobby", "needed", "带什么上门", 365, Way.FORM),
    ),
    "zhao.yifan": (
        Told("mobile", "must", "用哪个号码联系", 365, Way.IMPORTED),
        Told("short_name", "not"),
        Told("competitor_in_use", "needed", "报价前先看对手", 120),
    ),
    "he.jingyi": (
        Told("hobby", "needed", "拜访时聊什么", 180, Way.TYPED),
        Told("founding", "not", is_never_used=True),
        Told("mail", "must", "资料与报价寄到哪里", 365, Way.IMPORTED),
    ),
}
OPEN: Mapping[str, tuple[Told, ...]] = {
    "huang.peishan": (
        Told("competitor_in_use", "must", "要不要为这家客户让价", 30),
        Told("satisfaction", "must", "先上门还是先打电话", 30),
        Told("mobile", "must", fresh_days=90, kept_days=180),
        Told("website", "not", is_never_used=True),
    ),
    "luo.jingxing": (
        Told("mobile", "must", "用哪个号码联系", 90, Way.AUTOMATIC),
        Told("hobby", "must", "拜访时聊什么", 180, Way.FORM),
        Told("short_name", "not"),
    ),
}
WISHES: Mapping[str, Sequence[str]] = {
    "chen.zhiyuan": ("客户今年的扩产计划",),
    "lin.xiaowen": ("对方不方便接电话的时段", "谁签字验收"),
    "huang.peishan": ("港澳子公司的开票抬头",),
}
HALF_WAY = "luo.jingxing"


def finish_round(draft: InformationPlan, *, today: date, actor: Actor) -> None:
    """A round about the next version that ended a week ago; some of what it brought is taken over."""
    held = open_round(
        draft.pk,
        introduction="下一版信息规划动手之前，先听听各位：哪些信息您真的要用，用来做什么决定；哪些一直在收，却没人看。",
        parties=["customer"],
        closes_on=today - timedelta(days=6),
        asked=_managers(),
        today=today - timedelta(days=20),
        actor=actor,
    )
    _ask_leaders(held, ("su.yun", "chen.zhiyuan", "huang.peishan"), day=today - timedelta(days=20), actor=actor)
    _note_reminder(held, day=today - timedelta(days=9))
    _answer(held, CLOSED, draft, day=today - timedelta(days=9))
    _note_reminder(held, day=today - timedelta(days=6))
    items = items_of(draft.pk, actor)
    keys = {item.pk: item.key for item in items}
    found = proposals(drafted(items), said_in(held.pk), stage=draft.stage)
    chosen = [
        Chosen(row.item_id, row.name, row.former, row.value)
        for row in found
        if row.is_more and keys[row.item_id] in TAKEN
    ]
    take_over(held.pk, chosen=chosen, actor=actor)


def _note_reminder(held: NeedsRound, *, day: date) -> None:
    """That the round reminded by itself on a day; a bell of last week would say nothing any more."""
    NeedsReminder.objects.create(round_id=held.pk, day=day, people=len(late_in(held.pk)))


def open_southern_round(former: InformationPlan, unit_id: int, *, today: date, actor: Actor) -> None:
    """A version for the southern branch, of which its people are being asked now."""
    draft = begin_draft(former.pk, scope=Scope(unit_id=unit_id), today=today, actor=actor)
    held = open_round(
        draft.pk,
        introduction="华南的渠道客户与总部不同，这一版单独做。请按您手上的客户来答。",
        parties=["customer", "channel"],
        closes_on=today + timedelta(days=5),
        asked=Asked(unit_ids=[unit_id], role_keys=["account_manager"], asked_as=ALL_WAYS),
        today=today,
        actor=actor,
    )
    _ask_leaders(held, ("huang.peishan",), day=today, actor=actor)
    _answer(held, OPEN, draft, day=today)


def _managers() -> Asked:
    return Asked(role_keys=["account_manager"], asked_as=ALL_WAYS)


def _ask_leaders(held: NeedsRound, names: Sequence[str], *, day: date, actor: Actor) -> None:
    ids = list(User.objects.filter(email__in=[f"{name}@{DOMAIN}" for name in names]).values_list("pk", flat=True))
    asked = Asked(user_ids=ids, audience="sales", asked_as=[AskedAs.USER, AskedAs.COLLECTOR, AskedAs.KEEPER])
    ask_more(held.pk, asked=asked, today=day, actor=actor)


def _answer(held: NeedsRound, told: Mapping[str, tuple[Told, ...]], draft: InformationPlan, *, day: date) -> None:
    users = {user.pk: user.email.partition("@")[0] for user in User.objects.all()}
    items: dict[str, int] = {}
    for sheet in sheets_of(held.pk):
        name = users[sheet.user_id]
        if name not in told:
            continue
        actor = actor_by_user_id(sheet.user_id)
        items = items or {item.key: item.pk for item in items_of(draft.pk, actor)}
        save_sheet(
            sheet.pk,
            answers=[_spoken(row, items[row.item]) for row in told[name]],
            wishes=WISHES.get(name, ()),
            version=None,
            hand_in=name != HALF_WAY,
            today=day,
            actor=actor,
        )
    at = timezone.make_aware(datetime.combine(day, time(10, 20)))
    NeedsSheet.objects.filter(round_id=held.pk, handed_in_at__isnull=False).update(saved_at=at, handed_in_at=at)
    NeedsSheet.objects.filter(round_id=held.pk, handed_in_at__isnull=True, saved_at__isnull=False).update(saved_at=at)


def _spoken(row: Told, item_id: int) -> ItemAnswer:
    return ItemAnswer(
        item_id=item_id,
        party="customer",
        need=row.need,
        decision=row.decision,
        fresh_days=row.fresh_days,
        way=str(row.way),
        is_never_used=row.is_never_used,
        kept_days=row.kept_days,
    )
