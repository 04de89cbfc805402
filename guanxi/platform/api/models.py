"""What the API itself remembers: answers that may be asked for again, and how often a token came."""

from django.db import models

from guanxi.platform.encryption.fields import EncryptedTextField


class StoredAnswer(models.Model):
    """The answer to a request with an idempotency key. Grain: token × key.

    It is written in the transaction of the change itself: both are there, or neither. `scope` is the SHA-256 digest of
    the sign-in, `digest` that of the request; `status` is None only until that transaction ends.
    """

    scope = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = EncryptedTextField(place="stored_answer.body", has_token=False, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="api_one_answer_per_key")]
        indexes = [models.Index(fields=["at"], name="api_answer_by_time")]


class RequestCount(models.Model):
    """How many requests a token made in its latest minute. Grain: token.

    `minute` counts from 1970. The table is not logged: after a crash of the server counting starts anew.
    """

    scope = models.CharField(max_length=64, primary_key=True)
    minute = models.BigIntegerField()
    requests = models.PositiveIntegerField()
