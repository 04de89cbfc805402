"""What the steward's desk does when something happens elsewhere."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from guanxi.customers.events import AccountChanged, AccountsMerged, PartChanged
from guanxi.ledger.events import FactsRecorded
from guanxi.platform.events.registry import register_reaction
from guanxi.platform.jobs.queue import defer, is_waiting
from guanxi.stewardship.commands.bounces import note_undelivered
from guanxi.stewardship.commands.conflicts import find_conflicts
from guanxi.stewardship.events import NOTE_ALL_UNDELIVERED

LOOKED_BACK = timedelta(days=30)
PLACING = frozenset({"owner", "unit"})
PARTS = ("contact", "contact_point")


def look_for_conflicts(event: AccountChanged, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Whether sources disagree on what was changed."""
    if not PLACING.issuperset(event.fields):
        find_conflicts(event.account_ids, among=("account",))


def look_for_conflicts_of_parts(event: PartChanged, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Whether sources disagree on what was changed of a contact or of a way to reach somebody."""
    if event.part in PARTS:
        find_conflicts(event.account_ids, among=(event.part,))


def take_conflicts_along(event: AccountsMerged, event_id: UUID) -> None:  # noqa: ARG001  # as above
    """Conflicts of contacts and ways to reach go with them when customers become one, or are separated again."""
    find_conflicts((event.kept_id, event.merged_id), among=PARTS)


def note_bounces(event: FactsRecorded, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """What was not delivered is noted at the way that was used; of a large load in the background."""
    if "interaction" not in event.kinds:
        return
    if event.account_ids:
        note_undelivered(event.account_ids, since=timezone.now() - LOOKED_BACK)
    elif not is_waiting(NOTE_ALL_UNDELIVERED):
        defer(NOTE_ALL_UNDELIVERED, queue="analysis", lock=NOTE_ALL_UNDELIVERED)


register_reaction("stewardship.look_for_conflicts", event_type=AccountChanged, react=look_for_conflicts)
register_reaction("stewardship.look_for_conflicts_of_parts", event_type=PartChanged, react=look_for_conflicts_of_parts)
register_reaction("stewardship.take_conflicts_along", event_type=AccountsMerged, react=take_conflicts_along)
register_reaction("stewardship.note_bounces", event_type=FactsRecorded, react=note_bounces)
