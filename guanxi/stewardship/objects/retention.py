"""What retention contributes: conditions about pools, owners and kinds; rules in words; the way to its pages."""

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.customers.choices import AccountKind
from guanxi.customers.facade import relation_name
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.retention import RetentionCondition, Span, register_retention, retention_conditions
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation
from guanxi.stewardship.models import NoticeEdition, PoolEntry, RetentionRule, SubjectRequest
from guanxi.stewardship.queries.retention import REASON
from guanxi.stewardship.rules.retention import asked_of


def in_pool(before: object) -> Q:
    """Accounts that wait in a pool since before an instant: nobody won them."""
    stays = unscoped(PoolEntry, reason=REASON).filter(
        account=OuterRef("pk"), left_at__isnull=True, entered_at__lt=before
    )
    return Q(Exists(stays))


def rule_sentence(rule: RetentionRule) -> str:
    """All conditions of a rule in one line."""
    known = retention_conditions(rule.object_key)
    words = [
        str(known[item.key].sentence) % {"count": formats.number(item.count)} if item.key in known else item.key
        for item in asked_of(rule.conditions)
    ]
    return " · ".join([*words, *_relations(rule.relations)])


def _relations(keys: Sequence[str]) -> list[str]:
    names = formats.enumeration([relation_name(key) for key in keys])
    return [_("only %(relations)s") % {"relations": names}] if keys else []


def _sees_notices_alone(actor: Actor) -> bool:
    """Whether the notices are all that an actor sees of privacy, so that no tab leads to them."""
    others = may(actor, SubjectRequest, Action.VIEW) or may(actor, RetentionRule, Action.VIEW)
    return may(actor, NoticeEdition, Action.VIEW) and not others


def _sees_rules_alone(actor: Actor) -> bool:
    """Whether an actor sees rules of retention and no requests, so that no tab leads to them."""
    return may(actor, RetentionRule, Action.VIEW) and not may(actor, SubjectRequest, Action.VIEW)


register_retention(
    "account",
    RetentionCondition("in_pool", _l("Has waited in a pool for %(count)s days"), Span.DAYS, in_pool, 15),
    RetentionCondition("no_owner", _l("Nobody looks after it"), Span.NONE, lambda before: Q(owner__isnull=True), 60),
    RetentionCondition(
        "is_person", _l("Is a person, not an organisation"), Span.NONE, lambda before: Q(kind=AccountKind.PERSON), 70
    ),
)
register_navigation(
    NavigationEntry(
        "retention",
        _l("Retention rules"),
        "hourglass",
        "retention",
        _l("Information"),
        80,
        is_shown=_sees_rules_alone,
    ),
    NavigationEntry(
        "notices", _l("Privacy notices"), "file-text", "notices", _l("Information"), 81, is_shown=_sees_notices_alone
    ),
)
