"""The resources of the API: one for each registered object that has a name there, all by the same few functions.

They are described by `document.py`, which reads the same registry, so they are left out of ninja's own description.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Router

from guanxi.kernel.errors import Conflict, NotFound, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.api.expansion import read_wanted, wanted
from guanxi.platform.api.idempotency import LIKELY_DUPLICATES, answered_once
from guanxi.platform.api.problems import PreconditionFailed
from guanxi.platform.api.reading import live_ids, read_page, require_live, resource_specs
from guanxi.platform.api.requests import (
    Count,
    Shape,
    read_body,
    read_force,
    read_list,
    read_shape,
    require_json_accepted,
    require_nothing,
)
from guanxi.platform.api.sign_in import caller
from guanxi.platform.api.writing import (
    create_record,
    edit_record,
    require_writer,
    rows_of,
    verbs_of,
    version_of,
    write_rows,
)
from guanxi.platform.files.queries import content_path
from guanxi.platform.files.serving import handed_out
from guanxi.platform.objects.held_files import file_of
from guanxi.platform.objects.registry import fields_of
from guanxi.platform.objects.spec import ObjectSpec, View

READS = ["GET", "HEAD"]
TAG = re.compile(r'"([1-9][0-9]{0,8})"', re.ASCII)
router = Router()


@router.api_operation(READS, "/{name}", include_in_schema=False)
def list_records(request: HttpRequest, name: str) -> HttpResponse:
    """One page of the records that the caller may see."""
    spec, view = _asked(request, name)
    asked = read_list(request.GET)
    told = wanted(spec, asked.shape, view)
    page = read_page(spec, asked, view)
    found = read_wanted(spec, page.ids, told, view)
    answer: dict[str, Any] = {"items": found.records, "next_cursor": page.next_cursor or None}
    if asked.count is not Count.NONE:
        answer |= {"count": page.count, "is_count_capped": page.is_capped}
    return _json(answer | ({"expanded": found.expanded} if found.expanded is not None else {}))


@router.post("/{name}", include_in_schema=False)
def create(request: HttpRequest, name: str) -> HttpResponse:
    """Create a record."""
    spec, view = _asked(request, name)

    def work() -> HttpResponse:
        written = create_record(spec, read_body(request), view, is_forced=is_forced)
        headers = {"Location": f"{request.path}/{written.record_id}"}
        if written.alike:
            headers[LIKELY_DUPLICATES] = json.dumps(written.alike)
        return _written_answer(spec, written.record_id, view, status=201, headers=headers)

    is_forced = read_force(request.GET)
    require_writer(view)
    return answered_once(request, work)


@router.post("/{name}/bulk", include_in_schema=False)
def write_in_bulk(request: HttpRequest, name: str) -> HttpResponse:
    """Create and change many records, each with an outcome of its own."""
    spec, view = _asked(request, name)

    def work() -> HttpResponse:
        outcomes = write_rows(spec, rows_of(read_body(request)), view)
        refused = sum("problem" in outcome for outcome in outcomes)
        return _json({"rows": outcomes, "written": len(outcomes) - refused, "refused": refused})

    return _write(request, view, work)


@router.api_operation(READS, "/{name}/{id:record_id}", include_in_schema=False)
def read(request: HttpRequest, name: str, record_id: int) -> HttpResponse:
    """One record."""
    spec, view = _asked(request, name)
    return _record_answer(spec, record_id, read_shape(request.GET), view)


@router.api_operation(READS, "/{name}/{id:record_id}/files/{slug:field}", include_in_schema=False)
def read_file(request: HttpRequest, name: str, record_id: int, field: str) -> HttpResponseBase:
    """The content of the file that a field holds."""
    view = View(caller(request), timezone.localdate())
    spec = _resource(name)
    require_nothing(request.GET)
    record: models.Model = grant(view.actor, spec.model).live(record_id)
    item = next((item for item in fields_of(spec) if item.key == field and item.beside is None), None)
    if item is None:
        raise no_such_record()
    file = file_of(record, item, view.actor)
    return handed_out(content_path(file), name=file.name)


@router.patch("/{name}/{id:record_id}", include_in_schema=False)
def edit(request: HttpRequest, name: str, record_id: int) -> HttpResponse:
    """Change some fields of a record, if nobody changed it since the caller read it."""
    spec, view = _asked(request, name)

    def work() -> HttpResponse:
        verbs_of(spec)
        require_live(spec, record_id, view)
        body = read_body(request)
        values = {key: value for key, value in body.items() if key != "version"}
        tag = request.headers.get("If-Match")
        tagged = _version_of_tag(tag) if tag is not None else 0
        version = tagged if tagged and "version" not in body else version_of(body)
        try:
            edit_record(spec, record_id, values, version=version, view=view)
        except Conflict as error:
            if tag is None or error.code != "record.changed":
                raise
            raise PreconditionFailed(error.code, error.sentence, **error.data) from error
        return _written_answer(spec, record_id, view)

    return _write(request, view, work)


@router.delete("/{name}/{id:record_id}", include_in_schema=False)
def trash(request: HttpRequest, name: str, record_id: int) -> HttpResponse:
    """Put a record into the trash."""
    spec, view = _asked(request, name)
    require_nothing(request.GET)
    require_writer(view)
    move = verbs_of(spec).trash
    require_live(spec, record_id, view)
    move(record_id, actor=view.actor)
    return HttpResponse(status=204)


@router.post("/{name}/{id:record_id}/restore", include_in_schema=False)
def restore(request: HttpRequest, name: str, record_id: int) -> HttpResponse:
    """Take a record out of the trash; one that is not there stays as it is."""
    spec, view = _asked(request, name)

    def work() -> HttpResponse:
        verbs_of(spec).restore(record_id, actor=view.actor)
        return _written_answer(spec, record_id, view)

    return _write(request, view, work)


def _asked(request: HttpRequest, name: str) -> tuple[ObjectSpec, View]:
    """The object of an address and who asks.

    Raises: NotFound("resource.not_found"), AccessDenied("access.denied") without the right to see any of its records,
    NotAcceptable("request.accept").
    """
    require_json_accepted(request)
    view = View(caller(request), timezone.localdate())
    spec = _resource(name)
    grant(view.actor, spec.model)
    return spec, view


def _resource(name: str) -> ObjectSpec:
    spec = next((spec for spec in resource_specs() if spec.api_name == name), None)
    if spec is None:
        raise NotFound("resource.not_found", "The API has nothing at this address.")
    return spec


def _write(request: HttpRequest, view: View, work: Callable[[], HttpResponse]) -> HttpResponse:
    require_nothing(request.GET)
    require_writer(view)
    return answered_once(request, work)


def _version_of_tag(tag: str) -> int:
    """The version that an ETag of ours names. Raises: RuleViolation("request.if_match")."""
    found = TAG.fullmatch(tag.strip())
    if found is None:
        raise RuleViolation("request.if_match", "“If-Match” must be the ETag of the record that you saw.")
    return int(found.group(1))


def _record_answer(
    spec: ObjectSpec,
    record_id: int,
    shape: Shape,
    view: View,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    told = wanted(spec, shape, view)
    found = read_wanted(spec, live_ids(spec, [record_id], view), told, view)
    if not found.records:
        raise no_such_record()
    record = found.records[0]
    tag = {"ETag": f'"{record["version"]}"', **(headers or {})}
    return _json(record | ({"expanded": found.expanded} if found.expanded is not None else {}), status, tag)


def _written_answer(
    spec: ObjectSpec, record_id: int, view: View, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """The record after the change, as far as the caller may see it; at least its id."""
    try:
        return _record_answer(spec, record_id, Shape(), view, status=status, headers=headers)
    except NotFound:
        return _json({"id": record_id}, status, headers)


def _json(answer: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return JsonResponse(answer, status=status, headers=dict(headers or {}), json_dumps_params={"ensure_ascii": False})
