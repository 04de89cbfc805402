"""What the house takes for the same record, as it is kept, or else the defaults."""

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.alike import EntryPoint, Treatment
from guanxi.stewardship.choices import Evidence
from guanxi.stewardship.models import LikenessRule
from guanxi.stewardship.rules.likeness import DEFAULTS, ENTRIES, SURE, EntryRule, HouseRule, groups_of

REASON = "stewardship: the house's rules hold for everybody who brings a record in"
NOTHING = EntryRule(Treatment.OFF, SURE)


def house_rule(object_key: str) -> HouseRule:
    """The rule of an object; one query."""
    kept = unscoped(LikenessRule, reason=REASON).filter(object_key=object_key, trashed_at__isnull=True).first()
    return rule_of(kept) if kept is not None else DEFAULTS[object_key]


def rule_of(kept: LikenessRule) -> HouseRule:
    """A rule as it is kept; what it does not say is as by default."""
    usual = DEFAULTS[kept.object_key]
    entries = {
        entry: EntryRule(Treatment(kept.entries[entry][0]), float(kept.entries[entry][1]))
        if entry in kept.entries
        else usual.entries[entry]
        for entry in ENTRIES[kept.object_key]
    }
    weights = {Evidence(name): float(weight) for name, weight in kept.weights.items() if name in Evidence.values}
    return HouseRule(groups_of(kept.groups), {**usual.weights, **weights}, entries)


def entry_rule(rule: HouseRule, entry: EntryPoint) -> EntryRule:
    """What is done at a way in; nothing where the object does not come in by it."""
    return rule.entries.get(entry, NOTHING)


def kept_rule(object_key: str, actor: Actor) -> LikenessRule | None:
    """The rule as it is kept, for who sets it up; None while the defaults hold. Raises: AccessDenied."""
    rows = grant(actor, LikenessRule, Action.ADMINISTER).queryset()
    return rows.filter(object_key=object_key, trashed_at__isnull=True).first()
