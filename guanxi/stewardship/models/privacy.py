"""Requests of the people whom the base speaks of, and the list of those who were erased."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.records.models import Record
from guanxi.stewardship.choices import RequestKind, RequestState, RequestWay
from guanxi.stewardship.models.retention import RetentionRun


class SubjectRequest(Record):
    """What a person asked for who is kept in the base, until when it is due, what was done. Grain: request.

    The record is named by `object_key` and `record_id` alone. While a person is being erased, `records` are his
    records by their object, `words` those by which he is known (encrypted, and gone at the end), `steps` the steps
    that are done, `touched` how many rows each met. `note` is gone at the end as well.
    A block of people who go by a rule of retention is erased in the same way: then `retention_run` names the night.
    With `needs_identity` nobody has yet looked whether who asks is the person.
    """

    protection = Protection(key="subject_request", label=_("Privacy requests"))

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    kind = models.CharField(_("What is asked for"), max_length=10, choices=RequestKind.choices)
    way = models.CharField(_("How it came"), max_length=10, choices=RequestWay.choices, default=RequestWay.MAIL)
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    needs_identity = models.BooleanField(default=False, db_default=False)
    asked_on = models.DateField(_("Asked on"))
    due_on = models.DateField()
    note = EncryptedTextField(
        _("Note"), place="subject_request.note", has_token=False, max_length=500, blank=True, default=""
    )
    records = models.JSONField(default=dict, blank=True)
    words = EncryptedTextField(place="subject_request.words", has_token=False, blank=True, default="")
    steps = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    touched = models.JSONField(default=dict, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    run_id = models.BigIntegerField(null=True, blank=True)
    retention_run = models.ForeignKey(RetentionRun, null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["state", "due_on"], name="stewardship_request_due")]


class Erasure(models.Model):
    """A record whose subject was erased, and when; no name. Grain: object × record.

    The same list stands in a file beside the database, from which it is carried out again when a backup brings an
    erased person back.
    """

    object_key = models.CharField(max_length=60)
    record_id = models.BigIntegerField()
    erased_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["object_key", "record_id"], name="stewardship_one_erasure")]
