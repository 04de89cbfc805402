"""Verbs of the preference centre: what a person says there is kept with the words shown and where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.customers.facade import account_grant, contact_grant, set_point_consents
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.portal.queries.preferences import Person, consents_of, preference_url, said
from guanxi.portal.rules.preferences import OFFERED, PURPOSES, Pair, changes, is_agreed, point_consents
from guanxi.stewardship.choices import ConsentChannel, RequestKind, RequestWay
from guanxi.stewardship.facade import NewConsent, NewRequest, enter_request, note_consent

PAGE_EDITION = 2
"""Raised with every change of the page's words."""

_SENTENCES = {purpose.key: purpose.sentence for purpose in PURPOSES}


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose, and the browser that said so. With `is_nothing`, no contact at all.

    `notice_id` is the edition of the privacy notice to which the page led, None for the one in force.
    """

    pairs: tuple[Pair, ...]
    browser: str
    is_nothing: bool = False
    notice_id: int | None = None


@transaction.atomic
def make_link(object_key: str, record_id: int, *, root: str, actor: Actor) -> str:
    """A link to the choices of a contact, or of a customer who is a person; it stands in the audit trail.

    Raises: NotFound, AccessDenied.
    """
    if object_key == "contact":
        contact_grant(actor).live(record_id)
        contact_grant(actor, Action.EDIT).live(record_id)
    else:
        account_grant(actor).live(record_id)
        account_grant(actor, Action.EDIT).live(record_id)
    begin_entry(actor, action="make_preference_link", object_key=object_key, record_id=record_id)
    return preference_url(object_key, record_id, root=root)


@transaction.atomic
def save_choices(person: Person, choices: Choices, *, actor: Actor) -> int:
    """Note what changed of a person's consents, and on the numbers and addresses that it speaks of.

    Returns how many consents were noted. The actor is the system; its address is that of the visitor.
    """
    known = said(consents_of(person, actor))
    chosen: Sequence[Pair] = () if choices.is_nothing else choices.pairs
    changed = changes(known, chosen)
    if choices.is_nothing:
        changed |= {pair: False for pair in OFFERED if pair not in known or is_agreed(known, pair)}
    now = timezone.now()
    for pair, is_given in changed.items():
        new = NewConsent(
            account_id=person.account_id,
            contact_id=person.contact_id,
            purpose=pair[0],
            channel=pair[1],
            is_given=is_given,
            at=now,
            wording=_("No contact at all.") if choices.is_nothing else wording_of(pair),
            evidence=f"/p/ v{PAGE_EDITION} · {actor.address} · {choices.browser}",
            notice_id=choices.notice_id,
        )
        note_consent(new, actor=actor)
    points = point_consents(changed, chosen)
    if points:
        set_point_consents(person.account_id, person.contact_id, consents=points, actor=actor)
    return len(changed)


def wording_of(pair: Pair) -> str:
    """The words that stand beside a tick, in the language of the page."""
    sentence = _(_SENTENCES[pair[0]])
    return sentence if pair[1] == ConsentChannel.ANY else f"{sentence} ({ConsentChannel(pair[1]).label})"


def ask_as_subject(person: Person, kind: RequestKind, *, note: str, actor: Actor) -> bool:
    """Enter what a person asks for on the page; his identity is still to be checked. False when it is open already."""
    object_key, record_id = person.record
    new = NewRequest(object_key, record_id, kind, timezone.localdate(), RequestWay.WEB, note[:500], needs_identity=True)
    try:
        enter_request(new, actor=actor)
    except Conflict:
        return False
    return True
