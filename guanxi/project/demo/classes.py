"""The classes of the demo company's firms, and how contact with each class is kept up.

One scheme follows what firms are worth, so its classes differ; the other one is drawn by lot, so they do not.
"""

from collections.abc import Sequence
from random import Random

from guanxi.care.commands.strategies import set_strategy
from guanxi.customers.commands import ClassWords, SchemeWords, edit_class, edit_scheme
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
TIERS = (
    ("strategic", "一年采购过百万或行业标杆", "prim"),
    ("growth", "采购逐年上升，还有份额可争", "closer"),
    ("steady", "采购平稳，每季有单", "ok"),
    ("spot", "一年不到两单", ""),
)
BUYING = (
    ("tender", "每年招标，按标书供货", "prim"),
    ("framework", "签年度框架，分批下单", "closer"),
    ("order", "每单单独询价", ""),
    ("retail", "门店或网上零买", ""),
)


def _word(scheme_id: int, classes: Sequence[tuple[str, str, str]], *, purpose: str, actor: Actor) -> None:
    """Say what a scheme is for and whom each of its classes means."""
    scheme = schemes()[scheme_id]
    edit_scheme(scheme_id, SchemeWords(scheme.name_zh, scheme.name_en, purpose), actor=actor)
    for key, definition, colour in classes:
        found = scheme.class_of(key)
        if found is not None:
            edit_class(scheme_id, key, ClassWords(found.name_zh, found.name_en, definition, colour), actor=actor)


def sort_firms(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Sort every firm into both schemes and say how contact with the classes is kept up."""
    random = Random(SEED)
    firms = [account for account in accounts if account.kind == "organisation"]
    grades = grades_of([account.pk for account in firms])
    tier, buying = list(schemes())[:2]
    _word(tier, TIERS, purpose="按贡献和潜力决定谁去、多久去一次", actor=actor)
    _word(buying, BUYING, purpose="按客户怎么采购安排报价和回访", actor=actor)
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
