"""Products and services, in a tree of categories."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from guanxi.platform.access.protection import Protection
from guanxi.platform.records.models import Record, tracked


@tracked
class Category(Record):
    """A category of products or services; `parent` is None at the top.

    English pages show `name_en` where there is one.
    """

    protection = Protection(key="category", label=_("Product categories"))

    key = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.name


class ProductKind(models.TextChoices):
    """Goods or services."""

    GOODS = "goods"
    SERVICE = "service"


@tracked
class Product(Record):
    """What is sold. `code` is the number under which tills and shops know it.

    English pages show `name_en` where there is one.
    """

    protection = Protection(key="product", sensitivities={"cost": "cost"}, label=_("Products"))

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=10, choices=ProductKind.choices, default=ProductKind.GOODS)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    brand = models.CharField(max_length=80, blank=True)
    unit_name = models.CharField(max_length=20, blank=True)
    price = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    def __str__(self) -> str:
        return self.name
