"""The search index: one row of tokens per record."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F


class SearchEntry(models.Model):
    """The tokens of one record. Grain: object × record. It says where to look; results are re-read through a Grant.

    Matches are ranked by `title` and `short`, the names as they are compared, by `sound`, the title's pinyin in a row,
    and by `initials`, those of the pinyin; the last two are "" for a title without Chinese characters.
    """

    object_key = models.CharField(max_length=40)
    record_id = models.BigIntegerField()
    tokens = ArrayField(models.TextField())
    title = models.TextField(default="", db_default="")
    short = models.TextField(default="", db_default="")
    sound = models.TextField(default="", db_default="")
    initials = models.TextField(default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object_key", "record_id"], name="search_one_entry")]
        indexes = [
            GinIndex(fields=["tokens"], name="search_by_token", fastupdate=True),
            models.Index(F("object_key"), OpClass(F("title"), name="text_pattern_ops"), name="search_by_title"),
            models.Index(F("object_key"), OpClass(F("sound"), name="text_pattern_ops"), name="search_by_sound"),
            models.Index(F("object_key"), OpClass(F("initials"), name="text_pattern_ops"), name="search_by_initials"),
        ]
