"""Message templates: wordings of the house that stand before the shipped ones."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked


@tracked
class MessageTemplate(Record):
    """One wording. Grain: reason × language × closeness band × variant; it replaces the shipped wording of
    that place.

    `body` is text with named placeholders such as {salutation}; unknown ones are refused when it is saved.
    """

    protection: ClassVar[Protection] = Protection(key="message_template", label=_("Message templates"))

    reason = models.CharField(max_length=24)
    language = models.CharField(max_length=10)
    is_close = models.BooleanField(default=False)
    variant = models.PositiveSmallIntegerField(default=1)
    body = models.CharField(max_length=600)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reason", "language", "is_close", "variant"], name="engagement_one_wording")
        ]

    def __str__(self) -> str:
        return self.body
