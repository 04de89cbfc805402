"""What the demo company gives: limits, budgets of its branches, and presents for the Mid-Autumn Festival."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from guanxi.customers.models import Account, Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.stewardship.commands.gifts import NewGiving, give, set_gift_budget, set_gift_limit

LIMITS = (("", 500, 1_000), ("media", 200, 200), ("government", 0, None))
BUDGETS = (("启衡集团", 120_000), ("华东分公司", 50_000), ("华南分公司", 36_000))
PRESENTS = (
    ("中秋月饼礼盒", 268, "中秋"),
    ("龙井茶两罐", 480, "中秋"),
    ("紫砂壶", 460, "生日"),
    ("景德镇茶具", 498, "厂庆"),
)
RECEIVERS = 14


def give_gifts(accounts: Sequence[Account], contacts: Sequence[Contact], *, today: date, actor: Actor) -> None:
    """Set limits and budgets, then give presents to the main contacts of some firms; the first got two already."""
    for relation, per_gift, per_year in LIMITS:
        values = {"relation": relation, "per_gift": Decimal(per_gift)}
        set_gift_limit({**values, "per_year": Decimal(per_year) if per_year is not None else None}, actor=actor)
    for name, amount in BUDGETS:
        unit = OrgUnit.objects.get(name=name)
        set_gift_budget(unit.pk, year=today.year, amount=Decimal(amount), actor=actor)
    firms = [account for account in accounts if account.kind == "organisation" and account.relation_id == "customer"]
    mains = {contact.account_id: contact for contact in contacts if contact.is_main}
    for place, account in enumerate(firms[:RECEIVERS]):
        for step in range(2 if place < 3 else 1):
            item, worth, occasion = PRESENTS[(place + step) % len(PRESENTS)]
            given_on = max(today - timedelta(days=40 + 5 * place - 30 * step), date(today.year, 1, 1))
            present = NewGiving(
                is_gift=True,
                item=item,
                worth=Decimal(worth),
                given_on=min(given_on, today),
                occasion=occasion,
                contact_id=mains[account.pk].pk,
            )
            give(account.pk, present, actor=actor_by_user_id(account.owner_id or 0))
