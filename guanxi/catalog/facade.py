"""What other capabilities may ask the catalog."""

from collections.abc import Iterable

import pyarrow

from guanxi.catalog.models import Category, Product
from guanxi.catalog.queries import product_ids_by_code as product_ids_by_code
from guanxi.platform.access.grant import unscoped
from guanxi.platform.lake.arrow import read_arrow

VALUE_REASON = "value: indices are computed for all accounts"
PLANNING_REASON = "care: queues are planned for all persons"


def product_categories() -> pyarrow.Table:
    """Products with a category, for analyses. Grain: product. Columns: product_id, category_id (bigint)."""
    return read_arrow("SELECT id AS product_id, category_id FROM catalog_product WHERE category_id IS NOT NULL")


def category_ids_by_key() -> dict[str, int]:
    """Category ids by key, for resolving what outside systems and promotions name."""
    return dict(unscoped(Category, reason=VALUE_REASON).values_list("key", "pk"))


def category_names() -> dict[int, str]:
    """Category names by id; categories are known to everybody who signs in."""
    return dict(unscoped(Category, reason=VALUE_REASON).values_list("pk", "name"))


def product_labels(product_ids: Iterable[int]) -> dict[int, str]:
    """Product names by id, as everybody who signs in may see them; one query."""
    rows = unscoped(Product, reason=VALUE_REASON).filter(pk__in=set(product_ids))
    return dict(rows.values_list("pk", "name"))


def categories_of_products(product_ids: Iterable[int]) -> dict[int, str]:
    """The category names of products by product id; one query."""
    rows = unscoped(Product, reason=VALUE_REASON).filter(pk__in=set(product_ids), category__isnull=False)
    return dict(rows.values_list("pk", "category__name"))


def category_of_products(product_ids: Iterable[int]) -> dict[int, int]:
    """The category ids of products by product id; products without a category are left out. One query."""
    rows = unscoped(Product, reason=PLANNING_REASON).filter(pk__in=list(product_ids), category__isnull=False)
    return dict(rows.values_list("pk", "category_id"))
