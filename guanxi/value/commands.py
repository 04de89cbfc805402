"""Refreshing indices, freezing references, publishing weights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.ledger.facade import ended_promotions
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.lake.arrow import FixedColumn
from guanxi.platform.records.change import change, create
from guanxi.value import adapters
from guanxi.value.analyses import figures, reference, scoring, steadfastness
from guanxi.value.analyses.indicators import category_purchases
from guanxi.value.analyses.refresh import (
    FactSums,
    Materialise,
    Refreshed,
    chosen,
    fact_sums,
    prepare,
    refreshed,
)
from guanxi.value.analyses.scoring import Integers, Scale
from guanxi.value.events import EditionPublished, IndicesRefreshed
from guanxi.value.models import (
    Edition,
    PromotionSeason,
    Reference,
    ReferenceMean,
    ReferencePoint,
    ValueIndex,
    WeightSet,
)
from guanxi.value.queries.scales import build_scales, edition_in_force, peer_group_ids, scales_of
from guanxi.value.queries.snapshots import Snapshot, grades_on, trends
from guanxi.value.rules import (
    ALL_INDICATORS,
    COMPARE_DAYS,
    GRADE_DAYS,
    POSITIONS,
    TREND_DAYS,
    default_weights,
    weights_from_families,
)

REFRESH_ALL_JOB = "value.refresh_all"
REASON = "value: indices are computed for all accounts"


@dataclass(frozen=True, slots=True)
class Computed:
    """Results of all computed accounts with what is written beside them."""

    results: tuple[tuple[int, Refreshed], ...]
    edition_id: int
    as_of: date

    @property
    def account_ids(self) -> frozenset[int]:
        """The accounts that have an index."""
        known = (result.account_ids[~np.isnan(result.attribution.index)].tolist() for _, result in self.results)
        return frozenset(account_id for ids in known for account_id in ids)

    @property
    def accounts(self) -> int:
        """How many accounts have an index."""
        return sum(int((~np.isnan(result.attribution.index)).sum()) for _, result in self.results)


def refresh_all(as_of: date, *, actor: Actor) -> int:
    """Compute the index of every account from the lake and write it back. Returns the number of accounts.

    The lake must be current. Raises: NotFound("value.no_edition") before the first reference was frozen.
    """
    freeze_seasons(as_of)
    computed = _compute_all(as_of)
    adapters.write_snapshot(_snapshot(computed))
    with transaction.atomic():
        begin_entry(
            actor,
            action="refresh",
            object_key="value_index",
            record_count=computed.accounts,
            reason=str(as_of),
        )
        _write_all(computed)
        publish(IndicesRefreshed(as_of=as_of.isoformat(), accounts=computed.accounts))
    return computed.accounts


def snapshot_past(days: Sequence[date]) -> None:
    """Compute the index as of past days, for trends and migration only; facts are read once for all of them."""
    with adapters.engine() as (backend, materialise):
        facts = adapters.lake_facts(backend)
        prepared = prepare(facts, materialise=materialise)
        promotions = adapters.promotions_table(backend, as_of=max(days))
        for place, as_of in enumerate(days):
            summed = fact_sums(prepared, promotions=promotions, as_of=as_of, materialise=_numbered(materialise, place))
            computed = _computed(summed, population=adapters.population(as_of), as_of=as_of)
            if computed.results:
                adapters.write_snapshot(_snapshot(computed))


def _numbered(materialise: Materialise, place: int) -> Materialise:
    """The same way to store tables, under names of their own for each place."""
    return lambda name, table: materialise(f"{name}_{place}", table)


def refresh_accounts(account_ids: Sequence[int], *, as_of: date) -> int:
    """Compute the index of a few accounts from their live facts and write it back. Returns how many have one."""
    edition = edition_in_force(as_of)
    if edition is None or not account_ids:
        return 0
    with adapters.engine() as (backend, materialise):
        facts = adapters.live_facts(backend, account_ids)
        promotions = adapters.promotions_table(backend, as_of=as_of)
        prepared = prepare(facts, materialise=materialise)
        summed = fact_sums(prepared, promotions=promotions, as_of=as_of, materialise=materialise)
    computed = _computed(summed, population=adapters.population(as_of, account_ids=account_ids), as_of=as_of)
    with transaction.atomic():
        if computed.results:
            _write_some(computed)
        gone = set(account_ids) - computed.account_ids
        unscoped(ValueIndex, reason=REASON).filter(pk__in=gone).delete()
    return computed.accounts


def freeze_seasons(as_of: date) -> None:
    """Freeze the season of each promotion that has ended and has none yet."""
    known = set(PromotionSeason.objects.values_list("promotion_id", flat=True))
    fresh = [item for item in ended_promotions(as_of) if item.promotion_id not in known]
    if not fresh:
        return
    with adapters.engine() as (backend, materialise):
        purchases = materialise("purchases", category_purchases(adapters.lake_facts(backend)))
        for item in fresh:
            table = steadfastness.season(
                purchases, start_on=item.start_on, end_on=item.end_on, category_ids=item.category_ids
            )
            season = float(table.season.max().to_pyarrow().as_py())
            PromotionSeason.objects.get_or_create(pk=item.promotion_id, defaults={"season": season})


def freeze_reference(as_of: date, *, actor: Actor, in_force_from: date | None = None) -> int:
    """Freeze the distributions of a day as a new reference and put it in force. Returns the edition's id.

    The weight set in force stays; before the first one, the declared weights are published.
    """
    freeze_seasons(as_of)
    weight_set = _weight_set_in_force(actor)
    population, summed = adapters.population(as_of), _sums_of_all(as_of)
    with transaction.atomic():
        frozen = Reference.objects.create(frozen_on=as_of)
        begin_entry(actor, action="freeze", object_key="reference", record_id=frozen.pk, reason=str(as_of))
        keys = {group_id: key for key, group_id in peer_group_ids().items()}
        for group_id, rows in _rows_by_group(summed, population):
            _freeze_group(frozen, key=keys[group_id], summed=chosen(summed, rows))
        edition = Edition.objects.create(weight_set=weight_set, reference=frozen, in_force_from=in_force_from or as_of)
        edition.thresholds = _thresholds(edition.pk, summed=summed, population=population)
        edition.save(update_fields=["thresholds"])
        publish(EditionPublished(edition_id=edition.pk))
    return edition.pk


def draft_weights(name: str, *, relation: str, shares: dict[str, float], actor: Actor) -> WeightSet:
    """Save a draft of new family weights for a relation; other relations keep their weights.

    Raises: RuleViolation("value.weights") unless the shares add up to 100.
    """
    weights = dict(_weight_set_in_force(actor).weights)
    fresh = weights_from_families(relation, shares=shares)
    weights.update({f"{group}.{key}": weight for (group, key), weight in fresh.items()})
    with create(WeightSet(name=name, weights=weights), actor=actor) as work:
        return work.record


def publish_weights(weight_set_id: int, *, as_of: date, actor: Actor) -> int:
    """Put a draft in force from a day on, with grade boundaries that keep the grades' shares. Returns the edition's id.

    Raises: NotFound, RuleViolation("value.published") when it is published already.
    """
    edition_before = edition_in_force(as_of)
    if edition_before is None:
        raise NotFound("value.no_edition", "Freeze a reference first.")
    population, summed = adapters.population(as_of), _sums_of_all(as_of)
    with change(WeightSet, weight_set_id, action="publish", right=Action.ADMINISTER, actor=actor) as work:
        if work.record.published_at is not None:
            raise RuleViolation("value.published", "These weights are published already; change a copy.")
        work.record.published_at = timezone.now()
        edition = Edition.objects.create(
            weight_set=work.record, reference_id=edition_before.reference_id, in_force_from=as_of
        )
        edition.thresholds = _thresholds(edition.pk, summed=summed, population=population)
        edition.save(update_fields=["thresholds"])
        work.publish(EditionPublished(edition_id=edition.pk))
    return edition.pk


def _weight_set_in_force(actor: Actor) -> WeightSet:
    edition = Edition.objects.select_related("weight_set").order_by("-in_force_from", "-pk").first()
    if edition is not None:
        return edition.weight_set
    weights = {f"{relation}.{key}": weight for (relation, key), weight in default_weights().by_indicator.items()}
    grant(actor, WeightSet, Action.CREATE)
    rows = unscoped(WeightSet, reason=REASON)
    return rows.filter(published_at__isnull=False).first() or rows.create(
        name="1", weights=weights, published_at=timezone.now()
    )


def _sums_of_all(as_of: date) -> FactSums:
    with adapters.engine() as (backend, materialise):
        facts = adapters.lake_facts(backend)
        promotions = adapters.promotions_table(backend, as_of=as_of)
        prepared = prepare(facts, materialise=materialise)
        return fact_sums(prepared, promotions=promotions, as_of=as_of, materialise=materialise)


def _compute_all(as_of: date) -> Computed:
    return _computed(_sums_of_all(as_of), population=adapters.population(as_of), as_of=as_of)


def _computed(summed: FactSums, *, population: adapters.Population, as_of: date) -> Computed:
    """Score the sums group by group; accounts that share former and present group are computed together."""
    edition = edition_in_force(as_of)
    former_edition = edition_in_force(date.fromordinal(as_of.toordinal() - COMPARE_DAYS))
    if edition is None or former_edition is None:
        raise NotFound("value.no_edition", "Freeze a reference first.")
    present_scales, former_scales = scales_of(edition.pk), scales_of(former_edition.pk)
    known = np.flatnonzero(np.isin(summed.account_ids, population.account_ids))
    summed = chosen(summed, known)
    places = np.searchsorted(population.account_ids, summed.account_ids)
    groups, former_groups = population.groups[places], population.former_groups[places]
    base = population.base_grades[places]
    results = []
    for group, former_group in sorted(set(zip(groups.tolist(), former_groups.tolist(), strict=True))):
        rows = np.flatnonzero((groups == group) & (former_groups == former_group))
        result = refreshed(
            chosen(summed, rows),
            former=former_scales[former_group],
            former_group_today=present_scales[former_group],
            present=present_scales[group],
            base_grades=base[rows],
        )
        results.append((group, result))
    return Computed(tuple(results), edition.pk, as_of)


def _rows_by_group(summed: FactSums, population: adapters.Population) -> list[tuple[int, Integers]]:
    places = np.searchsorted(population.account_ids, summed.account_ids)
    places = np.minimum(places, max(len(population.account_ids) - 1, 0))
    is_known = population.account_ids[places] == summed.account_ids
    groups = population.groups[places]
    return [(int(group), np.flatnonzero(is_known & (groups == group))) for group in np.unique(groups[is_known])]


def _freeze_group(frozen: Reference, *, key: str, summed: FactSums) -> None:
    sums = summed.sums
    means = reference.rate_means(sums.totals, exposures=sums.exposures)
    raw = scoring.raw_values(sums.totals, exposures=sums.exposures, means=means)
    names = {position: name for name, position in POSITIONS.items()}
    ReferencePoint.objects.bulk_create(
        ReferencePoint(reference=frozen, peer_group=key, indicator=names[position], value=value, below=low, upto=high)
        for position, found in reference.distributions(raw).items()
        for value, low, high in zip(found.values.tolist(), found.below.tolist(), found.upto.tolist(), strict=True)
    )
    ReferenceMean.objects.bulk_create(
        ReferenceMean(reference=frozen, peer_group=key, indicator=item.key, mean=float(means[place]))
        for place, item in enumerate(ALL_INDICATORS)
        if means[place]
    )


def _thresholds(edition_id: int, *, summed: FactSums, population: adapters.Population) -> dict[str, list[float]]:
    """Grade boundaries by peer group key, for the edition's weights and reference."""
    groups = peer_group_ids()
    scales = build_scales(edition_id, tuple(sorted(groups.items())))
    keys = {group_id: key for key, group_id in groups.items()}
    return {
        keys[group]: reference.grade_thresholds(_indices(chosen(summed, rows), scale=scales[group])).tolist()
        for group, rows in _rows_by_group(summed, population)
    }


def _indices(summed: FactSums, *, scale: Scale) -> scoring.Floats:
    raw = scoring.raw_values(summed.sums.totals, exposures=summed.sums.exposures, means=scale.means)
    return scoring.indices(scoring.scores(raw, scale=scale), weights=scale.weights)[0]


def _snapshot(computed: Computed) -> Snapshot:
    results = [result for _, result in computed.results]
    return Snapshot(
        as_of=computed.as_of,
        account_ids=np.concatenate([result.account_ids for result in results]),
        groups=np.concatenate([np.full(len(result.account_ids), group) for group, result in computed.results]),
        indices=np.concatenate([result.attribution.index for result in results]),
        grades=np.concatenate([result.grades for result in results]),
        scores=np.concatenate([result.attribution.scores for result in results]),
    )


def _write_all(computed: Computed) -> None:
    """Replace all rows. Accounts without an index have none."""
    joined = _joined(computed)
    ids = joined[0].values
    core = figures.core_accounts(next(item.values for item in joined if item.name == "margin_12_months"))
    columns = [*joined, FixedColumn("is_core", "bool", core.astype(np.uint8))]
    columns.append(FixedColumn("trend", "float8[]", trends(computed.as_of, ids)))
    for days in GRADE_DAYS:
        past = grades_on(computed.as_of, days=days, account_ids=ids)
        columns.append(FixedColumn(f"grade_{days}", "letter", adapters.letters(past)))
    adapters.stage(columns)
    _merge([column.name for column in columns])
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM value_valueindex v WHERE NOT EXISTS "  # noqa: S608  # our own name
            f"(SELECT FROM {adapters.STAGING} s WHERE s.account_id = v.account_id AND s.index_value <> 'NaN')"
        )


def _write_some(computed: Computed) -> None:
    """Write a few rows; what only the full refresh knows (core, past grades, past trend) stays."""
    columns = _joined(computed)
    adapters.stage(columns)
    _merge([column.name for column in columns])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE value_valueindex v SET trend[{len(TREND_DAYS)}] = s.index_value "  # noqa: S608  # our own name
            f"FROM {adapters.STAGING} s WHERE s.account_id = v.account_id"
        )


def _joined(computed: Computed) -> list[FixedColumn]:
    """The columns of all groups one below the other, by account id, with day, edition, group and settled grade."""
    parts = [adapters.result_columns(result) for _, result in computed.results]
    groups = np.concatenate([np.full(len(result.account_ids), group) for group, result in computed.results])
    ids = np.concatenate([part[0].values for part in parts])
    order = np.argsort(ids)
    columns = [
        FixedColumn(column.name, column.type, np.concatenate([part[place].values for part in parts])[order])
        for place, column in enumerate(parts[0])
    ]
    columns.append(FixedColumn("peer_group_id", "int2", groups[order].astype(np.int64)))
    columns.append(adapters.constant("edition_id", "int8", value=computed.edition_id, rows=len(ids)))
    columns.append(adapters.constant("as_of", "date", value=adapters.days_since_epoch(computed.as_of), rows=len(ids)))
    return columns


def _merge(names: Sequence[str]) -> None:
    """Insert or update from the staging table; the settled grade is kept while the day stays the same."""
    text = {"grade", *(f"grade_{days}" for days in GRADE_DAYS)}
    selected = ", ".join(
        f"trim({name})"
        if name in text
        else f"nullif({name}, date '1970-01-01')"
        if name == "last_purchase_on"
        else name
        for name in names
    )
    defaults = {
        "base_grade": "''",
        "is_core": "false",
        "trend": f"array_fill('NaN'::float8, ARRAY[{len(TREND_DAYS)}])",
    }
    defaults.update({f"grade_{days}": "''" for days in GRADE_DAYS})
    missing = [name for name in defaults if name not in names]
    base = "CASE WHEN v.as_of < excluded.as_of THEN v.grade ELSE v.base_grade END"
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name != "account_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO value_valueindex AS v ({', '.join([*names, *missing])}) "  # noqa: S608  # our own names
            f"SELECT {', '.join([selected, *(defaults[name] for name in missing)])} FROM {adapters.STAGING} "
            f"WHERE index_value <> 'NaN' ON CONFLICT (account_id) DO UPDATE SET base_grade = {base}, {updates}, "
            "calculated_at = now()"
        )


def has_any_index() -> bool:
    """Whether any account has an index yet."""
    return unscoped(ValueIndex, reason=REASON).exists()


def request_refresh(*, actor: Actor) -> int:
    """Ask for a refresh of all indices as a run that people can watch. Returns the run's id."""
    return start_run(
        REFRESH_ALL_JOB,
        title="Refresh all value indices",
        started_by_id=actor.user_id,
        queue="analysis",
        lock="value.refresh",
    )
