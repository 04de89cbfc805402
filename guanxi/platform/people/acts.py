"""What else can be done for a person of the house: lines with a link that higher rooms add to the person's page."""

from collections.abc import Callable
from dataclasses import dataclass

from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.models import User
from guanxi.platform.objects.spec import Label


@dataclass(frozen=True, slots=True)
class PersonAct:
    """One line of a person's page: `text` says when it fits, `label` what it does, `url` where, "" to leave it out."""

    key: str
    text: Label
    label: Label
    url: Callable[[User, Actor], str]


_acts: dict[str, PersonAct] = {}


def register_person_act(act: PersonAct) -> None:
    """Add a line to the page of each person. Raises: ValueError for a key in use."""
    if act.key in _acts:
        raise ValueError(f"The act {act.key} is registered twice.")
    _acts[act.key] = act


def person_acts(user: User, actor: Actor) -> list[tuple[Label, Label, str]]:
    """What the actor can do for a person, (text, label, address) each, by key."""
    found = ((act, act.url(user, actor)) for _key, act in sorted(_acts.items()))
    return [(act.text, act.label, url) for act, url in found if url]
