"""What a house takes for the same customer or contact: its rules, and what they say of two records. Pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from guanxi.platform.objects.alike import EntryPoint, Treatment
from guanxi.stewardship.choices import Evidence
from guanxi.stewardship.rules.duplicates import NAMES, WEIGHTS, Identity, Reason, certainty, evidence_of

LEAST_SHARE, MOST_SHARE = 0.5, 0.999
MOST_GROUPS, MOST_IN_GROUP = 12, 4
HEAVIEST = 20.0
ACCOUNT, CONTACT = "account", "contact"
IMPLIES: Mapping[Evidence, Evidence] = {
    Evidence.SAME_NAME: Evidence.SIMILAR_NAME,
    Evidence.SAME_SOUND: Evidence.SIMILAR_NAME,
    Evidence.SAME_PERSON: Evidence.SIMILAR_NAME,
    Evidence.SAME_ADDRESS: Evidence.SIMILAR_ADDRESS,
}
"""What holds more strictly holds less strictly as well: equal names are similar ones."""
FOR_ONE: frozenset[Evidence] = frozenset(found for found, weight in WEIGHTS.items() if weight > 0)
"""What speaks for two records being one, and so can be asked for."""
OF_OBJECT: Mapping[str, tuple[Evidence, ...]] = {
    ACCOUNT: tuple(found for found in WEIGHTS if found is not Evidence.SAME_HOME),
    CONTACT: (
        *(Evidence.SAME_MAIL, Evidence.SAME_PHONE, Evidence.SAME_PERSON, Evidence.SAME_SOUND, Evidence.SIMILAR_NAME),
        *(Evidence.SAME_HOME, Evidence.OTHER_NAME),
    ),
}
"""What is compared of each object."""
TREATMENTS: Mapping[EntryPoint, tuple[Treatment, ...]] = {
    entry: (Treatment.OFF, Treatment.TELL)
    if entry is EntryPoint.PUBLIC_FORM
    else (Treatment.OFF, Treatment.TELL, Treatment.BLOCK)
    for entry in EntryPoint
}
"""What can be chosen for each way in: what strangers send by a form is never refused."""
ENTRIES: Mapping[str, tuple[EntryPoint, ...]] = {
    ACCOUNT: tuple(EntryPoint),
    CONTACT: (EntryPoint.FORM, EntryPoint.IMPORT, EntryPoint.API),
}
"""The ways by which records of each object come in by themselves."""
Group = frozenset[Evidence]


@dataclass(frozen=True, slots=True)
class EntryRule:
    """What is done at one way in, from which certainty on (0.5 to 0.999)."""

    treatment: Treatment
    least: float


@dataclass(frozen=True, slots=True)
class HouseRule:
    """What a house takes for the same record of one object.

    Two records look alike when all that one of the `groups` asks for holds, and the `weights` (log2 of the odds) of
    everything that speaks for and against it come to the certainty that the way in asks for.
    """

    groups: tuple[Group, ...]
    weights: Mapping[Evidence, float]
    entries: Mapping[EntryPoint, EntryRule]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the house's rule says of two records: whether a group holds, which one, and what speaks for and against."""

    group: Group | None
    weight: float
    reasons: tuple[Reason, ...]

    @property
    def certainty(self) -> float:
        """How likely the two are one."""
        return certainty(self.weight)

    def is_alike(self, least: float) -> bool:
        """Whether the two look alike, from a certainty on."""
        return self.group is not None and self.weight >= weight_of(least)


def weight_of(share: float) -> float:
    """The log2 of the odds of a certainty."""
    return log2(share / (1.0 - share))


def verdict_of(rule: HouseRule, one: Identity, other: Identity) -> Verdict:
    """What the house's rule says of two records. Names of persons that are only like each other weigh no more than
    equal ones, which many persons have."""
    evidence = tuple(evidence_of(one, other).values())
    most = rule.weights.get(Evidence.SAME_PERSON, 0.0) if one.family and other.family else HEAVIEST
    weights = {found: rule.weights.get(found, 0.0) for found in evidence}
    reasons = tuple(
        Reason(found, min(weight, most) if found in NAMES else weight) for found, weight in weights.items() if weight
    )
    held = frozenset(evidence) | {IMPLIES[found] for found in evidence if found in IMPLIES}
    group = next((group for group in rule.groups if group <= held), None)
    heaviest_first = tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))
    return Verdict(group, sum(reason.weight for reason in reasons), heaviest_first)


def groups_of(kept: Iterable[Iterable[str]]) -> tuple[Group, ...]:
    """The groups as they are kept, without what is not known any more."""
    known = {found.value for found in FOR_ONE}
    groups = (frozenset(Evidence(name) for name in group if name in known) for group in kept)
    return tuple(dict.fromkeys(group for group in groups if group))


def kept_groups(groups: Iterable[Group]) -> list[list[str]]:
    """The groups as they are kept: in the order of the list of evidence."""
    order = {found: place for place, found in enumerate(Evidence)}
    return [[found.value for found in sorted(group, key=order.__getitem__)] for group in groups]


def _any_of(*groups: Sequence[Evidence]) -> tuple[Group, ...]:
    return tuple(frozenset(group) for group in groups)


def _entries(object_key: str, **given: tuple[Treatment, float]) -> Mapping[EntryPoint, EntryRule]:
    usual = (Treatment.OFF, SURE)
    return {entry: EntryRule(*given.get(entry.value, usual)) for entry in ENTRIES[object_key]}


LIKELY, SURE = 0.88, 0.98
DEFAULTS: Mapping[str, HouseRule] = {
    ACCOUNT: HouseRule(
        groups=_any_of(
            [Evidence.SAME_NUMBER],
            [Evidence.SIMILAR_NAME],
            [Evidence.NAME_BEGINS],
            [Evidence.SAME_PHONE],
            [Evidence.SAME_MAIL],
            [Evidence.SAME_ADDRESS, Evidence.SAME_DOMAIN],
        ),
        weights={found: WEIGHTS[found] for found in OF_OBJECT[ACCOUNT]},
        entries=_entries(
            ACCOUNT,
            form=(Treatment.TELL, LIKELY),
            public_form=(Treatment.TELL, LIKELY),
            capture=(Treatment.TELL, LIKELY),
            **{"import": (Treatment.TELL, SURE)},
        ),
    ),
    CONTACT: HouseRule(
        groups=_any_of(
            [Evidence.SIMILAR_NAME, Evidence.SAME_HOME],
            [Evidence.SIMILAR_NAME, Evidence.SAME_PHONE],
            [Evidence.SIMILAR_NAME, Evidence.SAME_MAIL],
        ),
        weights={found: WEIGHTS[found] for found in OF_OBJECT[CONTACT]},
        entries=_entries(CONTACT, form=(Treatment.TELL, LIKELY), **{"import": (Treatment.TELL, SURE)}),
    ),
}
"""What holds until the house says otherwise: while somebody types what is likely, in a file what is nearly certain."""
