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


class Joins(models.TextChoices):
    """Between whom a type of relationship can be."""

    ORGANISATIONS = "organisations", _("Two organisations")
    PEOPLE = "people", _("Two people")
    MIXED = "mixed", _("A person and an organisation")
    ANY = "any", _("Anybody")


class Bond(models.IntegerChoices):
    """How close two are to each other."""

    FAIR = 1, pgettext_lazy("bond", "Fair")
    GOOD = 2, pgettext_lazy("bond", "Good")
    VERY_GOOD = 3, pgettext_lazy("bond", "Very good")


class ContactedBy(models.TextChoices):
    """Who keeps up contact with the customers of a class."""

    OWNER = "owner", _("The owner")
    MANAGER = "manager", _("The manager of the owner")


class Stance(models.TextChoices):
    """Where a contact stands towards us."""

    UNKNOWN = "unknown", pgettext_lazy("stance", "Not known")
    SUPPORTER = "supporter", _("Supporter")
    NEUTRAL = "neutral", pgettext_lazy("stance", "Neutral")
    OPPONENT = "opponent", _("Opponent")


INFLUENCE = (
    (0, pgettext_lazy("influence", "None")),
    (1, pgettext_lazy("influence", "Little")),
    (2, pgettext_lazy("influence", "Some")),
    (3, pgettext_lazy("influence", "Great")),
)
"""How much weight the words of a contact have where the account decides."""
GROUP_TYPE = "parent"
"""The type of relationship that makes groups of companies."""
RELATIONS = (
    ("customer", "客户", "Customer"),
    ("channel", "代销渠道", "Distribution channel"),
    ("media", "媒体", "Media"),
    ("partner", "合作伙伴", "Partner"),
    ("supplier", "供应商", "Supplier"),
    ("bank", "银行", "Bank"),
    ("government", "政府机构", "Government"),
    ("internal", "内部部门", "Internal"),
)
"""What accounts are to the firm, to begin with: key, Chinese, English."""

RELATIONSHIP_TYPES = (
    ("parent", "organisations", "母公司", "Parent company", "子公司", "Subsidiary"),
    ("group_member", "organisations", "集团成员", "Company of the same group", "", ""),
    ("supplier", "organisations", "供应商", "Supplier", "采购方", "Buyer"),
    ("partner", "organisations", "合作伙伴", "Partner", "", ""),
    ("competitor", "organisations", "竞争对手", "Competitor", "", ""),
    ("referrer", "any", "介绍人", "Referrer", "被介绍方", "Referred"),
    ("classmate", "people", "同学", "Classmate", "", ""),
    ("hometown", "people", "老乡", "From the same hometown", "", ""),
    ("relative", "people", "亲戚", "Relative", "", ""),
    ("comrade", "people", "战友", "Comrade in arms", "", ""),
    ("former_colleague", "people", "前同事", "Former colleague", "", ""),
    ("friend", "people", "朋友", "Friend", "", ""),
    ("teacher", "people", "老师", "Teacher", "学生", "Student"),
    ("superior", "people", "上级", "Superior", "下级", "Subordinate"),
    ("former_employee", "mixed", "前雇员", "Former employee", "前雇主", "Former employer"),
    ("shareholder", "any", "股东", "Shareholder", "持股企业", "Holding"),
    ("adviser", "mixed", "顾问", "Adviser", "所顾问企业", "Advised company"),
)
"""The types to begin with: key, whom they join, what the one is to the other, and the other way round."""
