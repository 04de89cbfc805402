"""What other capabilities may ask of the ledger, and have done by it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from guanxi.ledger.adapters.enrichers import Enricher as Enricher
from guanxi.ledger.adapters.enrichers import Question as Question
from guanxi.ledger.adapters.enrichers import register_enricher as register_enricher
from guanxi.ledger.commands import FileIngested as FileIngested
from guanxi.ledger.commands import Ingested as Ingested
from guanxi.ledger.commands import NewFact as NewFact
from guanxi.ledger.commands import RowsIngested as RowsIngested
from guanxi.ledger.commands import adopt_waiting_facts as adopt_waiting_facts
from guanxi.ledger.commands import capture_fact as capture_fact
from guanxi.ledger.commands import correct_fact as correct_fact
from guanxi.ledger.commands import ingest_file as ingest_file
from guanxi.ledger.commands import ingest_rows as ingest_rows
from guanxi.ledger.commands import record_competitor_promotion as record_competitor_promotion
from guanxi.ledger.commands import record_fact as record_fact
from guanxi.ledger.commands import void_fact as void_fact
from guanxi.ledger.commands.enriching import TAKE_PROPOSAL as TAKE_PROPOSAL
from guanxi.ledger.models import Fact
from guanxi.ledger.queries import CategoryPurchases as CategoryPurchases
from guanxi.ledger.queries import FactPage as FactPage
from guanxi.ledger.queries import FactRow as FactRow
from guanxi.ledger.queries import KindSummary as KindSummary
from guanxi.ledger.queries import PersonalContact as PersonalContact
from guanxi.ledger.queries import PromotionWindow as PromotionWindow
from guanxi.ledger.queries import UndeliveredFact as UndeliveredFact
from guanxi.ledger.queries import contacts_by_person as contacts_by_person
from guanxi.ledger.queries import corrections_standing as corrections_standing
from guanxi.ledger.queries import ended_promotions as ended_promotions
from guanxi.ledger.queries import fact_counts as fact_counts
from guanxi.ledger.queries import fact_id_of as fact_id_of
from guanxi.ledger.queries import facts_by_ids as facts_by_ids
from guanxi.ledger.queries import facts_of_account as facts_of_account
from guanxi.ledger.queries import last_days as last_days
from guanxi.ledger.queries import purchase_lines as purchase_lines
from guanxi.ledger.queries import purchases_by_category as purchases_by_category
from guanxi.ledger.queries import undelivered_facts as undelivered_facts
from guanxi.ledger.queries.givings import GivingRow as GivingRow
from guanxi.ledger.queries.givings import givings as givings
from guanxi.ledger.queries.givings import givings_of as givings_of
from guanxi.ledger.queries.givings import worth_given_in as worth_given_in
from guanxi.ledger.queries.givings import worth_given_to as worth_given_to
from guanxi.ledger.queries.promises import OpenPromise as OpenPromise
from guanxi.ledger.queries.promises import open_promises as open_promises
from guanxi.ledger.rules import BUYING as BUYING
from guanxi.ledger.rules import FACT_KINDS as FACT_KINDS
from guanxi.ledger.rules import GIFT as GIFT
from guanxi.ledger.rules import MATERIAL as MATERIAL
from guanxi.ledger.rules import SCREEN_SOURCE as SCREEN_SOURCE
from guanxi.ledger.rules import VOIDED
from guanxi.ledger.rules import chances as chances
from guanxi.ledger.rules import outbound as outbound
from guanxi.ledger.rules import require_sub_kind as require_sub_kind
from guanxi.ledger.rules import touches as touches
from guanxi.platform.objects.spec import View

COUNTS = "ledger.fact_counts"
ANY = "any"


def counted_facts(view: View, account_id: int) -> tuple[KindSummary, ...]:
    """How many facts of each sub-kind an account has and when the last one was; read once for each page."""
    key = f"{COUNTS}:{account_id}"
    if key not in view.memo:
        view.memo[key] = fact_counts(view.actor, account_id)
    found: tuple[KindSummary, ...] = view.memo[key]
    return found


def last_of(counts: Iterable[KindSummary], kinds: Iterable[tuple[str, str]]) -> datetime | None:
    """When the last fact of some kinds, (kind, sub-kind), was."""
    wanted = frozenset(kinds)
    return max((entry.last_at for entry in counts if (entry.kind, entry.sub_kind) in wanted), default=None)


def last_facts_sql(
    kinds: Mapping[int, tuple[str, str]], *, account_ids: Sequence[int]
) -> tuple[str, tuple[list[int] | list[str], ...]]:
    """The SELECT of the last standing fact of some kinds, and its parameters. Grain: account × place.

    `kinds` are (kind, sub-kind) by place, with "any" for all sub-kinds. Columns: account_id, place, known_at.
    """
    table = Fact._meta.db_table
    statement = (
        f"SELECT f.account_id, v.place, max(f.occurred_at) AS known_at FROM {table} f "  # noqa: S608  # our table
        "JOIN unnest(%s::int[], %s::text[], %s::text[]) v(place, kind, sub_kind) "
        f"ON v.kind = f.kind AND (v.sub_kind = '{ANY}' OR v.sub_kind = f.sub_kind) "
        f"WHERE f.account_id = ANY(%s::bigint[]) AND f.sub_kind <> '{VOIDED}' AND (f.source, f.source_id) "
        f"NOT IN (SELECT c.source, c.corrects FROM {table} c WHERE c.corrects IS NOT NULL) GROUP BY 1, 2"
    )
    named = list(kinds.values())
    return statement, (list(kinds), [kind for kind, _ in named], [sub_kind for _, sub_kind in named], list(account_ids))
