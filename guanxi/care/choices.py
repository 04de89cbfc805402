"""The closed lists of care."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

OVERDUE, FALLING, DATE, REPLENISHMENT = "overdue", "falling", "date", "replenishment"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason to contact a customer: its name, its short name for a filter, its icon."""

    key: str
    label: Promise
    short: Promise
    icon: str


REASONS: Mapping[str, Reason] = {
    reason.key: reason
    for reason in (
        Reason(FALLING, _("Index falling"), _("Falling"), "trending-down"),
        Reason(OVERDUE, _("Contact overdue"), _("Overdue"), "clock-exclamation"),
        Reason(REPLENISHMENT, _("Replenishment due"), _("Refill"), "package"),
        Reason(DATE, _("Important date"), _("Dates"), "cake"),
    )
}


class Tone(models.TextChoices):
    """How pressing a row is; each tone has a colour and a shape."""

    PLANNED = "planned", _("planned")
    PAST_IDEAL = "past_ideal", _("past the ideal interval")
    PAST_MAXIMUM = "past_maximum", _("past the maximum interval")


class CadenceReason(models.TextChoices):
    """What the wanted interval of a customer comes from."""

    OWN = "own", _("Set for this customer")
    CLASS = "class", _("By the strategy of the class")
    RHYTHM = "rhythm", _("The customer’s own rhythm, which is shorter")
    GRADE = "grade", _("By grade")


class Strength(models.TextChoices):
    """How much the classes of a scheme differ in something."""

    STRONG = "strong", _("They differ strongly")
    CLEAR = "clear", _("They differ clearly")
    WEAK = "weak", _("They differ a little")
    NONE = "none", _("They do not differ")
    UNKNOWN = "unknown", _("Too few customers to tell")


class Measure(models.TextChoices):
    """What the classes of a scheme are compared in."""

    INDEX = "index", pgettext_lazy("measure", "value index")
    CONTACTS = "contacts", pgettext_lazy("measure", "contacts a month")
    REVENUE = "revenue", pgettext_lazy("measure", "revenue")
    RETENTION = "retention", pgettext_lazy("measure", "retention")


class RowState(models.TextChoices):
    """Where a row of the queue stands. LATER and AUTOMATIC rows did not fit into the day."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    SNOOZED = "snoozed", _("Later")
    NOT_USEFUL = "not_useful", _("Not useful")
    LATER = "later", _("Held back")
    AUTOMATIC = "automatic", _("Automatic")


DECIDED = (RowState.DONE, RowState.SNOOZED, RowState.NOT_USEFUL)


class Hold(models.TextChoices):
    """Why a row did not make it into the day."""

    NONE = "", ""
    CAPACITY = "capacity", _("The day is full")
    FREQUENCY = "frequency", _("Contacted only a few days ago")
    CONSENT = "consent", _("No channel that we may use")
    REST_DAY = "rest_day", _("Their rest day")
    COST = "cost", _("A person's time costs more than it brings")


class Answer(models.TextChoices):
    """Why a row was not useful; the number key is the place in this list."""

    WRONG_REASON = "wrong_reason", _("The reason is wrong")
    WRONG_TIME = "wrong_time", _("The wrong moment")
    WRONG_CHANNEL = "wrong_channel", _("The wrong channel")
    ALREADY_HANDLED = "already_handled", _("Handled already")
    NO_INTEREST = "no_interest", _("The customer does not want it")
