"""Imports: a file on its way to becoming records, what each of its rows became, and mappings kept for the next file."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.platform.encryption.fields import EncryptedTextField


class ImportState(models.TextChoices):
    """Where an import stands."""

    DRAFT = "draft", pgettext_lazy("import", "Being prepared")
    CHECKING = "checking", pgettext_lazy("import", "Being tried")
    READY = "ready", pgettext_lazy("import", "Tried")
    WRITING = "writing", pgettext_lazy("import", "Running")
    DONE = "done", pgettext_lazy("import", "Done")
    STOPPED = "stopped", pgettext_lazy("import", "Stopped")
    UNDOING = "undoing", pgettext_lazy("import", "Being taken back")
    UNDONE = "undone", pgettext_lazy("import", "Taken back")


class Outcome(models.TextChoices):
    """What becomes of a row.

    REPEATED is a row whose record another row of the file has named before; what it says is written into that record.
    """

    CREATED = "created", pgettext_lazy("row", "New")
    UPDATED = "updated", pgettext_lazy("row", "Updated")
    SAME = "same", pgettext_lazy("row", "Nothing new")
    REPEATED = "repeated", pgettext_lazy("row", "Repeated")
    ERROR = "error", pgettext_lazy("row", "Faulty")


class KnownRows(models.TextChoices):
    """What is done with rows whose record is there already."""

    UPDATE = "update", _("Update them; what is empty in the file stays")
    SKIP = "skip", _("Leave them as they are")


class Import(models.Model):
    """One file that becomes records of an object. Grain: import.

    `source` says how the file is read, `header` what its columns are called, `mapping` which field each goes into, by
    the column's number. `known_by` is the field by which rows find their record, "" when all of them are new; `system`
    names the one whose numbers stand in the file, where it has such a column.
    `day_first` reads 03/04/2021 as a day in April. `replaced` are words that are read as others, by field;
    `edits` cells corrected by hand, as JSON by "row:column": they may hold protected numbers, so they are encrypted.
    `counts` are rows by outcome, `problems` what is wrong with how many of them, the most frequent first.
    `written_to` is the last row that is written, `entry_id` the audit entry that keeps the former values. `scopes` are
    those of the token by which it was begun, None for all that the person may do.
    """

    object_key = models.CharField(max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    scopes = ArrayField(models.CharField(max_length=80), null=True)
    name = models.CharField(max_length=200)
    stored_as = models.CharField(max_length=32, unique=True)
    size = models.BigIntegerField()
    source = models.JSONField()
    header = models.JSONField()
    mapping = models.JSONField(default=dict)
    known_by = models.CharField(max_length=60, blank=True)
    known_rows = models.CharField(max_length=6, choices=KnownRows.choices, default=KnownRows.UPDATE)
    system = models.CharField(max_length=40, blank=True)
    day_first = models.BooleanField(default=False)
    replaced = models.JSONField(default=dict)
    edits = EncryptedTextField(place="import.edits", has_token=False, blank=True, default="")
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.DRAFT)
    rows = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    written_to = models.PositiveIntegerField(default=0)
    run_id = models.BigIntegerField(null=True)
    entry_id = models.UUIDField(null=True)
    undo_entry_id = models.UUIDField(null=True)
    kept = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now())
    moved_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["user", "-id"], name="transfer_import_of_user")]


class ImportedRow(models.Model):
    """What became of one row of a file, and of each part that it made. Grain: row × record.

    `version` is that of the record when the row was written: a record that has another one was changed since.
    `problems` are (column, code, words, whether it is only a doubt) of what could not be read as it stood. `is_kept`
    marks what an undo left alone.
    """

    file = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    problems = models.JSONField(default=list)
    is_kept = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["file", "outcome", "number"], name="transfer_row_outcome"),
            models.Index(fields=["file", "number"], name="transfer_row_number"),
            models.Index(fields=["record_id"], name="transfer_row_record"),
        ]


class ImportTemplate(models.Model):
    """A mapping kept for files of the same kind. Grain: object × person × name.

    `columns` are (name of the column, field) in order.
    """

    object_key = models.CharField(max_length=60)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(_("Name"), max_length=60)
    columns = models.JSONField()
    known_by = models.CharField(max_length=60, blank=True)
    known_rows = models.CharField(max_length=6, choices=KnownRows.choices, default=KnownRows.UPDATE)
    system = models.CharField(max_length=40, blank=True)
    day_first = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["object_key", "owner", "name"], name="transfer_one_template_of_a_name")
        ]
