"""Who stands above the owners of customers, as far as the rights tell it."""

from collections.abc import Iterable

from guanxi.customers.facade import may_hand_over
from guanxi.platform.accounts.queries import active_people, actors_by_user_id


def managers_of(owner_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The managers of each owner: who may give his customers to others, in the nearest department up from his own.

    Owners above whom nobody stands are left out. A fixed number of queries.
    """
    owners = actors_by_user_id(owner_ids)
    levels = {unit_id for owner in owners.values() for unit_id in owner.unit_path}
    people = actors_by_user_id(person.id for person in active_people() if person.unit_id in levels)
    found: dict[int, tuple[int, ...]] = {}
    for owner_id, owner in owners.items():
        for unit_id in reversed(owner.unit_path):
            above = tuple(
                sorted(
                    user_id
                    for user_id, person in people.items()
                    if user_id != owner_id
                    and person.unit_id == unit_id
                    and may_hand_over(person, owner_id=owner_id, unit_id=owner.unit_id)
                )
            )
            if above:
                found[owner_id] = above
                break
    return found
