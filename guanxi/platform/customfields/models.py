"""Objects and fields that people make, and the one table that holds the records of such objects."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.protection import Protection
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.models import Record, tracked
from guanxi.platform.records.values import CustomValues


class FieldKind(models.TextChoices):
    """The types that a field made by people can have."""

    TEXT = FieldType.TEXT.value, _("Text")
    LONG_TEXT = FieldType.LONG_TEXT.value, _("Long text")
    INTEGER = FieldType.INTEGER.value, _("Whole number")
    NUMBER = FieldType.NUMBER.value, _("Number")
    MONEY = FieldType.MONEY.value, _("Money")
    DATE = FieldType.DATE.value, _("Date")
    DATETIME = FieldType.DATETIME.value, _("Date and time")
    CHOICE = FieldType.CHOICE.value, _("Choice")
    MULTI_CHOICE = FieldType.MULTI_CHOICE.value, _("Several choices")
    BOOLEAN = FieldType.BOOLEAN.value, _("Yes or no")
    LINK = FieldType.LINK.value, pgettext_lazy("field type", "Link to a record")
    EMAIL = FieldType.EMAIL.value, _("E-mail address")
    PHONE = FieldType.PHONE.value, _("Phone number")
    ADDRESS = FieldType.ADDRESS.value, _("Address")
    FILE = FieldType.FILE.value, pgettext_lazy("field type", "File")


class Sensitivity(models.TextChoices):
    """The classes of protection that a field can be put into; roles say what they may do with each."""

    PLAIN = "", _("Not protected")
    IDENTITY = "identity", _("Identity")
    BANK = "bank", _("Bank account")
    REACH = "reach", _("Ways to reach")
    COST = "cost", _("Cost and margin")
    CREDIT = "credit", _("Credit")
    PERSONAL = "personal", _("Personal")


class Designed(models.Model):
    """What all that people make has: a name in both languages, and since when it is out of sight (None = in sight)."""

    name_zh = models.CharField(_("Name in Chinese"), max_length=60)
    name_en = models.CharField(_("Name in English"), max_length=60)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return in_language(self.name_zh, self.name_en)


class CustomObject(Designed):
    """One kind of record that people made. Grain: object. Its key is its name in addresses, rights and the API.

    `board_field` and `calendar_field` are keys of fields; "" when it has no board or calendar.
    """

    key = models.SlugField(max_length=40, unique=True)
    plural_en = models.CharField(_("Plural in English"), max_length=60)
    icon = models.CharField(_("Icon"), max_length=40, default="folder")
    title_zh = models.CharField(_("What its name is called, in Chinese"), max_length=60, default="名称")
    title_en = models.CharField(_("What its name is called, in English"), max_length=60, default="Name")
    board_field = models.SlugField(max_length=60, blank=True)
    calendar_field = models.SlugField(max_length=60, blank=True)
    is_in_navigation = models.BooleanField(_("Stands in the sidebar"), default=True)


class CustomField(Designed):
    """One field that people made for an object. Grain: field. Its type and key never change.

    `choices` are [key, Chinese, English] in order; `target` is the object that a link leads to. `visible_when` and
    `required_when` are conditions in their JSON form; "" = always, never.
    """

    object_key = models.CharField(max_length=60)
    key = models.SlugField(max_length=60)
    kind = models.CharField(_("Type"), max_length=20, choices=FieldKind.choices)
    help_zh = models.CharField(_("Help in Chinese"), max_length=200, blank=True)
    help_en = models.CharField(_("Help in English"), max_length=200, blank=True)
    choices = models.JSONField(_("Choices"), default=list, blank=True)
    target = models.CharField(_("Leads to"), max_length=60, blank=True)
    sensitivity = models.CharField(_("Protection"), max_length=30, blank=True, choices=Sensitivity.choices)
    digits = models.PositiveSmallIntegerField(_("Decimals"), default=2)
    is_required = models.BooleanField(_("Must be filled in"), default=False)
    is_indexed = models.BooleanField(_("Quick to filter and sort by"), default=False)
    visible_when = models.TextField(blank=True)
    required_when = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["object_key", "key"], name="customfields_one_field_of_a_key")]


class TagColour(models.TextChoices):
    """The colours that a tag can have, by the class that draws it; grey is the rule."""

    PLAIN = "", pgettext_lazy("colour", "Grey")
    PRIM = "prim", pgettext_lazy("colour", "Indigo")
    CLOSER = "closer", pgettext_lazy("colour", "Teal")
    OK = "ok", pgettext_lazy("colour", "Green")
    AWAY = "away", pgettext_lazy("colour", "Orange")
    DANGER = "danger", pgettext_lazy("colour", "Red")


class Tag(Designed):
    """One word of the house's vocabulary with which records of an object are tagged. Grain: tag. Its key never changes.

    A retired tag is offered no more; the records that have it keep it.
    """

    object_key = models.CharField(max_length=60)
    key = models.SlugField(max_length=60)
    name_zh = models.CharField(_("Name in Chinese"), max_length=40)
    name_en = models.CharField(_("Name in English"), max_length=40)
    colour = models.CharField(_("Colour"), max_length=10, choices=TagColour.choices, blank=True)
    position = models.PositiveSmallIntegerField(default=1_000)

    class Meta:
        ordering = ("position", "id")
        constraints = [models.UniqueConstraint(fields=["object_key", "key"], name="customfields_one_tag_of_a_key")]


class RollUpFunction(models.TextChoices):
    """What a roll-up makes of related records."""

    COUNT = "count", _("How many there are")
    SUM = "sum", _("The sum of a field")
    MOST = "most", _("The largest or latest value of a field")
    LEAST = "least", _("The smallest or earliest value of a field")


class CustomRollUp(Designed):
    """A figure over the records of another object that lead to a record. Grain: roll-up.

    `source` is the key of that object, `link` of its field that leads here, `field` of the one that is summed up; ""
    when the records are counted. `where` are the conditions that the records meet, in their JSON form; "" = none.
    """

    object_key = models.CharField(max_length=60)
    key = models.SlugField(max_length=60)
    source = models.CharField(max_length=60)
    link = models.CharField(max_length=60)
    function = models.CharField(max_length=10, choices=RollUpFunction.choices)
    field = models.CharField(max_length=60, blank=True)
    where = models.TextField(max_length=8_000, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(fields=["object_key", "key"], name="customfields_one_roll_up_of_a_key"),
            models.CheckConstraint(
                condition=models.Q(function="count", field="") | (~models.Q(function="count") & ~models.Q(field="")),
                name="customfields_roll_up_goes_by_a_field",
            ),
        ]


@tracked
class CustomRecord(Record):
    """A record of an object that people made. Grain: record. All such objects share this table.

    It is read through the model of its object, `schema.record_model`, which reaches the rows of that object alone.
    """

    protection: ClassVar[Protection] = Protection(
        key="custom_record", owner_field="owner_id", unit_field="unit_id", is_base=True
    )

    kind = models.ForeignKey(CustomObject, on_delete=models.PROTECT, related_name="+", editable=False)
    name = models.CharField(_("Name"), max_length=200)
    name_key = models.CharField(max_length=400, editable=False, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("Owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    unit = models.ForeignKey(
        OrgUnit, verbose_name=_("Department"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    custom = CustomValues()

    class Meta:
        indexes = [
            models.Index(fields=["kind", "name_key", "id"], name="customfields_record_name"),
            models.Index(fields=["kind", "id"], name="customfields_record_kind"),
            models.Index(fields=["kind", "owner", "id"], name="customfields_record_owner"),
            models.Index(fields=["kind", "unit", "id"], name="customfields_record_unit"),
            models.Index(
                fields=["kind", "id"],
                condition=models.Q(trashed_at__isnull=False),
                name="customfields_record_trashed",
            ),
        ]

    def __str__(self) -> str:
        return self.name
