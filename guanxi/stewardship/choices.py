"""The words of stewardship."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Evidence(models.TextChoices):
    """What speaks for or against two records being one."""

    SAME_NUMBER = "same_number", _("Same tax id")
    OTHER_NUMBER = "other_number", _("Different tax ids")
    SAME_MAIL = "same_mail", _("Same e-mail address")
    SAME_PHONE = "same_phone", _("Same phone number")
    SAME_NAME = "same_name", _("Same name but for its legal form")
    SAME_PERSON = "same_person", _("Same name")
    SAME_SOUND = "same_sound", _("Names that sound the same")
    SIMILAR_NAME = "similar_name", _("Similar names")
    NAME_BEGINS = "name_begins", _("One name begins with the other")
    OTHER_NAME = "other_name", _("Different names")
    OTHER_BRANCH = "other_branch", _("Different branches")
    SAME_DOMAIN = "same_domain", _("Same website")
    SAME_ADDRESS = "same_address", _("Same address")
    SIMILAR_ADDRESS = "similar_address", _("Similar addresses")
    SAME_PLACE = "same_place", _("Same place")
    OTHER_PLACE = "other_place", _("Different places")


class TwinState(models.TextChoices):
    """What became of two records that may be one."""

    OPEN = "open", _("To be decided")
    MERGED = "merged", _("Merged")
    DIFFERENT = "different", _("Not the same")
    GONE = "gone", _("No longer alike")
