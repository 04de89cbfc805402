"""Public forms, their editions, what came in by them, where customers came from."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account, Contact
from guanxi.platform.access.guard import GuardedManager
from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.records.models import Record, tracked
from guanxi.portal.choices import OwnerWay, SubmissionState
from guanxi.portal.rules.fields import AskedConsent, AskedField, asked_consents, asked_fields
from guanxi.stewardship.models import NoticeEdition, Pool


@tracked
class WebForm(Record):
    """A public form. Grain: form. Its words are those of its latest edition.

    `sites` are the origins of the sites that may show it in a frame, and on one of which it may lead to a page of
    thanks. `source` is what a customer that it brings says of where he came from. With `is_confirmed`, consents count
    once the visitor has opened a link that is mailed to him.
    """

    protection = Protection(key="web_form", unit_field="unit_id", label=_("Web forms"))

    is_confirmed = models.BooleanField(_("Consents wait for a confirmation by mail"), default=False)
    slug = models.SlugField(_("Name in the address"), max_length=40, unique=True)
    is_open = models.BooleanField(_("Open to the public"), default=False)
    sites = ArrayField(models.CharField(max_length=270), default=list, blank=True)
    source = models.CharField(_("Source"), max_length=60, blank=True)
    owner_way = models.CharField(max_length=8, choices=OwnerWay.choices, default=OwnerWay.FIXED)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    unit = models.ForeignKey(OrgUnit, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    pool = models.ForeignKey(Pool, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")


class FormEdition(models.Model):
    """The words of a form from a moment on, never changed: each consent points at what was shown.

    Grain: form × number. `fields` and `consents` are lists of `AskedField` and `AskedConsent`.
    """

    form = models.ForeignKey(WebForm, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80, blank=True)
    introduction_zh = models.TextField(max_length=1000, blank=True)
    introduction_en = models.TextField(max_length=1000, blank=True)
    thanks_zh = models.TextField(max_length=1000, blank=True)
    thanks_en = models.TextField(max_length=1000, blank=True)
    redirect_url = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=list)
    consents = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="portal_one_edition")]

    @property
    def asked(self) -> tuple[AskedField, ...]:
        """The fields that it asks for."""
        return asked_fields(self.fields)

    @property
    def consented(self) -> tuple[AskedConsent, ...]:
        """The consents that it asks for."""
        return asked_consents(self.consents)


class Submission(models.Model):
    """What a visitor sent, whole, as it came. Grain: submission. It is seen by who sees the account that it became.

    `edition` and `notice` are the words of the form and the edition of the privacy notice that were shown.
    `answers` by the key of the field. `ticked` are the places of the consents that were given in the edition. `origin`
    holds utm_… words, `signs` what made it look like spam. `conflicts` are answers that differ from what the customer's
    record held: [field, what it held]; the record stays as it was. `nonce` and `digest` tell what was sent
    twice. `confirmed_at` is when the visitor opened the link in the mail that asked him at `asked_at`.
    """

    protection = Protection(
        key="submission", follows="account", sensitivities={"answers": "reach"}, label=_("Sent by web form")
    )

    id = models.BigAutoField(primary_key=True)
    form = models.ForeignKey(WebForm, on_delete=models.PROTECT, related_name="+")
    edition = models.ForeignKey(FormEdition, on_delete=models.PROTECT, related_name="+")
    notice = models.ForeignKey(NoticeEdition, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SubmissionState.choices, default=SubmissionState.RECEIVED)
    received_at = models.DateTimeField(db_default=Now())
    answers = models.JSONField(default=dict)
    ticked = ArrayField(models.PositiveSmallIntegerField(), default=list)
    origin = models.JSONField(default=dict)
    page = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=10)
    address = models.CharField(max_length=60, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    signs = ArrayField(models.CharField(max_length=10), default=list)
    nonce = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+")
    is_new = models.BooleanField(default=False)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    conflicts = models.JSONField(default=list)
    asked_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["nonce", "digest"], name="portal_sent_once")]
        indexes = [
            models.Index(fields=["form", "-id"], name="portal_submission_form"),
            models.Index(fields=["state", "-id"], name="portal_submission_state"),
            models.Index(fields=["account", "-id"], name="portal_submission_account"),
        ]


class SubmissionFile(models.Model):
    """A file that a visitor sent along. Grain: file. It is seen by who sees the account that it belongs to.

    Without an account it waits in quarantine, and nobody opens it. `stored_as` is the random name of its content.
    """

    protection = Protection(key="submission_file", follows="account", label=_("Files sent by web form"))

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()


class Origin(models.Model):
    """Where a customer came from first: the form, the words of the campaign, the page. Grain: account."""

    protection = Protection(key="account_origin", follows="account", label=_("Origin"))

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    form = models.ForeignKey(WebForm, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(db_default=Now())
    utm_source = models.CharField(max_length=100, blank=True)
    utm_medium = models.CharField(max_length=100, blank=True)
    utm_campaign = models.CharField(max_length=100, blank=True)
    utm_term = models.CharField(max_length=100, blank=True)
    utm_content = models.CharField(max_length=100, blank=True)
    page = models.CharField(max_length=300, blank=True)

    objects: ClassVar[GuardedManager[Any]] = GuardedManager()

    class Meta:
        indexes = [models.Index(fields=["utm_campaign", "account"], name="portal_by_campaign")]


class KnockCount(models.Model):
    """How often somebody knocked in the present span of time. Grain: scope, a digest that names nobody."""

    scope = models.CharField(max_length=64, primary_key=True)
    span = models.BigIntegerField()
    knocks = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["span"], name="portal_knock_span")]
