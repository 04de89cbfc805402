"""Reads of retention: which records a rule finds today, the rules with their state, the nights in which they worked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from guanxi.customers.models import Contact
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.models import Merge
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.removal import may_remove
from guanxi.platform.objects.retention import Span, retention_conditions
from guanxi.stewardship.models import Erasure, RetentionDryRun, RetentionRule, RetentionRun, SubjectRequest
from guanxi.stewardship.queries.privacy import PENDING
from guanxi.stewardship.queries.restraints import account_path, held_condition
from guanxi.stewardship.rules.retention import Asked, asked_of, earlier

REASON = "retention: rules are applied to all records, whoever sees them"
MOST_NAMED = 20
MOST_RUNS = 30


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule would do tonight, as far as one person sees the records: how many, the first by (id, name), how many
    stay because of a legal hold."""

    count: int
    named: tuple[tuple[int, str], ...]
    held: int


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule with who wrote and who confirmed it."""

    rule: RetentionRule
    author: str
    confirmed_by: str


@dataclass(frozen=True, slots=True)
class RunRow:
    """One night of a rule; the counts are None for who may not know of all records of the object."""

    run: RetentionRun
    name: str
    gone: int | None
    held: int | None


def due_condition(rule: RetentionRule, day: date) -> Q:
    """The records that a rule finds on a day, those under a hold among them.

    Left out are records that were erased, that were merged into others, and those of people who wait for an answer. A
    rule with a condition that nobody contributes any more finds nothing.
    """
    known, asked = retention_conditions(rule.object_key), asked_of(rule.conditions)
    if not asked or any(item.key not in known for item in asked):
        return Q(pk__in=[])
    is_of_trash = any(known[item.key].is_of_trash for item in asked)
    found = Q(trashed_at__isnull=not is_of_trash)
    for item in asked:
        found &= known[item.key].condition(_before(item, known[item.key].span, day))
    if rule.relations:
        path = account_path(listed_object(rule.object_key).model)
        found &= Q(**{f"{'' if path == 'pk' else f'{path}__'}relation__in": rule.relations})
    erased = Erasure.objects.filter(object_key=rule.object_key, record_id=OuterRef("pk"))
    merged = Merge.objects.filter(object_key=rule.object_key, merged_id=OuterRef("pk"), undone_at__isnull=True)
    return found & ~Q(Exists(erased)) & ~Q(Exists(merged)) & ~_asking(rule.object_key)


def _before(item: Asked, span: Span, day: date) -> datetime | None:
    """The instant before which so much time had passed, at the beginning of a day of the company's clock."""
    if span is Span.NONE:
        return None
    return datetime.combine(earlier(day, item.count, span), time.min, tzinfo=ZoneInfo(settings.TIME_ZONE))


def _asking(object_key: str) -> Q:
    """The records of people who have asked for something that is not answered; customers with such contacts too."""
    rows = unscoped(SubjectRequest, reason=REASON).filter(state__in=PENDING).order_by()
    found = Q(pk__in=rows.filter(object_key=object_key).values("record_id"))
    if object_key == "account":
        asking = rows.filter(object_key="contact").values("record_id")
        found |= Q(pk__in=unscoped(Contact, reason=REASON).filter(pk__in=asking).order_by().values("account_id"))
    return found


def due_rows(rule: RetentionRule, day: date, *, is_held: bool = False) -> GuardedQuerySet[Any]:
    """All records that go by a rule on a day, or those that stay because of a hold. For the night alone."""
    return _narrowed(unscoped(listed_object(rule.object_key).model, reason=REASON), rule, day, is_held=is_held)


def _narrowed(rows: GuardedQuerySet[Any], rule: RetentionRule, day: date, *, is_held: bool) -> GuardedQuerySet[Any]:
    held = held_condition(rows.model)
    return rows.filter(due_condition(rule, day), held if is_held else ~held)


def found_by(rule: RetentionRule, actor: Actor, *, day: date) -> Found:
    """What a rule would do in the night of a day, among the records that the actor sees; three queries.

    Raises: AccessDenied for who sees none of the kind.
    """
    spec = listed_object(rule.object_key)
    going = _narrowed(grant(actor, spec.model).queryset(), rule, day, is_held=False)
    staying = _narrowed(grant(actor, spec.model).queryset(), rule, day, is_held=True)
    named = going.order_by("pk").values_list("pk", spec.title)[:MOST_NAMED]
    return Found(going.count(), tuple(named), staying.count())


def rules_in_force() -> tuple[RetentionRule, ...]:
    """The rules that work: confirmed by a second person; one query."""
    rows = unscoped(RetentionRule, reason=REASON).filter(confirmed_at__isnull=False, trashed_at__isnull=True)
    return tuple(rows.order_by("pk"))


def rule_rows(actor: Actor) -> tuple[RuleRow, ...]:
    """The rules of the house, in the order in which they were made; two queries."""
    rules = tuple(grant(actor, RetentionRule).queryset().filter(trashed_at__isnull=True).order_by("pk"))
    return _named(rules)


def rule_row(rule_id: int, actor: Actor) -> RuleRow:
    """One rule. Raises: NotFound."""
    return _named((grant(actor, RetentionRule).live(rule_id),))[0]


def _named(rules: Sequence[RetentionRule]) -> tuple[RuleRow, ...]:
    ids = {user_id for rule in rules for user_id in (rule.author_id, rule.confirmed_by_id) if user_id}
    names = {user_id: person.name for user_id, person in people(ids).items()}
    return tuple(
        RuleRow(rule, names.get(rule.author_id or 0, ""), names.get(rule.confirmed_by_id or 0, "")) for rule in rules
    )


def has_looked(rule: RetentionRule, actor: Actor) -> bool:
    """Whether the actor has looked at what this edition of the rule would do; one query."""
    rows = RetentionDryRun.objects.filter(rule=rule, edition=rule.edition, made_by=actor.user_id)
    return actor.user_id is not None and rows.exists()


def run_rows(actor: Actor, *, rule_id: int | None = None) -> tuple[RunRow, ...]:
    """The last nights of the rules that the actor sees, or of one; one query."""
    rules = grant(actor, RetentionRule).queryset()
    rules = rules.filter(pk=rule_id) if rule_id is not None else rules
    rows = RetentionRun.objects.filter(rule__in=rules.values("pk")).select_related("rule").order_by("-day", "-pk")
    found = []
    for run in rows[:MOST_RUNS]:
        sees_all = may_remove(listed_object(run.rule.object_key), actor)
        found.append(RunRow(run, run.rule.name, run.gone if sees_all else None, run.held if sees_all else None))
    return tuple(found)
