"""A capability of others, installed as a package, adds an object, a panel and a filter without touching the core."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi.project.packages import installed_packages

PACKAGE = Path(__file__).parent / "packages" / "exhibitions"
ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.django_db(transaction=True)
def test_a_package_adds_an_object_a_panel_and_a_filter(tmp_path: Path, database_url: str) -> None:
    installed = tmp_path / "site"
    shutil.copytree(PACKAGE, installed)
    (installed / "exhibitions" / "migrations").mkdir()
    (installed / "exhibitions" / "migrations" / "__init__.py").touch()
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(installed), str(ROOT))),
        "DJANGO_SETTINGS_MODULE": "guanxi.project.settings",
        "GUANXI_DATABASE_URL": database_url,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    tried = subprocess.run(
        [sys.executable, installed / "try_it.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert tried.returncode == 0, tried.stderr[-4_000:]
    assert json.loads(tried.stdout.splitlines()[-1]) == {
        "key": "booth",
        "all list": [200, True, False],
        "all card": [200, True, False],
        "all panel": [200, True, False],
        "all filter": [200, False, False],
        "all calendar": [200, False, False],
        "none list": [200, False, False],
        "none card": [404, False, False],
        "none panel": [404, False, False],
        "none filter": [200, False, False],
        "none calendar": [200, False, False],
    }


def test_a_package_names_itself_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {package.name for package in installed_packages()}
    monkeypatch.syspath_prepend(str(PACKAGE))
    added = [package for package in installed_packages() if package.name not in known]
    assert [(package.name, package.app, package.urls) for package in added] == [("exhibitions", "exhibitions", "")]
