"""Repeated work of the ledger: facts that waited, pulls whose time has come."""

import logging

from django.utils import timezone

from guanxi.kernel.errors import GuanxiError
from guanxi.ledger.commands import adopt_waiting_facts
from guanxi.ledger.commands.enriching import LOOK_UP_JOB, look_up
from guanxi.ledger.commands.pulling import PULL_JOB, PullOrder, run_pull
from guanxi.ledger.queries.pulls import due_pulls
from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.jobs.progress import running
from guanxi.platform.jobs.queue import periodic, task

logger = logging.getLogger(__name__)


@periodic("ledger.adopt_waiting_facts", cron="17 * * * *")
def adopt_waiting(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Record facts whose account became known while nobody told: a run was killed between two of its
    steps.
    """
    adopt_waiting_facts("", actor=system_actor("Ledger"))


@task(PULL_JOB)
def pull_rows(run_id: int, pull_id: int, since: str = "", is_trial: bool = False, user_id: int | None = None) -> None:
    """Run one pull that a person started, with the rights that he has now."""
    use_policy(None)
    actor = actor_by_user_id(user_id) if user_id is not None else system_actor("Connections")
    with running(run_id) as progress:
        run_pull(pull_id, PullOrder(since=since, is_trial=is_trial), report=progress.advance, actor=actor)


@periodic("ledger.pull_due", cron="*/5 * * * *")
def pull_due(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Run the pulls whose time has come, customers before products before order lines.

    One that fails keeps the reason in its run, and the others go on.
    """
    use_policy(None)
    for pull_id in due_pulls(timezone.now()):
        try:
            run_pull(pull_id, PullOrder(), actor=system_actor("Connections"))
        except GuanxiError as error:
            logger.warning("The pull %s ended: %s", pull_id, error)


@task(LOOK_UP_JOB, attempts=3)
def look_up_accounts(run_id: int, account_ids: list[int], user_id: int) -> None:
    """Ask outside sources about customers for a person, with the rights that he has now."""
    use_policy(None)
    actor = actor_by_user_id(user_id)
    with running(run_id) as progress:
        progress.expect(len(account_ids))
        look_up(account_ids, run_id=run_id, report=progress.advance, actor=actor)
