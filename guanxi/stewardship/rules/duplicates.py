"""By what two records are recognised as one, in words and in weight. Pure functions."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import islice

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import partial_ratio

from guanxi.customers.facade import canonical_mail, organisation_name, split_name
from guanxi.platform.search.entries import Named, plain_title
from guanxi.platform.search.tokens import CHINESE, syllables
from guanxi.stewardship.choices import Evidence

VERY_LIKE, LIKE, LIKE_ADDRESS = 0.93, 0.85, 0.8
SHORTEST_BEGINNING, SHORTEST_PLACE = 3, 2
HAS_NUMBER = re.compile("[0-9]")
CERTAIN_WEIGHT = 9.96
"""Nothing is more certain than 99.9 %: it is a person who decides."""
NAMES = frozenset({Evidence.SAME_PERSON, Evidence.SAME_SOUND, Evidence.SIMILAR_NAME, Evidence.OTHER_NAME})
FREE_MAIL = frozenset(
    {
        *("qq.com", "163.com", "126.com", "sina.com", "sohu.com", "foxmail.com", "139.com", "aliyun.com"),
        *("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "icloud.com"),
    }
)


@dataclass(frozen=True, slots=True)
class Identity:
    """By what a record is recognised, each in the form in which it is compared; "" and empty for what is not known.

    `core`, `place` and `branch` are the parts of an organisation's name, `sound` is how the core reads; a person has
    `family` and `given` instead of a core. `number` is the token of an official number, never the number itself. `home`
    is the core of the name of the customer that a contact is at.
    """

    core: str = ""
    sound: str = ""
    place: str = ""
    branch: str = ""
    family: str = ""
    given: str = ""
    address: str = ""
    city: str = ""
    region: str = ""
    domain: str = ""
    number: str = ""
    home: str = ""
    phones: frozenset[str] = field(default_factory=frozenset)
    mails: frozenset[str] = field(default_factory=frozenset)


def identity(
    title: str,
    *,
    home: str = "",
    city: str = "",
    region: str = "",
    address: str = "",
    website: str = "",
    number: str = "",
    phones: Iterable[str] = (),
    mails: Iterable[str] = (),
    is_person: bool,
) -> Identity:
    """By what a customer or a contact is recognised; `title` is the name as it is compared, phones are in E.164."""
    known_mails = frozenset(canonical_mail(mail) for mail in mails)
    here = _place_name(city)
    name = None if is_person else organisation_name(title)
    family, given = split_name(title) if is_person else ("", "")
    core = title if name is None else name.core
    return Identity(
        core="" if name is None else core,
        sound="" if core.isascii() else _sound(title, core),
        place="" if name is None else here or _place_name(name.place),
        branch="" if name is None else name.branch,
        family=family,
        given=given,
        address=plain_title(address) if address else "",
        city=here,
        region=_place_name(region),
        domain="" if is_person else domain_of(website, known_mails),
        number=number,
        home=organisation_name(home).core if home else "",
        phones=frozenset(phones),
        mails=known_mails,
    )


def _sound(title: str, core: str) -> str:
    """How the core of a name reads, as it reads within the name: that is known already where the name was ordered."""
    sounds = list(title)
    for run in CHINESE.finditer(title):
        sounds[run.start() : run.end()] = syllables(run.group())
    place = title.find(core)
    return "".join(sounds[place : place + len(core)]) if place >= 0 else "".join(syllables(core))


def nearest(core: str, sound: str, named: Iterable[Named], *, most: int) -> list[int]:
    """The ids of the records whose names hold most of the core of a name, as it is written or as it sounds."""

    def likeness(record: Named) -> float:
        written = partial_ratio(core, record.title)
        return max(written, partial_ratio(sound, record.sound)) if sound and record.sound else written

    return [
        record.record_id for record in nlargest(most, named, key=lambda record: (likeness(record), -record.record_id))
    ]


def _place_name(name: str) -> str:
    """A place without the word for what kind of place it is."""
    if not name:
        return ""
    text = plain_title(name)
    return text[:-1] if len(text) > SHORTEST_PLACE and text[-1] in "省市" else text


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks for or against two records being one, and how much (log2 of the odds)."""

    evidence: Evidence
    weight: float


WEIGHTS: Mapping[Evidence, float] = {
    Evidence.SAME_NUMBER: 13.0,
    Evidence.OTHER_NUMBER: -8.0,
    Evidence.SAME_MAIL: 9.0,
    Evidence.SAME_PHONE: 8.0,
    Evidence.SAME_NAME: 7.0,
    Evidence.SAME_PERSON: 2.0,
    Evidence.SAME_SOUND: 5.0,
    Evidence.SIMILAR_NAME: 4.0,
    Evidence.NAME_BEGINS: 3.0,
    Evidence.OTHER_NAME: -4.0,
    Evidence.OTHER_BRANCH: -5.0,
    Evidence.SAME_DOMAIN: 4.0,
    Evidence.SAME_ADDRESS: 4.5,
    Evidence.SIMILAR_ADDRESS: 2.0,
    Evidence.SAME_PLACE: 1.0,
    Evidence.OTHER_PLACE: -1.5,
    Evidence.SAME_HOME: 4.0,
}
"""What evidence weighs where no base is at hand to learn from: while somebody types, and in a file."""


def evidence_of(one: Identity, other: Identity) -> dict[str, Evidence]:
    """What speaks for and against two records being one, by what is compared; nothing where either says nothing."""
    found = ((name, compare(one, other)) for name, compare in _COMPARISONS.items())
    return {name: evidence for name, evidence in found if evidence is not None}


def reasons_of(one: Identity, other: Identity) -> tuple[Reason, ...]:
    """The reasons with the weights of `WEIGHTS`, the heaviest first."""
    found = (Reason(evidence, WEIGHTS[evidence]) for evidence in evidence_of(one, other).values())
    return tuple(sorted(found, key=lambda reason: -abs(reason.weight)))


def learned_reasons(one: Identity, other: Identity, weights: Mapping[str, float]) -> tuple[Reason, ...]:
    """The reasons with weights that were learnt from the base, by what is compared; the heaviest first."""
    given = weights.get("given", 0.0) + weights.get("family", 0.0)
    by_name = {**weights, "person": given}
    found = (Reason(evidence, round(by_name.get(name, 0.0), 1)) for name, evidence in evidence_of(one, other).items())
    return tuple(sorted((reason for reason in found if reason.weight), key=lambda reason: -abs(reason.weight)))


def is_name_alone(reasons: Iterable[Reason]) -> bool:
    """Whether nothing but the name speaks for two persons being one: many persons are called the same."""
    return all(reason.evidence in NAMES for reason in reasons if reason.weight > 0)


def certainty(weight: float) -> float:
    """How likely two records are one, from 0 to 1, by the weight of all that speaks for it."""
    odds: float = 2.0 ** max(min(weight, CERTAIN_WEIGHT), -CERTAIN_WEIGHT)
    return odds / (1.0 + odds)


def domain_of(website: str, mails: Iterable[str] = ()) -> str:
    """The domain that belongs to a record alone: of its website, or of its mail if that is nobody's free mail."""
    text = website.strip().lower().partition("://")[2] or website.strip().lower()
    host = text.partition("/")[0].removeprefix("www.")
    if "." in host:
        return host
    domains = (mail.rpartition("@")[2] for mail in mails)
    return next(islice((domain for domain in domains if domain and domain not in FREE_MAIL), 1), "")


def _core(one: Identity, other: Identity) -> Evidence | None:
    if not (one.core and other.core):
        return None
    if one.core == other.core:
        return Evidence.SAME_NAME
    if one.sound and one.sound == other.sound:
        return Evidence.SAME_SOUND
    likeness = JaroWinkler.similarity(one.core, other.core)
    shorter, longer = sorted((one.core, other.core), key=len)
    if likeness >= VERY_LIKE:
        return Evidence.SIMILAR_NAME
    if len(shorter) >= SHORTEST_BEGINNING and longer.startswith(shorter):
        return Evidence.NAME_BEGINS
    return Evidence.SIMILAR_NAME if likeness >= LIKE else Evidence.OTHER_NAME


def _person(one: Identity, other: Identity) -> Evidence | None:
    if not (one.family and other.family):
        return None
    if (one.family, one.given) in ((other.family, other.given), (other.given, other.family)):
        return Evidence.SAME_PERSON
    if one.sound and one.sound == other.sound:
        return Evidence.SAME_SOUND
    likeness = JaroWinkler.similarity(one.family + one.given, other.family + other.given)
    return Evidence.SIMILAR_NAME if likeness >= LIKE else Evidence.OTHER_NAME


def _branch(one: Identity, other: Identity) -> Evidence | None:
    return Evidence.OTHER_BRANCH if one.branch != other.branch else None


def _place(one: Identity, other: Identity) -> Evidence | None:
    here, there = one.place or one.city, other.place or other.city
    if not (here and there):
        return None
    is_same = here == there or here in there or there in here
    return Evidence.SAME_PLACE if is_same else Evidence.OTHER_PLACE


def _address(one: Identity, other: Identity) -> Evidence | None:
    if not (one.address and other.address):
        return None
    if one.address == other.address:
        return Evidence.SAME_ADDRESS
    shorter, longer = sorted((one.address, other.address), key=len)
    goes_on = longer.startswith(shorter) and HAS_NUMBER.search(shorter) is not None
    likeness = JaroWinkler.similarity(one.address, other.address)
    return Evidence.SIMILAR_ADDRESS if goes_on or likeness >= LIKE_ADDRESS else None


def _number(one: Identity, other: Identity) -> Evidence | None:
    if not (one.number and other.number):
        return None
    return Evidence.SAME_NUMBER if one.number == other.number else Evidence.OTHER_NUMBER


def _domain(one: Identity, other: Identity) -> Evidence | None:
    return Evidence.SAME_DOMAIN if one.domain and one.domain == other.domain else None


def _home(one: Identity, other: Identity) -> Evidence | None:
    return Evidence.SAME_HOME if one.home and one.home == other.home else None


def _phones(one: Identity, other: Identity) -> Evidence | None:
    return Evidence.SAME_PHONE if one.phones & other.phones else None


def _mails(one: Identity, other: Identity) -> Evidence | None:
    return Evidence.SAME_MAIL if one.mails & other.mails else None


_COMPARISONS: Mapping[str, Callable[[Identity, Identity], Evidence | None]] = {
    "number": _number,
    "phones": _phones,
    "mails": _mails,
    "core": _core,
    "person": _person,
    "branch": _branch,
    "domain": _domain,
    "address": _address,
    "place": _place,
    "home": _home,
}
