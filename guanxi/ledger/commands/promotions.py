"""Recording what competitors do."""

from collections.abc import Mapping
from datetime import date

from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.models import CompetitorPromotion
from guanxi.platform.records.change import change, create


def record_competitor_promotion(promotion: CompetitorPromotion, *, actor: Actor) -> int:
    """Record a competitor's promotion. Returns its id.

    Raises: AccessDenied, RuleViolation("record.invalid" | "promotion.order").
    """
    _require_order(promotion.start_on, promotion.end_on)
    with create(promotion, actor=actor) as work:
        return work.record.pk


def change_competitor_promotion(
    promotion_id: int, *, values: Mapping[str, object], version: int | None = None, actor: Actor
) -> None:
    """Change what is known of a promotion, by field name.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation("record.invalid" | "promotion.order").
    """
    with change(CompetitorPromotion, promotion_id, action="change", version=version, actor=actor) as work:
        for name, value in values.items():
            setattr(work.record, name, value)
        _require_order(work.record.start_on, work.record.end_on)


def set_promotion_aside(promotion_id: int, *, is_aside: bool = True, actor: Actor) -> None:
    """Put a promotion into the trash, where analyses no longer see it, or back. Raises: NotFound, AccessDenied."""
    action = "trash" if is_aside else "restore"
    with change(CompetitorPromotion, promotion_id, action=action, actor=actor, also_trashed=True) as work:
        work.record.trashed_at = timezone.now() if is_aside else None


def _require_order(start_on: date, end_on: date) -> None:
    if end_on < start_on:
        raise RuleViolation("promotion.order", "A promotion must not end before it begins.")
