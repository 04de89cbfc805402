"""Two who work on one customer at the very same time: each on a connection of its own, one waits for the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.errors import GuanxiError
from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.erasing import REASON
from guanxi.platform.objects.merging import Pair, merge_records
from guanxi.platform.objects.models import Merge
from guanxi.stewardship import commands
from guanxi.stewardship.adapters import retaining
from guanxi.stewardship.choices import RetentionAction
from guanxi.stewardship.models import RetentionRun, SubjectRequest
from guanxi.stewardship.tests.test_retention import aged, in_force, in_use, terms
from tests.cast import Cast
from tests.killing import somebody_waits, started
from tests.waiting import wait_until

TODAY = date(2026, 11, 2)


def retention_night() -> None:
    """The night of retention."""
    retaining.retain(TODAY)


@pytest.mark.parametrize("action", list(RetentionAction))
@pytest.mark.django_db(transaction=True)
def test_a_hold_that_is_placed_after_the_night_has_read_wins(
    cast: Cast, new_account: Callable[..., Account], action: RetentionAction
) -> None:
    held, gone = new_account("甲"), new_account("乙")
    aged(held, gone)
    in_force(terms(action=action), cast)
    until = timezone.localdate() + timedelta(days=30)
    with transaction.atomic():
        commands.place_hold(held.pk, until_on=until, reason="Lawsuit 4711", actor=cast.dora)
        night = started(retention_night)
        wait_until(lambda: somebody_waits() or not night.is_alive(), seconds=90)
        assert night.is_alive()
    night.join()
    assert night.exitcode == 0
    assert (in_use(), RetentionRun.objects.get().gone) == (["甲"], 1)
    erased = unscoped(SubjectRequest, reason=REASON).values_list("record_id", flat=True)
    assert list(erased) == ([gone.pk] if action == RetentionAction.ERASE else [])


def _at_once(*works: Callable[[], object]) -> list[str]:
    """Begin works at the same moment, each on a connection of its own. Returns the codes of what was refused."""
    gate = Barrier(len(works))

    def done(work: Callable[[], object]) -> str:
        gate.wait(timeout=10)
        try:
            work()
        except GuanxiError as refused:
            return refused.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(works)) as all_of_them:
        return sorted(all_of_them.map(done, works))


@pytest.mark.parametrize("is_crosswise", [False, True])
@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_the_same_customers_one_does(
    cast: Cast, new_account: Callable[..., Account], is_crosswise: bool
) -> None:
    first, second = new_account("岚川精密"), new_account("岚川精密仪器")
    there, back = Pair(first.pk, second.pk), Pair(second.pk, first.pk)
    answers = _at_once(
        lambda: merge_records("account", there, actor=cast.dora),
        lambda: merge_records("account", back if is_crosswise else there, actor=cast.dora),
    )
    assert answers == ["done", "record.not_found"]
    merge = Merge.objects.get()
    kept = unscoped(Account, reason=REASON).filter(trashed_at__isnull=True)
    assert list(kept.values_list("pk", flat=True)) == [merge.kept_id]
