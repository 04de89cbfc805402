"""The ledger over HTTP: facts in batches, and the schemas they follow."""

import io
import json
from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from ninja import Router, Schema

from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.analyses.schemas import batch_schema, ledger_schemas
from guanxi.ledger.commands import RowsIngested, ingest_rows, ingest_stream
from guanxi.platform.access.urls import actor_of

MOST_ROWS = 50_000
NDJSON_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})

router = Router(tags=["ledger"])


class ProblemRow(Schema):
    """One row that was not recorded: `line` counts from 1, `code` is stable, `reason` a sentence."""

    line: int
    code: str
    field: str
    reason: str


class IngestAnswer(Schema):
    """What became of a batch. `read` is the sum of the other counts; `problems` explains refusals and
    conflicts.
    """

    read: int
    recorded: int
    repeated: int
    conflicts: int
    waiting: int
    rejected: int
    problems: list[ProblemRow]


@router.post(
    "/facts",
    response=IngestAnswer,
    summary="Record facts",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": batch_schema(MOST_ROWS)},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        }
    },
)
def ingest_facts(request: HttpRequest, source: str = "", system: str = "") -> IngestAnswer:
    """Record a batch of at most 50,000 facts; sending it again changes nothing.

    The body is `{"source", "system", "facts": […]}`, or NDJSON with `source` and `system` in the address.
    Rows that are refused do not keep the others out.
    """
    actor = actor_of(request)
    if (request.content_type or "") in NDJSON_TYPES:
        if request.body.count(b"\n") > MOST_ROWS:
            raise _too_many()
        return _answer(ingest_stream(io.BytesIO(request.body), source=source, system=system, actor=actor))
    batch = _batch(request.body)
    facts = _facts(batch)
    return _answer(
        ingest_rows(
            facts,
            source=str(batch.get("source") or source),
            system=str(batch.get("system") or system),
            actor=actor,
        )
    )


@router.get("/schemas", summary="The schemas of all facts")
def schemas(request: HttpRequest) -> Mapping[str, object]:  # noqa: ARG001  # the router's signature
    """One JSON Schema (draft 2020-12) for each kind of fact, by kind."""
    return ledger_schemas()


def _batch(body: bytes) -> Mapping[str, object]:
    try:
        batch = json.loads(body)
    except (ValueError, RecursionError) as error:  # no JSON, no UTF-8, a number without end, a list in a list in a list
        raise RuleViolation("batch.json", "The body is not JSON in UTF-8.") from error
    if not isinstance(batch, dict) or set(batch) - {"source", "system", "facts"}:
        raise RuleViolation("batch.shape", "The body must be an object with “source”, “system” and “facts” alone.")
    return batch


def _facts(batch: Mapping[str, object]) -> Sequence[Mapping[str, object]]:
    facts = batch.get("facts")
    if not isinstance(facts, list):
        raise RuleViolation("batch.shape", "“facts” must be a list of facts.")
    if len(facts) > MOST_ROWS:
        raise _too_many()
    return facts


def _too_many() -> RuleViolation:
    return RuleViolation("batch.too_many", "A batch holds at most %(most)s facts; send several.", most=MOST_ROWS)


def _answer(result: RowsIngested) -> IngestAnswer:
    counts = result.counts
    return IngestAnswer(
        read=counts.read,
        recorded=counts.recorded,
        repeated=counts.repeated,
        conflicts=counts.conflicts,
        waiting=counts.waiting,
        rejected=counts.rejected,
        problems=[
            ProblemRow(line=row.line, code=row.code, field=row.field, reason=row.reason) for row in result.problems
        ],
    )
