"""What other capabilities may ask the catalog."""

from collections.abc import Iterable

import pyarrow

from guanxi.catalog.models import Category, Product
from guanxi.catalog.queries import product_ids_by_code as product_ids_by_code
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.lake.arrow import read_arrow
from guanxi.platform.preferences.locale import in_language

VALUE_REASON = "value: indices are computed for all accounts"
PLANNING_REASON = "care: queues are planned for all persons"


def product_categories() -> pyarrow.Table:
    """Products with a category, for analyses. Grain: product. Columns: product_id, category_id (bigint)."""
    return read_arrow("SELECT id AS product_id, category_id FROM catalog_product WHERE category_id IS NOT NULL")


def category_ids_by_key() -> dict[str, int]:
    """Category ids by key, for resolving what outside systems and promotions name."""
    return dict(unscoped(Category, reason=VALUE_REASON).values_list("key", "pk"))


def category_names() -> dict[int, str]:
    """Category names by id in the active language; categories are known to everybody who signs in."""
    return _named(unscoped(Category, reason=VALUE_REASON).values_list("pk", "name", "name_en"))


def _named(rows: Iterable[tuple[int, str, str]]) -> dict[int, str]:
    """The name of each (id, name, English name) in the active language."""
    return {row_id: in_language(name, english) for row_id, name, english in rows}


def product_labels(product_ids: Iterable[int]) -> dict[int, str]:
    """Product names by id in the active language, as everybody who signs in may see them; one query."""
    wanted = list(set(product_ids))
    return _named(_PRODUCT_LABELS(None, ids=wanted)) if wanted else {}


_PRODUCT_LABELS: Prepared[None] = Prepared(
    lambda _: unscoped(Product, reason=VALUE_REASON).filter(Among("pk", "ids")).values_list("pk", "name", "name_en")
)


def categories_of_products(product_ids: Iterable[int]) -> dict[int, str]:
    """The category names of products in the active language, by product id; one query."""
    wanted = list(set(product_ids))
    return _named(_PRODUCT_CATEGORIES(None, ids=wanted)) if wanted else {}


_PRODUCT_CATEGORIES: Prepared[None] = Prepared(
    lambda _: (
        unscoped(Product, reason=VALUE_REASON)
        .filter(Among("pk", "ids"), category__isnull=False)
        .values_list("pk", "category__name", "category__name_en")
    )
)


def category_of_products(product_ids: Iterable[int]) -> dict[int, int]:
    """The category ids of products by product id; products without a category are left out. One query."""
    rows = unscoped(Product, reason=PLANNING_REASON).filter(pk__in=list(product_ids), category__isnull=False)
    return dict(rows.values_list("pk", "category_id"))


def category_choices() -> list[tuple[str, str]]:
    """Categories to choose from: (key, name in the active language), by name."""
    rows = unscoped(Category, reason=VALUE_REASON).filter(trashed_at__isnull=True).values_list("pk", "key")
    names, keys = category_names(), dict(rows)
    return sorted(((key, names[row_id]) for row_id, key in keys.items()), key=lambda choice: choice[1])
