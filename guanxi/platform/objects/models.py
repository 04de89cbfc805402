"""Saved views of lists, changes of many records, merges, records a person opened or marked, layouts of cards."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.platform.encryption.fields import EncryptedTextField


class Audience(models.TextChoices):
    """Who is offered a saved view."""

    ME = "me", _("Only me")
    UNIT = "unit", _("My department and those below it")
    ALL = "all", _("Everybody")


class SavedView(models.Model):
    """A list as somebody set it up. `query` is its address without the page: the rows are each reader's own.

    `unit` is the owner's when it was saved. The address may name a protected number, so it is encrypted. Grain: view.
    """

    object_key = models.CharField(max_length=60)
    name = models.CharField(_("Name"), max_length=60)
    query = EncryptedTextField(place="saved_view.query", has_token=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    unit = models.ForeignKey("accounts.OrgUnit", null=True, on_delete=models.SET_NULL, related_name="+")
    audience = models.CharField(_("For whom"), max_length=4, choices=Audience.choices, default=Audience.ME)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_key", "owner", "name"], name="objects_one_view_of_a_name")
        ]


class ViewChoice(models.Model):
    """What one person does with a view: keeps it on top of the list, or opens the list with it."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_pinned = models.BooleanField(_("Pinned"), default=False)
    is_default = models.BooleanField(_("Opens first"), default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["view", "user"], name="objects_one_choice_of_a_view")]


class BulkAction(models.TextChoices):
    """What can be done to many records at once."""

    EDIT = "edit", _("Change a field")
    TAG = "tag", _("Change tags")
    ASSIGN = "assign", _("Assign")
    TRASH = "trash", _("Move to the trash")


class BulkChange(models.Model):
    """One change of many records, made or being made. Grain: change.

    `values` are what the columns become, in words of JSON, or which tags are "added" and "taken"; `sealed_values` are
    those of encrypted fields, as JSON text. `record_ids` are those that were meant, of which `changed` did change.
    `entry_id` is the audit entry that keeps the former values; `undo_entry_id` that of the undo, which left `kept`
    records as somebody had changed them since.
    """

    object_key = models.CharField(max_length=60)
    action = models.CharField(max_length=10, choices=BulkAction.choices)
    values = models.JSONField(encoder=DjangoJSONEncoder)
    sealed_values = EncryptedTextField(place="bulk_change.sealed_values", has_token=False, default="", blank=True)
    record_ids = ArrayField(models.BigIntegerField())
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entry_id = models.UUIDField()
    run_id = models.BigIntegerField(null=True)
    changed = models.PositiveIntegerField(default=0)
    undo_entry_id = models.UUIDField(null=True)
    kept = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["run_id"], name="objects_bulk_run")]


class OpenedRecord(models.Model):
    """A record that a person opened, when last. Only the latest of each object are kept. Grain: person × record.

    It holds no word of the record: what is shown of it is read again through the reader's Grant.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "object_key", "record_id"], name="objects_opened_once")]
        indexes = [models.Index(fields=["user", "object_key", "-opened_at"], name="objects_opened_latest")]


class FavouriteRecord(models.Model):
    """A record that a person marked with a star. Grain: person × record."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    marked_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "object_key", "record_id"], name="objects_favourite_once")
        ]


class RecordLayout(models.Model):
    """How the cards and forms of an object are arranged: for everybody, for a role, or for a unit and those below it.

    `places` name fields and panels in their order, between the marks of `objects.layouts`; `names` are the Chinese and
    English headings of the sections. Grain: object × audience.
    """

    object_key = models.CharField(max_length=60)
    role = models.ForeignKey("accounts.Role", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    unit = models.ForeignKey("accounts.OrgUnit", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    places = models.JSONField()
    names = models.JSONField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["object_key", "role", "unit"], name="objects_one_layout", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=models.Q(role__isnull=True) | models.Q(unit__isnull=True), name="objects_layout_audience"
            ),
        ]


class Removal(models.Model):
    """Records in the trash that are deleted for good, or being deleted. Grain: removal.

    `record_ids` are those that are left to delete: the list gets shorter as they go, and a crash loses nothing. `kept`
    are those that something held. `user` is None for what lay there too long.
    """

    object_key = models.CharField(max_length=60)
    record_ids = ArrayField(models.BigIntegerField())
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    entry_id = models.UUIDField()
    run_id = models.BigIntegerField(null=True)
    removed = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    written_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)


class Merge(models.Model):
    """One record that was merged into another of its object. Grain: merge.

    The merged one lies in the trash and holds what the kept one had already (`held`: how many rows by their table).
    `fields` are those whose values were taken from it. `entry_id` is the audit entry that keeps the former
    values; `kept_version` the version it left. `undone_at` says when the two were separated again, and `is_kept`
    whether the kept one had been changed since, so that its values stayed.
    """

    object_key = models.CharField(max_length=60)
    kept_id = models.BigIntegerField()
    merged_id = models.BigIntegerField()
    fields = ArrayField(models.CharField(max_length=80), default=list)
    held = models.JSONField(default=dict)
    entry_id = models.UUIDField()
    kept_version = models.PositiveIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    merged_at = models.DateTimeField(db_default=Now())
    undone_at = models.DateTimeField(null=True)
    is_kept = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["object_key", "kept_id"], name="objects_merge_kept"),
            models.Index(fields=["object_key", "merged_id"], name="objects_merge_merged"),
        ]


class MergedRows(models.Model):
    """Rows of one table that a merge led over to the kept record by one column. Grain: merge × table × column."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="+")
    table = models.CharField(max_length=80)
    column = models.CharField(max_length=80)
    row_ids = ArrayField(models.BigIntegerField())
