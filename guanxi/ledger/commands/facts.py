"""Single facts from a screen: recording, correcting and withdrawing them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

import pyarrow

from guanxi.customers.facade import require_editable
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.ledger.adapters.files import RowBatch
from guanxi.ledger.adapters.rejects import explained
from guanxi.ledger.commands.recording import Way, captured_way, open_sieve, record_batch, stated_way
from guanxi.ledger.queries import FactRow, corrections_standing, fact_id_of, fact_with_right, facts_by_ids
from guanxi.ledger.rules import SCREEN_SOURCE, VOIDED, require_source, require_sub_kind
from guanxi.platform.access.rules import Action


@dataclass(frozen=True, slots=True)
class NewFact:
    """One fact as a person states it. `product` is a code; `payload` holds fields of the kind (see the
    vocabulary); `user_id` is the colleague who did it, None = who states it.
    """

    kind: str
    sub_kind: str
    occurred_at: datetime
    channel: str = ""
    contact_id: int | None = None
    product: str = ""
    quantity: Decimal | None = None
    amount: Decimal | None = None
    cost: Decimal | None = None
    place: str = ""
    payload: Mapping[str, object] = field(default_factory=dict)
    user_id: int | None = None


def record_fact(account_id: int, *, fact: NewFact, source_id: str = "", actor: Actor) -> int:
    """Record one fact that a person states about an account. Returns its id.

    `source_id` names the act of stating it, so that a form sent twice records once; made up when empty.
    Raises: NotFound, AccessDenied("access.denied" | "access.read_only"), RuleViolation with a code of the
    vocabulary's reasons, Conflict("fact.conflict") when another fact stands under the `source_id`.
    """
    require_sub_kind(fact.kind, fact.sub_kind)
    require_editable(account_id, actor=actor)
    row = _row(fact, account_id=account_id, user_id=fact.user_id or actor.user_id)
    row["source_id"] = source_id or uuid4().hex
    return _record(row, way=stated_way(SCREEN_SOURCE, actor=actor))


def capture_fact(account_id: int, *, fact: NewFact, source: str, source_id: str, actor: Actor) -> int:
    """Record one fact that a room of the house captured by itself, in the transaction of what it captured.

    Returns its id, also when it stands already. Raises: as `record_fact`, RuleViolation("source.…").
    """
    require_source(source)
    require_sub_kind(fact.kind, fact.sub_kind)
    require_editable(account_id, actor=actor)
    row = _row(fact, account_id=account_id, user_id=None) | {"source_id": source_id}
    return _record(row, way=captured_way(source, actor=actor))


def log_fact(account_id: int, *, fact: NewFact, once: str, actor: Actor) -> int:
    """Record what a person logs by a form. Returns the fact's id.

    `once` names the form; sent again with the same words, only later, it finds what it recorded. "" names none.
    Raises: as `record_fact`; Conflict also for a form that was sent again with other words.
    """
    source_id = f"form-{actor.user_id}-{once}" if once else ""
    try:
        return record_fact(account_id, fact=fact, source_id=source_id, actor=actor)
    except Conflict:
        standing = fact_id_of(SCREEN_SOURCE, source_id)
        rows = facts_by_ids(actor, [standing]) if standing else ()
        if not any(_says(row, fact, account_id=account_id) for row in rows):
            raise
        return rows[0].id


def _says(row: FactRow, fact: NewFact, *, account_id: int) -> bool:
    """Whether a recorded fact says the same of the same account, whenever it was."""
    recorded = (row.account_id, row.kind, row.sub_kind, row.channel or "", dict(row.payload))
    return recorded == (account_id, fact.kind, fact.sub_kind, fact.channel, dict(fact.payload))


def take_back_fact(fact_id: int, *, reason: str, actor: Actor) -> None:
    """Withdraw what the actor has logged; doing it again changes nothing.

    Raises: NotFound, AccessDenied for what somebody else stated or a system captured.
    """
    former = fact_with_right(actor, fact_id, right=Action.EDIT)
    if former.source != SCREEN_SOURCE or former.user_id != actor.user_id:
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="void")
    if not corrections_standing(SCREEN_SOURCE, [former.source_id]):
        void_fact(fact_id, reason=reason, actor=actor)


def correct_fact(fact_id: int, *, fact: NewFact, reason: str = "", actor: Actor) -> int:
    """Replace a fact by another one; the former stays in the ledger and is no longer counted. Returns the new
    id.

    Raises: as `record_fact`.
    """
    former = fact_with_right(actor, fact_id, right=Action.EDIT)
    row = _row(fact, account_id=former.account_id, user_id=former.user_id)
    row |= {"source_id": f"correction-{uuid4().hex}", "corrects": former.source_id}
    return _record(row, way=stated_way(former.source, actor=actor, reason=reason))


def void_fact(fact_id: int, *, reason: str, actor: Actor) -> int:
    """Withdraw a fact that was recorded by mistake. Returns the id of the fact that says so. Raises: as
    `record_fact`.
    """
    former = fact_with_right(actor, fact_id, right=Action.EDIT)
    return correct_fact(fact_id, fact=NewFact(former.kind, VOIDED, former.occurred_at), reason=reason, actor=actor)


def _row(fact: NewFact, *, account_id: int, user_id: int | None) -> dict[str, object]:
    """The fact with the keys of the published schema."""
    values = {
        "account_id": account_id,
        "user_id": user_id,
        "kind": fact.kind,
        "sub_kind": fact.sub_kind,
        "occurred_at": fact.occurred_at.isoformat(),
        "channel": fact.channel,
        "contact_id": fact.contact_id,
        "product": fact.product,
        "quantity": fact.quantity,
        "amount": fact.amount,
        "cost": fact.cost,
        "place": fact.place,
        "payload": dict(fact.payload),
    }
    return {name: value for name, value in values.items() if value not in (None, "", {})}


def _record(row: Mapping[str, object], *, way: Way) -> int:
    """Take one row through the sieve. Returns its id, also when it stood already."""
    text = json.dumps(row, ensure_ascii=False, default=str)
    table = pyarrow.table({"line": pyarrow.array([1], pyarrow.int64()), "row": pyarrow.array([text])})
    with open_sieve(way) as sieve:
        batch, outcome = record_batch(sieve, sieve.sift(RowBatch(table)), way=way)
        problem = next(sieve.rejections(batch), None)
    if problem is not None:
        entry = explained(problem)
        error = Conflict if outcome.conflicts else RuleViolation
        raise error(problem.code, entry.reason.replace("%", "%%"), field=problem.field)
    fact_id = fact_id_of(way.occasion.source, str(row["source_id"]))
    if fact_id is None:
        raise Conflict("fact.waiting", "The fact could not be recorded.")
    return fact_id
