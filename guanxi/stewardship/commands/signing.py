"""What happens after customers passed: signing for them, refusing, telling the customer, the check after a month."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from guanxi.care.facade import log_contact
from guanxi.customers.facade import account_grant
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.ledger.facade import contacts_by_person
from guanxi.platform.access.prepared import Among
from guanxi.platform.accounts.queries import own_id, system_actor
from guanxi.platform.audit.commands import begin_entry
from guanxi.stewardship.commands.keeping import keep
from guanxi.stewardship.models.handovers import (
    HANDED,
    CaseState,
    HandoverCase,
    HandoverItem,
    ItemState,
    MessageState,
)
from guanxi.stewardship.queries.briefs import Brief, brief_of
from guanxi.stewardship.queries.handovers import item_for

SIGNED_AT_ONCE = 500


@transaction.atomic
def sign_item(item_id: int, *, actor: Actor) -> HandoverItem:
    """Sign for one customer; the brief as it was read is kept. Doing it again changes nothing.

    Raises: NotFound, AccessDenied("handover.not_yours"), Conflict("handover.state").
    """
    item = _own_item(item_id, actor=actor)
    if item.state == ItemState.ACCEPTED:
        return item
    item.brief = _kept(brief_of(actor, item.account_id))
    item.state, item.signed_at, item.refusal = ItemState.ACCEPTED, timezone.now(), ""
    keep(item, "brief", "state", "signed_at", "refusal")
    begin_entry(actor, action="sign_handover", object_key="account", record_id=item.account_id)
    _settle([item.case_id])
    return item


@transaction.atomic
def sign_items(item_ids: Iterable[int], *, actor: Actor) -> int:
    """Sign for several of the own customers at once. Returns how many. Raises: AccessDenied."""
    own = HandoverItem.objects.filter(Among("pk", list(item_ids)), receiver=own_id(actor), state=ItemState.MOVED)
    items = list(own.select_for_update().order_by("pk")[:SIGNED_AT_ONCE])
    if actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    seen = set(
        account_grant(actor).queryset().filter(pk__in=[i.account_id for i in items]).values_list("pk", flat=True)
    )
    signed = [item for item in items if item.account_id in seen]
    now = timezone.now()
    for item in signed:
        item.brief = _kept(brief_of(actor, item.account_id))
        item.state, item.signed_at = ItemState.ACCEPTED, now
    HandoverItem.objects.bulk_update(signed, ["brief", "state", "signed_at"], batch_size=100)
    begin_entry(actor, action="sign_handover", object_key="account", record_count=len(signed))
    _settle({item.case_id for item in signed})
    return len(signed)


@transaction.atomic
def refuse_item(item_id: int, *, reason: str, actor: Actor) -> HandoverItem:
    """Refuse one customer and say why: it goes back to who leads the handover, and stays with the actor until then.

    Raises: NotFound, AccessDenied("handover.not_yours"), RuleViolation("handover.refusal").
    """
    item = _own_item(item_id, actor=actor)
    if not reason.strip():
        raise RuleViolation("handover.refusal", "Say in a few words why, so that somebody fitting is found.")
    item.state, item.signed_at, item.refusal = ItemState.REFUSED, timezone.now(), reason.strip()[:300]
    keep(item, "state", "signed_at", "refusal")
    begin_entry(actor, action="refuse_handover", object_key="account", record_id=item.account_id, reason=item.refusal)
    HandoverCase.objects.filter(pk=item.case_id, state=CaseState.CONFIRMED).update(state=CaseState.HANDING)
    return item


@transaction.atomic
def mark_told(item_id: int, *, channel: str, text: str, actor: Actor) -> HandoverItem:
    """Note that the customer was told of the new owner: a contact in the ledger, once.

    Raises: NotFound, AccessDenied("handover.not_yours"), RuleViolation("channel.unknown").
    """
    item = _own_item(item_id, actor=actor)
    if item.message == MessageState.SENT:
        return item
    log_contact(item.account_id, channel=channel, note=text[:500], source_id=f"handover-{item.pk}", actor=actor)
    item.message = MessageState.SENT
    keep(item, "message")
    return item


@transaction.atomic
def check_case(case_id: int) -> tuple[int, int]:
    """Note with whom the new owners spoke since the customers passed. Returns how many of how many.

    Doing it again changes nothing.
    """
    case = HandoverCase.objects.select_for_update().get(pk=case_id)
    items = list(HandoverItem.objects.filter(case=case, state__in=HANDED).defer("brief"))
    first = _first_contacts(case, items)
    for item in items:
        item.contacted_at, item.is_checked = first.get(item.pk), True
    HandoverItem.objects.bulk_update(items, ["contacted_at", "is_checked"], batch_size=500)
    case.state, case.checked_at = CaseState.CHECKED, case.checked_at or timezone.now()
    keep(case, "state", "checked_at")
    spoken = sum(1 for item in items if item.contacted_at is not None)
    words = f"{spoken} of {len(items)} contacted"
    begin_entry(
        system_actor("Stewardship"), action="check_handover", object_key="handover", record_id=case.pk, reason=words
    )
    return spoken, len(items)


def _first_contacts(case: HandoverCase, items: Iterable[HandoverItem]) -> dict[int, datetime]:
    """When each new owner first spoke with the customer after it passed, by item."""
    known = {(item.account_id, item.receiver_id): item for item in items if item.receiver_id is not None}
    if case.handed_at is None or not known:
        return {}
    rows = contacts_by_person(
        system_actor("Stewardship"),
        sorted({account_id for account_id, _user in known}),
        user_ids=sorted({user_id for _account, user_id in known if user_id is not None}),
        since=case.handed_at,
        is_outbound=True,
    )
    return {
        known[row.account_id, row.user_id].pk: row.first_at for row in rows if (row.account_id, row.user_id) in known
    }


def _own_item(item_id: int, *, actor: Actor) -> HandoverItem:
    """What passed to the actor, locked. Raises: NotFound, AccessDenied("handover.not_yours" | "access.read_only")."""
    found = item_for(actor, item_id)
    if actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    if found.receiver_id != actor.user_id or actor.user_id is None:
        raise AccessDenied("handover.not_yours", "Only who takes the customer over can do this.")
    item = HandoverItem.objects.select_for_update().get(pk=found.pk)
    if item.state not in HANDED:
        raise Conflict("handover.state", "This handover is not at this step.")
    return item


def _settle(case_ids: Iterable[int]) -> None:
    """Cases of which every customer was signed for are confirmed."""
    for case_id in case_ids:
        open_ones = HandoverItem.objects.filter(
            case=case_id, state__in=(ItemState.PROPOSED, ItemState.MOVED, ItemState.REFUSED)
        )
        if not open_ones.exists():
            HandoverCase.objects.filter(pk=case_id, state=CaseState.HANDING).update(state=CaseState.CONFIRMED)


def _kept(brief: Brief) -> dict[str, Any]:
    """A brief as it is stored."""
    return {key: _plain(value) for key, value in asdict(brief).items()}


def _plain(value: object) -> object:
    match value:
        case date() | datetime():
            return value.isoformat()
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case list() | tuple():
            return [_plain(part) for part in value]
        case _:
            return value
