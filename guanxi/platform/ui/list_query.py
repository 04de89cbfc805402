"""What the address of a list asks for: words, order, filters, conditions, columns; and which records that means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from guanxi.platform.access.grant import Grant
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.objects.conditions import parse_where, where_text
from guanxi.platform.objects.fields import closed_orders, readable
from guanxi.platform.objects.listing import Found, Selection, Sort
from guanxi.platform.objects.registry import columns_of, fields_of, filters_of
from guanxi.platform.objects.rollups import rolled_orderings
from guanxi.platform.objects.spec import ListColumn, ObjectSpec

MOST_CHARACTERS = 8_000
MOST_SORTS = 4


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What the address asks for; `page` counts from 1, `chosen` maps filter keys to values.

    `columns` are the keys of the columns in their order, none for those of the object; `where` are the conditions in
    their JSON form, `group` the field by which the rows are summed up. Without `sorts` the best match of the words
    comes first.
    """

    words: str
    sorts: tuple[Sort, ...]
    page: int
    chosen: Mapping[str, str]
    where: str = ""
    columns: tuple[str, ...] = ()
    group: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the address, but for the page."""
        found = {
            "q": self.words,
            "sort": sorts_text(self.sorts),
            **self.chosen,
            "where": self.where,
            "cols": ",".join(self.columns),
            "group": self.group,
        }
        return {key: value for key, value in found.items() if value}

    def address(self, **changes: str) -> str:
        """The query string of this list with some parameters changed; "" removes one. Starts again at page 1."""
        return "?" + urlencode({key: value for key, value in (self.parameters | changes).items() if value})


def read_query(parameters: QueryDict, spec: ObjectSpec) -> ListQuery:
    """Read the parameters of an address; what it does not know is ignored. Raises: RuleViolation("list.where")."""
    page = parameters.get("page", "1")[:8]
    known = {item.key for item in filters_of(spec)}
    words = _plain(parameters.get("q", ""))
    return ListQuery(
        words=words,
        sorts=read_sorts(parameters.get("sort") or ("" if words and spec.search else spec.default_sort)),
        page=min(int(page), 1_000_000) if page.isascii() and page.isdigit() and int(page) else 1,
        chosen={key: _plain(str(value)) for key, value in parameters.items() if key in known and _plain(str(value))},
        where=where_text(parse_where(parameters.get("where", "")[:MOST_CHARACTERS])),
        columns=_keys(parameters.get("cols", "")),
        group=_plain(parameters.get("group", "")),
    )


def read_sorts(text: str) -> tuple[Sort, ...]:
    """The order of "-amount,name": by amount, the largest first, then by name."""
    return tuple(Sort(key.removeprefix("-"), key.startswith("-")) for key in _keys(text)[:MOST_SORTS])


def sorts_text(sorts: tuple[Sort, ...]) -> str:
    """The order as an address has it."""
    return ",".join(f"-{sort.key}" if sort.is_falling else sort.key for sort in sorts)


def _keys(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in text[:1000].replace("\x00", "").split(",") if key))


def _plain(text: str) -> str:
    """What the database can be asked for: no NUL, no blanks around it, no novel."""
    return text.strip().replace("\x00", "")[:100]


def selection_of(spec: ObjectSpec, query: ListQuery, *, permission: Grant[Any], found: Found | None) -> Selection:
    """What an address asks of an object, for a person; an order by what the person may not read is left out."""
    fields = fields_of(spec)
    sortable = {item.key for item in columns_of(spec) if _is_readable(item, permission)}
    sortable = sortable.difference(item.key for item in fields)  # what is a field is protected as one
    sortable |= {item.key for item in readable(fields, permission.actor)}
    sortable -= closed_orders(columns_of(spec), permission.actor)
    sorts = query.sorts or read_sorts(spec.default_sort)
    sortable |= rolled_orderings(spec, permission.actor, keys=[sort.key for sort in sorts]).keys()
    return Selection(
        object_key=spec.key,
        permission=permission,
        chosen=tuple(query.chosen.items()),
        where=parse_where(query.where),
        sorts=tuple(sort for sort in sorts if sort.key in sortable),
        is_searched=found is not None and found.many is None,
        is_ranked=found is not None and bool(found.ranks) and not query.sorts,
    )


def _is_readable(column: ListColumn, permission: Grant[Any]) -> bool:
    return not column.field or permission.field_access(column.field) >= FieldAccess.READ
