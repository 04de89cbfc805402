"""Completeness and freshness: of all customers each night, of a few when something about them changed; and reminders of
questionnaires that end soon."""

from datetime import datetime, time

from django.utils import timezone

from guanxi.planning.commands import refresh_completeness, refresh_some, remind_by_itself
from guanxi.planning.events import REFRESH_SOME
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic, task

REMINDED_FROM = time(8)
"""The time of day, by the company's clock, from which people are reminded."""


@task(REFRESH_SOME, queue="reactions", attempts=3)
def refresh_some_accounts(account_ids: list[int]) -> None:
    """Compute the scores of a few accounts."""
    refresh_some(account_ids, as_of=timezone.localdate())


@periodic("planning.nightly", cron="15 20 * * *", queue="analysis")
def refresh_nightly(timestamp: int) -> None:
    """Compute all scores before the day begins (04:15 in China), after the grades."""
    day = timezone.localdate(datetime.fromtimestamp(timestamp, tz=timezone.get_current_timezone()))
    refresh_completeness(day, actor=system_actor("Planning"))


@periodic("planning.remind", cron="35 * * * *")
def remind_late(timestamp: int) -> None:
    """Remind of questionnaires that end soon, in the morning; a later hour makes up for one in which nothing ran."""
    due_at = timezone.localtime(datetime.fromtimestamp(timestamp, tz=timezone.get_current_timezone()))
    if due_at.time() >= REMINDED_FROM:
        remind_by_itself(due_at.date(), actor=system_actor("Planning"))
