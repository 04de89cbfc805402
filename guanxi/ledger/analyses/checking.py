"""The SQL that reads, checks and normalises a batch of rows in DuckDB, made from the vocabulary.

One statement does it for every way in. It reads the view `incoming` (`line` and either one text column per
field or one JSON text `row`) and makes a table with one row per line: `problem` ("code|field", NULL when the
row is good) and the columns of a fact, typed and normalised. A return may come with positive or negative
numbers and is kept with positive ones, as its sub-kind says the direction; a margin becomes a cost; a time
without a zone is read in the zone of the session.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from guanxi.kernel.fields import FieldSpec, FieldType
from guanxi.ledger.rules import (
    FACT_KINDS,
    PAYLOAD_FIELDS,
    SHARED_BY_NAME,
    SHARED_FIELDS,
    FactKind,
    SubKind,
)

DECIMALS: Mapping[str, str] = {"quantity": "DECIMAL(14,3)"}
MONEY = "DECIMAL(14,2)"
SQL_TYPES: Mapping[FieldType, str] = {
    FieldType.INTEGER: "BIGINT",
    FieldType.NUMBER: "DOUBLE",
    FieldType.RATIO: "DOUBLE",
    FieldType.MONEY: MONEY,
    FieldType.BOOLEAN: "BOOLEAN",
    FieldType.DATE: "DATE",
    FieldType.DATETIME: "TIMESTAMPTZ",
}
TRUE_WORDS = ("true", "t", "yes", "y", "1", "是")
FALSE_WORDS = ("false", "f", "no", "n", "0", "否")
CONTENT = (
    "kind", "sub_kind", "occurred_at", "account_id", "account_system", "account_key", "contact_id", "user_id",
    "channel", "product", "quantity", "amount", "cost", "place", "corrects", "payload",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """How the fields of a batch are read.

    `texts` maps each field that the batch fills to the SQL of its text; `nested` maps those read out of the
    JSON text `document` to the SQL of their JSON type. `structure` is the SQL of the problem of a row as a
    whole, `source` what to read from.
    """

    texts: Mapping[str, str]
    nested: Mapping[str, str]
    structure: str
    source: str
    document: str


def flat_reading(columns: Iterable[str], *, payload_keys: Iterable[str] = ()) -> Reading:
    """Rows with one column per field; `payload_keys` are the keys found in a column `payload` of JSON
    texts.
    """
    names = [name for name in columns if name != "payload"]
    flat = {name: f"CAST({quoted(name)} AS VARCHAR)" for name in names}
    keys = tuple(payload_keys)
    paths = {key: f"$.{key}" for key in keys if key in PAYLOAD_FIELDS}
    strange = [key for key in keys if key not in PAYLOAD_FIELDS]
    if "payload" not in columns:
        return Reading(_filled(flat), {}, "NULL", "incoming", "NULL")
    texts = _merged(flat, {key: f"found[{place}]" for place, key in enumerate(paths, start=1)})
    nested = {key: f"json_type(document, {literal(path)})" for key, path in paths.items()}
    structure = _structure("payload", code="row.payload", at="$", known=PAYLOAD_FIELDS if strange else ())
    return Reading(_filled(texts), nested, structure, _extraction("payload", paths.values()), "sound")


def json_reading(keys: Iterable[str], *, payload_keys: Iterable[str] = ()) -> Reading:
    """Rows of one JSON object each; payload fields stand in `payload` or beside the others."""
    outer = [key for key in keys if key in SHARED_BY_NAME or key in PAYLOAD_FIELDS]
    inner = [key for key in payload_keys if key in PAYLOAD_FIELDS]
    paths = [f"$.{key}" for key in outer] + [f"$.payload.{key}" for key in inner]
    places = {path: f"found[{place}]" for place, path in enumerate(paths, start=1)}
    texts = _merged({key: places[f"$.{key}"] for key in outer}, {key: places[f"$.payload.{key}"] for key in inner})
    nested = {key: f"json_type(document, '$.payload.{key}')" for key in inner}
    nested |= {key: f"json_type(document, '$.{key}')" for key in outer if key not in inner}
    structure = _json_structure(keys, payload_keys)
    return Reading(_filled(texts), nested, structure, _extraction("row", paths), "sound")


def keys_sql(column: str, *, at: str = "$") -> str:
    """The distinct keys of the JSON objects in a column of `incoming`."""
    sound = f"CASE WHEN json_valid({column}) THEN {column} END"
    return f"SELECT DISTINCT unnest(json_keys({sound}, {literal(at)})) FROM incoming"  # noqa: S608  # declared names


def check_sql(target: str, *, reading: Reading) -> str:
    """The statement that fills the table `target` from `incoming`.

    Its parameters are `$system` (the system of account keys that name none), `$now` (a TIMESTAMPTZ) and
    `$may_correct` (whether corrections are accepted).
    """
    texts = dict(reading.texts)
    if "account_key" in texts:
        systems = (*filter(None, [texts.get("account_system")]), "$system")
        texts["account_system"] = (
            f"CASE WHEN {texts['account_key']} IS NOT NULL THEN coalesce({', '.join(systems)}) END"
        )
    absent = [field for field in SHARED_FIELDS if field.name not in texts]
    given = ", ".join(f"{text} AS t_{name}" for name, text in texts.items())
    typed = ", ".join(
        [f"{_typed(field_of(name))} AS v_{name}" for name in texts]
        + [
            f"CAST(NULL AS VARCHAR) AS t_{field.name}, CAST(NULL AS {_sql_type(field)}) AS v_{field.name}"
            for field in absent
        ]
    )
    checks = "\n".join(f"WHEN {check.condition} THEN {check.outcome}" for check in _checks(texts, reading.nested))
    return f"""
CREATE OR REPLACE TEMP TABLE {target} AS
WITH given AS (SELECT line, {reading.structure} AS structure, {reading.document} AS document,
    $system AS default_system, {given}
FROM {reading.source}),
typed AS (SELECT *, {typed} FROM given),
checked AS (SELECT *, CASE WHEN structure IS NOT NULL THEN structure
{checks} END AS problem FROM typed),
facts AS (SELECT line, problem, {_fact_columns(texts)} FROM checked)
SELECT *, CASE WHEN problem IS NULL THEN {_digest(texts)} END AS digest FROM facts
"""  # noqa: S608  # made from declared names


def field_of(name: str) -> FieldSpec:
    """The declaration of a shared or payload field. Raises: KeyError."""
    return SHARED_BY_NAME.get(name) or PAYLOAD_FIELDS[name]


def quoted(name: str) -> str:
    """A column name as SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Check:
    """One check: SQL that is true for a bad row, and SQL of what to say."""

    condition: str
    outcome: str


def _says(condition: str, code: str, field: str = "") -> _Check:
    return _Check(condition, literal(f"{code}|{field}"))


def _checks(texts: Mapping[str, str], nested: Mapping[str, str]) -> Iterator[_Check]:
    """All checks in the order in which their outcome is reported."""
    for field in SHARED_FIELDS:
        if field.required:
            yield _says(f"t_{field.name} IS NULL", "field.missing", field.name)
    yield _says(f"t_kind NOT IN ({_list(FACT_KINDS)})", "kind.unknown", "kind")
    yield _says(f"t_kind || '/' || t_sub_kind NOT IN ({_list(_pairs())})", "sub_kind.unknown", "sub_kind")
    for name in texts:
        if name in nested and field_of(name).type in (FieldType.TEXT, FieldType.LONG_TEXT):
            looks_nested = f"starts_with(t_{name}, '{{') OR starts_with(t_{name}, '[')"
            is_nested = f"CASE WHEN {looks_nested} THEN {nested[name]} IN ('OBJECT', 'ARRAY') END"
            yield _says(is_nested, "field.nested", name)
        yield from _value_checks(field_of(name))
    yield _says("v_occurred_at > $now + INTERVAL 1 DAY", "time.future", "occurred_at")
    yield _says("v_occurred_at < TIMESTAMPTZ '1900-01-01 00:00:00+00'", "time.past", "occurred_at")
    yield _says("t_account_id IS NULL AND t_account_key IS NULL", "account.missing", "account_key")
    yield _says("t_account_id IS NOT NULL AND t_account_key IS NOT NULL", "account.twice", "account_key")
    yield _says("t_corrects IS NOT NULL AND NOT $may_correct", "corrects.denied", "corrects")
    yield from _kind_checks(texts)
    yield from _sign_checks(texts)


def _value_checks(field: FieldSpec) -> Iterator[_Check]:
    """The checks of one value against its declared type."""
    text, value = f"t_{field.name}", f"v_{field.name}"
    match field.type:
        case FieldType.TEXT | FieldType.LONG_TEXT:
            yield _says(f"length({text}) > {field.maximum_length}", "text.too_long", field.name)
            yield _says(f"contains({text}, chr(0))", "text.null_character", field.name)
            yield _says(f"contains({text}, chr(65533))", "text.undecodable", field.name)
            return
        case FieldType.CHOICE:
            yield _says(f"{text} NOT IN ({_list(field.choices)})", "choice.unknown", field.name)
            return
        case FieldType.BOOLEAN:
            code = "boolean.invalid"
        case FieldType.DATE | FieldType.DATETIME:
            code = "date.invalid"
        case _:
            code = "number.invalid"
    yield _says(f"{text} IS NOT NULL AND {value} IS NULL", code, field.name)
    bounds = [f"{value} < {field.minimum}"] if field.minimum is not None else []
    bounds += [f"{value} > {field.maximum}"] if field.maximum is not None else []
    if bounds:
        yield _says(" OR ".join(bounds), "number.range", field.name)


def _kind_checks(texts: Mapping[str, str]) -> Iterator[_Check]:
    """Which payload fields a kind has, and which fields a sub-kind needs."""
    for name in texts:
        if name in PAYLOAD_FIELDS:
            kinds = [kind.name for kind in FACT_KINDS.values() if PAYLOAD_FIELDS[name] in kind.fields]
            yield _says(f"t_{name} IS NOT NULL AND t_kind NOT IN ({_list(kinds)})", "row.not_of_kind", name)
    needed: dict[str, list[str]] = {}
    for kind, sub_kind in _sub_kinds():
        for name in sub_kind.required:
            needed.setdefault(name, []).append(f"{kind.name}/{sub_kind.name}")
    for name, pairs in needed.items():
        is_empty = f"t_{name} IS NULL AND " if name in texts else ""
        yield _says(f"{is_empty}t_kind || '/' || t_sub_kind IN ({_list(pairs)})", "field.missing", name)


def _sign_checks(texts: Mapping[str, str]) -> Iterator[_Check]:
    """Which numbers may be negative, and whether a margin agrees with the cost."""
    for name in ("quantity", "amount", "cost"):
        if name in texts:
            yield _says(f"v_{name} < 0 AND t_sub_kind <> 'return'", "sign.negative", name)
    if "margin" not in texts:
        return
    yield _says("v_margin IS NOT NULL AND v_amount IS NULL", "margin.amount", "margin")
    yield _says("v_margin IS NOT NULL AND v_amount - v_margin <> v_cost", "margin.contradicts", "margin")


def _fact_columns(texts: Mapping[str, str]) -> str:
    """The columns of a fact, normalised."""
    plain = (
        "source_id",
        "kind",
        "sub_kind",
        "account_id",
        "account_system",
        "account_key",
        "contact_id",
        "user_id",
    )
    columns = [f"v_{name} AS {name}" for name in (*plain, "channel", "product", "place", "corrects")]
    columns += [
        "make_timestamp(epoch_us(v_occurred_at)) AS occurred_at",
        "abs(v_quantity) AS quantity",
        "abs(v_amount) AS amount",
        f"abs(coalesce(v_cost, CAST(v_amount - v_margin AS {MONEY}))) AS cost",
        f"{_payload(texts)} AS payload",
    ]
    return ", ".join(columns)


def _payload(texts: Mapping[str, str]) -> str:
    """The payload as JSON text with its keys in alphabetical order; NULL when it is empty."""
    names = sorted(name for name in texts if name in PAYLOAD_FIELDS)
    if not names:
        return "CAST(NULL AS VARCHAR)"
    entries = ", ".join(f"{literal(chr(34) + name + chr(34) + ':')} || {_as_json(field_of(name))}" for name in names)
    return f"'{{' || nullif(concat_ws(',', {entries}), '') || '}}'"


def _as_json(field: FieldSpec) -> str:
    value = f"v_{field.name}"
    match field.type:
        case FieldType.TEXT | FieldType.LONG_TEXT | FieldType.CHOICE:
            return f"CAST(to_json({value}) AS VARCHAR)"
        case FieldType.DATE:
            return f"'\"' || {value} || '\"'"
        case _:
            return f"CAST({value} AS VARCHAR)"


def _digest(texts: Mapping[str, str]) -> str:
    """A 63-bit fingerprint of the content, the same in every release: half of an MD5 over the filled
    columns.
    """
    filled = {*texts, "payload", *(("cost",) if "margin" in texts else ())}
    tagged = ", ".join(f"'{name}=' || {name}" for name in CONTENT if name in filled)
    return f"CAST(md5_number_lower(concat_ws(chr(31), {tagged})) >> 1 AS BIGINT)"


def _typed(field: FieldSpec) -> str:
    """SQL of the typed value; NULL when the text is not of the type."""
    text = f"t_{field.name}"
    plain = f"CASE WHEN NOT contains({text}, '_') THEN {text} END"
    value = f"TRY_CAST({plain} AS {_sql_type(field)})"
    match field.type:
        case FieldType.INTEGER:
            return f"CASE WHEN TRY_CAST({plain} AS DECIMAL(28,9)) = {value} THEN {value} END"
        case FieldType.MONEY:
            return value
        case FieldType.NUMBER | FieldType.RATIO:
            return value if field.name in DECIMALS else f"CASE WHEN isfinite({value}) THEN {value} END"
        case FieldType.BOOLEAN:
            yes, no = (f"lower({text}) IN ({_list(words)})" for words in (TRUE_WORDS, FALSE_WORDS))
            return f"CASE WHEN {yes} THEN TRUE WHEN {no} THEN FALSE END"
        case FieldType.DATE | FieldType.DATETIME:
            value = f"TRY_CAST({text} AS {_sql_type(field)})"
            return f"CASE WHEN isfinite({value}) THEN {value} END"
        case _:
            return text


def _sql_type(field: FieldSpec) -> str:
    """The type of a field's values in DuckDB."""
    return DECIMALS.get(field.name) or SQL_TYPES.get(field.type, "VARCHAR")


def _filled(texts: Mapping[str, str]) -> Mapping[str, str]:
    """An empty text is no value."""
    return {name: f"nullif({text}, '')" for name, text in texts.items()}


def _merged(outer: Mapping[str, str], inner: Mapping[str, str]) -> dict[str, str]:
    both = {key: f"coalesce({outer[key]}, {inner[key]})" for key in inner if key in outer}
    return {**outer, **inner, **both}


def _extraction(column: str, paths: Iterable[str]) -> str:
    """The rows with `sound`, the JSON text of a column where it is valid, and `found`, the texts at the paths
    in it.
    """
    listed = ", ".join(literal(path) for path in paths)
    found = f"json_extract_string(sound, [{listed}])" if listed else "CAST(NULL AS VARCHAR[])"
    sound = f"CASE WHEN json_valid({column}) THEN {column} END"
    return f"(SELECT *, {found} AS found FROM (SELECT *, {sound} AS sound FROM incoming))"  # noqa: S608  # declared names


def _json_structure(keys: Iterable[str], payload_keys: Iterable[str]) -> str:
    """SQL of the problem of a row of JSON as a whole; unknown keys are sought only when the batch has any."""
    known = {*SHARED_BY_NAME, *PAYLOAD_FIELDS, "payload"}
    outer = _structure("row", code="row.json", at="$", known=known if set(keys) - known else ())
    is_strange = bool(set(payload_keys) - set(PAYLOAD_FIELDS))
    inner = _structure("row", code="row.payload", at="$.payload", known=PAYLOAD_FIELDS if is_strange else ())
    return f"coalesce({outer}, {inner})"


def _structure(column: str, *, code: str, at: str, known: Iterable[str] = ()) -> str:
    """SQL of the problem of a JSON value as a whole: it is no object, or has a key outside `known`."""
    kind = f"json_type(sound, {literal(at)})"
    is_empty = f" AND {kind} <> 'NULL'" if code == "row.payload" else ""
    parts = [
        f"WHEN sound IS NULL AND {column} <> '' THEN '{code}|'",
        f"WHEN {kind} <> 'OBJECT'{is_empty} THEN '{code}|'",
    ]
    if known:
        names = _list(sorted(known))
        strange = f"list_filter(json_keys(sound, {literal(at)}), lambda key: key NOT IN ({names}))"
        parts.append(f"WHEN len({strange}) > 0 THEN 'row.unknown_key|' || {strange}[1]")
    return f"CASE {' '.join(parts)} END"


def _pairs() -> Iterator[str]:
    return (f"{kind.name}/{sub_kind.name}" for kind, sub_kind in _sub_kinds())


def _sub_kinds() -> Iterator[tuple[FactKind, SubKind]]:
    return ((kind, sub_kind) for kind in FACT_KINDS.values() for sub_kind in kind.sub_kinds)


def _list(texts: Iterable[str]) -> str:
    return ", ".join(literal(text) for text in texts)
