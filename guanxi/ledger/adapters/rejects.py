"""Rows that were not recorded, explained for a person and kept in a file beside the one they came from."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext

from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.adapters.sieve import Rejection
from guanxi.ledger.analyses.checking import field_of
from guanxi.ledger.rules import FACT_KINDS, PAYLOAD_FIELDS, REASONS, SHARED_BY_NAME

SUFFIX = ".rejects.ndjson"
SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class ExplainedRow:
    """One row that was not recorded: `line` counts from 1, `reason` is a sentence, `row` is what came."""

    line: int
    code: str
    field: str
    reason: str
    row: object


def explained(rejection: Rejection) -> ExplainedRow:
    """The rejection with its reason in the language in force."""
    row = _parsed(rejection.row)
    name = rejection.field
    is_field = name in SHARED_BY_NAME or name in PAYLOAD_FIELDS
    choices = tuple(FACT_KINDS) if name == "kind" else field_of(name).choices if is_field else ()
    value = _value(row, name) if is_field else name
    reason = gettext(REASONS[rejection.code]) % {
        "field": name,
        "value": value[:SHOWN_LENGTH],
        "choices": ", ".join(choices),
        "maximum_length": field_of(name).maximum_length if is_field else "",
    }
    return ExplainedRow(rejection.line, rejection.code, name, reason, row)


class RejectFile:
    """The file `<file>.rejects.ndjson`: begun anew with each run, removed when nothing was refused."""

    def __init__(self, path: Path) -> None:
        """Begin the file beside `path`. Raises: RuleViolation("file.no_reject_file") when that is not
        possible.
        """
        self.path = path.with_name(path.name + SUFFIX)
        self._is_empty = True
        try:
            self._file: TextIO = self.path.open("w", encoding="utf-8")
        except OSError as error:
            raise RuleViolation(
                "file.no_reject_file",
                "%(file)s cannot be written; rows that are refused would be lost.",
                file=str(self.path),
            ) from error

    def write(self, rejections: Iterable[Rejection]) -> None:
        """Add rows."""
        for rejection in rejections:
            entry = explained(rejection)
            content = {
                "line": entry.line,
                "code": entry.code,
                "field": entry.field,
                "reason": entry.reason,
                "row": entry.row,
            }
            self._file.write(json.dumps(content, ensure_ascii=False, default=str) + "\n")
            self._is_empty = False

    def close(self) -> Path | None:
        """End the file. Returns its path, or None when it was empty and is gone."""
        self._file.close()
        if self._is_empty:
            self.path.unlink(missing_ok=True)
            return None
        return self.path


def _parsed(row: object) -> object:
    """A row of JSON as its object; anything else, and broken JSON, as it came. Empty columns are left out."""
    if isinstance(row, Mapping):
        return {name: value for name, value in row.items() if value not in (None, "")}
    try:
        return json.loads(row) if isinstance(row, str) else row
    except (ValueError, RecursionError):
        return row


def _value(row: object, name: str) -> str:
    """What the row holds in a field, as text."""
    if not isinstance(row, Mapping):
        return ""
    payload = row.get("payload")
    inner = payload if isinstance(payload, Mapping) else _parsed(payload)
    value = row.get(name)
    if value is None and isinstance(inner, Mapping):
        value = inner.get(name)
    return "" if value is None else str(value)
