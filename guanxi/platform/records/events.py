"""What happens to records of every kind."""

from dataclasses import dataclass
from typing import ClassVar

from guanxi.kernel.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordAssigned(DomainEvent):
    """A record has another owner now; `by_id` is who did it, None for the system."""

    name: ClassVar[str] = "platform.record_assigned"

    object_key: str
    record_id: int
    owner_id: int
    by_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsAssigned(DomainEvent):
    """`count` records of one object were handed to a person at once."""

    name: ClassVar[str] = "platform.records_assigned"

    object_key: str
    owner_id: int
    count: int
    by_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordShared(DomainEvent):
    """A record was shared with people who could not see it, or not do as much with it."""

    name: ClassVar[str] = "platform.record_shared"

    object_key: str
    record_id: int
    user_ids: tuple[int, ...]
    by_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsLeaving(DomainEvent):
    """`count` records will leave their owner by a rule soon; `record_id` names the one, None for several.

    `owner_id` is who is told: the owner, or somebody above `holder_id`, who is the owner then.
    """

    name: ClassVar[str] = "platform.records_leaving"

    object_key: str
    owner_id: int
    count: int
    record_id: int | None
    holder_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordHeard(DomainEvent):
    """Something came in for a record from outside; `owner_id` looks after it."""

    name: ClassVar[str] = "platform.record_heard"

    object_key: str
    record_id: int
    owner_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleAsked(DomainEvent):
    """Something waits for people: a subject of a topic, `count` of them where the topic counts; `by_id` asked."""

    name: ClassVar[str] = "platform.people_asked"

    topic: str
    subject_id: int
    user_ids: tuple[int, ...]
    count: int = 1
    by_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordsRestrained(DomainEvent):
    """Records of one object must not be used any more: nobody is to be led to contact them."""

    name: ClassVar[str] = "platform.records_restrained"

    object_key: str
    record_ids: tuple[int, ...]
