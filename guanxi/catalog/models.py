"""Products and services, in a tree of categories."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.platform.access.protection import Protection
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.records.models import Record, tracked
from guanxi.platform.records.values import CustomValues


@tracked
class Category(Record):
    """A category of products or services; `parent` is None at the top.

    English pages show `name_en` where there is one. `name_key` is the name's pinyin for sorting.
    """

    protection = Protection(key="category", label=_("Product categories"))

    key = models.CharField(pgettext_lazy("category", "Key"), max_length=80, unique=True)
    name = models.CharField(_("Name"), max_length=120)
    name_key = models.CharField(max_length=240, editable=False, blank=True, db_default="")
    name_en = models.CharField(_("English name"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=pgettext_lazy("category", "Belongs to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    custom = CustomValues()

    def __str__(self) -> str:
        return in_language(self.name, self.name_en)


class ProductKind(models.TextChoices):
    """Goods or services."""

    GOODS = "goods", _("Goods")
    SERVICE = "service", _("Service")


@tracked
class Product(Record):
    """What is sold. `code` is the number under which tills and shops know it.

    English pages show `name_en` where there is one. `name_key` is the name's pinyin for sorting.
    """

    protection = Protection(key="product", sensitivities={"cost": "cost"}, label=_("Products"))

    code = models.CharField(_("Product code"), max_length=60, unique=True)
    name = models.CharField(_("Name"), max_length=200)
    name_key = models.CharField(max_length=400, editable=False, blank=True, db_default="")
    name_en = models.CharField(_("English name"), max_length=200, blank=True)
    kind = models.CharField(_("Kind"), max_length=10, choices=ProductKind.choices, default=ProductKind.GOODS)
    category = models.ForeignKey(
        Category,
        verbose_name=_("Category"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    brand = models.CharField(_("Brand"), max_length=80, blank=True)
    unit_name = models.CharField(pgettext_lazy("product", "Unit"), max_length=20, blank=True)
    price = models.DecimalField(_("Price"), max_digits=14, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(_("Cost"), max_digits=14, decimal_places=2, null=True, blank=True)
    custom = CustomValues()

    class Meta:
        indexes = [
            models.Index(fields=["name_key", "id"], name="catalog_product_name"),
            models.Index(fields=["category", "name_key", "id"], name="catalog_product_category"),
        ]

    def __str__(self) -> str:
        return in_language(self.name, self.name_en)
