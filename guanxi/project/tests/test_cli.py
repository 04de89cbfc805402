"""The command line: what it lists, how it fails."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi.project.cli import CONTRIBUTIONS, Contribution, load_command


def guanxi(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "guanxi", *arguments)
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.parametrize("entry", CONTRIBUTIONS, ids=lambda entry: entry.name)
def test_summary_is_the_first_sentence_of_the_command(entry: Contribution) -> None:
    assert load_command(entry).help.partition("\n")[0] == entry.summary


def test_help_lists_every_command() -> None:
    answer = guanxi("--help", COLUMNS="200")
    assert answer.returncode == 0
    for name in ("up", "backup", "restore", "doctor", "database", *(entry.name for entry in CONTRIBUTIONS)):
        assert f" {name} " in answer.stdout


def test_wrong_setting_is_one_sentence() -> None:
    answer = guanxi("doctor", GUANXI_PORT="none")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr == (
        "guanxi: port from GUANXI_PORT cannot be 'none'; allowed is: a whole number from 1 to 65535.\n"
    )


def test_doctor_tells_origins_and_keeps_secrets(data_folder: Path) -> None:
    url = "postgresql://crm:geheim@localhost/crm"
    answer = guanxi("doctor", "--json", GUANXI_DATA=str(data_folder), GUANXI_DATABASE_URL=url, GUANXI_HOTS="x")
    assert "geheim" not in answer.stdout
    examination = json.loads(answer.stdout)
    settings = {line["name"]: line for line in examination["settings"]}
    assert settings["data_folder"] == {
        "name": "data_folder",
        "value": str(data_folder),
        "origin": "GUANXI_DATA",
    }
    assert settings["database_url"]["value"] == "set"
    assert settings["language"]["origin"] == "default"
    assert settings["encryption_keys"]["value"] == "set"
    assert examination["keys"].endswith(" encrypts; the database was not asked what it needs")
    assert examination["missing_keys"] == {}
    assert examination["unknown_variables"] == ["GUANXI_HOTS"]
    assert examination["versions"]["django"].startswith("5.2")


def test_server_of_its_own_is_not_ours_to_start() -> None:
    answer = guanxi("database", "start", GUANXI_DATABASE_URL="postgresql://localhost/crm")
    assert answer.returncode == 1
    assert "neither starts nor stops it" in answer.stderr


def test_database_commands(data_folder: Path) -> None:
    def ask(action: str) -> dict[str, object]:
        answer = guanxi("database", action, "--json", GUANXI_DATA=str(data_folder), GUANXI_POSTGRES_MEMORY_MB="512")
        assert answer.returncode == 0, answer.stderr
        content: dict[str, object] = json.loads(answer.stdout)
        return content

    assert ask("status")["is_running"] is False
    assert ask("start")["is_running"] is True
    assert ask("status")["stays"] is True
    assert ask("stop") == {"was_running": True}
    assert ask("stop") == {"was_running": False}
