"""Verbs about rules of retention: written by one person, looked at, confirmed by another. Every change ends that."""

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.objects.erasing import erasable_objects
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.removal import may_remove
from guanxi.platform.objects.retention import retention_conditions
from guanxi.platform.records.change import change, create
from guanxi.stewardship.models import RetentionDryRun, RetentionRule
from guanxi.stewardship.queries.retention import has_looked
from guanxi.stewardship.rules.retention import RetentionTerms, require_sound


def create_retention_rule(terms: RetentionTerms, *, actor: Actor) -> RetentionRule:
    """Write a rule; it does nothing until another person confirms it.

    Raises: AccessDenied, RuleViolation("retention.…" | "record.invalid").
    """
    _require(terms)
    rule = RetentionRule(author_id=actor.user_id, **_columns(terms))
    with create(rule, actor=actor):
        return rule


def edit_retention_rule(
    rule_id: int, terms: RetentionTerms, *, version: int | None = None, actor: Actor
) -> RetentionRule:
    """Change a rule, which stops until another person confirms it; the same words change nothing.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("retention.…" | "record.invalid").
    """
    _require(terms)
    with change(RetentionRule, rule_id, action="edit", version=version, actor=actor) as work:
        rule, columns = work.record, _columns(terms)
        if any(getattr(rule, name) != value for name, value in columns.items()):
            for name, value in columns.items():
                setattr(rule, name, value)
            rule.edition, rule.author_id = rule.edition + 1, actor.user_id
            _unconfirm(rule)
    return rule


@transaction.atomic
def look_at_rule(rule_id: int, *, actor: Actor) -> RetentionRule:
    """Note that a person looks at what a rule would do; again, it changes nothing. Raises: NotFound, AccessDenied."""
    rule = grant(actor, RetentionRule).live(rule_id)
    grant(actor, RetentionRule, Action.EDIT).live(rule_id)
    grant(actor, listed_object(rule.object_key).model)
    if actor.user_id is not None:
        begin_entry(actor, action="dry_run", object_key="retention_rule", record_id=rule_id)
        RetentionDryRun.objects.get_or_create(rule=rule, edition=rule.edition, made_by_id=actor.user_id)
    return rule


def confirm_rule(rule_id: int, *, edition: int, actor: Actor) -> RetentionRule:
    """Let a rule work from tonight on: by another person than its author, who looked at what it would do.

    Raises: NotFound, AccessDenied("access.denied" | "retention.four_eyes" | "retention.all"),
    RuleViolation("retention.unseen"), Conflict("retention.changed" | "retention.confirmed").
    """
    with change(RetentionRule, rule_id, action="confirm", actor=actor) as work:
        rule = work.record
        if rule.edition != edition:
            raise Conflict("retention.changed", "The rule was changed meanwhile. Look at what it would do now.")
        if rule.confirmed_at is not None:
            raise Conflict("retention.confirmed", "This rule is confirmed already.")
        if actor.user_id is None or rule.author_id == actor.user_id:
            raise AccessDenied("retention.four_eyes", "Somebody else than its author confirms a rule.")
        if not may_remove(listed_object(rule.object_key), actor):
            raise AccessDenied(
                "retention.all", "Only who may delete every record of a kind confirms a rule about them."
            )
        if not has_looked(rule, actor):
            raise RuleViolation("retention.unseen", "First look at what the rule would do.")
        rule.confirmed_at, rule.confirmed_by_id = timezone.now(), actor.user_id
    return rule


def stop_rule(rule_id: int, *, actor: Actor) -> RetentionRule:
    """Take the confirmation back; the rule does nothing more. Raises: NotFound, AccessDenied."""
    with change(RetentionRule, rule_id, action="stop", actor=actor) as work:
        _unconfirm(work.record)
    return work.record


def remove_retention_rule(rule_id: int, *, actor: Actor) -> None:
    """Take a rule away; its nights stay on record. Raises: NotFound, AccessDenied."""
    with change(RetentionRule, rule_id, action="trash", actor=actor) as work:
        _unconfirm(work.record)
        work.record.trashed_at = timezone.now()


def _unconfirm(rule: RetentionRule) -> None:
    rule.confirmed_at, rule.confirmed_by_id = None, None


def _require(terms: RetentionTerms) -> None:
    if terms.object_key not in erasable_objects():
        raise RuleViolation("retention.object", "Rules of retention are about customers and contacts.")
    require_sound(terms, retention_conditions(terms.object_key))


def _columns(terms: RetentionTerms) -> dict[str, object]:
    """The terms by the columns of a rule."""
    return {
        "name": terms.name.strip(),
        "object_key": terms.object_key,
        "conditions": [[item.key, item.count] for item in terms.asked],
        "relations": list(terms.relations),
        "action": terms.action.value,
    }
