"""Verbs about the catalog."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from guanxi.catalog.models import Category, Product
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry

REASON = "demo: the demo company is made by the system"
CategoryRow = tuple[str, str, str]
ProductRow = tuple[str, str, str, str, float | None, str, str]


@transaction.atomic
def load_catalog(categories: Sequence[CategoryRow], *, products: Sequence[ProductRow], actor: Actor) -> int:
    """Create categories and products in bulk.

    Categories are (key, name, English name), products (code, name, English name, category key, price, kind, brand).
    What stands already under its key or code stays as it is. Returns the number of products given.
    Raises: AccessDenied.
    """
    grant(actor, Product, Action.CREATE)
    begin_entry(actor, action="load_catalog", object_key="product", record_count=len(products))
    rows = unscoped(Category, reason=REASON)
    rows.bulk_create(
        [Category(key=key, name=name, name_en=english) for key, name, english in categories], ignore_conflicts=True
    )
    ids = dict(unscoped(Category, reason=REASON).values_list("key", "pk"))
    unscoped(Product, reason=REASON).bulk_create(
        [
            Product(
                code=code,
                name=name[:200],
                name_en=english[:200],
                category_id=ids[category],
                price=Decimal(str(price)) if price is not None else None,
                kind=kind,
                brand=brand,
            )
            for code, name, english, category, price, kind, brand in products
        ],
        ignore_conflicts=True,
        batch_size=5_000,
    )
    return len(products)
