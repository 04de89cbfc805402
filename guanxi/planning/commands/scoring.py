"""Computing completeness and freshness, and saying that something known is still right."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import transaction
from django.utils import timezone

from guanxi.customers.facade import require_editable, scored_account_ids
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.planning import adapters
from guanxi.planning.adapters import PlaceSums, Sorted
from guanxi.planning.events import STALE_VALUES, CompletenessRefreshed
from guanxi.planning.models import ItemScore, StaleNews, Verification
from guanxi.planning.queries.plans import market_phases, places, plans_in_force
from guanxi.planning.rules import Phase, PlanInForce, asked_in_unit
from guanxi.platform.accounts.queries import unit_paths
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.jobs.progress import Progress
from guanxi.platform.records.change import create
from guanxi.platform.records.events import PeopleAsked

BLOCK = 5_000
"""Accounts that are scored in one transaction: work that is killed has whole blocks behind it."""


def refresh_completeness(as_of: date, *, progress: Progress | None = None, actor: Actor) -> int:
    """Compute the scores of all accounts, block by block, then those of items and groups for the day.

    Killed half-way it leaves whole blocks of the new scores and the former ones of the others, and no sums for the day;
    run again, it does all of it. At the end who looks after customers is told once of all values that went past their
    limit since the last time. Returns the number of accounts that owe something.
    """
    plans, phases = plans_in_force(), market_phases()
    sums: dict[int, PlaceSums] = {}
    after = 0
    while ids := scored_account_ids(after=after, limit=BLOCK):
        for row in _score(ids, plans=plans, phases=phases, as_of=as_of):
            sums[row.place] = row + sums[row.place] if row.place in sums else row
        after = ids[-1]
        if progress is not None:
            progress.advance(len(ids))
    with transaction.atomic():
        _write_items(sums, as_of)
        accounts = adapters.write_groups(as_of)
        begin_entry(actor, action="refresh", object_key="completeness", record_count=accounts, reason=str(as_of))
        publish(CompletenessRefreshed(as_of=as_of.isoformat(), accounts=accounts))
        _tell_of_stale()
    return accounts


def _tell_of_stale() -> None:
    news = StaleNews.objects.select_for_update().order_by("owner_id")
    told = list(news.values_list("owner_id", "count"))
    for owner_id, count in told:
        publish(PeopleAsked(topic=STALE_VALUES, subject_id=owner_id, user_ids=(owner_id,), count=count))
    StaleNews.objects.filter(pk__in=[owner_id for owner_id, _count in told]).delete()


def refresh_some(account_ids: Sequence[int], *, as_of: date) -> None:
    """Compute the scores of a few accounts."""
    plans, phases = plans_in_force(), market_phases()
    ids = sorted(set(account_ids))
    for start in range(0, len(ids), BLOCK):
        _score(ids[start : start + BLOCK], plans=plans, phases=phases, as_of=as_of)


@transaction.atomic
def verify_item(account_id: int, *, binding_id: int, actor: Actor) -> None:
    """Say that what stands in a place of an account is still right; its freshness begins anew, and its scores follow.

    Raises: NotFound, AccessDenied, RuleViolation("information.unknown") for a place that the plan does not know.
    """
    require_editable(account_id, actor=actor)
    if binding_id not in places():
        raise RuleViolation("information.unknown", "The plan does not ask for this.")
    now = timezone.now()
    check = Verification(account_id=account_id, binding_id=binding_id, verified_by_id=actor.user_id, verified_at=now)
    with create(check, action="verify", actor=actor):
        pass
    refresh_some([account_id], as_of=timezone.localdate())


@transaction.atomic
def _score(
    ids: Sequence[int], *, plans: Sequence[PlanInForce], phases: Sequence[Phase], as_of: date
) -> list[PlaceSums]:
    paths = unit_paths()
    sorts = [
        Sorted(
            kind,
            relation,
            unit_id,
            asked_in_unit(plans, phases, as_of, kind=kind, relation=relation, unit_path=paths.get(unit_id, ())),
        )
        for kind, relation, unit_id in adapters.sorts_of(ids)
    ]
    return adapters.score_block(ids, sorts=sorts, places=places().values(), as_of=as_of, now=timezone.now())


def _write_items(sums: Mapping[int, PlaceSums], as_of: date) -> None:
    ItemScore.objects.filter(day=as_of).delete()
    ItemScore.objects.bulk_create(
        ItemScore(day=as_of, binding_id=row.place, due=row.due, filled=row.filled, fresh=row.fresh, written=row.written)
        for row in sums.values()
    )
