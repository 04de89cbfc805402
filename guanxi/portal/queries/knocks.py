"""How often somebody knocked: counted in the database, so that all web processes share one count.

What is counted under is a digest with the secret of the house: no address of a visitor is kept for it.
"""

import hmac
import time

from django.conf import settings
from django.db import connection

from guanxi.portal.models import KnockCount

LONGEST_SPAN = 3_600
_COUNT = f"""
INSERT INTO {KnockCount._meta.db_table} AS known (scope, span, knocks) VALUES (%s, %s, 1)
ON CONFLICT (scope) DO UPDATE SET
    knocks = CASE WHEN known.span = excluded.span THEN known.knocks + 1 ELSE 1 END,
    span = excluded.span
RETURNING knocks
"""  # noqa: S608  # our table


def count_knock(*parts: object, seconds: int) -> int:
    """Count a knock of whom the parts name, in the present span of so many seconds. Returns how many there were."""
    text = "|".join(map(str, parts))
    scope = hmac.new(settings.SECRET_KEY.encode(), f"portal:{text}".encode(), "sha256").hexdigest()
    now = int(time.time())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [scope, now - now % seconds])
        knocks: int = cursor.fetchone()[0]
    return knocks
