"""The pools of the demo company: two of them, four rules, a limit, a night, and what members made of it."""

from datetime import date, timedelta

from guanxi.customers.facade import held_account_ids, held_accounts
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.models import OrgUnit, Role
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.project.demo.company import Company
from guanxi.stewardship.choices import EntryReason
from guanxi.stewardship.commands.holding import note_held, refresh_terms
from guanxi.stewardship.commands.pool_moves import claim, return_to_pool
from guanxi.stewardship.commands.pool_settings import create_limit, create_pool, create_rule
from guanxi.stewardship.commands.recycling import recycle
from guanxi.stewardship.models import Pool
from guanxi.stewardship.queries.pools import waiting_entries

HELD_DAYS = 420
RETURNS = (
    (EntryReason.NO_BUDGET, "预算推到明年，三月后再联系。"),
    (EntryReason.NOT_REACHED, "电话无人接听，换过号码。"),
    (EntryReason.COMPETITOR, "已与衡测仪器签两年框架协议。"),
    (EntryReason.NO_NEED, ""),
    (EntryReason.OUTSIDE, "总部搬到了成都。"),
)


def fill_pools(company: Company, *, today: date, actor: Actor) -> None:
    """Make the pools, apply the rules of last night, and let a manager return and claim some customers."""
    main, channels = _pools(company, actor=actor)
    _rules(main, channels, today=today, actor=actor)
    managers = [user.pk for user in company.managers]
    for place, owner_id in enumerate(managers):
        since = today - timedelta(days=HELD_DAYS + place)
        note_held(held_account_ids(owner_id), owner_id=owner_id, today=since)
    refresh_terms()
    recycle(today - timedelta(days=1), actor=actor)
    _moves(main, managers)


def _pools(company: Company, *, actor: Actor) -> tuple[Pool, Pool]:
    root = OrgUnit.objects.get(parent__isnull=True)
    admin_ids = [company.users["su.yun"].pk] if "su.yun" in company.users else []
    main = create_pool(
        {
            "name_zh": "客户公海",
            "name_en": "Customer pool",
            "relations": ["customer"],
            "unit_ids": [root.pk],
            "admin_ids": admin_ids,
            "claims_per_day": 5,
            "claims_in_hand": 60,
            "cooling_days": 30,
        },
        actor=actor,
    )
    channels = create_pool(
        {
            "name_zh": "渠道公海",
            "name_en": "Partner pool",
            "position": 1,
            "relations": ["channel", "partner"],
            "unit_ids": [root.pk],
            "admin_ids": admin_ids,
            "shown_fields": ["relation", "industry", "city", "grade"],
            "cooling_days": 90,
        },
        actor=actor,
    )
    create_limit(
        {"role_id": Role.objects.get(key="account_manager").pk, "most": 400, "exemptions": ["has_purchase"]},
        actor=actor,
    )
    return main, channels


def _rules(main: Pool, channels: Pool, *, today: date, actor: Actor) -> None:
    start = today - timedelta(days=60)
    for pool, criterion, days, grades, exemptions in (
        (main, "no_follow_up", 240, ["C", "D"], []),
        (main, "no_deal", 400, ["D"], []),
        (main, "never_won", 365, [], []),
        (channels, "no_follow_up", 120, [], ["has_purchase"]),
    ):
        values = {"pool_id": pool.pk, "criterion": criterion, "days": days, "grades": grades, "exemptions": exemptions}
        manager_days = 3 if criterion == "no_follow_up" else None
        create_rule({**values, "warn_days": 7, "manager_days": manager_days, "starts_on": start}, actor=actor)


def _moves(pool: Pool, managers: list[int]) -> None:
    """Some customers come back by hand, some are claimed."""
    for (reason, note), owner_id in zip(RETURNS, managers, strict=False):
        accounts = held_accounts(held_account_ids(owner_id)[-12:])
        ids = [account.id for account in accounts if account.relation == "customer"][:1]
        if ids:
            return_to_pool(ids, pool_id=pool.pk, reason=reason, note=note, actor=actor_by_user_id(owner_id))
    waiting = list(waiting_entries(pool).order_by("account_id").values_list("account_id", "former_owner_id")[:40])
    for taker in managers[:3]:
        ids = [account_id for account_id, owner_id in waiting if owner_id != taker][:2]
        waiting = [row for row in waiting if row[0] not in ids]
        if ids:
            claim(ids, pool_id=pool.pk, actor=actor_by_user_id(taker))
