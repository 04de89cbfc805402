"""Noting which ways to reach customers reach nobody, by what was not delivered."""

from collections.abc import Sequence
from datetime import datetime

from guanxi.customers.facade import KnownPoint, known_points, mark_point_wrong, normalised_point
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.facade import UndeliveredFact, undelivered_facts
from guanxi.platform.accounts.queries import system_actor
from guanxi.stewardship.rules.bounces import Way, way_meant

ACTOR = "Steward’s desk"
TYPES = ("mail", "mobile", "phone")


def note_undelivered(account_ids: Sequence[int], *, since: datetime) -> int:
    """Note the ways that reached nobody since an instant, of some accounts or (none named) of all.

    Doing it again changes nothing, nor does what bounced before a way was written or found to work.
    Returns how many ways are newly known to be wrong.
    """
    facts = undelivered_facts(account_ids, since=since)
    ways: dict[int, list[Way]] = {}
    for point in known_points(fact.account_id for fact in facts):
        ways.setdefault(point.account_id, []).append(_way(point))
    actor, noted = system_actor(ACTOR), 0
    for fact in facts:
        point_id = way_meant(
            ways.get(fact.account_id, ()),
            addresses=_forms(fact),
            channel=fact.channel,
            contact_id=fact.contact_id,
        )
        if point_id is not None and mark_point_wrong(point_id, source=fact.source, at=fact.occurred_at, actor=actor):
            noted += 1
    return noted


def _way(point: KnownPoint) -> Way:
    return Way(point.id, point.contact_id, point.type, point.normalised)


def _forms(fact: UndeliveredFact) -> set[str]:
    """The forms under which the address of a fact may be kept; none when it was not told."""
    address = fact.address.strip()
    forms = {address} if address else set()
    for kind in TYPES if address else ():
        try:
            forms.add(normalised_point(kind, address))
        except RuleViolation:
            continue  # it is no address of this kind
    return forms
