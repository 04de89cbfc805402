"""The operations of a resource in the words of OpenAPI: parameters, bodies, answers, refusals."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext

from guanxi.kernel.fields import FieldType
from guanxi.platform.api.expansion import expandable_fields
from guanxi.platform.api.idempotency import LIKELY_DUPLICATES, LONGEST_KEY
from guanxi.platform.api.problems import PROBLEM
from guanxi.platform.api.reading import shown_fields
from guanxi.platform.api.requests import LONGEST_WORDS, MOST_ROWS, MOST_SORTS, USUAL_ROWS, Count
from guanxi.platform.objects.alike import alike_source
from guanxi.platform.objects.fields import readable
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec, View

Part = dict[str, Any]
REFUSALS = (401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429, 500)
READING = (401, 403, 404, 405, 406, 422, 429, 500)
WRITING = (*READING, 409, 413, 415)
PROBLEM_SCHEMA: Part = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "data": {"type": "object"},
    },
    "required": ["type", "title", "status", "detail", "data"],
}


def schema_name(spec: ObjectSpec) -> str:
    """The name of an object among the schemas: `Account`."""
    return spec.key.title().replace("_", "")


def problem_responses() -> dict[str, Part]:
    """The refusals, to be referred to."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {f"Problem{code}": {"description": HTTPStatus(code).phrase, "content": content} for code in REFUSALS}


def paths_of(spec: ObjectSpec, place: str, view: View) -> dict[str, Part]:
    """All addresses of a resource that stands at `place`, with their operations."""
    many: Part = {"get": _listing(spec, view)}
    one: Part = {"parameters": [_id()], "get": _reading(spec, view)}
    paths: dict[str, Part] = {place: many, f"{place}/{{id}}": one}
    files = [field.item.key for field in shown_fields(spec, (), view) if field.item.kind is FieldType.FILE]
    if files:
        paths[f"{place}/{{id}}/files/{{field}}"] = {
            "parameters": [_id(), _file_field(files)],
            "get": _downloading(spec),
        }
    if spec.verbs is not None:
        many["post"] = _creating(spec)
        one |= {"patch": _changing(spec), "delete": _trashing(spec)}
        paths[f"{place}/bulk"] = {"post": _bulk(spec)}
        paths[f"{place}/{{id}}/restore"] = {"parameters": [_id()], "post": _restoring(spec)}
    return paths


def _operation(spec: ObjectSpec, name: str, *, summary: str, answers: Part, refusals: Sequence[int]) -> Part:
    refused = {str(code): {"$ref": f"#/components/responses/Problem{code}"} for code in sorted(refusals)}
    return {
        "operationId": f"{spec.api_name}_{name}",
        "tags": [spec.api_name],
        "summary": summary,
        "responses": {**answers, **refused},
        "security": [{"TokenSignIn": []}],
    }


def _answer(status: int, shape: str, *, headers: Part | None = None) -> Part:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}
    found: Part = {"description": HTTPStatus(status).phrase, "content": content}
    return {str(status): {**found, "headers": headers} if headers else found}


def _body(shape: str) -> Part:
    schema = {"schema": {"$ref": f"#/components/schemas/{shape}"}}
    return {"requestBody": {"required": True, "content": {"application/json": schema}}}


def _listing(spec: ObjectSpec, view: View) -> Part:
    page = _answer(200, f"{schema_name(spec)}Page")
    found = _operation(spec, "list", summary=gettext("List records"), answers=page, refusals=READING)
    return {**found, "parameters": [*_shape_parameters(spec, view), *_list_parameters(spec, view)]}


def _reading(spec: ObjectSpec, view: View) -> Part:
    record = _answer(200, schema_name(spec), headers=_etag())
    found = _operation(spec, "read", summary=gettext("Read a record"), answers=record, refusals=READING)
    return {**found, "parameters": _shape_parameters(spec, view)}


def _downloading(spec: ObjectSpec) -> Part:
    content: Part = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    answers = {"200": {"description": HTTPStatus.OK.phrase, "content": content}}
    return _operation(spec, "read_file", summary=gettext("Read the file of a field"), answers=answers, refusals=READING)


def _file_field(keys: Sequence[str]) -> Part:
    return {"name": "field", "in": "path", "required": True, "schema": {"type": "string", "enum": list(keys)}}


def _creating(spec: ObjectSpec) -> Part:
    headers: Part = {"Location": {"schema": {"type": "string"}}}
    parameters = [_idempotency_key(), _force()]
    if alike_source(spec.key) is not None:
        words = gettext("The records that the new one looks like, as a JSON list; none without the header.")
        headers[LIKELY_DUPLICATES] = {"schema": {"type": "string"}, "description": words}
    record = _answer(201, schema_name(spec), headers={**_etag(), **headers})
    found = _operation(spec, "create", summary=gettext("Create a record"), answers=record, refusals=WRITING)
    return {**found, "parameters": parameters, **_body(f"{schema_name(spec)}New")}


def _changing(spec: ObjectSpec) -> Part:
    record = _answer(200, schema_name(spec), headers=_etag())
    refusals = (*WRITING, 412)
    found = _operation(spec, "change", summary=gettext("Change a record"), answers=record, refusals=refusals)
    return {**found, "parameters": [_if_match(), _idempotency_key()], **_body(f"{schema_name(spec)}Change")}


def _trashing(spec: ObjectSpec) -> Part:
    nothing: Part = {"204": {"description": HTTPStatus.NO_CONTENT.phrase}}
    summary = gettext("Put a record into the trash")
    return _operation(spec, "trash", summary=summary, answers=nothing, refusals=READING)


def _restoring(spec: ObjectSpec) -> Part:
    record = _answer(200, schema_name(spec), headers=_etag())
    summary = gettext("Take a record out of the trash")
    found = _operation(spec, "restore", summary=summary, answers=record, refusals=WRITING)
    return {**found, "parameters": [_idempotency_key()]}


def _bulk(spec: ObjectSpec) -> Part:
    outcomes = _answer(200, f"{schema_name(spec)}Outcomes")
    summary = gettext("Create and change many records")
    found = _operation(spec, "bulk", summary=summary, answers=outcomes, refusals=WRITING)
    return {**found, "parameters": [_idempotency_key()], **_body(f"{schema_name(spec)}Rows")}


def _id() -> Part:
    schema = {"type": "integer", "minimum": 1, "maximum": 10**18 - 1}
    return {"name": "id", "in": "path", "required": True, "schema": schema}


def _etag() -> Part:
    return {"ETag": {"schema": {"type": "string"}, "description": gettext("The version, for “If-Match”.")}}


def _if_match() -> Part:
    return {
        "name": "If-Match",
        "in": "header",
        "schema": {"type": "string", "pattern": '^"[1-9][0-9]{0,8}"$'},
        "description": gettext("The ETag of the record that you saw, in place of “version” in the body."),
    }


def _idempotency_key() -> Part:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "schema": {"type": "string", "pattern": "^[!-~]+$", "minLength": 1, "maxLength": LONGEST_KEY},
        "description": gettext("The same request with the same key within 24 hours is done once and answered alike."),
    }


def _force() -> Part:
    words = gettext("“true” makes the record though it looks like one that is there; for who decides of duplicates.")
    return _parameter("force", {"type": "string", "enum": ["true", "false"]}, words)


def _parameter(name: str, schema: Part, words: str) -> Part:
    found = {"name": name, "in": "query", "schema": schema, "description": words}
    return {**found, "style": "form", "explode": False} if schema["type"] == "array" else found


def _keys(names: Sequence[str], **bounds: int) -> Part:
    return {
        "type": "array",
        "items": {"type": "string", "enum": list(names)},
        "minItems": 1,
        "uniqueItems": True,
        **bounds,
    }


def _shape_parameters(spec: ObjectSpec, view: View) -> list[Part]:
    fields = ["id", "version", *(field.item.key for field in shown_fields(spec, (), view))]
    links = [item.key for item in expandable_fields(spec, view)]
    found = [_parameter("fields", _keys(fields), gettext("The fields to answer with; all without it."))]
    if links:
        found.append(_parameter("expand", _keys(links), gettext("Links of which the answer says what they lead to.")))
    return found


def _list_parameters(spec: ObjectSpec, view: View) -> list[Part]:
    known = ["id", *(item.key for item in readable(fields_of(spec), view.actor))]
    orders = [order for key in known for order in (key, f"-{key}")]
    conditions = gettext(
        "Conditions as JSON: [field, operator, value…], joined by [“all”, …] and [“any”, …]. "
        "The operators are those of the filters on the pages."
    )
    limits = {"type": "integer", "minimum": 1, "maximum": MOST_ROWS, "default": USUAL_ROWS}
    words = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORDS}
    found = [
        {**_parameter("where", {"type": "string"}, conditions), "example": '["city","is","苏州"]'},
        _parameter("q", words, gettext("Words to search for: names, pinyin, initials, digits of a number.")),
        _parameter("sort", _keys(orders, maxItems=MOST_SORTS), gettext("The order; “-” before a field reverses it.")),
        _parameter("limit", limits, gettext("How many records a page has.")),
        _parameter("cursor", {"type": "string"}, gettext("“next_cursor” of the page before.")),
        _parameter("count", {"type": "string", "enum": list(Count)}, gettext("Whether all records are counted.")),
        _parameter(
            "trashed", {"type": "string", "enum": ["true", "false"]}, gettext("“true” lists what is in the trash.")
        ),
    ]
    return [part for part in found if part["name"] != "q" or spec.search is not None]
