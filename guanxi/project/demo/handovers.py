"""Handovers of the demo company: somebody who leaves, being prepared, and one customer that waits for a signature."""

from collections.abc import Sequence
from datetime import date, timedelta

from guanxi.customers.models import Account
from guanxi.kernel.actor import Surface
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.project.demo.company import Company
from guanxi.stewardship.commands import Terms, hand_over_account, open_case, split_case
from guanxi.stewardship.models.handovers import HandoverReason

SOUTH, LEAVER, RECEIVERS = "huang.peishan", "feng.yishu", ("luo.jingxing", "tang.liqun")
EAST, GIVER, TAKER = "chen.zhiyuan", "zhao.yifan", "lin.xiaowen"


def add_handovers(company: Company, accounts: Sequence[Account], *, today: date) -> None:
    """Let two branch managers prepare the handover of a leaver, split by load, and pass one firm on to a colleague."""
    south, east = (actor_by_user_id(company.users[name].pk, surface=Surface.WEB) for name in (SOUTH, EAST))
    leaver, *receivers = (company.users[name] for name in (LEAVER, *RECEIVERS))
    leaving = Terms(
        reason=HandoverReason.LEAVING,
        last_day=today + timedelta(days=12),
        reads_until=today + timedelta(days=42),
        note="下月回成都；东莞两家在谈年度框架，请先接。",
    )
    case = open_case(leaver.pk, terms=leaving, actor=south)
    split_case(case.pk, receivers=[(user.pk, None) for user in receivers], method="load", actor=south)
    giver, taker = company.users[GIVER], company.users[TAKER]
    firm = next(row for row in accounts if row.owner_id == giver.pk and row.kind == "organisation")
    moving = Terms(reason=HandoverReason.MOVING, last_day=today, reads_until=today + timedelta(days=30))
    hand_over_account(firm.pk, receiver_id=taker.pk, terms=moving, actor=east)
