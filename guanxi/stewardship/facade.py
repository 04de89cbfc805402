"""What the house above may ask of stewardship, and have done by it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from guanxi.customers.choices import ConsentState
from guanxi.customers.facade import contact_grant
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.audit.commands import begin_entry
from guanxi.stewardship.choices import EntryReason, RequestWay
from guanxi.stewardship.commands.consent import record_consent
from guanxi.stewardship.commands.duplicates import put_on_desk as put_on_desk
from guanxi.stewardship.commands.privacy import NewRequest as NewRequest
from guanxi.stewardship.commands.privacy import enter_request as enter_request
from guanxi.stewardship.commands.stays import Entering, place_in_pool
from guanxi.stewardship.models import ConsentRecord, NoticeEdition, Pool
from guanxi.stewardship.queries.notices import notice_in_force, published_notice_by_id
from guanxi.stewardship.queries.notices import published_notice as _published_notice
from guanxi.stewardship.queries.pools import MEMBERS

MOST_CONSENTS = 2_000


@dataclass(frozen=True, slots=True)
class NewConsent:
    """What somebody agreed to or took back, in which words, and where it can be seen.

    `notice_id` is the edition of the privacy notice that was shown; None for the one in force.
    """

    account_id: int
    contact_id: int | None
    purpose: str
    channel: str
    is_given: bool
    at: datetime
    wording: str
    evidence: str
    notice_id: int | None = None


def note_consent(new: NewConsent, *, actor: Actor) -> int:
    """Note what somebody said on the web. Returns its id. Raises: as `record_consent`."""
    contact = contact_grant(actor).get(new.contact_id) if new.contact_id is not None else None
    consent = ConsentRecord(
        account_id=new.account_id,
        contact=contact,
        purpose=new.purpose,
        channel=new.channel,
        state=ConsentState.GIVEN if new.is_given else ConsentState.WITHDRAWN,
        at=new.at,
        way=RequestWay.WEB,
        wording=new.wording,
        evidence=new.evidence[:300],
        notice_id=new.notice_id,
    )
    return record_consent(consent, actor=actor).pk


@dataclass(frozen=True, slots=True)
class HeldConsent:
    """What holds for one purpose and channel: agreed to or taken back, when, by which way, in which words."""

    is_given: bool
    at: datetime
    way: str
    wording: str


def consents_held(account_id: int, contact_id: int | None, actor: Actor) -> dict[tuple[str, str], HeldConsent]:
    """What holds of one person's consents, by (purpose, channel); one query.

    Without a contact, what was noted for the account itself.
    """
    rows = (
        grant(actor, ConsentRecord).queryset().filter(account=account_id, contact=contact_id, trashed_at__isnull=True)
    )
    found: dict[tuple[str, str], HeldConsent] = {}
    for row in rows.order_by("-at", "-pk")[:MOST_CONSENTS]:
        held = HeldConsent(row.state == ConsentState.GIVEN, row.at, str(RequestWay(row.way).label), row.wording)
        found.setdefault((row.purpose, row.channel), held)
    return found


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """An edition of the privacy notice as visitors are shown it, in the language of the page."""

    id: int
    number: int
    title: str
    text: str
    effective_on: date


def current_notice() -> ShownNotice | None:
    """The edition of the privacy notice in force today; one query."""
    return _shown(notice_in_force(timezone.localdate()))


def published_notice(number: int) -> ShownNotice | None:
    """A published edition of the privacy notice; one query."""
    return _shown(_published_notice(number))


def notice_by_id(notice_id: int | None) -> ShownNotice | None:
    """A published edition of the privacy notice by its id; one query."""
    return _shown(published_notice_by_id(notice_id)) if notice_id is not None else None


def _shown(notice: NoticeEdition | None) -> ShownNotice | None:
    if notice is None:
        return None
    return ShownNotice(notice.pk, notice.number, notice.title, notice.text, notice.effective_on)


def pool_names() -> dict[int, str]:
    """The pools in use by their id, in the language of the page."""
    rows = unscoped(Pool, reason=MEMBERS).filter(trashed_at__isnull=True, is_active=True)
    return {pool.pk: pool.label for pool in rows.order_by("position", "pk")}


@transaction.atomic
def add_to_pool(account_id: int, *, pool_id: int, note: str, actor: Actor) -> bool:
    """Put a new customer whom nobody looks after into a pool; False when the pool is not in use any more."""
    pool = unscoped(Pool, reason=MEMBERS).filter(pk=pool_id, trashed_at__isnull=True, is_active=True).first()
    if pool is None:
        return False
    entry_id = begin_entry(actor, action="add_to_pool", object_key="account", record_id=account_id)
    place_in_pool(account_id, entering=Entering(pool, EntryReason.OTHER, entry_id, note[:300]), actor=actor)
    return True
