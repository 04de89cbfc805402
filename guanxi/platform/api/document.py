"""The OpenAPI 3.1 document: what mounted routers say of themselves, and the resources, made from their fields.

It is made for one caller: objects and fields that the caller's rights hide are not in it.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from guanxi import __version__
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.api.operations import PROBLEM_SCHEMA, paths_of, problem_responses, schema_name
from guanxi.platform.api.reading import BASE, resource_specs, shown_fields
from guanxi.platform.api.values import Schema, accepted_schema_of, schema_of
from guanxi.platform.api.writing import MOST_BULK_ROWS
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec, View

METHODS = ("get", "post", "patch", "delete")
MOUNTED_PROBLEMS = (401, 403, 405, 413, 422, 429)
Description = dict[str, Any]


def description(mounted: Mapping[str, Any], view: View) -> Description:
    """The whole document; `mounted` is ninja's own one of the routers of the capabilities."""
    components = mounted["components"]
    paths: dict[str, Any] = {place: _with_problems(path) for place, path in mounted["paths"].items()}
    schemas: dict[str, Schema] = {**components.get("schemas", {}), "Problem": PROBLEM_SCHEMA}
    specs = [spec for spec in resource_specs() if may(view.actor, spec.model, Action.VIEW)]
    for spec in specs:
        paths |= paths_of(spec, f"{BASE}/{spec.api_name}", view)
        schemas |= _schemas_of(spec, view)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": str(mounted["info"]["title"]),
            "version": __version__,
            "description": gettext(
                "Records are read and written as far as the rights of the token's owner reach. "
                "Every refusal is a problem (RFC 9457) whose “title” is a stable code."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": problem_responses(),
            "securitySchemes": components["securitySchemes"],
        },
        "tags": [{"name": spec.api_name, "description": str(spec.plural)} for spec in specs],
    }


def _with_problems(path: Mapping[str, Any]) -> Mapping[str, Any]:
    """A path of a mounted router with the refusals that every operation may answer with."""
    refusals = {str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in MOUNTED_PROBLEMS}
    return {
        method: {**operation, "responses": {**refusals, **{str(k): v for k, v in operation["responses"].items()}}}
        if method in METHODS
        else operation
        for method, operation in path.items()
    }


def _schemas_of(spec: ObjectSpec, view: View) -> dict[str, Schema]:
    """The shapes of an object: as it is read, paged, created, changed, and written in bulk."""
    name = schema_name(spec)
    found = {name: _read_schema(spec, view), f"{name}Page": _page_schema(name)}
    if spec.verbs is None:
        return found
    settable = [item for item in fields_of(spec) if _is_settable(item, view)]
    values = {item.key: accepted_schema_of(item, view) for item in settable}
    return found | {
        f"{name}New": {
            "type": "object",
            "properties": values,
            "required": [item.key for item in settable if item.is_required],
            "additionalProperties": False,
        },
        f"{name}Change": {
            "type": "object",
            "properties": {"version": _version_schema(), **values},
            "additionalProperties": False,
        },
        f"{name}Rows": {
            "type": "object",
            "properties": {"rows": _rows_schema(name)},
            "required": ["rows"],
            "additionalProperties": False,
        },
        f"{name}Outcomes": _outcomes_schema(),
    }


def _is_settable(item: ObjectField, view: View) -> bool:
    return item.beside is None and item.is_editable and item.access(view.actor) >= FieldAccess.WRITE


def _read_schema(spec: ObjectSpec, view: View) -> Schema:
    fields = shown_fields(spec, (), view)
    settable = {item.key for item in fields_of(spec) if spec.verbs is not None and _is_settable(item, view)}
    properties = {
        field.item.key: {
            **schema_of(field.item, view, is_masked=field.is_masked),
            **({} if field.item.key in settable else {"readOnly": True}),
        }
        for field in fields
    }
    expanded = {"type": "object", "description": gettext("What the links lead to, by link and key.")}
    own = {"id": {"type": "integer", "readOnly": True}, "version": {**_version_schema(), "readOnly": True}}
    return {
        "type": "object",
        "properties": {**own, **properties, "expanded": expanded},
        "required": ["id"],
        "additionalProperties": False,
    }


def _version_schema() -> Schema:
    return {
        "type": "integer",
        "minimum": 1,
        "maximum": 2**31 - 1,
        "description": gettext("Rises with every change; a change names the version that it was made from."),
    }


def _page_schema(name: str) -> Schema:
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
            "next_cursor": {
                "type": ["string", "null"],
                "description": gettext("Where the next page begins; null on the last one."),
            },
            "count": {"type": "integer", "description": gettext("How many records there are, if that was asked for.")},
            "is_count_capped": {"type": "boolean", "description": gettext("Whether there are more than “count”.")},
            "expanded": {"type": "object", "description": gettext("What the links lead to, by link and key.")},
        },
        "required": ["items", "next_cursor"],
        "additionalProperties": False,
    }


def _rows_schema(name: str) -> Schema:
    """Each row is judged by itself, so any object may be sent; the first two shapes are the useful ones."""
    change = {"$ref": f"#/components/schemas/{name}Change"}
    return {
        "type": "array",
        "minItems": 1,
        "maxItems": MOST_BULK_ROWS,
        "description": gettext("A row with an “id” changes that record, one without creates one."),
        "items": {"anyOf": [{"$ref": f"#/components/schemas/{name}New"}, change, {"type": "object"}]},
    }


def _alike_schema() -> Schema:
    """A record that a new one looks like; id and name are null where the caller must not see it."""
    return {
        "type": "object",
        "properties": {
            "id": {"type": ["integer", "null"]},
            "name": {"type": ["string", "null"]},
            "certainty": {"type": "number", "minimum": 0, "maximum": 1},
            "reasons": {"type": "array", "items": {"type": "string"}},
            "keeper": {"type": ["string", "null"]},
        },
        "required": ["id", "name", "certainty", "reasons", "keeper"],
        "additionalProperties": False,
    }


def _outcomes_schema() -> Schema:
    row = {
        "type": "object",
        "properties": {
            "status": {"type": "integer"},
            "id": {"type": "integer"},
            "version": {"type": "integer"},
            "likely_duplicates": {
                "type": "array",
                "items": _alike_schema(),
                "description": gettext("The records that a new one looks like."),
            },
            "problem": {"$ref": "#/components/schemas/Problem"},
        },
        "required": ["status"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "rows": {"type": "array", "items": row, "description": gettext("The outcome of each row, in their order.")},
            "written": {"type": "integer"},
            "refused": {"type": "integer"},
        },
        "required": ["rows", "written", "refused"],
        "additionalProperties": False,
    }
