"""Static files: collected once, with hashed names and compressed twins, and kept by browsers for ever."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings

from guanxi.project.static_files import collect_static, serving_static


class NoPages(WSGIHandler):
    """An application without pages."""

    def __init__(self) -> None:
        """Load nothing."""

    def __call__(self, _environ: Any, start_response: Any) -> Any:
        """Answer that there is no such page."""
        start_response("404 Not Found", [])
        return []


@pytest.fixture
def sources(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "sources"
    folder.mkdir()
    (folder / "page.css").write_text("body { background: url('dot.svg') }\n" + "/* long */\n" * 200)
    (folder / "dot.svg").write_text("<svg/>")
    with override_settings(
        STATICFILES_DIRS=[folder],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STATIC_URL="/static/",
        STATIC_ROOT=tmp_path / "static",
    ):
        yield folder


def request(path: str, **headers: str) -> tuple[str, dict[str, str]]:
    answers: list[tuple[str, dict[str, str]]] = []

    def start_response(status: str, fields: list[tuple[str, str]], _error: object = None) -> Any:
        answers.append((status, dict(fields)))

    environ: dict[str, Any] = {"PATH_INFO": path, **headers}
    setup_testing_defaults(environ)
    list(serving_static(NoPages())(environ, start_response))
    return answers[0]


def test_files_are_collected_once(sources: Path, tmp_path: Path) -> None:
    target = tmp_path / "static"
    assert collect_static(target, base_url="/static/")
    assert not collect_static(target, base_url="/static/")
    (sources / "dot.svg").write_text("<svg><circle/></svg>")
    assert collect_static(target, base_url="/static/")
    assert not list(tmp_path.glob("static.*"))


@pytest.mark.usefixtures("sources")
def test_hashed_names_are_served_compressed_and_kept(tmp_path: Path) -> None:
    collect_static(tmp_path / "static", base_url="/static/")
    names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert names["dot.svg"] in (tmp_path / "static" / names["page.css"]).read_text()
    status, fields = request(f"/static/{names['page.css']}", HTTP_ACCEPT_ENCODING="gzip")
    assert status == "200 OK"
    assert fields["Content-Encoding"] == "gzip"
    assert "immutable" in fields["Cache-Control"]
    assert "immutable" not in request("/static/page.css")[1]["Cache-Control"]
    assert request("/static/none.css")[0] == "404 Not Found"
    assert request("/static/../secret_key")[0] == "404 Not Found"


@pytest.mark.usefixtures("sources")
def test_sources_are_served_in_debug_mode() -> None:
    with override_settings(DEBUG=True):
        assert request("/static/dot.svg")[0] == "200 OK"
