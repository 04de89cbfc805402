"""Connections to other systems, what is pulled from them, each run, and where each row came from."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.ledger.choices import ConnectionKind, Deletions, Paging, PullState, PullTarget
from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.records.models import Record, tracked

LONGEST_SECONDS = 3_600
DAY_MINUTES = 1_440


@tracked
class Connection(Record):
    """A database or web service of the house from which rows are pulled. Grain: system.

    `system` is the source of its facts and the system of its account keys; it never changes. `address` is a host, the
    path of a SQLite file or the address of a web service; `header` names the heading that carries the secret of a web
    service. The secret is written and never shown again.
    """

    protection: ClassVar[Protection] = Protection(key="connection", label=_("Connections"))

    system = models.CharField(max_length=30)
    name = models.CharField(_("Name"), max_length=80)
    kind = models.CharField(_("Kind"), max_length=12, choices=ConnectionKind.choices)
    address = models.CharField(max_length=300)
    port = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(65_535)])
    database = models.CharField(max_length=120, blank=True)
    user_name = models.CharField(max_length=120, blank=True)
    header = models.CharField(max_length=60, blank=True)
    secret = EncryptedTextField(place="connection.secret", has_token=False, blank=True, default="")
    timeout_seconds = models.PositiveIntegerField(
        default=60, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_SECONDS)]
    )
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system"], name="ledger_connection_system")]

    def __str__(self) -> str:
        return self.name


@tracked
class Pull(Record):
    """One kind of rows that is pulled from a connection. Grain: pull.

    `statement` is a table, a SELECT, or the path of a web service. `mapping` are [column, field] pairs. Rows are known
    by `key_column`; `cursor_column` says how far a run came, "" reads everything each time. `overlap` goes back so many
    seconds (or numbers) before it, for what was committed late. `paging` and the parameters after it are of web
    services; `rows_path` is where the rows stand in an answer and `lines_path` where the lines stand in a row.
    """

    protection: ClassVar[Protection] = Protection(key="pull", follows="connection")

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("Name"), max_length=80)
    target = models.CharField(max_length=10, choices=PullTarget.choices)
    statement = models.TextField(max_length=10_000)
    mapping = models.JSONField(default=list, blank=True)
    key_column = models.CharField(max_length=120, blank=True)
    cursor_column = models.CharField(max_length=120, blank=True)
    overlap = models.PositiveIntegerField(default=300)
    deletions = models.CharField(max_length=6, choices=Deletions.choices, default=Deletions.NONE)
    deleted_column = models.CharField(max_length=120, blank=True)
    known_by = models.CharField(max_length=60, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rows_path = models.CharField(max_length=120, blank=True)
    lines_path = models.CharField(max_length=120, blank=True)
    paging = models.CharField(max_length=6, choices=Paging.choices, default=Paging.NONE)
    page_parameter = models.CharField(max_length=60, blank=True)
    size_parameter = models.CharField(max_length=60, blank=True)
    page_size = models.PositiveIntegerField(default=500, validators=[MinValueValidator(1), MaxValueValidator(10_000)])
    token_path = models.CharField(max_length=120, blank=True)
    since_parameter = models.CharField(max_length=60, blank=True)
    every_minutes = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(31 * DAY_MINUTES)])
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection"],
                name="ledger_one_account_pull",
                condition=Q(target=PullTarget.ACCOUNT, trashed_at__isnull=True),
                violation_error_message=_("Customers are pulled from this connection already: their keys would mix."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PullRun(models.Model):
    """One run of a pull. Grain: run.

    `place` is how far it came: it is saved in the transaction of each block, and the next run begins there.
    `is_trial` runs write nothing. `is_replay` runs began where a person said, not where the last one ended. `waiting`
    of the facts wait for their customer. `failure` is the sentence that ended the run, and what fills it.
    """

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="+")
    user_id = models.BigIntegerField(null=True)
    state = models.CharField(max_length=8, choices=PullState.choices, default=PullState.RUNNING)
    is_trial = models.BooleanField(default=False)
    is_replay = models.BooleanField(default=False)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    began_at_place = models.JSONField(default=dict)
    place = models.JSONField(default=dict)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    deleted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    failure = models.JSONField(default=dict)
    entry_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["pull", "-id"], name="ledger_run_of_pull")]


class PulledRow(models.Model):
    """Where a record or fact came from: the row of the other system, as it was taken last. Grain: pull × key.

    `digest` is a hash of its mapped content; `revision` counts the facts that were recorded of it, `source_id` names
    the one that stands. A row whose customer was erased keeps a hash of its key, so that it never comes back.
    """

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=120, db_collation="C")
    digest = models.CharField(max_length=32)
    record_id = models.BigIntegerField(null=True)
    source_id = models.CharField(max_length=120, blank=True, db_collation="C")
    revision = models.PositiveIntegerField(default=0)
    run = models.ForeignKey(PullRun, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_deleted = models.BooleanField(default=False)
    is_erased = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull", "key"], name="ledger_pulled_key")]
        indexes = [models.Index(fields=["record_id"], name="ledger_pulled_record")]


class RefusedRow(models.Model):
    """A row that could not be taken, with the reason; it is tried again at the start of each run. Grain: pull × key.

    The row is kept as it came, encrypted, for it may hold any number of a customer.
    """

    pull = models.ForeignKey(Pull, on_delete=models.CASCADE, related_name="+", db_index=False)
    run = models.ForeignKey(PullRun, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120, db_collation="C")
    row = EncryptedTextField(place="refused_row.row", has_token=False)
    reason = EncryptedTextField(place="refused_row.reason", has_token=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pull", "key"], name="ledger_refused_key")]
