"""The reference page of the ledger's vocabulary, made from the declarations."""

from collections.abc import Iterable, Iterator

from guanxi.kernel.fields import FieldSpec, FieldType
from guanxi.ledger.rules import FACT_KINDS, REASONS, SHARED_FIELDS, FactKind, SubKind

_HEAD = """# The customer ledger: kinds of facts

Made by `guanxi ledger reference`; do not edit. The same as JSON Schema: `guanxi ledger schema`, or
`GET /api/v1/ledger/schemas`.

Each row has the shared fields and those of its kind, beside each other or in an object `payload`. A row names
its account by `account_key` (with `account_system`, or the system given for the whole batch) or by
`account_id`. Times without a zone are the company's. Numbers of a return may be positive or negative and are
kept positive. A row whose `corrects` names an earlier number of the same source replaces that fact; the
sub-kind `voided` withdraws it.
"""


def reference_page() -> str:
    """The page in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "## Shared fields\n"
    yield from _field_table(SHARED_FIELDS)
    for kind in FACT_KINDS.values():
        yield from _kind_lines(kind)
    yield "\n## Why a row is refused or set aside\n"
    yield "| Code | Reason |\n|---|---|"
    for code, sentence in REASONS.items():
        yield f"| `{code}` | {sentence.replace('%(', '<').replace(')s', '>')} |"


def _kind_lines(kind: FactKind) -> Iterator[str]:
    yield f"\n## {kind.label} `{kind.name}`\n"
    yield "| Sub-kind | Means | Is | Needs |\n|---|---|---|---|"
    for sub_kind in kind.sub_kinds:
        needs = ", ".join(f"`{name}`" for name in sub_kind.required)
        yield f"| `{sub_kind.name}` | {sub_kind.label} | {', '.join(_marks(sub_kind))} | {needs} |"
    yield ""
    yield from _field_table(kind.fields)


def _marks(sub_kind: SubKind) -> Iterator[str]:
    if sub_kind.is_chance:
        yield "chance"
    if sub_kind.is_touch:
        yield "touch"
    if sub_kind.is_outbound:
        yield "sent by us"


def _field_table(fields: Iterable[FieldSpec]) -> Iterator[str]:
    yield "| Field | Means | Type |\n|---|---|---|"
    for field in fields:
        yield f"| `{field.name}` | {field.label} | {', '.join(_limits(field))} |"


def _limits(field: FieldSpec) -> Iterator[str]:
    """The type of a field and what bounds it."""
    yield field.type.value.replace("_", " ")
    if field.type in (FieldType.TEXT, FieldType.LONG_TEXT):
        yield f"at most {field.maximum_length} characters"
    if field.choices:
        yield " or ".join(f"`{choice}`" for choice in field.choices)
    if field.minimum is not None:
        yield f"from {field.minimum:g}" + (f" to {field.maximum:g}" if field.maximum is not None else "")
    if field.unit:
        yield field.unit
    if field.required:
        yield "required"
