"""The choices of the ledger's records: kinds of connections, what a pull brings, how it ends."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ConnectionKind(models.TextChoices):
    """What stands at the other end."""

    POSTGRESQL = "postgresql", "PostgreSQL"
    MYSQL = "mysql", "MariaDB / MySQL"
    SQLITE = "sqlite", "SQLite"
    REST = "rest", _("Web service (REST, JSON)")


class PullTarget(models.TextChoices):
    """What the rows become."""

    ACCOUNT = "account", _("Customers")
    PRODUCT = "product", _("Products")
    PURCHASE = "purchase", _("Order lines")


class Deletions(models.TextChoices):
    """How rows are noticed that are gone."""

    NONE = "none", _("Not looked for")
    FLAG = "flag", _("A column says so")
    SWEEP = "sweep", _("Their key is missing: all keys are compared in each run")


class Paging(models.TextChoices):
    """How a web service gives its rows in pieces."""

    NONE = "none", _("All rows at once")
    PAGE = "page", _("By page number")
    TOKEN = "token", _("By a word that the answer names for the next page")
    LINK = "link", _("By the Link heading of the answer")


class PullState(models.TextChoices):
    """Where a run stands."""

    RUNNING = "running", pgettext_lazy("run", "Running")
    DONE = "done", pgettext_lazy("run", "Done")
    FAILED = "failed", pgettext_lazy("run", "Failed")
    STOPPED = "stopped", pgettext_lazy("run", "Stopped")
    BROKEN = "broken", pgettext_lazy("run", "Broken off")


class AskedBy(models.TextChoices):
    """By what an outside source is asked about a firm."""

    TAX_ID = "tax_id", _("Registration number")
    NAME = "name", _("Name")
    DOMAIN = "website", _("Domain of its website")


class QuestionState(models.TextChoices):
    """What came of a question to an outside source."""

    ASKED = "asked", _("Asked, no answer yet")
    ANSWERED = "answered", _("Answered")
    UNKNOWN = "unknown", _("Not known there")
    FAILED = "failed", pgettext_lazy("run", "Failed")


class ProposalState(models.TextChoices):
    """What became of a value that an outside source said."""

    OPEN = "open", _("To be decided")
    TAKEN = "taken", _("Taken")
    REFUSED = "refused", _("Refused")
    SAME = "same", _("Says the same")
