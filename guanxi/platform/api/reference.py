"""The reference page of the API for people: the OpenAPI document as tables, without a script."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.api.document import METHODS
from guanxi.platform.api.operations import schema_name
from guanxi.platform.api.reading import BASE, resource_specs
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

Described = Callable[[View], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class OperationView:
    """One operation: what is sent where, and what for."""

    method: str
    place: str
    summary: str


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: its type in a word, whether it is needed for a new record, whether it can be set at all."""

    name: str
    label: str
    type: str
    is_required: bool
    is_settable: bool
    choices: str


@dataclass(frozen=True, slots=True)
class SectionView:
    """One part of the API: a resource with its fields, or what a capability offers besides."""

    name: str
    title: str
    operations: tuple[OperationView, ...]
    fields: tuple[FieldView, ...]


def reference_page(described: Described) -> Callable[..., HttpResponse]:
    """The view of the page; `described` gives the document for who looks."""

    @require_safe
    def page(request: HttpRequest) -> HttpResponse:
        document = described(View(actor_of(request), timezone.localdate()))
        context = {
            "sections": sections_of(document),
            "origin": request.build_absolute_uri("/").rstrip("/"),
            "document_url": f"{BASE}/openapi.json",
        }
        return render(request, "api/reference.html", context)

    return page


def sections_of(document: Mapping[str, Any]) -> tuple[SectionView, ...]:
    """The parts of a document, resources first."""
    operations: dict[str, list[OperationView]] = {tag["name"]: [] for tag in document["tags"]}
    for place, path in document["paths"].items():
        for method in METHODS:
            if method in path:
                found = OperationView(method.upper(), place, path[method].get("summary", ""))
                operations.setdefault(path[method]["tags"][0], []).append(found)
    titles = {tag["name"]: tag["description"] for tag in document["tags"]}
    names = {spec.api_name: schema_name(spec) for spec in resource_specs()}
    schemas = document["components"]["schemas"]
    return tuple(
        SectionView(tag, titles.get(tag, tag), tuple(found), _fields(schemas, names[tag]) if tag in titles else ())
        for tag, found in operations.items()
    )


def _fields(schemas: Mapping[str, Any], name: str) -> tuple[FieldView, ...]:
    new = schemas.get(f"{name}New", {"properties": {}, "required": []})
    return tuple(
        FieldView(
            name=key,
            label=schema.get("description", ""),
            type=_type(schema),
            is_required=key in new["required"],
            is_settable=key in new["properties"],
            choices=", ".join(str(value) for value in new["properties"].get(key, schema).get("enum", ()) if value),
        )
        for key, schema in schemas[name]["properties"].items()
        if key != "expanded"
    )


def _type(schema: Mapping[str, Any]) -> str:
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    return str(schema.get("format", kind))


register_settings(
    SettingsEntry(
        "api", _("API"), _("Everything that your rights reach, for programs"), "file-text", "api_reference", order=90
    )
)
