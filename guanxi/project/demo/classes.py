"""The classes of the demo company's firms, and how contact with each class is kept up.

One scheme follows what firms are worth, so its classes differ; the other one is drawn by lot, so they do not.
"""

from collections.abc import Sequence
from random import Random

from guanxi.care.commands.strategies import set_strategy
from guanxi.customers.facade import Strategy, schemes
from guanxi.customers.models import Account, AccountClass
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import unscoped
from guanxi.platform.audit.commands import begin_entry
from guanxi.value.facade import grades_of

REASON = "demo: the demo company is made by the system"
SEED = 20260103
CLASS_OF_GRADE = {"S": "strategic", "A": "strategic", "B": "growth", "C": "steady", "D": "spot"}
WAYS_OF_BUYING = ("tender", "framework", "order", "retail")
STRATEGIES = (
    ("strategic", 12, 20, ("visit", "phone"), "manager", "先谈产线和交期，少谈价格", "带上年度供货方案和备件清单"),
    ("growth", 25, 40, ("phone", "wecom"), "owner", "直接说省多少钱", "试用一台，两周后回访"),
    ("steady", None, None, ("wecom", "phone"), "owner", "简短，一条消息说完", "季度价目和促销"),
)


def sort_firms(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Sort every firm into both schemes and say how contact with the classes is kept up."""
    random = Random(SEED)
    firms = [account for account in accounts if account.kind == "organisation"]
    grades = grades_of([account.pk for account in firms])
    tier, buying = list(schemes())[:2]
    entries = []
    for account in firms:
        entries.append((account, tier, CLASS_OF_GRADE.get(grades.get(account.pk, "D"), "spot")))
        entries.append((account, buying, random.choice(WAYS_OF_BUYING)))
    begin_entry(actor, action="load", object_key="account_class", record_count=len(entries))
    unscoped(AccountClass, reason=REASON).bulk_create(
        [AccountClass(account=account, classification_id=scheme, class_key=key) for account, scheme, key in entries]
    )
    for key, *terms in STRATEGIES:
        set_strategy(Strategy(tier, key, *terms), actor=actor)
