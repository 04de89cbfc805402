"""Verbs about what the house takes for the same record."""

from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.rules import Action
from guanxi.platform.records.change import change, create
from guanxi.stewardship.models import LikenessRule
from guanxi.stewardship.queries.likeness import kept_rule
from guanxi.stewardship.rules.likeness import (
    DEFAULTS,
    ENTRIES,
    FOR_ONE,
    HEAVIEST,
    LEAST_SHARE,
    MOST_GROUPS,
    MOST_IN_GROUP,
    MOST_SHARE,
    OF_OBJECT,
    TREATMENTS,
    HouseRule,
    kept_groups,
)


def set_house_rule(object_key: str, rule: HouseRule, *, version: int | None = None, actor: Actor) -> LikenessRule:
    """Say by what two records of an object look alike, and what is done at each way in.

    Raises: AccessDenied, RuleViolation("likeness.rule"), Conflict("record.changed" | "record.taken").
    """
    _require_sound(object_key, rule)
    known = kept_rule(object_key, actor)
    if known is None:
        fresh = LikenessRule(object_key=object_key)
        _fill(fresh, rule)
        with create(fresh, right=Action.ADMINISTER, actor=actor):
            return fresh
    with change(
        LikenessRule, known.pk, action="edit", right=Action.ADMINISTER, version=version or None, actor=actor
    ) as work:
        _fill(work.record, rule)
    return work.record


def forget_house_rule(object_key: str, *, actor: Actor) -> None:
    """Let the defaults hold again; doing it again changes nothing. Raises: AccessDenied."""
    known = kept_rule(object_key, actor)
    if known is not None:
        with change(LikenessRule, known.pk, action="trash", right=Action.ADMINISTER, actor=actor) as work:
            work.record.trashed_at = timezone.now()


def _fill(kept: LikenessRule, rule: HouseRule) -> None:
    kept.groups = kept_groups(rule.groups)
    kept.weights = {found.value: weight for found, weight in rule.weights.items()}
    kept.entries = {entry.value: [told.treatment.value, told.least] for entry, told in rule.entries.items()}


def _require_sound(object_key: str, rule: HouseRule) -> None:
    if object_key not in DEFAULTS:
        raise RuleViolation("likeness.rule", "There are no such rules.")
    known = FOR_ONE & set(OF_OBJECT[object_key])
    is_sound = (
        0 < len(rule.groups) <= MOST_GROUPS
        and all(0 < len(group) <= MOST_IN_GROUP and group <= known for group in rule.groups)
        and set(rule.weights) <= set(OF_OBJECT[object_key])
        and all(abs(weight) <= HEAVIEST for weight in rule.weights.values())
        and set(rule.entries) == set(ENTRIES[object_key])
        and all(told.treatment in TREATMENTS[entry] for entry, told in rule.entries.items())
        and all(LEAST_SHARE <= told.least <= MOST_SHARE for told in rule.entries.values())
    )
    if not is_sound:
        raise RuleViolation(
            "likeness.rule", "These rules cannot be kept: a condition, weight or certainty is not allowed."
        )
