"""How many requests a token may make: counted in the database, so that all web processes share one count."""

import time

from django.db import connection
from django.utils.translation import gettext_noop

from guanxi.platform.api.models import RequestCount
from guanxi.platform.api.problems import TooManyRequests
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference

REQUESTS_PER_MINUTE = declare(
    PreferenceSpec(
        "api.requests_per_minute",
        600,
        label=gettext_noop("Requests a minute that one token may make"),
        help=gettext_noop("Further requests are refused until the minute is over. A bulk request counts once."),
        minimum=1,
        maximum=100_000,
    )
)
SECONDS = 60
_COUNT = f"""
INSERT INTO {RequestCount._meta.db_table} AS known (scope, minute, requests) VALUES (%s, %s, 1)
ON CONFLICT (scope) DO UPDATE SET
    requests = CASE WHEN known.minute = excluded.minute THEN known.requests + 1 ELSE 1 END,
    minute = excluded.minute
RETURNING requests
"""  # noqa: S608  # our table


def count_request(scope: str) -> None:
    """Count one request of a token. Raises: TooManyRequests("request.rate") above the preference."""
    now = time.time()
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [scope, int(now // SECONDS)])
        requests: int = cursor.fetchone()[0]
    most = preference(REQUESTS_PER_MINUTE)
    if requests > most:
        raise TooManyRequests(
            "request.rate",
            gettext_noop("This token may make %(most)s requests a minute; try again in %(seconds)s seconds."),
            most=most,
            seconds=SECONDS - int(now % SECONDS),
        )
