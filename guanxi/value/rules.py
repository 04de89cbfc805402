"""Indicators, their sets per relation, and what a weight set must satisfy. Pure declarations and functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from guanxi.kernel.errors import RuleViolation

HALF_LIFE_DAYS = 180
MARGIN_OF_HYSTERESIS = 1.0
GRADE_SHARES = (("S", 0.04), ("A", 0.16), ("B", 0.24), ("C", 0.33), ("D", 0.23))
CORE_MARGIN_SHARE = 0.8
SILENCE_CAP = 30.0
LEAST_EXPOSURE = 0.25
PRIOR_STRENGTH = 2.0
PRIOR_WEIGHT = 1.0
UNDECIDABLE_BELOW = 0.5
COMPARE_DAYS = 30
TREND_DAYS = (360, 330, 300, 270, 240, 210, 180, 150, 120, 90, 75, 60, 45, 30, 15, 0)
GRADE_DAYS = (30, 90, 360)


class Measure(StrEnum):
    """How an indicator's raw value comes from facts. All decay by halves over the indicator's half-life.

    DAYS counts days with such facts, SUM adds a column, VARIETY counts categories by their latest purchase,
    RECENCY is the decay of the latest such fact, RATE is successes over chances shrunk towards the peers,
    STEADFASTNESS is observed over expected purchases during competitors' promotions.
    """

    DAYS = "days"
    SUM = "sum"
    VARIETY = "variety"
    RECENCY = "recency"
    RATE = "rate"
    STEADFASTNESS = "steadfastness"


@dataclass(frozen=True, slots=True)
class Successes:
    """Facts of one sub-kind and what each of them counts: `weight` × (a column, or 1)."""

    sub_kind: str
    weight: float = 1.0
    column: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator of the value index.

    `kind` names the ledger's kind of fact, `counted` the sub-kinds and their weights. For a RATE, `chances` are the
    sub-kinds that gave the customer the chance; successes without a chance count as their own chance.
    """

    key: str
    family: str
    measure: Measure
    kind: str
    counted: tuple[Successes, ...]
    chances: tuple[str, ...] = ()
    half_life_days: int = HALF_LIFE_DAYS
    weight: float = 1.0


BUYING = (Successes("buy"), Successes("renew"))
BUYING_NET = (Successes("buy"), Successes("renew"), Successes("return", -1.0))


def _money(column: str) -> tuple[Successes, ...]:
    return tuple(Successes(item.sub_kind, item.weight, column) for item in BUYING_NET)


PURCHASES = (
    Indicator("purchase_frequency", "purchase", Measure.DAYS, "purchase", BUYING, weight=8),
    Indicator("purchase_amount", "purchase", Measure.SUM, "purchase", _money("amount"), weight=8),
    Indicator("purchase_quantity", "purchase", Measure.SUM, "purchase", _money("quantity"), weight=2),
    Indicator("purchase_variety", "purchase", Measure.VARIETY, "purchase", BUYING, half_life_days=365, weight=5),
    Indicator("purchase_margin", "purchase", Measure.SUM, "purchase", _money("margin"), weight=6),
    Indicator("purchase_recency", "purchase", Measure.RECENCY, "purchase", BUYING, half_life_days=90, weight=5),
)
CUSTOMER_SET = (
    *PURCHASES,
    Indicator(
        "participation_rate",
        "participation",
        Measure.RATE,
        "participation",
        (Successes("attended"),),
        ("invited",),
        weight=10,
    ),
    Indicator(
        "survey_rate",
        "survey",
        Measure.RATE,
        "survey",
        (Successes("answered", 1.0, "quality"),),
        ("asked",),
        weight=10,
    ),
    Indicator(
        "suggestion_rate",
        "suggestion",
        Measure.RATE,
        "suggestion",
        (Successes("made"), Successes("adopted", 2.0)),
        ("asked",),
        half_life_days=365,
        weight=8,
    ),
    Indicator(
        "referral_rate",
        "referral",
        Measure.RATE,
        "referral",
        (Successes("made"), Successes("converted", 2.0)),
        ("asked",),
        half_life_days=365,
        weight=14,
    ),
    Indicator(
        "advocacy_reach",
        "advocacy",
        Measure.RATE,
        "advocacy",
        (Successes("mention", 1.0, "reach_weight"), Successes("share", 0.5, "reach_weight")),
        ("asked",),
        half_life_days=365,
        weight=8,
    ),
    Indicator("steadfastness", "steadfastness", Measure.STEADFASTNESS, "purchase", BUYING, weight=16),
)
MEDIA_SET = (
    Indicator(
        "coverage_reach",
        "coverage",
        Measure.SUM,
        "advocacy",
        (Successes("mention", 1.0, "reach_weight"), Successes("share", 0.5, "reach_weight")),
        weight=70,
    ),
    Indicator(
        "contact_days",
        "contact",
        Measure.DAYS,
        "interaction",
        (Successes("call"), Successes("visit"), Successes("meeting"), Successes("message_received")),
        weight=30,
    ),
)
PARTNER_SET = (
    Indicator(
        "referrals_made",
        "referral",
        Measure.SUM,
        "referral",
        (Successes("made"), Successes("converted", 2.0)),
        half_life_days=365,
        weight=40,
    ),
    Indicator("business_amount", "business", Measure.SUM, "purchase", _money("amount"), weight=40),
    Indicator(
        "contact_days",
        "contact",
        Measure.DAYS,
        "interaction",
        (Successes("call"), Successes("visit"), Successes("meeting"), Successes("message_received")),
        weight=20,
    ),
)
SUPPLIER_SET = (
    Indicator(
        "delivery_days",
        "delivery",
        Measure.DAYS,
        "interaction",
        (Successes("delivery"), Successes("service")),
        weight=70,
    ),
    Indicator(
        "contact_days",
        "contact",
        Measure.DAYS,
        "interaction",
        (Successes("call"), Successes("visit"), Successes("meeting"), Successes("message_received")),
        weight=30,
    ),
)
INDICATOR_SETS: Mapping[str, tuple[Indicator, ...]] = {
    "customer": CUSTOMER_SET,
    "media": MEDIA_SET,
    "channel": PARTNER_SET,
    "partner": PARTNER_SET,
    "supplier": SUPPLIER_SET,
}
ALL_INDICATORS: tuple[Indicator, ...] = tuple(
    {indicator.key: indicator for members in INDICATOR_SETS.values() for indicator in members}.values()
)
POSITIONS: Mapping[str, int] = {indicator.key: position for position, indicator in enumerate(ALL_INDICATORS)}


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights by (relation, indicator key); within a relation they are shares that add up to 100."""

    by_indicator: Mapping[tuple[str, str], float] = field(default_factory=dict)

    def of(self, relation: str, indicator_key: str) -> float:
        """The weight of an indicator for accounts of a relation; 0 when it does not belong to its set."""
        return self.by_indicator.get((relation, indicator_key), 0.0)


def default_weights() -> Weights:
    """The weights that the declarations carry."""
    return Weights(
        {
            (relation, indicator.key): indicator.weight
            for relation, members in INDICATOR_SETS.items()
            for indicator in members
        }
    )


def weights_from_families(relation: str, *, shares: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """Indicator weights from family weights: a family's weight is split as the declarations split it.

    Raises: RuleViolation("value.weights") unless every family is named once, none is negative and they add to 100.
    """
    members = INDICATOR_SETS[relation]
    declared: dict[str, float] = {}
    for indicator in members:
        declared[indicator.family] = declared.get(indicator.family, 0.0) + indicator.weight
    if set(shares) != set(declared) or min(shares.values()) < 0 or abs(sum(shares.values()) - 100) > 1e-6:
        raise RuleViolation(
            "value.weights",
            "The weights of all families must add up to 100; they add up to %(total)s.",
            total=round(sum(shares.values()), 2),
        )
    return {
        (relation, indicator.key): shares[indicator.family] * indicator.weight / declared[indicator.family]
        for indicator in members
    }


def family_shares(relation: str, *, weights: Weights) -> dict[str, float]:
    """Family weights of a relation, adding up to 100, in the order of the set."""
    shares: dict[str, float] = {}
    for indicator in INDICATOR_SETS[relation]:
        shares[indicator.family] = shares.get(indicator.family, 0.0) + weights.of(relation, indicator.key)
    return shares


def peer_group(relation: str, *, kind: str) -> str:
    """The key of the group an account is compared with."""
    return f"{relation}.{kind}"
