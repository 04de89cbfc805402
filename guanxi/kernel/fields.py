"""FieldSpec: one field's meaning, declared once and read by forms, lists, schemas, imports and the ledger."""

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """The closed list of value types."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    RATIO = "ratio"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "choice"
    MULTI_CHOICE = "multi_choice"
    LINK = "link"
    FILE = "file"
    EMAIL = "email"
    PHONE = "phone"
    ADDRESS = "address"


TEXTS = frozenset({FieldType.TEXT, FieldType.LONG_TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.ADDRESS})
"""The types whose values are free text."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: `name` is its key, `label` and `help` are English source strings.

    `choices` are the allowed keys of a CHOICE. `minimum` and `maximum` bound numbers, both included, in `unit`.
    `maximum_length` bounds text in characters. `sensitivity` names the class of protection ("" = plain).
    """

    name: str
    type: FieldType
    label: str
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    maximum_length: int = 500
    unit: str = ""
    sensitivity: str = ""
    help: str = ""
