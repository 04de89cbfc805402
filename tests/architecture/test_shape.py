"""How long files and functions are, where imports stand, what a template may hold."""

import ast
import re

from tests.architecture.sources import functions, python_sources, templates

LONGEST_FILE = 600
LONGEST_FUNCTION = 50
LONGEST_TEMPLATE = 150
UNNAMED_IGNORE = re.compile(r"#\s*type:\s*ignore(?!\[[a-z-]+(,\s*[a-z-]+)*\])")
INLINE = re.compile(r"<[^>]*\s(style|on[a-z]+)\s*=|<style\b|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.IGNORECASE | re.DOTALL)


def test_no_file_is_too_long() -> None:
    long = {source.path: source.text.count("\n") for source in python_sources()}
    assert {path: lines for path, lines in long.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_too_long() -> None:
    lengths = {
        f"{source.path}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for source in python_sources()
        for function in functions(source)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_imports_stand_at_the_top() -> None:
    inside = [
        f"{source.path}:{node.lineno}"
        for source in python_sources()
        for function in functions(source)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_every_ignored_type_error_is_named() -> None:
    unnamed = [
        f"{source.path}:{number}"
        for source in python_sources()
        for number, line in enumerate(source.text.splitlines(), 1)
        if UNNAMED_IGNORE.search(line) and "re.compile" not in line
    ]
    assert unnamed == []


def test_no_template_is_too_long() -> None:
    assert [path for path, text in templates() if text.count("\n") > LONGEST_TEMPLATE] == []


def test_templates_hold_no_inline_style_or_script() -> None:
    inline = [f"{path}: {found.group(0)[-60:]}" for path, text in templates() for found in INLINE.finditer(text)]
    assert inline == []
    scripts = [
        f"{path}: <script{attributes}>"
        for path, text in templates()
        for attributes, body in SCRIPT.findall(text)
        if "src=" not in attributes or body.strip()
    ]
    assert [script for script in scripts if "application/json" not in script] == []
