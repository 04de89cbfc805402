"""Verbs about the catalog."""

from collections.abc import Sequence

from django.db import connection, transaction

from guanxi.catalog.models import Category, Product
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.verbs import Kind, index_many
from guanxi.platform.records.models import Record
from guanxi.platform.search.tokens import sort_key

REASON = "demo: the demo company is made by the system"
PRODUCTS: Kind[Record] = Kind(Product, searched=("name", "name_en", "code", "brand"))
CATEGORIES: Kind[Record] = Kind(Category, searched=("name", "name_en", "key"))
CategoryRow = tuple[str, str, str]
ProductRow = tuple[str, str, str, str, float | None, str, str]
_COLUMNS = "code, name, name_key, name_en, category_id, price, kind, brand"
_INCOMING = """
CREATE TEMPORARY TABLE incoming_product (code text, name text, name_key text, name_en text, category_id bigint,
    price numeric(14, 2), kind text, brand text) ON COMMIT DROP
"""
_TAKE_IN = f"""
INSERT INTO {Product._meta.db_table} ({_COLUMNS}, unit_name)
SELECT {_COLUMNS}, '' FROM incoming_product ON CONFLICT (code) DO NOTHING
"""  # noqa: S608  # our own names


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
        [
            Category(key=key, name=name, name_key=sort_key(name)[:240], name_en=english)
            for key, name, english in categories
        ],
        ignore_conflicts=True,
    )
    ids = dict(unscoped(Category, reason=REASON).values_list("key", "pk"))
    with connection.cursor() as cursor:
        cursor.execute(_INCOMING)
        with cursor.copy(f"COPY incoming_product ({_COLUMNS}) FROM STDIN") as copy:
            for code, name, english, category, price, kind, brand in products:
                key = sort_key(name[:200])[:400]
                copy.write_row((code, name[:200], key, english[:200], ids[category], price, kind, brand))
        cursor.execute(_TAKE_IN)
    for indexed in (CATEGORIES, PRODUCTS):
        index_many(indexed, list(unscoped(indexed.model, reason=REASON).values_list("pk", flat=True)))
    return len(products)
