"""How we keep up contact with the customers of a class: what care checks before it is kept."""

from guanxi.care.rules import Cadence, require_cadence
from guanxi.customers.facade import Strategy, set_class_strategy
from guanxi.engagement.choices import CHANNELS
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation


def set_strategy(strategy: Strategy, *, version: int | None = None, actor: Actor) -> int:
    """Write the strategy of a class; it counts from the next plan. Returns its id. `version` is 0 for who saw none.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "record.taken"), RuleViolation("strategy.interval" |
    "strategy.channels" | "strategy.empty" | "channel.unknown" | "cadence.range" | "cadence.order").
    """
    ideal, maximum = strategy.ideal_days, strategy.maximum_days
    if (ideal is None) != (maximum is None):
        field = "maximum_days" if maximum is None else "ideal_days"
        raise RuleViolation("strategy.interval", "Fill in both intervals or none.", field=field)
    if ideal is not None and maximum is not None:
        require_cadence(Cadence(ideal, maximum))
    unknown = next((key for key in strategy.channels if key not in CHANNELS), None)
    if unknown is not None:
        raise RuleViolation("channel.unknown", "“%(channel)s” is not a channel.", channel=unknown)
    if len(set(strategy.channels)) < len(strategy.channels):
        raise RuleViolation("strategy.channels", "Name each channel once.", field="channel_2")
    if ideal is None and not (strategy.channels or strategy.tone or strategy.offer):
        raise RuleViolation("strategy.empty", "Say something: an interval, a channel, how to speak or what to offer.")
    return set_class_strategy(strategy, version=version, actor=actor)
