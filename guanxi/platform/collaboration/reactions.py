"""Whom the collaboration room tells when something happens elsewhere."""

from uuid import UUID

from guanxi.platform.accounts.events import UnusualNoticed
from guanxi.platform.accounts.queries import everybody_administrators
from guanxi.platform.collaboration.commands.notifying import tell
from guanxi.platform.collaboration.models import Notification, NotificationKind
from guanxi.platform.events.registry import register_reaction
from guanxi.platform.records.events import (
    PeopleAsked,
    RecordAssigned,
    RecordHeard,
    RecordsAssigned,
    RecordShared,
    RecordsLeaving,
)


def tell_of_assignment(event: RecordAssigned, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell the new owner of a record."""
    about = Notification(object_key=event.object_key, record_id=event.record_id, by_id=event.by_id)
    tell([event.owner_id], NotificationKind.ASSIGNED, about=about)


def tell_of_assignments(event: RecordsAssigned, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell the new owner of many records, once."""
    about = Notification(object_key=event.object_key, count=event.count, by_id=event.by_id)
    tell([event.owner_id], NotificationKind.ASSIGNED, about=about)


def tell_of_share(event: RecordShared, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell people that a record was shared with them."""
    about = Notification(object_key=event.object_key, record_id=event.record_id, by_id=event.by_id)
    tell(event.user_ids, NotificationKind.SHARED, about=about)


def tell_of_leaving(event: RecordsLeaving, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell a person which own records, or whose, are about to leave, once for all of a night."""
    about = Notification(
        object_key=event.object_key, record_id=event.record_id, count=event.count, by_id=event.holder_id
    )
    tell([event.owner_id], NotificationKind.LEAVING, about=about)


def tell_of_hearing(event: RecordHeard, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell who looks after a record that something came in for it from outside."""
    about = Notification(object_key=event.object_key, record_id=event.record_id)
    tell([event.owner_id], NotificationKind.HEARD, about=about)


def tell_of_question(event: PeopleAsked, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell people that something waits for them."""
    about = Notification(object_key=event.topic, record_id=event.subject_id, count=event.count, by_id=event.by_id)
    tell(event.user_ids, NotificationKind.ASKED, about=about)


def tell_of_unusual(event: UnusualNoticed, event_id: UUID) -> None:  # noqa: ARG001  # a reaction's signature
    """Tell those who administer everybody of what the security watch noticed."""
    about = Notification(notice_id=event.notice_id)
    tell(everybody_administrators(), NotificationKind.UNUSUAL, about=about)


register_reaction("collaboration.tell_of_assignment", event_type=RecordAssigned, react=tell_of_assignment)
register_reaction("collaboration.tell_of_assignments", event_type=RecordsAssigned, react=tell_of_assignments)
register_reaction("collaboration.tell_of_share", event_type=RecordShared, react=tell_of_share)
register_reaction("collaboration.tell_of_leaving", event_type=RecordsLeaving, react=tell_of_leaving)
register_reaction("collaboration.tell_of_hearing", event_type=RecordHeard, react=tell_of_hearing)
register_reaction("collaboration.tell_of_question", event_type=PeopleAsked, react=tell_of_question)
register_reaction("collaboration.tell_of_unusual", event_type=UnusualNoticed, react=tell_of_unusual)
