"""Outside sources of data on firms: what each is asked, every question, and what it proposes."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from guanxi.customers.models import Account
from guanxi.ledger.choices import AskedBy, ProposalState, QuestionState
from guanxi.platform.access.protection import Protection
from guanxi.platform.encryption.fields import EncryptedTextField
from guanxi.platform.records.models import Record, tracked

REST = "rest"
LONGEST_WAIT_SECONDS = 60
MOST_A_DAY = 100_000


@tracked
class EnrichmentSource(Record):
    """An outside source of data on firms. Grain: source.

    `way` is the key of what asks it: "rest", or a source in code. In `address` the words {value} stand for what is
    asked; else it goes into `parameter`. `mapping` are [path in the answer, field of the customer, fills a blank by
    itself] each. The secret is written and never shown again.
    """

    protection: ClassVar[Protection] = Protection(key="enrichment_source", label=_("Outside sources"))

    name = models.CharField(_("Name"), max_length=80)
    way = models.CharField(max_length=40, default=REST)
    address = models.CharField(max_length=300, blank=True)
    asked_by = models.CharField(max_length=10, choices=AskedBy.choices, default=AskedBy.TAX_ID)
    parameter = models.CharField(max_length=60, blank=True)
    header = models.CharField(max_length=60, blank=True)
    secret = EncryptedTextField(place="enrichment_source.secret", has_token=False, blank=True, default="")
    timeout_seconds = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_WAIT_SECONDS)]
    )
    most_a_day = models.PositiveIntegerField(
        default=200, validators=[MinValueValidator(1), MaxValueValidator(MOST_A_DAY)]
    )
    mapping = models.JSONField(default=list, blank=True)
    terms = models.CharField(max_length=500, blank=True)
    is_active = models.BooleanField(_("In use"), default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(trashed_at__isnull=True), name="ledger_one_source")
        ]

    def __str__(self) -> str:
        return self.name


class EnrichmentQuestion(models.Model):
    """That something was told to an outside source: what was sent, to whom, by whom. Grain: question.

    It is written before anything leaves the house. Without an account somebody tried the source with words of his own.
    `run_id` is the job that asked, so that a job which is gone on with asks nobody twice.
    """

    source = models.ForeignKey(EnrichmentSource, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="+")
    run_id = models.BigIntegerField(null=True)
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=120)
    host = models.CharField(max_length=253)
    asked_by = models.CharField(max_length=10, choices=AskedBy.choices)
    sent = EncryptedTextField(place="enrichment_question.sent", has_token=False)
    state = models.CharField(max_length=8, choices=QuestionState.choices, default=QuestionState.ASKED)
    failure = models.JSONField(default=dict)
    asked_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run_id", "source", "account"], name="ledger_asked_once_a_run"),
        ]
        indexes = [models.Index(fields=["source", "-asked_at"], name="ledger_question_source")]


class EnrichmentProposal(Record):
    """A value that an outside source says of a customer, for a person to take or refuse.

    Grain: customer × source × field.
    `value` and `former` are JSON, encrypted whatever the field is. While the source says the same, what was refused or
    taken stays so. `told_at` is when it said so last.
    """

    protection: ClassVar[Protection] = Protection(key="enrichment_proposal", follows="account")

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    source = models.ForeignKey(EnrichmentSource, on_delete=models.PROTECT, related_name="+", db_index=False)
    field = models.CharField(max_length=80)
    value = EncryptedTextField(place="enrichment_proposal.value", has_token=False)
    former = EncryptedTextField(place="enrichment_proposal.former", has_token=False, blank=True, default="")
    state = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    told_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "source", "field"], name="ledger_one_proposal"),
        ]
        indexes = [
            models.Index(fields=["account"], condition=Q(state=ProposalState.OPEN), name="ledger_proposal_open"),
        ]
