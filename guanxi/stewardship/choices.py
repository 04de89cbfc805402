"""The closed lists of stewardship."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


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
    SAME_HOME = "same_home", _("At the same customer")


class TwinState(models.TextChoices):
    """What became of two records that may be one."""

    OPEN = "open", _("To be decided")
    MERGED = "merged", _("Merged")
    DIFFERENT = "different", _("Not the same")
    GONE = "gone", _("No longer alike")


class ValueSource(models.TextChoices):
    """From where a value of a record came."""

    PERSON = "person", pgettext_lazy("source", "Typed by hand")
    IMPORT = "import", pgettext_lazy("source", "Import")
    API = "api", pgettext_lazy("source", "API")
    CONNECTOR = "connector", pgettext_lazy("source", "Connector")
    SYSTEM = "system", pgettext_lazy("source", "Automatic")


class ConflictState(models.TextChoices):
    """What became of two values on which sources disagree."""

    OPEN = "open", _("To be decided")
    DECIDED = "decided", _("Decided")
    GONE = "gone", _("Neither stands any more")


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


class RequestKind(models.TextChoices):
    """What a person asks for who is kept in the base."""

    EXPORT = "export", _("A copy of everything")
    CORRECT = "correct", _("A correction")
    ERASE = "erase", _("To be erased")
    RESTRICT = "restrict", _("No further use")


class RequestState(models.TextChoices):
    """Where a request of a person stands."""

    OPEN = "open", pgettext_lazy("request", "Open")
    RUNNING = "running", pgettext_lazy("request", "Being erased")
    DONE = "done", pgettext_lazy("request", "Answered")
    REFUSED = "refused", pgettext_lazy("request", "Refused")


class RequestWay(models.TextChoices):
    """By which way a request came."""

    MAIL = "mail", _("E-mail")
    PHONE = "phone", _("Telephone")
    LETTER = "letter", _("Letter")
    VISIT = "visit", _("In person")
    WEB = "web", _("On the web")
    OTHER = "other", pgettext_lazy("way", "Another way")


class ConsentPurpose(models.TextChoices):
    """What a customer agrees to."""

    SERVICE = "service", pgettext_lazy("purpose", "Service")
    MARKETING = "marketing", pgettext_lazy("purpose", "Marketing")
    SURVEY = "survey", pgettext_lazy("purpose", "Surveys")
    PROFILING = "profiling", pgettext_lazy("purpose", "Profiling")


class ConsentChannel(models.TextChoices):
    """Through which channel a customer agrees to it."""

    ANY = "any", pgettext_lazy("channel", "Any channel")
    PHONE = "phone", pgettext_lazy("channel", "Telephone")
    SMS = "sms", pgettext_lazy("channel", "SMS")
    MAIL = "mail", pgettext_lazy("channel", "E-mail")
    WECOM = "wecom", pgettext_lazy("channel", "WeCom")
    LETTER = "letter", pgettext_lazy("channel", "Letter")


class RetentionAction(models.TextChoices):
    """What becomes of records that are no longer needed."""

    ERASE = "erase", _("They are erased: made anonymous, for good")
    TRASH = "trash", _("They go into the trash, from which they can be taken")


class NoticeState(models.TextChoices):
    """Where an edition of the privacy notice stands."""

    DRAFT = "draft", pgettext_lazy("notice", "Draft")
    PUBLISHED = "published", pgettext_lazy("notice", "Published")
