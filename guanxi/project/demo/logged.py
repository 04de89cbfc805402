"""What people of the demo company log by hand: visits, and what they heard there; all else comes in by itself."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from guanxi.customers.models import Account
from guanxi.kernel.actor import Surface
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.platform.accounts.queries import actor_by_user_id
from guanxi.project.demo.business import NOTES, SALES_TIME, SUGGESTIONS

EACH, HEARD = 7, 4
"""Every so many firms were visited, and at every so many of the visits something was suggested."""

PROMISED, DUE_DAYS = 5, 14
"""At every so many of the visits something was promised, for so many days later."""

PROMISES = (
    "把校准报告的电子版发给她",
    "带一台样机来试测一周",
    "请工程师回电说明安装条件",
    "报价单改成含三年保养的价格",
)


def log_visits(accounts: Sequence[Account], *, today: date) -> None:
    """Let the owners of firms log what they saw and heard of the last weeks."""
    firms = [account for account in accounts if account.kind == "organisation" and account.owner_id]
    for place, account in enumerate(firms[::EACH]):
        owner = actor_by_user_id(account.owner_id or 0, surface=Surface.WEB)
        for fact in _of_visit(place, today):
            record_fact(account.pk, fact=fact, actor=owner)


def _of_visit(place: int, today: date) -> Iterator[NewFact]:
    day = today - timedelta(days=2 + place % 60)
    moment = datetime.combine(day, time(9 + place % 8, place * 7 % 60), tzinfo=SALES_TIME)
    note = NOTES[place % len(NOTES)]
    payload = {"note": note} if note else {}
    if place % PROMISED == 1:
        due_on = day + timedelta(days=DUE_DAYS)
        payload |= {"promise": PROMISES[place // PROMISED % len(PROMISES)], "due_on": due_on.isoformat()}
    yield NewFact("interaction", "visit", moment, channel="visit", payload=payload)
    if place % HEARD == 0:
        topic = SUGGESTIONS[place // HEARD % len(SUGGESTIONS)]
        yield NewFact("suggestion", "made", moment, channel="visit", payload={"topic": topic})
