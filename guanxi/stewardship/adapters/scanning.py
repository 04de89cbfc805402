"""The scan of the whole base for records that may be one: read, compare by Splink, keep the likely pairs.

Steps: 1 read by what each record is recognised, 2 bring it into the form in which it is compared, 3 score the pairs of
each kind, 4 copy the pairs beside the table and take them over in one statement. Nothing is merged.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from guanxi.customers.facade import (
    AccountKind,
    contact_identity_rows,
    identity_rows,
)
from guanxi.platform.jobs.progress import Progress
from guanxi.stewardship.analyses.matching import (
    COLUMNS,
    ORGANISATION,
    PERSON,
    MatchModel,
    comparison_names,
    scored_pairs,
)
from guanxi.stewardship.analyses.matching import CONTACT as CONTACT_MODEL
from guanxi.stewardship.rules.duplicates import Identity, identity, is_name_alone, learned_reasons
from guanxi.stewardship.rules.likeness import ACCOUNT, CONTACT

LEAST_WEIGHT = 0.0
MOST_PAIRS = 20_000
MODELS: Mapping[str, MatchModel] = {AccountKind.ORGANISATION: ORGANISATION, AccountKind.PERSON: PERSON}
Pair = tuple[int, int, float, list[tuple[str, float]]]
"""Two ids, the lower first, the weight, and the reasons with theirs."""

_TAKE_OVER = """
INSERT INTO stewardship_twin (object_key, first_id, second_id, weight, reasons, state)
SELECT %(object_key)s, first_id, second_id, weight, reasons, 'open' FROM fresh_twins
ON CONFLICT (object_key, first_id, second_id) DO UPDATE SET weight = excluded.weight, reasons = excluded.reasons,
    state = CASE WHEN stewardship_twin.state = 'gone' THEN 'open' ELSE stewardship_twin.state END
"""
_LEAVE_OUT = """
UPDATE stewardship_twin t SET state = 'gone' WHERE object_key = %(object_key)s AND state = 'open'
AND NOT EXISTS (SELECT FROM fresh_twins f WHERE f.first_id = t.first_id AND f.second_id = t.second_id)
"""


def scan_base(progress: Progress | None = None) -> int:
    """Look for accounts and contacts that may be one, in the whole base. Returns how many pairs are likely."""
    accounts, contacts = identity_rows(), contact_identity_rows()
    if progress is not None:
        progress.expect(accounts.num_rows + contacts.num_rows)
    found: list[Pair] = []
    for kind, model in MODELS.items():
        mine = accounts.filter(pyarrow.compute.equal(accounts.column("kind"), kind))
        is_person = kind == AccountKind.PERSON
        known = {row["record_id"]: identity_of(row, is_person=is_person) for row in _each(mine)}
        found += _likely(known, model, is_person=is_person)
        if progress is not None:
            progress.advance(mine.num_rows)
    of_contacts = _likely(
        {row["record_id"]: contact_identity_of(row) for row in _each(contacts)}, CONTACT_MODEL, is_person=True
    )
    _keep(ACCOUNT, found)
    _keep(CONTACT, of_contacts)
    return len(found) + len(of_contacts)


def contact_identity_of(row: Mapping[str, Any]) -> Identity:
    """By what a contact is recognised, of a row as `contact_identity_rows` gives it."""
    return identity(
        str(row["title"] or ""),
        home=str(row["home"] or ""),
        phones=row["phones"] or (),
        mails=row["mails"] or (),
        is_person=True,
    )


def identity_of(row: Mapping[str, Any], *, is_person: bool) -> Identity:
    """By what a record is recognised, of a row as `identity_rows` gives it."""
    return identity(
        str(row["title"] or ""),
        city=row["city"] or "",
        region=row["region"] or "",
        address=row["address"] or "",
        website=row["website"] or "",
        number=row["number"] or "",
        phones=row["phones"] or (),
        mails=row["mails"] or (),
        is_person=is_person,
    )


def _likely(known: Mapping[int, Identity], model: MatchModel, *, is_person: bool) -> list[Pair]:
    """The likely pairs of one kind of record."""
    pairs = scored_pairs(identity_table(known), model, least=LEAST_WEIGHT).slice(0, MOST_PAIRS)
    names = comparison_names(model)
    found = []
    for row in _each(pairs):
        first, second = sorted((row["l"], row["r"]))
        reasons = learned_reasons(known[first], known[second], {name: row[name] or 0.0 for name in names})
        if is_person and is_name_alone(reasons):
            continue
        found.append((first, second, row["weight"], [(reason.evidence.value, reason.weight) for reason in reasons]))
    return found


def _each(table: pyarrow.Table) -> Iterable[dict[str, Any]]:
    for batch in table.to_batches(max_chunksize=10_000):
        yield from batch.to_pylist()


def identity_table(known: Mapping[int, Identity]) -> pyarrow.Table:
    """Identities by id, in the columns that are compared; what is not known is null."""
    ids = list(known)
    columns: dict[str, list[Any]] = {"unique_id": ids}
    for name in COLUMNS.names[1:]:
        values = (getattr(known[record_id], name, "") for record_id in ids)
        columns[name] = [sorted(value) if isinstance(value, frozenset) else value or None for value in values]
    return pyarrow.table(columns, schema=COLUMNS)


@transaction.atomic
def _keep(object_key: str, found: Sequence[Pair]) -> None:
    """Take the pairs of an object over: what was decided stays so, open pairs that are no longer alike are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE fresh_twins (first_id bigint, second_id bigint, weight float8, reasons jsonb) "
            "ON COMMIT DROP"
        )
        with cursor.copy("COPY fresh_twins FROM STDIN") as copy:
            for first, second, weight, reasons in found:
                copy.write_row((first, second, weight, Jsonb(reasons)))
        cursor.execute(_TAKE_OVER, {"object_key": object_key})
        cursor.execute(_LEAVE_OUT, {"object_key": object_key})
        cursor.execute("DROP TABLE fresh_twins")
