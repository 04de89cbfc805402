"""Named reads about products."""

from collections.abc import Sequence

from django.db import connection

from guanxi.catalog.models import Product


def product_ids_by_code(codes: Sequence[str]) -> dict[str, int]:
    """The products with these codes, by code; codes that no product has are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT code, id FROM {Product._meta.db_table} WHERE code = ANY(%s)",  # noqa: S608  # our table
            [list(codes)],
        )
        return dict(cursor.fetchall())
