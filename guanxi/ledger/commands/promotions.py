"""Recording what competitors do."""

from guanxi.kernel.actor import Actor
from guanxi.ledger.models import CompetitorPromotion
from guanxi.platform.records.change import create


def record_competitor_promotion(promotion: CompetitorPromotion, *, actor: Actor) -> int:
    """Record a competitor's promotion. Returns its id. Raises: AccessDenied,
    RuleViolation("record.invalid").
    """
    with create(promotion, actor=actor) as work:
        return work.record.pk
