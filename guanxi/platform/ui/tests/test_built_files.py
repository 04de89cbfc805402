import re
from pathlib import Path

import guanxi
from guanxi.platform.ui import catalogues

PACKAGE = Path(guanxi.__file__).parent
STATIC = PACKAGE / "platform/ui/static"
ICON_TAG = re.compile(r"{% icon [\"']([a-z0-9-]+)[\"']")
ICON_ARGUMENT = re.compile(r"\bicon=[\"']([a-z0-9-]+)[\"']")


def test_the_sprite_draws_every_icon_that_is_named() -> None:
    named = {name for path in PACKAGE.rglob("*.html") for name in ICON_TAG.findall(path.read_text())}
    named |= {
        name
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.parts
        for name in ICON_ARGUMENT.findall(path.read_text())
    }
    drawn = set(re.findall(r'<symbol id="([a-z0-9-]+)"', (STATIC / "vendor/icons.svg").read_text()))
    assert named - drawn == set(), "Run `python hatch_build.py`, or choose names that Tabler Icons has."


def test_templates_and_styles_keep_the_content_security_policy() -> None:
    for path in PACKAGE.rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on", text), path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert len(text.splitlines()) <= 150, path


def test_extraction_finds_calls_plurals_contexts_errors_and_template_tags(tmp_path: Path) -> None:
    python = tmp_path / "a.py"
    python.write_text(
        "f'{gettext(\"One\")}'\n"
        'ngettext("%(n)s row", "%(n)s rows", n)\npgettext("verb", "Open")\n'
        'raise RuleViolation("code", "It " "fails.")\ngettext(variable)\n'
    )
    page = tmp_path / "a.html"
    page.write_text('{% translate "Two" %}{% blocktranslate with name=x %}Hi {{ name }}{% endblocktranslate %}')
    found = [message for path in (python, page) for message in catalogues._messages_of(path)]
    assert sorted(found, key=str) == sorted(
        [
            ("One", None),
            (("%(n)s row", "%(n)s rows"), None),
            ("Open", "verb"),
            ("It fails.", None),
            ("Two", None),
            ("Hi %(name)s", None),
        ],
        key=str,
    )


def test_the_catalogues_are_complete() -> None:
    assert catalogues.faults() == []
