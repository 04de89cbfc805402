"""Who acts: the person or system behind every read and write."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Surface(StrEnum):
    """The way in through which an actor reads or writes."""

    WEB = "web"
    API = "api"
    COMMAND_LINE = "command_line"
    JOB = "job"
    CONNECTOR = "connector"


@dataclass(frozen=True, slots=True)
class Actor:
    """One acting person or system, with all that access rules need to decide without a query.

    `unit_ids` are the ids of the actor's own org unit and of all units below it, `unit_path` those from the root down
    to the own one. `roles` are role keys; what a role
    may do is looked up by `platform.access` under `policy_version`. `read_only` is set for tokens that may not write;
    `scopes` are "object:action" words that narrow the roles, None for all that the roles give.
    """

    user_id: int | None
    name: str
    surface: Surface
    unit_id: int | None = None
    unit_ids: tuple[int, ...] = ()
    unit_path: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()
    policy_version: int = 0
    read_only: bool = False
    scopes: frozenset[str] | None = None
    address: str = field(default="", compare=False)
    language: str = field(default="", compare=False)

    def through(self, surface: Surface) -> "Actor":
        """The same actor on another surface."""
        return replace(self, surface=surface)
