"""The project's own source files, read once for the tests of its architecture."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("guanxi", "tests", "bench")


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path from the root, its text and its syntax tree."""

    path: str
    text: str
    tree: ast.Module

    @property
    def is_test(self) -> bool:
        """Whether the file belongs to the tests."""
        return "tests" in Path(self.path).parts or self.path == "conftest.py"


@cache
def python_sources() -> tuple[Source, ...]:
    """Every Python file of the project except migrations, which Django writes."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return tuple(_source(path) for path in paths if "migrations" not in path.parts)


@cache
def product_sources() -> tuple[Source, ...]:
    """The Python files of the product alone."""
    return tuple(source for source in python_sources() if source.path.startswith("guanxi/") and not source.is_test)


@cache
def templates() -> tuple[tuple[str, str], ...]:
    """Every template as (path from the root, text)."""
    paths = sorted((ROOT / "guanxi").rglob("templates/**/*.html"))
    return tuple((str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")) for path in paths)


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _source(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(str(path.relative_to(ROOT)), text, ast.parse(text))
