"""Indexes of fields that people made and of tags, built while everybody goes on working."""

from django.db import connection

from guanxi.kernel.fields import FieldType
from guanxi.platform.customfields.models import CustomField, CustomRecord
from guanxi.platform.customfields.schema import FieldDefinition, definition_of
from guanxi.platform.encryption.fields import token_sql
from guanxi.platform.records.values import TAGS, expression


def build_index(field_id: int, *, table: str) -> None:
    """Make or drop the index of a field, as the field says; doing it again changes nothing.

    An encrypted field always has one, over the tokens by which its values are found.

    Steps: 1 drop what an interrupted attempt left, 2 build without locking, 3 let the planner know what it holds.
    Must not run inside a transaction.
    """
    row = CustomField.objects.filter(pk=field_id).first()
    if row is None:
        return
    item = definition_of(row)
    _keep_index(item, name=f"customfields_by_{row.pk}", table=table, is_wanted=row.is_indexed and not item.is_sealed)
    _keep_index(item, name=f"customfields_token_{row.pk}", table=table, is_wanted=item.is_sealed)


def _keep_index(item: FieldDefinition, *, name: str, table: str, is_wanted: bool) -> None:
    """Make an index that is wanted, drop one that is not or that an interrupted attempt left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [connection.ops.quote_name(name)]
        )
        found = cursor.fetchone()
        if found is not None and (not found[0] or not is_wanted):
            cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
            found = None
        if is_wanted and found is None:
            cursor.execute(_index_sql(item, name=name, table=table))
            cursor.execute(f'ANALYZE "{table}"')


def _index_sql(item: FieldDefinition, *, name: str, table: str) -> str:
    """The statement that builds the index over the very expression that filters and orders use."""
    value = expression('"custom"', item.stored)
    value = token_sql(value) if item.is_sealed else value
    kind = "kind_id, " if table == CustomRecord._meta.db_table else ""
    method = f"gin (({value}))" if item.kind is FieldType.MULTI_CHOICE else f"btree ({kind}({value}), id)"
    return f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON "{table}" USING {method}'


def build_tag_index(*, table: str) -> None:
    """Make the index by which the records of a table are found by their tags; doing it again changes nothing.

    It holds tagged records alone. Must not run inside a transaction.
    """
    name, tags = f"{table}_by_tag", f"(custom -> '{TAGS}')"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [connection.ops.quote_name(name)]
        )
        found = cursor.fetchone()
        if found == (False,):
            cursor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
        cursor.execute(
            f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON "{table}" USING gin ({tags}) WHERE {tags} IS NOT NULL'
        )
        cursor.execute(f'ANALYZE "{table}"')
