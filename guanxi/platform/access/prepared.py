"""Reads whose SQL is made once for each Grant and then only run: building a query costs more than asking it.

A page asks some ten small questions. Django takes longer to put each into SQL than PostgreSQL to answer it, and the
SQL is the same for the same Grant: only ids and days differ. Those stand as a `Slot` in the query and are given with
each run. The Grant, with the actor and the policy version, is the key, so a changed right makes the SQL anew.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import Combinable, Expression
from django.db.models.query import ModelIterable

KEPT_STATEMENTS = 1024

Subject = TypeVar("Subject", bound=Hashable)
Converters = tuple[tuple[int, tuple[Callable[..., Any], ...], Expression], ...]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a value goes among the parameters of a statement; whole numbers in an array are written in one go."""

    name: str
    is_number_array: bool = False

    def value(self, values: Mapping[str, Any]) -> object:
        """The parameter of a run."""
        return number_array(values[self.name]) if self.is_number_array else values[self.name]


class Slot(Expression):
    """A value that is given when a prepared read runs: `filter(day=Slot("day"))`."""

    def __init__(self, name: str, output_field: "models.Field[Any, Any] | None" = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ARG002  # Django's shape
        """One parameter."""
        return "%s", (_Place(self.name),)


class Among(Expression):
    """A condition: the column is one of many values: `filter(Among("account_id", "ids"))`.

    `values` names a slot, which is given a list, or is the list of whole numbers itself. However many there are, they
    are one parameter.
    """

    output_field = models.BooleanField()

    def __init__(self, column: str | Combinable, values: str | Sequence[int]) -> None:
        super().__init__()
        self.column: Any = models.F(column) if isinstance(column, str) else column
        self.values = values

    def get_source_expressions(self) -> list[Any]:
        """The column."""
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        """Take the resolved column."""
        (self.column,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """One array parameter, so that the statement is the same for any number of values."""
        column, parameters = compiler.compile(self.column)
        kind = self.column.output_field.cast_db_type(connection)
        is_number = kind in {"integer", "bigint", "smallint"}
        value = _Place(self.values, is_number) if isinstance(self.values, str) else number_array(self.values)
        return f"{column} = ANY(%s::{kind}[])", (*parameters, value)


def number_array(values: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array; the driver's own way costs a microsecond or two for each."""
    return "{" + ",".join(map(str, values)) + "}"


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL with its parameters, and how columns become values.

    `names` are a record's columns (none for tuples), `extras` the names and places of what was annotated.
    """

    sql: str
    parameters: tuple[object, ...]
    converters: Converters
    model: type[models.Model]
    names: tuple[str, ...]
    extras: tuple[tuple[str, int], ...]

    def record(self, row: tuple[Any, ...]) -> models.Model:
        """The record of a row, its annotations set beside its fields."""
        found = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[: len(self.names)])
        for name, place in self.extras:
            setattr(found, name, row[place])
        return found


class Prepared(Generic[Subject]):
    """A named read: `build` makes its queryset from a Grant (or None for what everybody may know).

    `build` may depend on nothing else: not on the day, not on a setting. A queryset of `values_list` gives tuples;
    any other gives records, of its own columns alone (no `select_related`).
    """

    def __init__(
        self,
        build: Callable[[Subject], models.QuerySet[Any, Any]],
        *,
        limit: str = "",
        offset: str = "",
        counts: bool = False,
        foresees_all: bool = False,
    ) -> None:
        """`limit` and `offset` name the values that say which rows are wanted.

        With `counts` the answer is one tuple: how many rows there are, at most `limit`. With `foresees_all` PostgreSQL
        plans as for all rows and stops at the limit: where it cannot know how rare they are, it would look at each row.
        """
        self._counts = counts
        self._limits = tuple(_Place(name) for name in (limit, offset) if name)
        clauses = (" LIMIT %s" if limit else "") + (" OFFSET %s" if offset else "")
        self._form = f"SELECT count(*) FROM ({{}}{clauses}) AS counted" if counts else f"{{}}{clauses}"  # noqa: S608  # Django's SQL
        if foresees_all:
            self._form = f"WITH meant AS MATERIALIZED ({{}}) SELECT * FROM meant{clauses}"  # noqa: S608  # as above
        self._statement: Callable[[Subject], _Statement] = lru_cache(KEPT_STATEMENTS)(
            lambda subject: self._compiled(build(subject))
        )

    def __call__(self, subject: Subject, **values: object) -> list[Any]:
        """Run the read with a value for each slot. Raises: KeyError for a slot without a value, a defect."""
        statement = self._statement(subject)
        parameters: list[Any] = [
            item.value(values) if isinstance(item, _Place) else item for item in statement.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, parameters)
            rows: Iterable[Any] = cursor.fetchall()
        if statement.converters:
            rows = [_converted(row, statement.converters) for row in rows]
        return [statement.record(row) for row in rows] if statement.names else list(rows)

    def _compiled(self, queryset: models.QuerySet[Any, Any]) -> _Statement:
        """The statement of a queryset; a guarded one compiles only when it was admitted."""
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False)  # what reaches nothing is SQL too
        sql, parameters = compiler.as_sql()
        columns = [item[0] for item in compiler.select]
        found: Mapping[int, Any] = {} if self._counts else compiler.get_converters(columns)
        is_record = queryset._iterable_class is ModelIterable
        fields = compiler.klass_info["select_fields"] if is_record else ()
        return _Statement(
            sql=self._form.format(sql),
            parameters=(*parameters, *self._limits),
            converters=tuple((place, tuple(convert), column) for place, (convert, column) in found.items()),
            model=queryset.model,
            names=tuple(columns[place].target.attname for place in fields),
            extras=tuple(compiler.annotation_col_map.items()) if is_record else (),
        )


def _converted(row: tuple[Any, ...], converters: Converters) -> tuple[Any, ...]:
    """The row with the columns that PostgreSQL's driver leaves to Django made into values."""
    values = list(row)
    for place, steps, column in converters:
        for step in steps:
            values[place] = step(values[place], column, connection)
    return tuple(values)
