"""The closed lists of the portal."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OwnerWay(models.TextChoices):
    """Who looks after a customer that a form brings."""

    FIXED = "fixed", _("Always the same person")
    TURN = "turn", _("The people of a department in turn")
    POOL = "pool", _("Nobody: into a pool")


class SubmissionState(models.TextChoices):
    """Where what came in by a form stands."""

    RECEIVED = "received", pgettext_lazy("submission", "Being taken in")
    TAKEN = "taken", pgettext_lazy("submission", "Taken in")
    HELD = "held", pgettext_lazy("submission", "In quarantine")
    DISCARDED = "discarded", pgettext_lazy("submission", "Thrown away")


class SpamSign(models.TextChoices):
    """What makes something that came in look like spam."""

    TRAP = "trap", _("Filled in a field that people do not see")
    FAST = "fast", _("Sent within three seconds")
    LINKS = "links", _("Several links in the text")
    MARKUP = "markup", _("Markup of web pages in the text")
    MANY = "many", _("Many from one address")
    REPEATED = "repeated", _("The same text in every field")
