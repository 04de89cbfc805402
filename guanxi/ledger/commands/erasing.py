"""Erasing a person from the ledger: the one exception to facts never being changed.

Amounts, quantities and days stay, for the law wants the books; who it was and every text go.
"""

from guanxi.ledger.datasets import FACTS
from guanxi.ledger.models import Fact
from guanxi.platform.access.grant import unscoped
from guanxi.platform.lake.models import LakePart
from guanxi.platform.lake.rewriting import rewrite_rows
from guanxi.platform.objects.erasing import REASON, Subject, like_any, updated

_MEANT = "(account_id = ANY(%s::bigint[]) OR contact_id = ANY(%s::bigint[]))"
_NUMBERS_ALONE = (
    "(SELECT jsonb_object_agg(key, value) FROM jsonb_each(payload) WHERE jsonb_typeof(value) IN ('number', 'boolean'))"
)
_RENAME_LINKS = f"""
UPDATE ledger_fact later SET corrects = 'erased:' || former.id FROM ledger_fact former
WHERE former.source = later.source AND former.source_id = later.corrects
  AND former.id IN (SELECT id FROM ledger_fact WHERE {_MEANT}) AND former.source_id LIKE ANY(%s::text[])
"""  # noqa: S608  # our own condition
_ERASE = f"""
UPDATE ledger_fact SET contact_id = NULL, place = NULL, payload = {_NUMBERS_ALONE},
    source_id = CASE WHEN source_id LIKE ANY(%s::text[]) THEN 'erased:' || id ELSE source_id END
WHERE {_MEANT}
"""  # noqa: S608  # our own condition
_ERASE_REFERRED = f"""
UPDATE ledger_fact SET payload = {_NUMBERS_ALONE}
WHERE kind = 'referral' AND payload::text LIKE ANY(%s::text[])
"""  # noqa: S608  # our own expression
_ERASE_WAITING = """
DELETE FROM ledger_waitingfact w WHERE w.row::text LIKE ANY(%s::text[]) OR EXISTS (
    SELECT FROM customers_externalkey k
    WHERE k.account_id = ANY(%s::bigint[]) AND k.system = w.system AND k.key = w.key
)
"""


def count_facts(subject: Subject) -> int:
    """How many facts are about the person."""
    accounts, contacts = subject.ids_of("account"), subject.ids_of("contact")
    rows = unscoped(Fact, reason=REASON)
    return int((rows.filter(account__in=accounts) | rows.filter(contact_id__in=contacts)).count())


def erase_facts(subject: Subject) -> None:
    """Empty what facts say of the person in words, also where he was referred, and delete what waits for him."""
    meant = [list(subject.ids_of("account")), list(subject.ids_of("contact"))]
    patterns = like_any(subject.words)
    updated(_RENAME_LINKS, [*meant, patterns])
    updated(_ERASE, [patterns, *meant])
    updated(_ERASE_REFERRED, [patterns])
    updated(_ERASE_WAITING, [patterns, meant[0]])


def count_lake_files(subject: Subject) -> int:  # noqa: ARG001  # the shape of what counts
    """How many files the lake keeps of facts; each is looked into."""
    return LakePart.objects.filter(dataset=FACTS.key).count()


def rewrite_lake(subject: Subject) -> None:
    """Rewrite the files of the lake that hold facts about the person."""
    meant = {"account_id": subject.ids_of("account"), "contact_id": subject.ids_of("contact")}
    rewrite_rows(FACTS, {name: ids for name, ids in meant.items() if ids})
