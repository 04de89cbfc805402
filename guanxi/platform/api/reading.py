"""Reading records for the API: which ones, in which order, with which fields, and what their links lead to.

Everything is read through the actor's Grant. The SQL of each kind of question is made once and kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone

from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.prepared import Among, Prepared
from guanxi.platform.api.keyset import OrderKey, Position, after, read_cursor, write_cursor
from guanxi.platform.api.requests import Count, ListRequest
from guanxi.platform.api.values import ShownField, shown_field
from guanxi.platform.files.queries import file_rows
from guanxi.platform.objects.conditions import Where, where_text
from guanxi.platform.objects.fields import ObjectField, closed_orders, column_of, readable
from guanxi.platform.objects.listing import COUNT_CAP, FOUND_CAP, Sort
from guanxi.platform.objects.reaching import reached_rows
from guanxi.platform.objects.registry import columns_of, fields_of, object_spec, object_specs
from guanxi.platform.objects.rollups import RolledField, rolled_fields, rolled_values
from guanxi.platform.objects.spec import ObjectSpec, View, Visible

BASE = "/api/v1"
FOUND = "found"
IDS = "ids"
Record = dict[str, Any]
Writer = tuple[str, Callable[[Any], Any] | None]


@dataclass(frozen=True, slots=True)
class Question:
    """Which records in which order; each different question is one kept statement.

    `beside` is the key of the contributed field that a list is sorted by. `words` stand in the statement itself only
    when they find very many records; when few, their ids are given with each run (`is_found`). `nulls` says which
    values of the position are missing, None for the first page. Days are those of `zone`.
    """

    object_key: str
    permission: Grant[Any]
    order: tuple[OrderKey, ...]
    where: Where | None = None
    beside: str = ""
    is_trash: bool = False
    is_found: bool = False
    words: str = ""
    nulls: tuple[bool, ...] | None = None
    today: date | None = None
    zone: str = ""

    @property
    def spec(self) -> ObjectSpec:
        """The object."""
        return object_spec(self.object_key)

    @property
    def sorted_model(self) -> type[models.Model]:
        """The model that holds the columns of the order."""
        return self.beside_field.model if self.beside else self.spec.model

    @property
    def beside_field(self) -> ObjectField:
        """The contributed field that the list is sorted by."""
        return next(item for item in fields_of(self.spec) if item.key == self.beside)


@dataclass(frozen=True, slots=True)
class Page:
    """The ids of one page in their order, where the next one begins ("" = nowhere), and how many records there are."""

    ids: tuple[int, ...]
    next_cursor: str
    count: int | None
    is_capped: bool


def resource_specs() -> tuple[ObjectSpec, ...]:
    """The objects that are resources of the API, by key."""
    return tuple(spec for spec in object_specs() if spec.api_name)


def shown_fields(spec: ObjectSpec, names: Sequence[str], view: View) -> tuple[ShownField, ...]:
    """The fields and roll-ups that the actor may see, whole or masked; of `names` those alone.

    Raises: RuleViolation("field.unknown") for a name that is none, or that of a hidden field.
    """
    seen = ((item, shown_field(item, item.access(view.actor))) for item in fields_of(spec))
    known = {item.key: shown for item, shown in seen if shown is not None}
    known |= {item.item.key: ShownField(item.item, False, item) for item in rolled_fields(spec, view.actor)}
    for name in names:
        if name not in known and name not in {"id", "version"}:
            raise unknown_field(name)
    return tuple(shown for key, shown in known.items() if not names or key in names)


def unknown_field(name: str) -> RuleViolation:
    """There is no such field, or the actor must not learn of it."""
    return RuleViolation("field.unknown", "There is no field “%(field)s”.", field=name[:100])


def read_page(spec: ObjectSpec, asked: ListRequest, view: View) -> Page:
    """The ids of a page.

    Raises: RuleViolation("list.where" | "list.sort" | "list.search" | "list.cursor").
    """
    question = _question(spec, asked, view)
    found = _found_ids(question, asked.words, view)
    if found is not None:
        question = replace(question, is_found=len(found) <= FOUND_CAP, words=asked.words)
        question = replace(question, words="") if question.is_found else question
    slots: dict[str, Any] = {FOUND: found} if question.is_found else {}
    mark = _mark(asked)
    columns = [_typed(question, key) for key in question.order]
    position = read_cursor(asked.cursor, question=mark, columns=columns) if asked.cursor else None
    rows = _rows(question, position, slots, limit=asked.limit + 1)
    following = write_cursor(_position(rows[asked.limit - 1]), question=mark) if len(rows) > asked.limit else ""
    count, is_capped = _counted(question, asked.count, slots)
    return Page(tuple(row.record_id for row in rows[: asked.limit]), following, count, is_capped)


def _typed(question: Question, key: OrderKey) -> "models.Field[Any, Any]":
    """The type of a column of the order."""
    made = (item.typed for item in fields_of(question.spec) if item.made is not None and item.column == key.column)
    return next(made, None) or column_of(question.sorted_model, key.column)


@dataclass(frozen=True, slots=True)
class _Row:
    """One record of a page: its id, and its values in the order."""

    record_id: int
    values: tuple[Any, ...]
    is_rest: bool


def _position(row: _Row) -> Position:
    return Position(row.values, is_rest=row.is_rest)


def _mark(asked: ListRequest) -> str:
    """What a cursor is bound to."""
    return repr((asked.sorts, where_text(asked.where), asked.words, asked.is_trash))


def _question(spec: ObjectSpec, asked: ListRequest, view: View) -> Question:
    beside, order = _order(spec, asked.sorts, view)
    return Question(
        object_key=spec.key,
        permission=grant(view.actor, spec.model),
        order=order,
        where=asked.where,
        beside=beside,
        is_trash=asked.is_trash,
        today=view.today if asked.where is not None else None,
        zone=timezone.get_current_timezone_name() if asked.where is not None else "",
    )


def _order(spec: ObjectSpec, sorts: Sequence[Sort], view: View) -> tuple[str, tuple[OrderKey, ...]]:
    """The contributed field to sort by, if it is one, and the columns; the id comes last."""
    closed = closed_orders(columns_of(spec), view.actor)
    known = {item.key: item for item in readable(fields_of(spec), view.actor) if item.key not in closed}
    instead = dict(spec.orders)
    instead |= {item.key: item.ordering.fields for item in columns_of(spec) if item.ordering and item.ordering.fields}
    keys: list[OrderKey] = []
    for sort in sorts:
        if sort.key == "id":
            keys.append(OrderKey("pk", sort.is_falling))
            break
        item = known.get(sort.key)
        if item is None or not item.is_ordered or (item.beside is not None and len(sorts) > 1):
            raise RuleViolation("list.sort", "The list cannot be sorted by “%(field)s”.", field=sort.key[:100])
        if item.beside is not None:
            return item.key, (OrderKey(item.column, sort.is_falling), OrderKey("pk"))
        if item.made is not None:
            keys.append(OrderKey(item.column, sort.is_falling, True))
            continue
        for name in instead.get(sort.key, (item.column,)):
            keys.append(OrderKey(name, sort.is_falling, column_of(spec.model, name).null))
    if not keys or keys[-1].column != "pk":
        keys.append(OrderKey("pk", bool(keys) and keys[-1].is_falling))
    return "", tuple(keys)


def _found_ids(question: Question, words: str, view: View) -> Sequence[int] | None:
    """The ids that the words find, one more than FOUND_CAP when there are very many; None without words."""
    if not words:
        return None
    if question.spec.search is None:
        raise RuleViolation("list.search", "These records cannot be searched by words.")
    found = question.spec.search(words, view.actor)
    return list(found.ids[: FOUND_CAP + 1]) if found is not None else ()


def _rows(question: Question, position: Position | None, slots: Mapping[str, Any], *, limit: int) -> list[_Row]:
    """So many rows after a position; when those with a value of a contributed field are done, those without."""
    rows: list[_Row] = []
    if position is None or not position.is_rest:
        asked = replace(question, nulls=position.nulls if position else None)
        given = position.slots if position else {}
        found = _HEAD(asked, **slots, **given, limit=limit)
        rows = [_Row(values[-1], tuple(values), is_rest=False) for values in found]
        if not question.beside or len(rows) == limit:
            return rows
    start = position.values if position is not None and position.is_rest else (0,)
    found = _REST(question, **slots, **Position(start).slots, limit=limit - len(rows))
    return rows + [_Row(record_id, (record_id,), is_rest=True) for (record_id,) in found]


def _counted(question: Question, count: Count, slots: Mapping[str, Any]) -> tuple[int | None, bool]:
    """How many records there are, and whether there are more than that."""
    if count is Count.NONE:
        return None, False
    plain = replace(question, order=(), beside="")
    limit = COUNT_CAP + 1 if count is Count.CAPPED else None
    number: int = _COUNT(plain, **slots, limit=limit)[0][0]
    return (COUNT_CAP, True) if limit is not None and number > COUNT_CAP else (number, False)


def _narrowed(question: Question) -> Visible:
    spec, permission = question.spec, question.permission
    today = question.today or timezone.localdate()  # without a condition no day matters
    rows = reached_rows(spec, permission, where=question.where, today=today, is_trashed=question.is_trash)
    if question.words and spec.search is not None:
        found = spec.search(question.words, permission.actor)
        rows = rows.filter(pk__in=found.ids) if found is not None else rows.none()
    return rows.filter(Among("pk", FOUND)) if question.is_found else rows


def _head(question: Question) -> models.QuerySet[Any, Any]:
    """The records in their order; of a contributed order, those that have a value in it."""
    rows: models.QuerySet[Any, Any] = _narrowed(question)
    if question.beside:
        rows = _beside(question).filter(pk__in=rows.order_by().values("pk"))
    if question.nulls is not None:
        rows = rows.filter(after(question.order, question.nulls))
    return rows.order_by(*(key.order for key in question.order)).values_list(*(key.column for key in question.order))


def _beside(question: Question) -> models.QuerySet[Any, Any]:
    """The rows of the table that holds the contributed field, those without a value left out."""
    item = question.beside_field
    return grant(question.permission.actor, item.model).queryset().filter(**{f"{item.column}__isnull": False})


def _rest(question: Question) -> models.QuerySet[Any, Any]:
    """The records without a value in the contributed field, by id."""
    rows = _narrowed(question).exclude(pk__in=_beside(question).values("pk"))
    return rows.filter(after((OrderKey("pk"),), (False,))).order_by("pk").values_list("pk")


_HEAD: Prepared[Question] = Prepared(_head, limit="limit")
_REST: Prepared[Question] = Prepared(_rest, limit="limit")
_COUNT: Prepared[Question] = Prepared(
    lambda question: _narrowed(question).order_by().values_list("pk"), limit="limit", counts=True
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Some columns of the rows of a Grant."""

    permission: Grant[Any]
    names: tuple[str, ...]


_COLUMNS: Prepared[_Columns] = Prepared(
    lambda asked: asked.permission.queryset().filter(Among("pk", IDS)).values_list("pk", *asked.names)
)
_LIVE: Prepared[Grant[Any]] = Prepared(
    lambda permission: permission.queryset().filter(Among("pk", IDS), trashed_at__isnull=True).values_list("pk")
)


def require_live(spec: ObjectSpec, record_id: int, view: View) -> None:
    """The actor may see the record, and it does not lie in the trash. Raises: NotFound("record.not_found")."""
    if not live_ids(spec, [record_id], view):
        raise no_such_record()


def live_ids(spec: ObjectSpec, ids: Sequence[int], view: View) -> list[int]:
    """Those of the records that the actor may see and that do not lie in the trash."""
    known = {record_id for (record_id,) in _LIVE(grant(view.actor, spec.model), ids=ids)}
    return [record_id for record_id in ids if record_id in known]


def read_records(spec: ObjectSpec, ids: Sequence[int], shown: Sequence[ShownField], view: View) -> list[Record]:
    """The records with these ids that the actor may see, in this order, each with `id`, `version` and the fields.

    One query, and one more for each table that contributes a field, each roll-up and each field of files.
    """
    own = [field for field in shown if field.item.beside is None and field.rolled is None]
    names = ("version", *(field.item.column for field in own))
    rows = _COLUMNS(_Columns(grant(view.actor, spec.model), names), ids=ids)
    writers = _writers(own)
    records = {row[0]: {"id": row[0], "version": row[1]} | _written(writers, row[2:]) for row in rows}
    for fields in _by_table(shown):
        columns = _Columns(grant(view.actor, fields[0].item.model), tuple(field.item.column for field in fields))
        known = {row[0]: row[1:] for row in _COLUMNS(columns, ids=ids)}
        writers, nothing = _writers(fields), (None,) * len(fields)
        for record_id, record in records.items():
            record.update(_written(writers, known.get(record_id, nothing)))
    for field in shown:
        if field.rolled is not None:
            _add_rolled(records, field, field.rolled, view)
        elif field.item.kind is FieldType.FILE and not field.is_masked:
            _tell_files(spec, records, field.item.key)
    return [records[record_id] for record_id in ids if record_id in records]


def _add_rolled(records: Mapping[int, Record], field: ShownField, rolled: RolledField, view: View) -> None:
    """Add a roll-up to each of the records."""
    writers = _writers([field])
    for record_id, value in rolled_values(rolled, list(records), view.actor).items():
        records[record_id].update(_written(writers, (value,)))


def _tell_files(spec: ObjectSpec, records: Mapping[int, Record], key: str) -> None:
    """Say of the files of a field what they are called, how large they are and where they are; one query."""
    files = file_rows([record[key] for record in records.values() if record[key] is not None])
    for record_id, record in records.items():
        file = files.get(record[key])
        address = f"{BASE}/{spec.api_name}/{record_id}/files/{key}"
        record[key] = {"name": file.name, "size": file.size, "url": address} if file is not None else None


def _writers(fields: Sequence[ShownField]) -> list[Writer]:
    return [(field.item.key, field.writer) for field in fields]


def _written(writers: Sequence[Writer], values: Sequence[Any]) -> Record:
    return {
        key: value if write is None or value is None else write(value)
        for (key, write), value in zip(writers, values, strict=True)
    }


def _by_table(shown: Iterable[ShownField]) -> list[list[ShownField]]:
    """The contributed fields, those of one table together."""
    tables: dict[type[models.Model], list[ShownField]] = {}
    for field in shown:
        if field.item.beside is not None:
            tables.setdefault(field.item.model, []).append(field)
    return list(tables.values())
