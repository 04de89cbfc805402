"""The closed lists of the customers capability."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AccountKind(models.TextChoices):
    """An account is an organisation or a person."""

    ORGANISATION = "organisation", _("Organisation")
    PERSON = "person", _("Person")


class DecisionRole(models.TextChoices):
    """What a contact has to say when the account decides."""

    DECIDES = "decides", _("Decides")
    INFLUENCES = "influences", _("Influences")
    USES = "uses", _("Uses")
    GATEKEEPER = "gatekeeper", _("Gatekeeper")
    NONE = "none", _("No say")


class PointType(models.TextChoices):
    """Kinds of contact points."""

    MOBILE = "mobile", _("Mobile")
    PHONE = "phone", _("Phone")
    MAIL = "mail", _("E-mail")
    WECOM = "wecom", _("WeCom")
    WECHAT = "wechat", _("WeChat")
    ADDRESS = "address", _("Address")


class ConsentState(models.TextChoices):
    """Whether we may use a contact point unasked."""

    UNKNOWN = "unknown", _("Not asked")
    GIVEN = "given", _("Given")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class DateType(models.TextChoices):
    """Kinds of important dates."""

    BIRTHDAY = "birthday", _("Birthday")
    FOUNDING = "founding", _("Founding day")
    ANNIVERSARY = "anniversary", _("Anniversary")
    OTHER = "other", _("Important date")


class CalendarType(models.TextChoices):
    """The calendar that a date is kept in."""

    SOLAR = "solar", _("Solar")
    LUNAR = "lunar", _("Lunar")


class TraitKind(models.TextChoices):
    """Kinds of things worth knowing about a person."""

    HOBBY = "hobby", _("Hobby")
    EXPERIENCE = "experience", _("Experience")
    FAMILY = "family", _("Family")
    TABOO = "taboo", _("Taboo")
    PREFERENCE = "preference", _("Preference")


CLOSENESS = ((0, _("Not known")), (1, _("Acquainted")), (2, _("Familiar")), (3, pgettext_lazy("closeness", "Close")))
"""How close we are to a contact, in the steps of its column."""
