import json
from pathlib import Path

from guanxi.ledger.analyses.reference import reference_page
from guanxi.ledger.analyses.schemas import DIALECT, batch_schema, ledger_schemas
from guanxi.ledger.rules import FACT_KINDS


def test_each_kind_has_a_closed_schema_of_the_newest_draft() -> None:
    for kind, schema in ledger_schemas().items():
        assert schema["$schema"] == DIALECT
        assert schema["additionalProperties"] is False
        assert schema["properties"]["payload"]["additionalProperties"] is False
        assert schema["properties"]["kind"] == {"const": kind}


def test_the_named_sub_kinds_are_those_of_the_vocabulary() -> None:
    for kind, schema in ledger_schemas().items():
        named = [entry["const"] for entry in schema["properties"]["sub_kind"]["oneOf"]]
        assert named == [sub_kind.name for sub_kind in FACT_KINDS[kind].sub_kinds]


def test_a_sub_kind_says_what_it_needs() -> None:
    conditions = ledger_schemas()["participation"]["allOf"]
    assert conditions[0]["if"]["properties"]["sub_kind"]["const"] == "invited"
    assert "event" in json.dumps(conditions[0]["then"])


def test_a_batch_is_bounded() -> None:
    assert batch_schema(7)["properties"]["facts"]["maxItems"] == 7


def test_schemas_are_plain_json() -> None:
    assert json.loads(json.dumps(ledger_schemas())) == ledger_schemas()


def test_the_reference_page_is_up_to_date() -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "reference" / "ledger.md"
    assert page.read_text(encoding="utf-8") == reference_page()
