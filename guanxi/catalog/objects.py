"""Products and categories as objects: their lists, fields, search and pages."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guanxi.catalog.commands import CATEGORIES, PRODUCTS
from guanxi.catalog.models import Category, Product
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.registry import register_object
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.objects.verbs import with_usual
from guanxi.platform.ui.navigation import CreationEntry, NavigationEntry, register_creation, register_navigation

PRODUCT = ObjectSpec(
    key="product",
    model=Product,
    label=_("Product"),
    plural=_("Products"),
    icon="package",
    columns=(),
    shown=("name", "code", "category", "brand", "price", "cost"),
    api_name="products",
    title_en="name_en",
    fields=("code", "name", "name_en", "kind", "category", "brand", "unit_name", "price", "cost", "updated_at"),
    bulk_fields=("kind", "category", "brand", "unit_name"),
)
CATEGORY = ObjectSpec(
    key="category",
    model=Category,
    label=pgettext_lazy("product", "Category"),
    plural=_("Product categories"),
    icon="category",
    columns=(),
    shown=("name", "key", "parent", "updated_at"),
    api_name="categories",
    title_en="name_en",
    fields=("key", "name", "name_en", "parent", "updated_at"),
    bulk_fields=("parent",),
)


def is_seen(actor: Actor) -> bool:
    """Whether the person may open the list of products."""
    return may(actor, Product, Action.VIEW)


def may_create(actor: Actor) -> bool:
    """Whether the person may add products."""
    return may(actor, Product, Action.CREATE)


register_object(with_usual(PRODUCT, PRODUCTS))
register_object(with_usual(CATEGORY, CATEGORIES))
register_belongings(
    Belonging(
        Product,
        object_key="category",
        link="category",
        holds=_("A category stays as long as products are sorted into it."),
    ),
    Belonging(
        Category,
        object_key="category",
        link="parent",
        holds=_("A category stays as long as others are sorted into it."),
    ),
)
register_navigation(
    NavigationEntry(
        "products", _("Products"), "package", "", _("Catalog"), 60, is_shown=is_seen, url="/objects/product/"
    ),
    NavigationEntry(
        "categories",
        _("Product categories"),
        "category",
        "",
        _("Catalog"),
        62,
        is_shown=is_seen,
        url="/objects/category/",
    ),
)
register_creation(CreationEntry("product", _("Product"), "package", "", 60, may_create, url="/objects/product/new/"))
