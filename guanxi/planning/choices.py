"""The closed lists of the information plan."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlanState(models.TextChoices):
    """Where a version of the plan stands."""

    DRAFT = "draft", _("Draft")
    SIGN_OFF = "sign_off", _("In sign-off")
    PUBLISHED = "published", pgettext_lazy("plan", "Published")
    SUPERSEDED = "superseded", _("Superseded")


class MarketStage(models.TextChoices):
    """The phase of the market in which a product line stands."""

    INTRODUCTION = "introduction", _("Introduction")
    GROWTH = "growth", pgettext_lazy("market", "Growth")
    MATURITY = "maturity", _("Maturity")
    DECLINE = "decline", pgettext_lazy("market", "Decline")


class Purpose(models.TextChoices):
    """What an item of information is for."""

    TALK = "talk", pgettext_lazy("purpose", "Talk")
    CLASSIFY = "classify", pgettext_lazy("purpose", "Classify")
    MANAGE_RELATION = "relation", _("Manage the relationship")
    MANAGE_MANAGERS = "managers", _("Manage the managers")
    ANALYSE = "analyse", pgettext_lazy("purpose", "Analyse")


class Way(models.TextChoices):
    """How an item comes in."""

    TYPED = "typed", _("typed")
    IMPORTED = "import", _("import")
    CONNECTOR = "connector", _("connector")
    FORM = "form", _("web form")
    SURVEY = "survey", _("survey")
    AUTOMATIC = "automatic", _("automatic")


class Moment(models.TextChoices):
    """From when on a customer's record owes an item."""

    FIRST_CONTACT = "first_contact", _("First contact")
    FIRST_PURCHASE = "first_purchase", _("After the first purchase")


class BindingKind(models.TextChoices):
    """What an item of information is bound to."""

    FIELD = "field", _("Field")
    PART = "part", _("Part of the record")
    FACT = "fact", _("Kind of fact")


class Importance(models.TextChoices):
    """How much an audience needs an item."""

    MUST = "must", _("Must")
    NEEDED = "needed", _("Needed")


class NeedValue(models.TextChoices):
    """What a person answers to whether an item is needed; nothing is no answer."""

    MUST = "must", _("Must")
    NEEDED = "needed", _("Needed")
    NOT = "not", pgettext_lazy("need", "Not")


class AskedAs(models.TextChoices):
    """In which of three ways a person is asked about information."""

    USER = "user", _("uses information")
    COLLECTOR = "collector", _("collects information")
    KEEPER = "keeper", _("keeps information")


class SignoffState(models.TextChoices):
    """What a unit says to a version."""

    WAITING = "waiting", pgettext_lazy("sign-off", "Waiting")
    AGREED = "agreed", _("Agreed")
    OBJECTED = "objected", _("Objected")


class GroupKind(models.TextChoices):
    """By what customers are grouped where scores are kept."""

    ALL = "all", _("All customers")
    OWNER = "owner", _("Owner")
    UNIT = "unit", _("Department")
    RELATION = "relation", _("Relation")
    GRADE = "grade", _("Grade")


CUSTOMER_PARTY = "customer"
"""The relation for which the plan is shown first."""
OPEN_OR_IN_FORCE = (PlanState.DRAFT, PlanState.SIGN_OFF, PlanState.PUBLISHED)
"""The states of a version whose items can be taken out of collecting and taken up again."""
REMIND_DAYS, MOST_REMIND_DAYS = 3, 30
"""How many days before its end a round reminds by itself unless its keeper says otherwise, and at most."""
