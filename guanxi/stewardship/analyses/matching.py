"""How likely two records are one, after Fellegi and Sunter, by Splink.

Input grain: one row for each record with the columns of `COLUMNS`, empty cells null, texts in the form in which they
are compared. Output grain: one pair of records, with its weight (log2 of the odds that they are one) and what each
comparison adds to it. How often values agree by chance (u) is estimated from random pairs, how often they agree in
records that are one (m) by expectation maximisation where the base is large enough to learn from; else the values
given here hold. Source: METHODS, section 7; I. Fellegi and A. Sunter, A Theory for Record Linkage, JASA 64 (1969).
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow
from pyarrow import compute
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.comparison_level_library import (
    CustomLevel,
    DamerauLevenshteinLevel,
    ElseLevel,
    ExactMatchLevel,
    JaroWinklerLevel,
    NullLevel,
)
from splink.comparison_library import CustomComparison
from splink.internals.exceptions import EMTrainingException, SplinkException

TEXTS = (
    *("core", "sound", "place", "branch", "family", "given", "born_on", "address", "postcode", "city", "region"),
    *("domain", "number", "home"),
)
LISTS = ("phones", "mails")
COLUMNS = pyarrow.schema(
    [
        ("unique_id", pyarrow.int64()),
        *((name, pyarrow.string()) for name in TEXTS),
        *((name, pyarrow.list_(pyarrow.string())) for name in LISTS),
    ]
)
PAIRS_FOR_CHANCE, SEED = 2e6, 1
LEAST_FOR_TRAINING = 500
MOST_ALIKE = 200
ASSUMED_RECALL, LEAST_SHARE = 0.7, 0.02
BY_CHANCE = 1e-4
"""How often two records share a number by chance: so seldom that random pairs do not tell."""


@dataclass(frozen=True, slots=True)
class MatchModel:
    """What is compared of one kind of record, which pairs are looked at, and by which pairs the model learns.

    `blocks` are conditions on two records l and r, `rare` columns made of others that are empty where more than
    `MOST_ALIKE` records share the value. `likely` are values that hardly two records share that are not one: by them
    the share of such pairs is estimated.
    """

    comparisons: tuple[CustomComparison, ...]
    rare: Mapping[str, str]
    blocks: tuple[str, ...]
    likely: tuple[str, ...]
    training: tuple[str, ...]


def _text(name: str, *between: Any, m: Sequence[float], is_weighted: bool = True) -> CustomComparison:
    """A comparison of a text: equal, weighted by how rare the value is; the levels between; different."""
    levels = [ExactMatchLevel(name, term_frequency_adjustments=is_weighted), *between, ElseLevel()]
    given = [level.configure(m_probability=share) for level, share in zip(levels, m, strict=True)]
    return CustomComparison([NullLevel(name), *given], output_column_name=name)


def _shared(name: str, *, m: float) -> CustomComparison:
    """A comparison of two lists: something stands in both, or nothing does."""
    empty = f"coalesce(len({name}_l), 0) = 0 OR coalesce(len({name}_r), 0) = 0"
    return CustomComparison(
        [
            CustomLevel(empty, "missing").configure(is_null_level=True),
            CustomLevel(f"len(list_intersect({name}_l, {name}_r)) > 0", "shared").configure(
                m_probability=m, u_probability=BY_CHANCE, fix_u_probability=True
            ),
            ElseLevel().configure(m_probability=1 - m, u_probability=1 - BY_CHANCE, fix_u_probability=True),
        ],
        output_column_name=name,
    )


def _like(column: str, *thresholds: float) -> list[JaroWinklerLevel]:
    return [JaroWinklerLevel(column, threshold) for threshold in thresholds]


def _slips(column: str, *distances: int) -> list[DamerauLevenshteinLevel]:
    return [DamerauLevenshteinLevel(column, distance) for distance in distances]


def _swapped(column: str, other: str) -> CustomLevel:
    return CustomLevel(f"{column}_l = {other}_r", f"swapped with {other}")


def _number(name: str, *, m: float) -> CustomComparison:
    """A comparison of a number that only one of them can have."""
    same = ExactMatchLevel(name).configure(m_probability=m, u_probability=BY_CHANCE, fix_u_probability=True)
    other = ElseLevel().configure(m_probability=1 - m, u_probability=1 - BY_CHANCE, fix_u_probability=True)
    return CustomComparison([NullLevel(name), same, other], output_column_name=name)


_CONTACTS = (_shared("phones", m=0.7), _shared("mails", m=0.7))
_BEGINS = CustomLevel(
    "least(length(core_l), length(core_r)) >= 3 AND (starts_with(core_l, core_r) OR starts_with(core_r, core_l))",
    "one begins with the other",
)
_GOES_ON = CustomLevel(
    "(starts_with(address_l, address_r) AND regexp_matches(address_r, '[0-9]')) "
    "OR (starts_with(address_r, address_l) AND regexp_matches(address_l, '[0-9]'))",
    "one goes on behind the other, which has a number",
)
_SOUNDS = CustomLevel("sound_l = sound_r", "sounds the same")
_NO_BRANCH = CustomLevel("branch_l IS NULL AND branch_r IS NULL", "no branch").configure(is_null_level=True)
_SAME_BRANCH = CustomLevel("coalesce(branch_l, '') = coalesce(branch_r, '')", "same branch")

PERSON = MatchModel(
    comparisons=(
        _text("given", _swapped("given", "family"), *_like("given", 0.92, 0.8), m=(0.75, 0.05, 0.1, 0.05, 0.05)),
        _text("family", _swapped("family", "given"), *_like("family", 0.92, 0.8), m=(0.75, 0.05, 0.1, 0.05, 0.05)),
        _text("born_on", *_slips("born_on", 1, 2), is_weighted=False, m=(0.85, 0.08, 0.04, 0.03)),
        _text("address", *_like("address", 0.9, 0.8, 0.7), m=(0.5, 0.2, 0.1, 0.05, 0.15)),
        _text("city", *_like("city", 0.92, 0.8), m=(0.75, 0.1, 0.03, 0.12)),
        _text("postcode", *_slips("postcode", 1), m=(0.75, 0.1, 0.15)),
        _text("region", m=(0.85, 0.15)),
        _number("number", m=0.97),
        *_CONTACTS,
    ),
    rare={
        "name": "family || ' ' || given",
        "swapped": "given || ' ' || family",
        "day": "born_on",
        "house": "address",
        "one_number": "number",
    },
    blocks=(
        "l.name = r.name",
        "l.name = r.swapped",
        "l.day = r.day",
        "l.house = r.house",
        "l.one_number = r.one_number",
        "l.postcode = r.postcode AND substr(l.given, 1, 2) = substr(r.given, 1, 2)",
        "l.postcode = r.postcode AND substr(l.family, 1, 2) = substr(r.family, 1, 2)",
        "l.postcode = r.postcode AND substr(l.address, 1, 3) = substr(r.address, 1, 3)",
        "l.city = r.city AND substr(l.family, 1, 3) = substr(r.family, 1, 3)",
        "l.city = r.city AND substr(l.given, 1, 3) = substr(r.given, 1, 3)",
        "l.family = r.family AND substr(l.address, 1, 4) = substr(r.address, 1, 4)",
        "l.given = r.given AND substr(l.address, 1, 4) = substr(r.address, 1, 4)",
        "substr(l.born_on, 1, 6) = substr(r.born_on, 1, 6) AND substr(l.postcode, 1, 3) = substr(r.postcode, 1, 3)",
    ),
    likely=("family || given || born_on", "address || born_on", "number"),
    training=("l.born_on = r.born_on", "l.family = r.family AND l.given = r.given", "l.postcode = r.postcode"),
)
CONTACT = MatchModel(
    comparisons=(
        _text("given", _swapped("given", "family"), *_like("given", 0.92), m=(0.8, 0.05, 0.1, 0.05)),
        _text("family", _swapped("family", "given"), m=(0.9, 0.05, 0.05)),
        _text("home", *_like("home", 0.93), m=(0.8, 0.1, 0.1)),
        *_CONTACTS,
    ),
    rare={"name": "family || ' ' || given", "swapped": "given || ' ' || family"},
    blocks=(
        "l.name = r.name",
        "l.name = r.swapped",
        "l.home = r.home AND l.family = r.family",
    ),
    likely=("family || given || home",),
    training=("l.family = r.family AND l.given = r.given",),
)
ORGANISATION = MatchModel(
    comparisons=(
        _text(
            "core", _SOUNDS, *_like("core", 0.93), _BEGINS, *_like("core", 0.85), m=(0.7, 0.05, 0.1, 0.08, 0.04, 0.03)
        ),
        CustomComparison(
            [_NO_BRANCH, _SAME_BRANCH.configure(m_probability=0.97), ElseLevel().configure(m_probability=0.03)],
            output_column_name="branch",
        ),
        _text("place", m=(0.85, 0.15)),
        _text("address", _GOES_ON, *_like("address", 0.92, 0.8), m=(0.4, 0.1, 0.2, 0.1, 0.2)),
        _text("domain", m=(0.85, 0.15)),
        _number("number", m=0.98),
        *_CONTACTS,
    ),
    rare={
        "name": "core",
        "reading": "sound",
        "house": "address",
        "site": "domain",
        "one_number": "number",
    },
    blocks=(
        "l.name = r.name",
        "l.reading = r.reading",
        "l.house = r.house",
        "l.site = r.site",
        "l.one_number = r.one_number",
        "substr(l.core, 1, 4) = substr(r.core, 1, 4) AND l.place = r.place",
        "substr(l.address, 1, 6) = substr(r.address, 1, 6) AND substr(l.core, 1, 1) = substr(r.core, 1, 1)",
    ),
    likely=("core || address", "number"),
    training=("l.core = r.core", "l.address = r.address"),
)


def scored_pairs(
    records: pyarrow.Table, model: MatchModel, *, others: pyarrow.Table | None = None, least: float
) -> pyarrow.Table:
    """The pairs of records whose weight is `least` at least, the likeliest first.

    `records` and `others` have the columns `COLUMNS`; with `others`, only pairs of one of each are looked at. Columns:
    l, r (bigint), weight (double), and one weight for each comparison by its name (double, 0 where a value is
    missing). Too few records for two give no pair.
    """
    tables = [records] if others is None else [records, others]
    if sum(table.num_rows for table in tables) < 2:
        return _no_pairs(model)
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    try:
        return _scored(connection, tables, model, least=least)
    finally:
        connection.close()


def _scored(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[pyarrow.Table], model: MatchModel, *, least: float
) -> pyarrow.Table:
    interface = DuckDBAPI(connection)
    inputs = [interface.register(_prepared(connection, table, model)) for table in tables]
    settings = _settings(model, _known_columns(tables), is_link=len(tables) > 1)
    settings.probability_two_random_records_match = _share_of_pairs(connection, tables, model)
    linker = Linker(inputs, settings, log_level=None)
    _train(linker, model, rows=sum(table.num_rows for table in tables))
    found = linker.inference.predict(threshold_match_weight=least)
    columns = set(connection.sql(f"SELECT * FROM {found.physical_name} LIMIT 0").columns)  # noqa: S608  # Splink's own name
    parts = ", ".join(_part(name, columns) for name in comparison_names(model))
    return connection.sql(
        f"SELECT unique_id_l AS l, unique_id_r AS r, match_weight AS weight, {parts} "  # noqa: S608  # our own columns
        f"FROM {found.physical_name} ORDER BY match_weight DESC, l, r"
    ).to_arrow_table()


def comparison_names(model: MatchModel) -> tuple[str, ...]:
    """The comparisons of a model, in their order."""
    return tuple(str(item.create_output_column_name()) for item in model.comparisons)


def _part(name: str, columns: Collection[str]) -> str:
    """What one comparison adds to the weight: by the level, and by how rare the value is."""
    rarity = f" + coalesce(mw_tf_adj_{name}, 0)" if f"mw_tf_adj_{name}" in columns else ""
    return f"mw_{name}{rarity} AS {name}" if f"mw_{name}" in columns else f"0.0 AS {name}"


def _no_pairs(model: MatchModel) -> pyarrow.Table:
    columns = [("l", pyarrow.int64()), ("r", pyarrow.int64()), ("weight", pyarrow.float64())]
    return pyarrow.schema([*columns, *((name, pyarrow.float64()) for name in comparison_names(model))]).empty_table()


def _prepared(
    connection: duckdb.DuckDBPyConnection, records: pyarrow.Table, model: MatchModel
) -> duckdb.DuckDBPyRelation:
    """The records with the columns that are empty where too many share their value: so many say nothing of anybody."""
    connection.register("given_records", records)
    shared = ", ".join(
        f"CASE WHEN count(*) OVER (PARTITION BY {value}) <= {MOST_ALIKE} THEN {value} END AS {name}"
        for name, value in model.rare.items()
    )
    return connection.sql(f"SELECT *, {shared} FROM given_records").to_arrow_table()  # noqa: S608  # our own columns


def _known_columns(tables: Sequence[pyarrow.Table]) -> frozenset[str]:
    """The columns in which anything is known of any record: of the others nothing can be learnt."""
    columns = [(name, table.column(name)) for table in tables for name in COLUMNS.names]
    return frozenset(
        name for name, values in columns if (_has_items(values) if name in LISTS else values.null_count < len(values))
    )


def _has_items(values: pyarrow.ChunkedArray) -> bool:
    return bool(compute.any(compute.greater(compute.list_value_length(values), 0)).as_py())


def _share_of_pairs(connection: duckdb.DuckDBPyConnection, tables: Sequence[pyarrow.Table], model: MatchModel) -> float:
    """How likely two records taken at random are one: by the pairs that share what hardly any others do."""
    connection.register("all_records", pyarrow.concat_tables(tables))
    counted = " + ".join(
        f"(SELECT coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT count(*) AS n FROM all_records GROUP BY {value} "  # noqa: S608  # our own columns
        f"HAVING {value} IS NOT NULL AND n <= {MOST_ALIKE}))"
        for value in model.likely
    )
    pairs = connection.sql(f"SELECT {counted}").fetchall()[0][0]
    rows = sum(table.num_rows for table in tables)
    possible = rows * (rows - 1) / 2 if len(tables) == 1 else tables[0].num_rows * tables[1].num_rows
    return float(min(max(pairs / ASSUMED_RECALL, rows * LEAST_SHARE) / possible, 0.5))


def _settings(model: MatchModel, known: Collection[str], *, is_link: bool) -> SettingsCreator:
    blocks = [CustomRule(rule) for rule in model.blocks]
    lists = [block_on(name, arrays_to_explode=[name]) for name in LISTS if name in known]
    return SettingsCreator(
        link_type="link_only" if is_link else "dedupe_only",
        unique_id_column_name="unique_id",
        comparisons=[item for item in model.comparisons if str(item.create_output_column_name()) in known],
        blocking_rules_to_generate_predictions=[*blocks, *lists],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=False,
    )


def _train(linker: Linker, model: MatchModel, *, rows: int) -> None:
    """Let the model learn how often values agree: by chance always, in records that are one where it has enough."""
    linker.training.estimate_u_using_random_sampling(max_pairs=PAIRS_FOR_CHANCE, seed=SEED)
    for rule in model.training if rows >= LEAST_FOR_TRAINING else ():
        with suppress(SplinkException, EMTrainingException):  # nothing to learn from: what is given holds
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
