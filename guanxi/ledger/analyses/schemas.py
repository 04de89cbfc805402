"""The published JSON Schemas (draft 2020-12) of facts, made from the vocabulary."""

from collections.abc import Mapping
from typing import Any

from guanxi.kernel.fields import FieldSpec, FieldType
from guanxi.ledger.rules import FACT_KINDS, SHARED_FIELDS, FactKind, SubKind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DESCRIBED = frozenset({"kind", "sub_kind"})


def ledger_schemas() -> Mapping[str, Mapping[str, Any]]:
    """One schema for each kind of fact, by kind; it describes one row of a batch."""
    return {kind.name: fact_schema(kind) for kind in FACT_KINDS.values()}


def fact_schema(kind: FactKind) -> Mapping[str, Any]:
    """The schema of a row of one kind. Fields of the payload may stand in `payload` or beside the others."""
    payload = {field.name: _value_schema(field) for field in kind.fields}
    shared = {field.name: _value_schema(field) for field in SHARED_FIELDS if field.name not in DESCRIBED}
    required = [field.name for field in SHARED_FIELDS if field.required]
    return {
        "$schema": DIALECT,
        "$id": f"guanxi:ledger:{kind.name}",
        "title": kind.label,
        "type": "object",
        "properties": {
            "kind": {"const": kind.name},
            "sub_kind": {"oneOf": [{"const": sub.name, "title": sub.label} for sub in kind.sub_kinds]},
            **shared,
            **payload,
            "payload": {"type": "object", "properties": payload, "additionalProperties": False},
        },
        "required": required,
        "oneOf": [{"required": ["account_key"]}, {"required": ["account_id"]}],
        "allOf": [_condition(sub) for sub in kind.sub_kinds if sub.required],
        "additionalProperties": False,
    }


def batch_schema(most_rows: int) -> Mapping[str, Any]:
    """The schema of the body of a batch of at most `most_rows` facts."""
    row = {name: value for name, value in _union_schema().items() if name != "$schema"}
    return {
        "type": "object",
        "properties": {
            "source": {"type": "string", "maxLength": 40, "pattern": "^[a-z0-9][a-z0-9_.:-]*$"},
            "system": {"type": "string", "maxLength": 40},
            "facts": {"type": "array", "maxItems": most_rows, "items": row},
        },
        "required": ["source", "facts"],
        "additionalProperties": False,
    }


def _union_schema() -> Mapping[str, Any]:
    schemas = [dict(schema) for schema in ledger_schemas().values()]
    for schema in schemas:
        del schema["$schema"], schema["$id"]
    return {"oneOf": schemas}


def _condition(sub_kind: SubKind) -> Mapping[str, Any]:
    """What a sub-kind needs: each field beside the others or in the payload."""
    needs = [
        {
            "anyOf": [
                {"required": [name]},
                {"required": ["payload"], "properties": {"payload": {"required": [name]}}},
            ]
        }
        for name in sub_kind.required
    ]
    return {
        "if": {"properties": {"sub_kind": {"const": sub_kind.name}}, "required": ["sub_kind"]},
        "then": {"allOf": needs},
    }


def _value_schema(field: FieldSpec) -> Mapping[str, Any]:
    """The schema of one value."""
    schema: dict[str, Any] = {"title": field.label}
    match field.type:
        case FieldType.TEXT | FieldType.LONG_TEXT:
            schema |= {"type": "string", "maxLength": field.maximum_length}
        case FieldType.INTEGER:
            schema |= {"type": "integer"}
        case FieldType.NUMBER | FieldType.MONEY | FieldType.RATIO:
            schema |= {"type": "number"}
        case FieldType.BOOLEAN:
            schema |= {"type": "boolean"}
        case FieldType.DATE:
            schema |= {"type": "string", "format": "date"}
        case FieldType.DATETIME:
            schema |= {"type": "string", "format": "date-time"}
        case FieldType.CHOICE:
            schema |= {"enum": list(field.choices)}
        case FieldType.LINK:
            schema |= {"type": "integer"}
    bounds = {"minimum": field.minimum, "maximum": field.maximum}
    schema |= {name: value for name, value in bounds.items() if value is not None}
    return schema | ({"description": field.help or field.unit} if field.help or field.unit else {})
