"""What the house tells people about how their data is used, edition by edition."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.models import Record, tracked
from guanxi.stewardship.choices import NoticeState


@tracked
class NoticeEdition(Record):
    """The privacy notice in its languages from a day on. Grain: edition, by number; a published one never changes.

    The edition in force on a day is the published one with the latest `effective_on` up to it.
    """

    protection: ClassVar[Protection] = Protection(key="notice_edition", label=_("Privacy notices"))

    number = models.PositiveIntegerField(unique=True)
    state = models.CharField(max_length=10, choices=NoticeState.choices, default=NoticeState.DRAFT)
    effective_on = models.DateField(_("In force from"))
    title_zh = models.CharField(_("Title in Chinese"), max_length=120)
    title_en = models.CharField(_("Title in English"), max_length=120, blank=True)
    text_zh = models.TextField(_("Text in Chinese"), max_length=40_000)
    text_en = models.TextField(_("Text in English"), max_length=40_000, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True)
                | Q(state="published", published_at__isnull=False, trashed_at__isnull=True),
                name="stewardship_notice_state",
            )
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state="published"),
            )
        ]

    @property
    def title(self) -> str:
        """The title in the language of the page."""
        return in_language(self.title_zh, self.title_en or self.title_zh)

    @property
    def text(self) -> str:
        """The text in the language of the page."""
        return in_language(self.text_zh, self.text_en or self.text_zh)
