"""The phase of the market, dated."""

from datetime import date

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.planning.choices import MarketStage
from guanxi.planning.models import MarketPhase
from guanxi.platform.records.change import create


def set_market_phase(stage: str, *, product_line: str, unit_id: int | None, from_on: date, actor: Actor) -> int:
    """Say in which phase a product line stands in a unit from a day on. Returns the phase's id.

    Raises: AccessDenied, RuleViolation("phase.stage"), Conflict("record.taken") when that day has one already.
    """
    if stage not in MarketStage.values:
        raise RuleViolation("phase.stage", "There is no market phase “%(stage)s”.", stage=stage[:40], field="stage")
    phase = MarketPhase(product_line=product_line, unit_id=unit_id, stage=stage, from_on=from_on)
    with create(phase, actor=actor) as work:
        return int(work.record.pk)
