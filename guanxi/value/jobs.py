"""The daily refresh of all indices, and refreshes of single accounts after a fact."""

from datetime import datetime

from django.utils import timezone

from guanxi.ledger.datasets import FACTS
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.progress import Progress, running
from guanxi.platform.jobs.queue import periodic, task
from guanxi.platform.lake.refresh import refresh_dataset
from guanxi.value.commands import REFRESH_ALL_JOB, freeze_reference, refresh_accounts, refresh_all
from guanxi.value.queries.scales import edition_in_force

REFRESH_ACCOUNTS = "value.refresh_accounts"


def refresh_everything(progress: Progress) -> int:
    """Bring the lake up to date, freeze a first reference if there is none, compute all indices."""
    today = timezone.localdate()
    actor = system_actor("Value")
    progress.expect(2)
    refresh_dataset(FACTS)
    progress.advance()
    if edition_in_force(today) is None:
        freeze_reference(today, actor=actor)
    accounts = refresh_all(today, actor=actor)
    progress.advance()
    return accounts


@task(REFRESH_ALL_JOB, queue="analysis")
def refresh_all_indices(run_id: int) -> None:
    """Compute all indices as a run that people can watch."""
    with running(run_id) as progress:
        refresh_everything(progress)


@task(REFRESH_ACCOUNTS, queue="reactions", attempts=3)
def refresh_some_indices(account_ids: list[int]) -> None:
    """Compute the indices of a few accounts from their live facts."""
    refresh_accounts(account_ids, as_of=timezone.localdate())


@periodic("value.nightly", cron="30 19 * * *", queue="analysis")
def refresh_nightly(timestamp: int) -> None:
    """Compute all indices before the day begins (03:30 in China)."""
    day = timezone.localdate(datetime.fromtimestamp(timestamp, tz=timezone.get_current_timezone()))
    refresh_dataset(FACTS)
    if edition_in_force(day) is None:
        freeze_reference(day, actor=system_actor("Value"))
    refresh_all(day, actor=system_actor("Value"))
