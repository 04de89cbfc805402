"""What follows by itself: a real worker process takes up what a recorded fact asks for."""

import subprocess
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from guanxi.care.models import ContactState
from guanxi.customers.models import Account
from guanxi.ledger.commands import NewFact, record_fact
from guanxi.ledger.datasets import FACTS
from guanxi.platform.accounts.commands import note_try
from guanxi.platform.accounts.jobs import watch
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.collaboration.jobs import mail_due
from guanxi.platform.collaboration.models import Notification, NotificationKind
from guanxi.platform.lake.refresh import refresh_dataset
from guanxi.value.commands import freeze_reference, refresh_all
from guanxi.value.models import ValueIndex
from tests.cast import Cast
from tests.waiting import wait_until


def _last_touch(account: Account) -> datetime | None:
    row = ContactState._base_manager.filter(pk=account.pk).first()
    return row.last_touch_at if row else None


def _index(account: Account) -> float | None:
    row = ValueIndex._base_manager.filter(pk=account.pk).first()
    return row.index_value if row else None


def test_a_fact_moves_the_index_and_restarts_the_rhythm(
    cast: Cast, new_account: Callable[..., Account], worker: subprocess.Popen[bytes]
) -> None:
    today, system = timezone.localdate(), system_actor("Tests")
    accounts = [new_account(f"客户{number}") for number in range(4)]
    for number, account in enumerate(accounts):
        for sub_kind in ("asked", "answered")[: number + 1]:
            fact = NewFact("survey", sub_kind, timezone.now(), payload={"survey": "S"})
            record_fact(account.pk, fact=fact, actor=cast.alice)
    refresh_dataset(FACTS)
    freeze_reference(today, actor=system)
    refresh_all(today, actor=system)
    before = _index(accounts[0])
    assert (before is not None, _last_touch(accounts[0])) == (True, None)
    moment = timezone.now()
    record_fact(accounts[0].pk, fact=NewFact("interaction", "call", moment, channel="phone"), actor=cast.alice)
    answered = NewFact("survey", "answered", moment, payload={"survey": "S"})
    record_fact(accounts[0].pk, fact=answered, actor=cast.alice)
    wait_until(lambda: _last_touch(accounts[0]) == moment)
    wait_until(lambda: _index(accounts[0]) != before)
    assert worker.poll() is None


def test_what_is_unusual_is_mailed_by_the_worker(cast: Cast, worker: subprocess.Popen[bytes]) -> None:
    folder = settings.DATA_FOLDER / "run" / "mail"
    known = set(folder.glob("*"))
    for _time in range(5):
        note_try("alice@example.com", is_success=False, address="203.0.113.9", browser="")
    watch(0)
    wait_until(lambda: Notification.objects.filter(kind=NotificationKind.UNUSUAL, is_mail_due=True).exists())
    mail_due(0)
    wait_until(lambda: [path for path in set(folder.glob("*")) - known if path.stat().st_size])
    (letter,) = set(folder.glob("*")) - known
    assert "To: dora@example.com" in letter.read_text(encoding="utf-8")
