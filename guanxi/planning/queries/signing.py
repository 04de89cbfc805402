"""Who may say for a department whether it agrees with a version of the plan."""

from collections.abc import Iterable, Sequence

from guanxi.kernel.actor import Actor
from guanxi.planning.models import Signoff
from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import active_people, actors_by_user_id, unit_paths


def signers(unit_ids: Iterable[int]) -> tuple[int, ...]:
    """Who is told that some departments are asked to sign off, by id; three queries.

    For each department, of those who may sign for it, those of the department itself, or else of the nearest above it;
    who stands elsewhere is told only where nobody is nearer.
    """
    actors = tuple(actors_by_user_id(person.id for person in active_people()).values())
    paths = unit_paths()
    return tuple(sorted({user_id for unit_id in unit_ids for user_id in _nearest(unit_id, paths[unit_id], actors)}))


def _nearest(unit_id: int, path: Sequence[int], actors: Iterable[Actor]) -> list[int]:
    depths = {
        actor.user_id: path.index(actor.unit_id) if actor.unit_id in path else -1
        for actor in actors
        if actor.user_id is not None and may_act_on(actor, Signoff(unit_id=unit_id), Action.EDIT, counts_shares=False)
    }
    nearest = max(depths.values(), default=-1)
    return [user_id for user_id, depth in depths.items() if depth == nearest]
