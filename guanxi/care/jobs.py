"""The nightly plan: rhythms from the lake, then everybody's queue, before anybody comes to work."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from guanxi.care.commands import plan_day, refresh_rhythms
from guanxi.care.events import PLAN
from guanxi.ledger.datasets import FACTS
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic, task
from guanxi.platform.lake.refresh import refresh_dataset

PLANNED_AT = time(5, 0)


def utc_hour(at: time) -> int:
    """The hour in UTC at which the company's clock shows `at`, by its present offset."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return datetime.combine(datetime.now(zone).date(), at, tzinfo=zone).astimezone(UTC).hour


@task(PLAN, queue="analysis", attempts=3)
def plan_today() -> None:
    """Bring the lake up to date, refresh rhythms and plan today's queues."""
    actor = system_actor("Care")
    today = timezone.localdate()
    refresh_dataset(FACTS)
    refresh_rhythms(today, actor=actor)
    plan_day(today, actor=actor)


@periodic("care.plan_nightly", cron=f"0 {utc_hour(PLANNED_AT)} * * *", queue="analysis")
def plan_nightly(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Plan the day at five in the morning of the company's clock."""
    plan_today()
