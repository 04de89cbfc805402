"""What pools do by night and in the background."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.commands.holding import refresh_terms
from guanxi.stewardship.commands.recycling import recycle
from guanxi.stewardship.events import REFRESH_TERMS

NIGHT_ENDS = time(6, 0)


@task(REFRESH_TERMS, attempts=3)
def refresh_all_terms() -> None:
    """Work out anew when customers leave their owners."""
    refresh_terms()


@periodic("stewardship.recycle_nightly", cron="25 * * * *")
def recycle_nightly(timestamp: int) -> None:
    """Apply the rules of pools between midnight and six of the company's clock; what was killed is gone on with."""
    due_at = datetime.fromtimestamp(timestamp, tz=ZoneInfo(settings.TIME_ZONE))
    if due_at.time() < NIGHT_ENDS:
        recycle(due_at.date(), actor=system_actor("Pool"))
