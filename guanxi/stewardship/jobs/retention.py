"""The night of retention."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.platform.access.policy import use_policy
from guanxi.platform.jobs.queue import periodic
from guanxi.stewardship.adapters.retaining import retain
from guanxi.stewardship.rules.retention import NIGHT_HOURS


@periodic("stewardship.retain_nightly", cron="50 * * * *", queue="analysis")
def retain_nightly(timestamp: int) -> None:
    """Apply rules of retention between midnight and six of the company's clock; what was killed is gone on with."""
    due_at = datetime.fromtimestamp(timestamp, tz=ZoneInfo(settings.TIME_ZONE))
    if due_at.time() < time(NIGHT_HOURS):
        use_policy(None)
        retain(due_at.date())
