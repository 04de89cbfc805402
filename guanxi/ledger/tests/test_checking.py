import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guanxi.ledger.analyses.checking import check_sql, flat_reading, json_reading, keys_sql
from guanxi.ledger.rules import FACT_KINDS, PAYLOAD_FIELDS, REASONS

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOOD: Mapping[str, object] = {
    "source_id": "1",
    "kind": "purchase",
    "sub_kind": "buy",
    "occurred_at": "2026-03-01T09:30:00+08:00",
    "account_key": "C1",
    "amount": "12.50",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check made of one row."""

    problem: str | None
    values: Mapping[str, Any]


def checked_texts(rows: list[str]) -> list[Checked]:
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'Asia/Shanghai'")
        table = pyarrow.table(
            {"line": pyarrow.array(range(1, len(rows) + 1), pyarrow.int64()), "row": pyarrow.array(rows)}
        )
        engine.register("incoming", table)
        keys = [row[0] for row in engine.execute(keys_sql("row")).fetchall()]
        inner = [row[0] for row in engine.execute(keys_sql("row", at="$.payload")).fetchall()]
        return _run(engine, check_sql("checked", reading=json_reading(keys, payload_keys=inner)))


def checked_columns(columns: Mapping[str, list[Any]]) -> list[Checked]:
    with duckdb.connect() as engine:
        engine.execute("SET TimeZone = 'Asia/Shanghai'")
        count = len(next(iter(columns.values())))
        engine.register("incoming", pyarrow.table({"line": list(range(1, count + 1)), **columns}))
        inner = []
        if "payload" in columns:
            inner = [row[0] for row in engine.execute(keys_sql("payload")).fetchall()]
        return _run(engine, check_sql("checked", reading=flat_reading(list(columns), payload_keys=inner)))


def _run(engine: duckdb.DuckDBPyConnection, sql: str) -> list[Checked]:
    engine.execute(sql, {"system": "till", "now": NOW, "may_correct": True})
    engine.execute("SELECT * FROM checked ORDER BY line")
    names = [column[0] for column in engine.description or ()]
    rows = [dict(zip(names, values, strict=True)) for values in engine.fetchall()]
    return [Checked(row["problem"], row) for row in rows]


def checked(**values: object) -> Checked:
    """What becomes of the good row with some values changed; None takes a key away."""
    row = {name: value for name, value in {**GOOD, **values}.items() if value is not None}
    return checked_texts([json.dumps(row)])[0]


def test_a_good_row_passes_and_is_typed() -> None:
    found = checked(quantity=2, cost="7", payment_method="cash")
    assert found.problem is None
    assert found.values["occurred_at"] == datetime.fromisoformat("2026-03-01T01:30:00")
    assert found.values["quantity"] == Decimal("2.000")
    assert found.values["amount"] == Decimal("12.50")
    assert found.values["cost"] == Decimal("7.00")
    assert found.values["account_system"] == "till"
    assert json.loads(found.values["payload"]) == {"payment_method": "cash"}


def test_a_time_without_a_zone_is_the_companys() -> None:
    assert checked(occurred_at="2026-03-01 09:30").values["occurred_at"] == datetime.fromisoformat(
        "2026-03-01T01:30:00"
    )


def test_a_margin_becomes_a_cost() -> None:
    assert checked(margin="2.5").values["cost"] == Decimal("10.00")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_return_is_kept_with_positive_numbers(sign: int) -> None:
    found = checked(sub_kind="return", amount=12.5 * sign, quantity=sign, cost=-7)
    assert found.problem is None
    assert [found.values[name] for name in ("amount", "quantity", "cost")] == [
        Decimal("12.50"),
        Decimal("1.000"),
        Decimal("7.00"),
    ]


def test_payload_fields_may_stand_inside_or_beside() -> None:
    inside, beside = checked(payload={"basket_id": "b"}), checked(basket_id="b")
    assert inside.problem is None
    assert inside.values["payload"] == beside.values["payload"] == '{"basket_id":"b"}'
    assert inside.values["digest"] == beside.values["digest"]


def test_columns_and_json_make_the_same_fact() -> None:
    columns = checked_columns({name: [value] for name, value in GOOD.items()})[0]
    assert columns.values["digest"] == checked().values["digest"]


def test_typed_columns_are_read_like_texts() -> None:
    native = checked_columns(
        {
            **{name: [GOOD[name]] for name in ("source_id", "kind", "sub_kind", "account_key")},
            "occurred_at": [datetime(2026, 3, 1, 1, 30, tzinfo=UTC)],
            "amount": [12.5],
        }
    )[0]
    assert native.problem is None
    assert native.values["digest"] == checked().values["digest"]


def test_a_payload_column_of_json_is_read() -> None:
    columns = {name: [value, value, value] for name, value in GOOD.items()}
    rows = checked_columns({**columns, "payload": ['{"basket_id":"b"}', "", "no json"]})
    assert [row.problem for row in rows] == [None, None, "row.payload|"]
    assert rows[0].values["payload"] == '{"basket_id":"b"}'


REFUSED: list[tuple[dict[str, object], str]] = [
    ({"source_id": None}, "field.missing|source_id"),
    ({"source_id": ""}, "field.missing|source_id"),
    ({"kind": None}, "field.missing|kind"),
    ({"kind": "gossip"}, "kind.unknown|kind"),
    ({"sub_kind": "call"}, "sub_kind.unknown|sub_kind"),
    ({"occurred_at": None}, "field.missing|occurred_at"),
    ({"occurred_at": "yesterday"}, "date.invalid|occurred_at"),
    ({"occurred_at": "2026-02-30"}, "date.invalid|occurred_at"),
    ({"occurred_at": "infinity"}, "date.invalid|occurred_at"),
    ({"occurred_at": "2026-03-04T00:00:00Z"}, "time.future|occurred_at"),
    ({"occurred_at": "1812-01-01"}, "time.past|occurred_at"),
    ({"account_key": None}, "account.missing|account_key"),
    ({"account_id": 5}, "account.twice|account_key"),
    ({"account_key": None, "account_id": "5.5"}, "number.invalid|account_id"),
    ({"account_key": None, "account_id": 0}, "number.range|account_id"),
    ({"amount": "NaN"}, "number.invalid|amount"),
    ({"amount": "1_000"}, "number.invalid|amount"),
    ({"amount": "12,5"}, "number.invalid|amount"),
    ({"amount": True}, "number.invalid|amount"),
    ({"amount": 1e15}, "number.invalid|amount"),
    ({"amount": None}, "field.missing|amount"),
    ({"amount": -1}, "sign.negative|amount"),
    ({"quantity": -1}, "sign.negative|quantity"),
    ({"cost": -1}, "sign.negative|cost"),
    ({"margin": 1, "cost": 1}, "margin.contradicts|margin"),
    ({"margin": 1, "amount": None, "sub_kind": "browse"}, "margin.amount|margin"),
    ({"channel": "x" * 25}, "text.too_long|channel"),
    ({"place": "a\x00b"}, "text.null_character|place"),
    ({"place": "a\ufffdb"}, "text.undecodable|place"),
    ({"place": {"city": "x"}}, "field.nested|place"),
    ({"place": ["x"]}, "field.nested|place"),
    ({"payload": {"note": ["x"]}}, "field.nested|note"),
    ({"payload": 5}, "row.payload|"),
    ({"payload": {"nonsense": 1}}, "row.unknown_key|nonsense"),
    ({"nonsense": 1}, "row.unknown_key|nonsense"),
    ({"survey": "nps"}, "row.not_of_kind|survey"),
    ({"competitor_in_promotion": "perhaps"}, "boolean.invalid|competitor_in_promotion"),
    ({"renewed_until": "soon"}, "date.invalid|renewed_until"),
    ({"discount": -1}, "number.range|discount"),
    ({"kind": "survey", "sub_kind": "answered"}, "field.missing|survey"),
    ({"kind": "survey", "sub_kind": "answered", "survey": "s", "rating": 11}, "number.range|rating"),
    (
        {"kind": "survey", "sub_kind": "answered", "survey": "s", "rating": "Infinity"},
        "number.invalid|rating",
    ),
    (
        {"kind": "survey", "sub_kind": "answered", "survey": "s", "questions": "2.5"},
        "number.invalid|questions",
    ),
    ({"kind": "interaction", "sub_kind": "call", "direction": "sideways"}, "choice.unknown|direction"),
    ({"sub_kind": "voided"}, "field.missing|corrects"),
]


@pytest.mark.parametrize(("values", "problem"), REFUSED)
def test_a_bad_row_is_refused_for_its_reason(values: dict[str, object], problem: str) -> None:
    found = checked(**values)
    assert found.problem == problem
    assert found.values["digest"] is None
    assert problem.partition("|")[0] in REASONS


@pytest.mark.parametrize("row", ["", "nonsense", "[1]", "5", '"text"', "null", '{"a":', '{"a":"\\ud800"}'])
def test_a_row_that_is_no_object_is_refused(row: str) -> None:
    assert checked_texts([row, json.dumps(GOOD)])[0].problem in ("row.json|", "field.missing|source_id")


def test_one_bad_row_does_not_touch_its_neighbours() -> None:
    rows = [json.dumps(GOOD), "nonsense", json.dumps({**GOOD, "nonsense": 1}), json.dumps(GOOD)]
    assert [row.problem for row in checked_texts(rows)] == [
        None,
        "row.json|",
        "row.unknown_key|nonsense",
        None,
    ]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("place", "x"),
        ("quantity", 1),
        ("occurred_at", "2026-03-01"),
        ("cost", 1),
        ("note", "n"),
        ("account_key", "C2"),
    ],
)
def test_the_digest_changes_with_the_content(field: str, value: object) -> None:
    assert checked(**{field: value}).values["digest"] != checked().values["digest"]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.sampled_from(sorted(PAYLOAD_FIELDS)), st.sampled_from(sorted(FACT_KINDS)))
def test_any_text_is_taken_or_refused_with_a_reason(text: str, name: str, kind: str) -> None:
    row = {**GOOD, "kind": kind, "sub_kind": FACT_KINDS[kind].sub_kinds[0].name, "payload": {name: text}}
    encoded = json.dumps(row)
    found = checked_texts([encoded])[0]
    if found.problem is None:
        payload = json.loads(found.values["payload"] or "{}")
        assert set(payload) <= {name}
        assert "\x00" not in encoded.replace("\\u0000", "\x00")
    else:
        assert found.problem.partition("|")[0] in REASONS


@settings(max_examples=40, deadline=None)
@given(st.decimals(min_value="0", max_value="99999999999", places=2))
def test_money_survives_exactly(amount: Decimal) -> None:
    assert checked(amount=str(amount)).values["amount"] == amount


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufffd"), min_size=1, max_size=500))
def test_a_note_survives_exactly(note: str) -> None:
    found = checked(note=note)
    assert found.problem is None
    assert json.loads(found.values["payload"]) == {"note": note}
