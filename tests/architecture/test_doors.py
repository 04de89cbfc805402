"""One door for reads, one for writes, and every address says whom it is for."""

import ast
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

from guanxi.platform.access.grant import allowed_reasons
from guanxi.platform.access.urls import Permission
from guanxi.platform.records.models import Record
from tests.architecture.sources import Source, product_sources

PERMITTED_BY_THEIR_LIBRARY = ("sign-in/", "api/v1/")
WRITES = frozenset({"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete"})
PLATFORM = "guanxi/platform/"
NO_RECORDS = frozenset({"form", "edition", "target", "code"})
"""What else is saved outside the platform: forms, the plain model Edition, a storage of files, a drawn code."""
RECORDS_ROOM = "guanxi/platform/records/"


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, address)
        else:
            yield address, entry


def _addresses() -> list[tuple[str, URLPattern]]:
    return [
        (address, pattern)
        for address, pattern in _patterns(get_resolver())
        if not address.startswith(PERMITTED_BY_THEIR_LIBRARY)
    ]


@pytest.mark.parametrize(("address", "pattern"), _addresses(), ids=[address or "/" for address, _ in _addresses()])
def test_every_address_declares_its_permission(address: str, pattern: URLPattern) -> None:
    assert isinstance(getattr(pattern.callback, "permission", None), Permission)


def test_few_addresses_are_open_to_anybody() -> None:
    is_public = {
        address: getattr(pattern.callback, "permission", Permission()).public for address, pattern in _addresses()
    }
    open_to_anybody = {address for address, public in is_public.items() if public}
    assert open_to_anybody == {
        "display/",
        "language/",
        "f/confirm/<str:token>/",
        "f/<slug:slug>/",
        "f/<slug:slug>/thanks/",
        "f/<slug:slug>/embed/",
        "f/<slug:slug>/embed/thanks/",
        "p/<str:token>/",
        "p/<str:token>/ask/",
        "privacy-notice/<id:number>/",
    }


def test_reasons_and_code_agree() -> None:
    texts = {
        node.value
        for source in product_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert allowed_reasons() - texts == frozenset(), "A reason is used nowhere."
    named = {reason for source in product_sources() for reason in _reasons(source)}
    assert named - allowed_reasons() == set(), "A reason does not stand in the file."


def _reasons(source: Source) -> Iterator[str]:
    """The reasons of the file's `unscoped(…, reason=…)`, written there or as a constant of the file."""
    constants = {
        target.id: node.value.value
        for node in source.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for call in _calls(source):
        if isinstance(call.func, ast.Name) and call.func.id == "unscoped":
            for argument in (keyword.value for keyword in call.keywords if keyword.arg == "reason"):
                if isinstance(argument, ast.Constant):
                    yield str(argument.value)
                elif isinstance(argument, ast.Name) and argument.id in constants:
                    yield constants[argument.id]


def test_records_are_saved_by_change_alone() -> None:
    saving = [
        f"{source.path}:{call.lineno}"
        for source in product_sources()
        if not source.path.startswith(PLATFORM)
        for call in _calls(source)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "save" and not _is_no_record(call.func.value)
    ]
    assert saving == []


def test_nobody_writes_records_through_their_manager() -> None:
    records = {model.__name__ for model in apps.get_models() if issubclass(model, Record)}
    assert len(records) > 5
    writing = [
        f"{source.path}:{call.lineno}"
        for source in product_sources()
        if not source.path.startswith(RECORDS_ROOM)
        for call in _calls(source)
        if _written_through_manager(call) in records
    ]
    assert writing == []


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _is_no_record(value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in NO_RECORDS


def _written_through_manager(call: ast.Call) -> str:
    """The model's name in `Model.objects.….create(…)` or another write, else ""."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in WRITES:
        return ""
    value: ast.expr = call.func.value
    while isinstance(value, ast.Call | ast.Attribute):
        if isinstance(value, ast.Attribute) and value.attr == "objects" and isinstance(value.value, ast.Name):
            return value.value.id
        value = value.func if isinstance(value, ast.Call) else value.value
    return ""
