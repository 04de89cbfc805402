"""What people have asked for at the demo company: a copy, an end of use, to be erased."""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.stewardship.choices import RequestKind, RequestWay
from guanxi.stewardship.commands import answer_request, enter_request
from guanxi.stewardship.commands.privacy import NewRequest

ASKED = (
    (3, RequestKind.ERASE, RequestWay.MAIL, 20, "不再与我司往来, 来信要求删除"),
    (8, RequestKind.EXPORT, RequestWay.PHONE, 6, "来电要求提供本人信息副本"),
    (13, RequestKind.RESTRICT, RequestWay.LETTER, 2, "来函要求停止营销用途"),
    (21, RequestKind.CORRECT, RequestWay.MAIL, 30, "更正地址"),
)
"""Which of the accounts, what, how it came, how many days ago, a note."""


def add_privacy_requests(accounts: Sequence[Account], *, actor: Actor) -> None:
    """Enter the requests; what was asked for a month ago is answered."""
    today = timezone.localdate()
    for place, kind, way, days, note in ASKED:
        new = NewRequest("account", accounts[-place].pk, kind, today - timedelta(days=days), way, note)
        request = enter_request(new, actor=actor)
        if kind == RequestKind.CORRECT:
            answer_request(request.pk, is_refused=False, actor=actor)
