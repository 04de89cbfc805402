"""What planning knows of all accounts and persons, read in a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings

from guanxi.care.adapters.occasions import Knowledge, KnownRhythm, KnownState, occasions_by_account
from guanxi.care.analyses.filling import Candidate, Point
from guanxi.care.analyses.response import Cell, Count, response_chances
from guanxi.care.choices import RowState
from guanxi.care.models import (
    AccountCadence,
    CadenceRule,
    CareSetting,
    CategoryRhythm,
    ContactState,
    QueueRow,
    ResponseRate,
)
from guanxi.care.rules import ANSWER_DAYS, DEFAULT_SPREAD, Cadence, CadenceOverrides, cadence_for, money_at_stake
from guanxi.customers.choices import AccountKind
from guanxi.customers.facade import Strategy, owned_accounts, reach_points, strategies_of_accounts
from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.restraints import restrained_ids
from guanxi.value.facade import planning_values

REASON = "care: queues are planned for all persons"
RHYTHM_COLUMNS = (
    "account_id",
    "category_id",
    "gap_days",
    "gaps",
    "spread",
    "last_bought_on",
    "due_on",
    "share",
)
Answers = dict[int, dict[str, tuple[tuple[str, int], ...]]]


@dataclass(frozen=True, slots=True)
class Hours:
    """One person's capacity and hours."""

    contacts: int = 24
    minutes: int = 300
    works: tuple[int, int] = (9, 20)
    quiet: tuple[int, int] = (12, 14)


def knowledge_of(day: date) -> Knowledge:
    """All that providers may look at for a day."""
    accounts = {account.id: account for account in owned_accounts()}
    values = planning_values()
    strategies = strategies_of_accounts()
    overrides = cadence_overrides(strategies=strategies)
    grades = {account_id: value.grade for account_id, value in values.items()}
    known = _contact_states()
    return Knowledge(
        day=day,
        accounts=accounts,
        values=values,
        states={
            account_id: _state(account_id, known.get(account_id), grades.get(account_id, ""), overrides)
            for account_id in accounts
        },
        rhythms=tuple(
            KnownRhythm(*row)
            for row in unscoped(CategoryRhythm, reason=REASON)
            .order_by("account_id", "category_id")
            .values_list(*RHYTHM_COLUMNS)
        ),
        strategies=strategies,
    )


def candidates_by_owner(knowledge: Knowledge) -> dict[int, list[Candidate]]:
    """The customers whom a reason speaks for, by the person who looks after them, in the order of their ids.

    Those who must not be used are left out.
    """
    points, restrained = reach_points(), restrained_ids("account")
    answers = _answers(knowledge.day)
    found: dict[int, list[Candidate]] = {}
    for account_id, occasions in sorted(occasions_by_account(knowledge).items()):
        if account_id in restrained:
            continue
        account, value = knowledge.accounts[account_id], knowledge.values.get(account_id)
        touched_on = knowledge.states[account_id].last_touch_on
        candidate = Candidate(
            account_id=account_id,
            occasions=occasions,
            stake=money_at_stake(margin=value.margin_12_months, amount=value.amount_12_months) if value else 0.0,
            points=tuple(Point(point.type, point.consent) for point in points.get(account_id, ())),
            is_organisation=account.kind == AccountKind.ORGANISATION,
            days_since_contact=(knowledge.day - touched_on).days if touched_on else None,
            answers=answers.get(account_id, {}),
            preferred=strategy.channels if (strategy := knowledge.strategies.get(account_id)) else (),
        )
        found.setdefault(account.owner_id, []).append(candidate)
    return found


def cadence_overrides(
    account_ids: Iterable[int] | None = None, *, strategies: Mapping[int, Strategy] | None = None
) -> CadenceOverrides:
    """The cadence rules in force: of all grades, and of these accounts (None = of all); two queries.

    `strategies` are those of the accounts by id where they are known already, else two queries more.
    """
    if account_ids is not None:
        account_ids = list(account_ids)
    if strategies is None:
        strategies = strategies_of_accounts(account_ids)
    grades = unscoped(CadenceRule, reason=REASON).filter(trashed_at__isnull=True)
    accounts = unscoped(AccountCadence, reason=REASON).filter(trashed_at__isnull=True)
    if account_ids is not None:
        accounts = accounts.filter(account__in=account_ids)
    days = ("ideal_days", "maximum_days")
    return CadenceOverrides(
        grades={grade: Cadence(*found) for grade, *found in grades.values_list("grade", *days)},
        accounts={account_id: Cadence(*found) for account_id, *found in accounts.values_list("account_id", *days)},
        classes={
            account_id: Cadence(strategy.ideal_days, strategy.maximum_days)
            for account_id, strategy in strategies.items()
            if strategy.ideal_days and strategy.maximum_days
        },
    )


def hours_by_person() -> dict[int, Hours]:
    """The hours of all persons who have their own."""
    return {
        row.user_id: Hours(
            row.contacts_per_day,
            row.minutes_per_day,
            (row.works_from_hour, row.works_to_hour),
            (row.quiet_from_hour, row.quiet_to_hour),
        )
        for row in unscoped(CareSetting, reason=REASON).filter(trashed_at__isnull=True)
    }


def chances_in_force() -> dict[Cell, float]:
    """The chance of a response by channel, weekday and band."""
    rows = ResponseRate.objects.values_list("channel", "weekday", "band", "trials", "successes")
    return response_chances({(channel, weekday, band): Count(*counts) for channel, weekday, band, *counts in rows})


def snoozed_accounts(day: date) -> frozenset[int]:
    """The accounts that were put off beyond a day."""
    rows = unscoped(QueueRow, reason=REASON).filter(state=RowState.SNOOZED, snoozed_until__gt=day)
    return frozenset(rows.values_list("account_id", flat=True))


def _contact_states() -> Mapping[int, tuple[date | None, float, float]]:
    rows = unscoped(ContactState, reason=REASON).values_list("pk", "last_touch_at", "rhythm_days", "spread")
    zone = ZoneInfo(settings.TIME_ZONE)
    return {
        account_id: (touched_at.astimezone(zone).date() if touched_at else None, rhythm, spread)
        for account_id, touched_at, rhythm, spread in rows
    }


def _state(
    account_id: int,
    known: tuple[date | None, float, float] | None,
    grade: str,
    overrides: CadenceOverrides,
) -> KnownState:
    touched_on, rhythm, spread = known or (None, 0.0, DEFAULT_SPREAD)
    cadence = cadence_for(grade, rhythm_days=rhythm, overrides=overrides, account_id=account_id)
    return KnownState(touched_on, cadence, rhythm, spread)


def _answers(day: date) -> Answers:
    """The not-useful answers of the last ANSWER_DAYS by account and reason."""
    rows = unscoped(QueueRow, reason=REASON).filter(state=RowState.NOT_USEFUL).exclude(answer="")
    found: Answers = {}
    for account_id, reason, answer, on in rows.order_by("pk").values_list("account_id", "reason", "answer", "day"):
        days_ago = (day - on).days
        if 0 <= days_ago < ANSWER_DAYS:
            by_reason = found.setdefault(account_id, {})
            by_reason[reason] = (*by_reason.get(reason, ()), (answer, days_ago))
    return found
