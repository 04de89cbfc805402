"""Doing what a request asks once, however often it is sent.

The key is claimed, the change made and the answer kept in one transaction. So a process that dies half-way leaves
nothing behind, and of two requests that arrive at once the second waits for the first and gets its answer. What was
refused changed nothing and is not kept: sent again, it is looked at again.
"""

import json
from collections.abc import Callable
from hashlib import sha256

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.api.models import StoredAnswer
from guanxi.platform.api.sign_in import scope_of
from guanxi.platform.encryption.fields import encrypted_columns
from guanxi.platform.encryption.in_use import seal_text

LONGEST_KEY = 255
LIKELY_DUPLICATES = "Likely-Duplicates"
"""The header of an answer that says which records a new one looks like."""
KEPT_HEADERS = ("Content-Type", "ETag", "Location", LIKELY_DUPLICATES)
_TABLE = StoredAnswer._meta.db_table
(BODY,) = encrypted_columns(StoredAnswer)
_CLAIM = f"""
INSERT INTO {_TABLE} AS known (scope, key, digest, headers, body, at) VALUES (%s, %s, %s, '{{}}', '', clock_timestamp())
ON CONFLICT (scope, key) DO UPDATE SET digest = excluded.digest, status = NULL, at = excluded.at
    WHERE known.at < clock_timestamp() - interval '24 hours'
RETURNING id
"""  # noqa: S608  # our table
_FORGET = f"""
DELETE FROM {_TABLE} WHERE id IN (
    SELECT id FROM {_TABLE} WHERE at < clock_timestamp() - interval '25 hours' LIMIT 100 FOR UPDATE SKIP LOCKED
)
"""  # noqa: S608  # our table


def answered_once(request: HttpRequest, work: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of `work`, or the kept one when the same request was answered in the last 24 hours.

    Raises: RuleViolation("idempotency.key") for a key that is too long or not ASCII,
    RuleViolation("idempotency.reused") when the key came with another request.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not 0 < len(key) <= LONGEST_KEY or any(not "!" <= letter <= "~" for letter in key):
        raise RuleViolation(
            "idempotency.key", "An idempotency key has 1 to %(most)s ASCII characters, no blanks.", most=LONGEST_KEY
        )
    scope, digest = scope_of(request), _digest(request)
    with transaction.atomic():
        if not _is_claimed(scope, key, digest):
            return _kept(scope, key, digest)
        response = work()
        _keep(response, scope=scope, key=key)
    return response


def _digest(request: HttpRequest) -> str:
    found = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    found.update(request.body)
    return found.hexdigest()


def _is_claimed(scope: str, key: str, digest: str) -> bool:
    """Whether the key is ours now; waits while another request with it is at work. Old answers are forgotten."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [scope, key, digest])
        is_ours = cursor.fetchone() is not None
        if is_ours:
            cursor.execute(_FORGET)
    return is_ours


def _kept(scope: str, key: str, digest: str) -> HttpResponse:
    found = StoredAnswer.objects.get(scope=scope, key=key)
    if found.digest != digest:
        raise RuleViolation("idempotency.reused", "This idempotency key came with another request before.")
    return HttpResponse(found.body, status=found.status, headers={**found.headers, "Idempotency-Replayed": "true"})


def _keep(response: HttpResponse, *, scope: str, key: str) -> None:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = seal_text(response.content.decode(), place=BODY.place, has_token=False)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {_TABLE} SET status = %s, headers = %s, body = %s WHERE scope = %s AND key = %s",  # noqa: S608  # our table
            [response.status_code, json.dumps(headers), body, scope, key],
        )
