"""How many more records of a kind a person may be given: a room above says it, every door that gives one asks.

What a person does by hand is held to it: making records, changing their owner, giving many at once, importing. What
comes in by itself finds an owner in any case, so that nothing is lost.
"""

from collections.abc import Callable, Collection, Mapping

from django.db.models import Model

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.protection import protection_of

Room = Callable[[Collection[int], bool], Mapping[int, int]]
"""Of people, by id, how many more each may be given; who is not named has no limit. Locks them where it is asked to."""
_rooms: dict[str, Room] = {}


def register_room(object_key: str, room: Room) -> None:
    """Limit how many records of an object a person may be given. Raises: ValueError for a second limit."""
    if object_key in _rooms:
        raise ValueError(f"how many {object_key} a person may have is limited twice")
    _rooms[object_key] = room


def room_for(model: type[Model], owner_ids: Collection[int], *, locks: bool) -> Mapping[int, int]:
    """How many more records each of these people may be given; who is not named has no limit."""
    room = _rooms.get(protection_of(model).key)
    return room(owner_ids, locks) if room is not None and owner_ids else {}


def require_room(model: type[Model], owner_id: object, *, wanted: int = 1, actor: Actor) -> None:
    """A person may be given so many more records by the actor; within a transaction.

    Raises: RuleViolation("record.full").
    """
    if actor.user_id is None or not isinstance(owner_id, int) or wanted <= 0:
        return
    left = room_for(model, (owner_id,), locks=True).get(owner_id)
    if left is not None and wanted > left:
        raise RuleViolation(
            "record.full",
            "The owner may look after %(left)s more at most. Return some to the pool, or choose somebody else.",
            left=max(left, 0),
        )
