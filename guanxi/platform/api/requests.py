"""What a request asks for: parameters and bodies read at the edge; what is not understood is refused, never ignored."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_noop

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.api.problems import NotAcceptable, UnsupportedMediaType, too_large
from guanxi.platform.objects.conditions import Where, parse_where
from guanxi.platform.objects.listing import Sort

MOST_ROWS = 200
USUAL_ROWS = 50
MOST_SORTS = 4
MOST_BYTES = 8 * 1024 * 1024
LONGEST_WORDS = 100
JSON_TYPES = frozenset({"application/json", "application/merge-patch+json"})
ACCEPTED = ("*/*", "application/*", "application/json", "application/problem+json")
SHAPE = ("fields", "expand")
LIST = (*SHAPE, "where", "q", "sort", "limit", "cursor", "count", "trashed")


class Count(StrEnum):
    """How a list is counted: not at all, up to a cap, or to the last record."""

    NONE = "none"
    CAPPED = "capped"
    EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Shape:
    """Which fields of a record are asked for (none = all that may be seen), and which links are to be expanded."""

    fields: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which records, in which order, from where on, how many of them; `is_trash` asks for those in the trash."""

    shape: Shape
    where: Where | None
    words: str
    sorts: tuple[Sort, ...]
    limit: int
    cursor: str
    count: Count
    is_trash: bool


def read_shape(parameters: QueryDict) -> Shape:
    """The parameters of one record. Raises: RuleViolation("request.parameter" | "request.value")."""
    return _shape(_once_each(parameters, SHAPE))


def read_list(parameters: QueryDict) -> ListRequest:
    """The parameters of a list.

    Raises: RuleViolation("request.parameter" | "request.value"), RuleViolation("list.where").
    """
    given = _once_each(parameters, LIST)
    return ListRequest(
        shape=_shape(given),
        where=_where(given),
        words=_words(given),
        sorts=_sorts(given),
        limit=_limit(given),
        cursor=given.get("cursor", ""),
        count=Count(_one_of(given, "count", tuple(Count), Count.NONE)),
        is_trash=_one_of(given, "trashed", ("true", "false"), "false") == "true",
    )


def require_nothing(parameters: QueryDict) -> None:
    """The address knows no parameters. Raises: RuleViolation("request.parameter")."""
    _once_each(parameters, ())


def require_json_accepted(request: HttpRequest) -> None:
    """The caller takes JSON. Raises: NotAcceptable("request.accept")."""
    wanted = request.headers.get("Accept", "*/*")
    kinds = {part.partition(";")[0].strip().lower() for part in wanted.split(",")}
    if wanted and kinds.isdisjoint(ACCEPTED):
        raise NotAcceptable("request.accept", gettext_noop("The API answers with application/json alone."))


def read_body(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object of a body.

    Raises: UnsupportedMediaType("request.media_type"), TooLarge("request.too_large"), RuleViolation("request.json").
    """
    if (request.content_type or "").lower() not in JSON_TYPES:
        raise UnsupportedMediaType("request.media_type", gettext_noop("The body must be application/json."))
    size = request.META.get("CONTENT_LENGTH") or "0"
    if (size.isdecimal() and int(size) > MOST_BYTES) or len(request.body) > MOST_BYTES:
        raise too_large(MOST_BYTES)
    try:
        found = json.loads(request.body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, a number without end, a list in a list in a list
        raise _no_object() from error
    if not isinstance(found, dict):
        raise _no_object()
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON.")


def _no_object() -> RuleViolation:
    return RuleViolation("request.json", "The body must be one JSON object in UTF-8.")


def _once_each(parameters: QueryDict, known: tuple[str, ...]) -> dict[str, str]:
    for name, values in parameters.lists():
        if name not in known or len(values) > 1 or any("\x00" in value for value in values):
            raise RuleViolation(
                "request.parameter", "“%(name)s” is no parameter of this address, or came twice.", name=name
            )
    return {name: str(value) for name, value in parameters.items()}


def read_force(parameters: QueryDict) -> bool:
    """Whether a record is to be made though it looks like another one.

    Raises: RuleViolation("request.parameter" | "request.value").
    """
    return _one_of(_once_each(parameters, ("force",)), "force", ("true", "false"), "false") == "true"


def _shape(given: Mapping[str, str]) -> Shape:
    return Shape(_keys(given, "fields"), _keys(given, "expand"))


def _keys(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    if name not in given:
        return ()
    keys = given[name].split(",")
    if not all(keys) or len(set(keys)) < len(keys):
        raise _refused(name, given[name])
    return tuple(keys)


def _where(given: Mapping[str, str]) -> Where | None:
    if "where" not in given:
        return None
    where = parse_where(given["where"])
    if where is None:
        raise _refused("where", given["where"])
    return where


def _words(given: Mapping[str, str]) -> str:
    words = given.get("q", "").strip()
    if len(words) > LONGEST_WORDS or ("q" in given and not words):
        raise _refused("q", given["q"])
    return words


def _sorts(given: Mapping[str, str]) -> tuple[Sort, ...]:
    keys = _keys(given, "sort")
    if len({key.removeprefix("-") for key in keys}) < len(keys) or len(keys) > MOST_SORTS:
        raise _refused("sort", given["sort"])
    return tuple(Sort(key.removeprefix("-"), key.startswith("-")) for key in keys)


def _limit(given: Mapping[str, str]) -> int:
    text = given.get("limit", str(USUAL_ROWS))
    if not (text.isascii() and text.isdecimal() and len(text) <= 3 and 1 <= int(text) <= MOST_ROWS):
        raise _refused("limit", text)
    return int(text)


def _one_of(given: Mapping[str, str], name: str, allowed: tuple[str, ...], usual: str) -> str:
    value = given.get(name, usual)
    if value not in allowed:
        raise _refused(name, value)
    return value


def _refused(name: str, value: str) -> RuleViolation:
    return RuleViolation(
        "request.value", "“%(value)s” is not allowed for the parameter “%(name)s”.", value=value[:100], name=name
    )
