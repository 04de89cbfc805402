"""What analytics may read of records: one dataset for each object that people made or gave fields to.

A field of a class whose numbers are encrypted never leaves the database, and neither do files and long texts. A field
is a column as long as it is in sight; who may read it is asked when the dataset is opened.
"""

from collections.abc import Mapping

from guanxi.kernel.fields import FieldType
from guanxi.platform.access.protection import ENCRYPTED, protection_of
from guanxi.platform.customfields.schema import current_schema
from guanxi.platform.lake.dataset import Dataset, DatasetColumn, register_source
from guanxi.platform.objects.conditions import is_numbered
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_specs
from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.records.models import Record
from guanxi.platform.records.values import CUSTOM, expression

LEFT_OUT = frozenset({FieldType.FILE, FieldType.LONG_TEXT})
MONEY = "company currency"
COUNTED = "as the field says"
_TYPES: Mapping[FieldType, str] = {
    FieldType.INTEGER: "bigint",
    FieldType.LINK: "bigint",
    FieldType.NUMBER: "double precision",
    FieldType.MONEY: "double precision",
    FieldType.RATIO: "double precision",
    FieldType.BOOLEAN: "boolean",
    FieldType.DATE: "date",
    FieldType.DATETIME: "timestamptz",
    FieldType.MULTI_CHOICE: "text[]",
}


def record_datasets() -> tuple[Dataset, ...]:
    """The datasets of all objects that people made or gave fields to."""
    return tuple(record_dataset(spec) for spec in object_specs() if _is_carried(spec))


def record_dataset(spec: ObjectSpec) -> Dataset:
    """The dataset of an object's records: one row for each, with its fields as columns."""
    fields = [item for item in fields_of(spec) if _has_column(item)]
    own = DatasetColumn("id", "id", "bigint"), DatasetColumn("version", "version", "bigint")
    return Dataset(
        key=f"records_{spec.key}",
        table=spec.model._meta.db_table,
        grain=f"one record of “{spec.key}” as it is now, those in the trash included for the system alone",
        columns=(*own, *(_column(item) for item in fields)),
        account_column="id",
        version_column="version",
        within=" AND ".join(f"{name} = {int(str(value))}" for name, value in protection_of(spec.model).within),
    )


def _is_carried(spec: ObjectSpec) -> bool:
    schema = current_schema()
    is_made = spec.key in schema.objects or bool(schema.fields.get(spec.key) or schema.tags.get(spec.key))
    return is_made and issubclass(spec.model, Record) and hasattr(spec.model, CUSTOM)


def _has_column(item: ObjectField) -> bool:
    return item.beside is None and item.kind not in LEFT_OUT and item.sensitivity not in ENCRYPTED


def _column(item: ObjectField) -> DatasetColumn:
    """A field as a column of its type; numbers say what they count."""
    unit = MONEY if item.kind is FieldType.MONEY else COUNTED if item.kind is FieldType.NUMBER else ""
    return DatasetColumn(item.key, _sql(item), _type(item), unit, item.sensitivity, item.protected_name)


def _sql(item: ObjectField) -> str:
    if item.made is None:
        return f'"{item.column}"'
    value = expression(f'"{CUSTOM}"', item.made.stored)
    if item.kind is not FieldType.MULTI_CHOICE:
        return value
    return f"CASE WHEN jsonb_typeof({value}) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text({value})) END"


def _type(item: ObjectField) -> str:
    """The PostgreSQL type of a column; a link to what is known by a word is a text."""
    found = _TYPES.get(item.kind, "text")
    return "text" if item.kind is FieldType.LINK and not is_numbered(item) else found


register_source(record_datasets)
