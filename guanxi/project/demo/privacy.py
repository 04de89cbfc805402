"""Privacy at the demo company: what people asked for, the notice, a hold, a restriction, two rules of retention."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.project.demo.company import Company
from guanxi.stewardship.choices import RequestKind, RequestWay, RetentionAction
from guanxi.stewardship.commands import (
    answer_request,
    confirm_rule,
    create_notice,
    create_retention_rule,
    enter_request,
    look_at_rule,
    place_hold,
    publish_notice,
    restrict,
)
from guanxi.stewardship.commands.privacy import NewRequest
from guanxi.stewardship.rules.retention import Asked, RetentionTerms

ASKED = (
    (3, RequestKind.ERASE, RequestWay.MAIL, 20, "不再与我司往来, 来信要求删除"),
    (8, RequestKind.EXPORT, RequestWay.PHONE, 6, "来电要求提供本人信息副本"),
    (13, RequestKind.RESTRICT, RequestWay.LETTER, 2, "来函要求停止营销用途"),
    (21, RequestKind.CORRECT, RequestWay.MAIL, 30, "更正地址"),
)
"""Which of the accounts, what, how it came, how many days ago, a note."""
HELD, RESTRICTED = 5, 11
"""Which of the accounts, from the end."""
NOTICE_ZH = """启衡仪器收集您的姓名、单位与联系方式，用于答复您的咨询、履行订单与售后服务。

您勾选同意后，我们才会向您发送展会邀请与新品信息；您可以随时在偏好页面撤回。

一年半没有任何往来的媒体联系人，我们会删除其个人信息。您可以查阅、更正、限制使用或删除您的信息：privacy@qiheng.example。"""
NOTICE_EN = """Qiheng collects your name, firm and contact details to answer you, to fulfil orders and to service what you bought.

We send invitations and news only if you agree, and you can take that back at any time on the preference page.

We erase contacts at the media of whom we have heard nothing for a year and a half. You may see, correct, restrict or erase what we keep: privacy@qiheng.example."""
NEXT_ZH = "\n\n我们用您的购买记录推荐适合您的配件与校准服务；不愿意时请告诉我们。"
NEXT_EN = "\n\nWe use what you bought to suggest parts and calibration that fit; tell us if you do not want this."


def add_privacy_requests(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Enter the requests; what was asked for a month ago is answered."""
    today = timezone.localdate()
    for place, kind, way, days, note in ASKED:
        new = NewRequest("account", accounts[-place].pk, kind, today - timedelta(days=days), way, note)
        request = enter_request(new, actor=actor)
        if kind == RequestKind.CORRECT:
            answer_request(request.pk, is_refused=False, actor=actor)


def add_privacy_settings(company: Company, accounts: Sequence[Account]) -> None:
    """The notice in force and a draft of the next, a hold, a restriction, a rule that works and one to be confirmed."""
    admin, director = (
        actor_by_user_id(company.users[name].pk, surface=Surface.COMMAND_LINE) for name in ("admin", "su.yun")
    )
    _write_notices(admin)
    today = timezone.localdate()
    reason = "与衡测仪器的专利诉讼, 往来资料一律保留"
    place_hold(accounts[-HELD].pk, until_on=today + timedelta(days=180), reason=reason, actor=director)
    restrict(accounts[-RESTRICTED].pk, None, reason="来电要求不再联系", actor=director)
    trashed = RetentionTerms("回收站满 180 天的客户", "account", (Asked("trashed", 180),), (), RetentionAction.ERASE)
    rule = create_retention_rule(trashed, actor=admin)
    look_at_rule(rule.pk, actor=director)
    confirm_rule(rule.pk, edition=rule.edition, actor=director)
    asked = (Asked("no_fact", 18),)
    silent = RetentionTerms("一年半没有往来的媒体联系人", "contact", asked, ("media",), RetentionAction.ERASE)
    look_at_rule(create_retention_rule(silent, actor=admin).pk, actor=admin)


def _write_notices(admin: Actor) -> None:
    today = timezone.localdate()
    values: dict[str, object] = {
        "effective_on": today,
        "title_zh": "个人信息保护说明",
        "title_en": "How we treat your data",
        "text_zh": NOTICE_ZH,
        "text_en": NOTICE_EN,
    }
    publish_notice(create_notice(values, actor=admin).pk, actor=admin)
    later = {
        "effective_on": today + timedelta(days=60),
        "text_zh": NOTICE_ZH + NEXT_ZH,
        "text_en": NOTICE_EN + NEXT_EN,
    }
    create_notice(values | later, actor=admin)
