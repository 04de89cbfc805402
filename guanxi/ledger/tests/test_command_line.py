import json
from pathlib import Path

from typer.testing import CliRunner

from guanxi.ledger.cli import app
from guanxi.ledger.tests.conftest import purchase

runner = CliRunner()


def test_a_file_is_taken_in_and_counted(tmp_path: Path, account_ids: tuple[int, ...]) -> None:
    path = tmp_path / "facts.ndjson"
    path.write_text(json.dumps(purchase("1")) + "\n{}\n", encoding="utf-8")
    answer = runner.invoke(app, ["ingest", str(path), "--source", "till", "--system", "card", "--json"])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {
        "file": str(path),
        "read": 2,
        "recorded": 1,
        "repeated": 0,
        "conflicts": 0,
        "waiting": 0,
        "rejected": 1,
        "rejects_file": str(path) + ".rejects.ndjson",
    }


def test_the_sentence_names_the_reject_file(tmp_path: Path, account_ids: tuple[int, ...]) -> None:
    path = tmp_path / "facts.ndjson"
    path.write_text("{}\n", encoding="utf-8")
    answer = runner.invoke(app, ["ingest", str(path), "--source", "till"])
    assert "1 refused" in answer.stdout
    assert "facts.ndjson.rejects.ndjson" in answer.stdout


def test_the_schema_of_one_kind_is_printed() -> None:
    answer = runner.invoke(app, ["ledger", "schema", "purchase"])
    assert json.loads(answer.stdout)["properties"]["kind"] == {"const": "purchase"}


def test_an_unknown_kind_is_refused() -> None:
    assert runner.invoke(app, ["ledger", "schema", "gossip"]).exit_code == 2
