"""The closed lists of stewardship."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AssignWay(models.TextChoices):
    """How the customers of a pool find a new owner by themselves."""

    NONE = "none", _("Nobody: members claim")
    ROUND_ROBIN = "round_robin", _("In turn")
    LOAD = "load", _("To who looks after the fewest")
    REGION = "region", _("To who works in the customer’s region")


class EntryReason(models.TextChoices):
    """Why a customer came into a pool."""

    RULE = "rule", _("By a rule")
    NO_NEED = "no_need", _("No need at present")
    NO_BUDGET = "no_budget", _("No budget")
    NOT_REACHED = "not_reached", _("Could not be reached")
    COMPETITOR = "competitor", _("Buys from a competitor")
    OUTSIDE = "outside", _("Not my region or trade")
    OVERLOAD = "overload", _("Too many customers to look after")
    OTHER = "other", pgettext_lazy("reason", "Something else")


class LeavingWay(models.TextChoices):
    """How a customer left a pool."""

    CLAIMED = "claimed", _("Claimed")
    ASSIGNED = "assigned", _("Assigned")
    RETURNED = "returned", _("Given back to the former owner")
    TAKEN = "taken", _("Given an owner elsewhere")
    UNDONE = "undone", _("Taken back")


GIVEN_REASONS = tuple((reason.value, reason.label) for reason in EntryReason if reason is not EntryReason.RULE)
"""The reasons that a person gives who returns a customer."""
