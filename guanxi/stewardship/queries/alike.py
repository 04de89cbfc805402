"""Records that look like one that somebody is typing, or that comes in by itself.

Steps: 1 the name without its legal form and place, 2 from the search index the records whose names hold it, hold one
half of it (so a slip in the other half is found), or sound like it, 3 of these the nearest, and those that the same
number reaches, 4 weigh each by the rule of the house, 5 show the likeliest; of those that the person must not see, only
that they are there and who looks after them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from guanxi.customers.facade import (
    AccountKind,
    Recognised,
    home_names,
    ids_reached,
    normalised_point,
    reads_points,
    reads_tax_ids,
    recognised_accounts,
    recognised_contacts,
    tax_id_token,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.alike import AlikeRecord, EntryPoint, Hit, Treatment
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.search.entries import plain_title
from guanxi.platform.search.queries import Question, named_like
from guanxi.platform.search.tokens import CHINESE, LATIN, syllables
from guanxi.stewardship.choices import Evidence
from guanxi.stewardship.queries.likeness import entry_rule, house_rule
from guanxi.stewardship.rules.duplicates import Identity, certainty, identity, nearest
from guanxi.stewardship.rules.likeness import CONTACT, HouseRule, Verdict, verdict_of

SHORTEST, LEAST_FOR_HALVES = 2, 4
MOST_CANDIDATES, MOST_COMPARED, MOST_SHOWN = 400, 60, 5
PHONES = ("mobile", "phone")
BETWEEN = "·"
"""Stands between the name and the number of a record in a form."""
Typed = Mapping[str, object]
Likely = tuple[Verdict, Recognised]
"""What the rule says of a record being the typed one, and the record."""


def alike_records(object_key: str, typed: Typed, actor: Actor) -> Sequence[AlikeRecord]:
    """The records that look like the one being typed, the likeliest first. A fixed number of queries.

    Numbers that the actor may not read whole are not compared: a masked one could be found by guessing.
    """
    hits = alike_hits(object_key, _readable(typed, actor), EntryPoint.FORM)[:MOST_SHOWN]
    return shown_hits(object_key, hits, actor)


def _readable(typed: Typed, actor: Actor) -> Typed:
    """What was typed into fields that the actor may read."""
    closed: set[str] = set() if reads_points(actor) else {*PHONES, "mail"}
    closed |= set() if reads_tax_ids(actor) else {"tax_id"}
    return {name: value for name, value in typed.items() if name not in closed} if closed else typed


def alike_hits(object_key: str, typed: Typed, entry: EntryPoint) -> Sequence[Hit]:
    """The records that look like one that comes in, as the house says for the way in; none where nothing is done."""
    rule = house_rule(object_key)
    told = entry_rule(rule, entry)
    if told.treatment is Treatment.OFF:
        return ()
    return tuple(hit_of(verdict, row.id) for verdict, row in likely_records(object_key, typed, rule, least=told.least))


def hit_of(verdict: Verdict, record_id: int | None, *, row: int | None = None) -> Hit:
    """A verdict as every way in is told it."""
    reasons = tuple((reason.evidence.value, reason.weight) for reason in verdict.reasons)
    return Hit(record_id, row, verdict.weight, reasons)


def likely_records(object_key: str, typed: Typed, rule: HouseRule, *, least: float) -> list[Likely]:
    """The records that look like the typed one, the likeliest first; for the system alone."""
    mine = typed_identity(object_key, typed)
    core = mine.core or full_name(mine.family, mine.given)
    ids = set(_candidates(object_key, core)) if len(core) >= SHORTEST else set()
    ids |= set(ids_reached(object_key, mine.phones | mine.mails, most=MOST_COMPARED))
    if not ids and not mine.number:
        return []
    rows = recognised(object_key, ids, mine.number, has_points=bool(mine.phones or mine.mails))
    found = ((verdict_of(rule, mine, known_identity(row)), row) for row in rows)
    likely = [(verdict, row) for verdict, row in found if verdict.is_alike(least)]
    return sorted(likely, key=lambda pair: (-pair[0].weight, pair[1].id))


def recognised(object_key: str, ids: Iterable[int], *numbers: str, has_points: bool = True) -> tuple[Recognised, ...]:
    """By what records are recognised, with what reaches them if that is wanted; two queries at most."""
    if object_key == CONTACT:
        return recognised_contacts(ids, has_points=has_points)
    return recognised_accounts(ids, [number for number in numbers if number], has_points=has_points)


def typed_identity(object_key: str, typed: Typed, *, homes: Mapping[int, str] | None = None) -> Identity:
    """By what a record is recognised that is made of these values, by column or part.

    `homes` are the names of the customers of contacts, by id, where they are read already.
    """
    phones, mails = _points(typed)
    if object_key == CONTACT:
        name = full_name(_text(typed, "family_name"), _text(typed, "given_name"))
        home = _home(typed, homes)
        return identity(plain_title(name), home=home, phones=phones, mails=mails, is_person=True)
    return identity(
        plain_title(_text(typed, "name")),
        city=_text(typed, "city"),
        address=_text(typed, "address"),
        website=_text(typed, "website"),
        number=tax_id_token(_text(typed, "tax_id")),
        phones=phones,
        mails=mails,
        is_person=typed.get("kind") == AccountKind.PERSON,
    )


def known_identity(row: Recognised) -> Identity:
    """By what a record is recognised that is there."""
    return identity(
        plain_title(row.name),
        home=plain_title(row.home),
        city=row.city,
        address=row.address,
        website=row.website,
        number=row.number,
        phones=row.phones,
        mails=row.mails,
        is_person=row.kind == AccountKind.PERSON,
    )


def shown_hits(object_key: str, hits: Sequence[Hit], actor: Actor) -> tuple[AlikeRecord, ...]:
    """What a person may know of the records of hits, in their order; a row of the same file has no name."""
    if not hits:
        return ()
    spec = listed_object(object_key)
    ids = [hit.record_id for hit in hits if hit.record_id is not None]
    rows = grant(actor, spec.model).queryset().filter(pk__in=ids) if may(actor, spec.model, Action.VIEW) else None
    seen = dict(rows.values_list("pk", spec.title)) if rows is not None else {}
    owners = {row.id: row.owner_id for row in recognised(object_key, ids, has_points=False)}
    keepers = people(owner_id for owner_id in owners.values() if owner_id)
    url: Callable[[int], str] | None = spec.detail_url
    return tuple(
        AlikeRecord(
            title=str(seen.get(hit.record_id, "")) if hit.record_id is not None else "",
            url=url(hit.record_id) if hit.record_id is not None and hit.record_id in seen and url is not None else "",
            reasons=tuple(Evidence(name).label for name, weight in hit.reasons if weight > 0),
            keeper=keepers[owner].name if (owner := owners.get(hit.record_id or 0)) in keepers else "",
            certainty=certainty(hit.weight),
        )
        for hit in hits
    )


def _text(typed: Typed, name: str) -> str:
    return str(typed.get(name) or "")


def _home(typed: Typed, homes: Mapping[int, str] | None) -> str:
    """The name of the customer that a contact is at; a form says its name and number, "岚川 · 12"."""
    tail = str(typed.get("account_id", typed.get("account")) or "").rpartition(BETWEEN)[2].strip()
    if not (tail.isascii() and tail.isdecimal() and len(tail) < 19):
        return ""
    names = homes if homes is not None else home_names([int(tail)])
    return plain_title(names.get(int(tail), ""))


def _points(typed: Typed) -> tuple[list[str], list[str]]:
    """Phones and mail addresses in the form in which they are compared; what is none says nothing."""
    found: dict[str, str] = {}
    for name in (*PHONES, "mail"):
        text = _text(typed, name).strip()
        if text:
            try:
                found[name] = normalised_point(name, text)
            except RuleViolation:
                continue
    return [found[name] for name in PHONES if name in found], [found["mail"]] if "mail" in found else []


def _candidates(object_key: str, core: str) -> list[int]:
    """The records whose names are nearest, by the search index. One query."""
    sound = "".join(syllables(core)) if CHINESE.fullmatch(core) else ""
    asked = Question(object_key, core, tuple(_alternatives(core)))
    return nearest(core, sound, named_like(asked, sound=sound, most=MOST_CANDIDATES), most=MOST_COMPARED)


def _alternatives(core: str) -> list[tuple[str, ...]]:
    """The tokens of the whole name, and of each of its halves."""
    whole = _tokens(core)
    if not CHINESE.fullmatch(core) or len(core) < LEAST_FOR_HALVES:
        return [whole] if whole else []
    middle = len(core) // 2
    return [whole, _tokens(core[:middle]), _tokens(core[middle:])]


def _tokens(text: str) -> tuple[str, ...]:
    pairs = {f"c:{left}{right}" for run in CHINESE.findall(text) for left, right in pairwise(run)}
    return tuple(sorted(pairs | {f"w:{word[:12]}" for word in LATIN.findall(text) if len(word) > 1}))
