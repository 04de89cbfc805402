"""Publishing events: the outbox row and its jobs commit with the change."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID, uuid4

from django.db import transaction
from pydantic import TypeAdapter

from guanxi.kernel.events import DomainEvent
from guanxi.platform.events.models import Delivery, OutboxEvent
from guanxi.platform.events.registry import reaction, reactions_to
from guanxi.platform.jobs.queue import defer

DELIVER = "events.deliver"


def publish(event: DomainEvent) -> UUID:
    """Write an event to the outbox and defer one job per reaction; must run inside the change's transaction."""
    event_id = uuid4()
    payload = {key: _plain(value) for key, value in asdict(event).items()}
    OutboxEvent.objects.create(id=event_id, name=event.name, payload=payload)
    for entry in reactions_to(event.name):
        defer(DELIVER, queue="reactions", event_id=str(event_id), reaction_key=entry.key)
    return event_id


def deliver(event_id: UUID, *, reaction_key: str) -> bool:
    """Run one reaction once: the reaction's work and the note that it was done commit together.

    Returns False when it had been delivered before.
    """
    entry = reaction(reaction_key)
    with transaction.atomic():
        _, is_new = Delivery.objects.get_or_create(event_id=event_id, reaction=reaction_key)
        if not is_new:
            return False
        stored = OutboxEvent.objects.get(pk=event_id)
        event = TypeAdapter(entry.event_type).validate_python(stored.payload)
        entry.react(event, event_id)
    return True


def settle(reaction_keys: Iterable[str]) -> None:
    """Note that these reactions have followed all events so far: for who did their work for a whole base at once.

    Raises: KeyError for a reaction that nobody registered.
    """
    for entry in [reaction(key) for key in reaction_keys]:
        events = OutboxEvent.objects.filter(name=entry.event_type.name).values_list("pk", flat=True)
        deliveries = (Delivery(event_id=event_id, reaction=entry.key) for event_id in events)
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value
