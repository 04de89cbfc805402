"""Who stayed: customers who bought a year ago and again since, or did not."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from guanxi.ledger.models import Fact
from guanxi.ledger.queries.facts import STANDING_REASON, uncorrected
from guanxi.ledger.rules import BUYING
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.guard import GuardedQuerySet

YEAR_DAYS = 365


def narrowed_by_staying(visible: GuardedQuerySet[Any], *, stayed: bool, today: date) -> GuardedQuerySet[Any]:
    """Of the visible accounts those that bought in the year before the last one and in the last one too, or not."""
    turn, start = today - timedelta(days=YEAR_DAYS), today - timedelta(days=2 * YEAR_DAYS)
    before, since = Exists(_bought(start, turn)), Exists(_bought(turn, today))
    return visible.filter(before, since) if stayed else visible.filter(before, ~since)


def _bought(after: date, until: date) -> QuerySet[Any, Any]:
    """The purchases of an account of the outer query after one day up to another, this one included."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return uncorrected(unscoped(Fact, reason=STANDING_REASON)).filter(
        account=OuterRef("pk"),
        kind="purchase",
        sub_kind__in=sorted(sub_kind for _kind, sub_kind in BUYING),
        occurred_at__gt=datetime.combine(after, time.max, tzinfo=zone),
        occurred_at__lte=datetime.combine(until, time.max, tzinfo=zone),
    )
