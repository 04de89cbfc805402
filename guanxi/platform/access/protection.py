"""Protection: what a model declares so that rules can be applied to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Protection:
    """How rows of a model are reached.

    `key` names the object in rules. `owner_field` and `unit_field` are column names holding a user id and an org unit
    id. A model that `follows` another ("account") is visible exactly as the row is that the field points to; what lies
    between two records of one object is reached only where the row of `also_follows` is reached in the same way, too.
    `sensitivities` maps field names to their class of protection; fields not named are plain. `label` is what the
    records are called where rules are written. `within` are columns with the values that they have in every row of the
    object, for objects that share one table; `is_base` marks the model of such a table itself, which nobody reads.
    """

    key: str
    owner_field: str = ""
    unit_field: str = ""
    follows: str = ""
    also_follows: str = ""
    sensitivities: Mapping[str, str] = field(default_factory=dict)
    label: str | Promise = ""
    within: tuple[tuple[str, object], ...] = ()
    is_base: bool = False


ENCRYPTED = frozenset({"identity", "bank"})
"""The classes of protection whose texts are encrypted before they reach the database."""
Sensitivities = Callable[[str], Mapping[str, str]]
_sources: list[Sensitivities] = []


def register_sensitivities(source: Sensitivities) -> None:
    """Let a room say which class of protection the fields have that people made, by name, for the key of an object."""
    _sources.append(source)


def sensitivity_of(model: type[models.Model], name: str) -> str:
    """The class of protection of a model's field; "" for a plain one."""
    protection = protection_of(model)
    if name in protection.sensitivities:
        return protection.sensitivities[name]
    return next((found[name] for source in _sources if name in (found := source(protection.key))), "")


def made_sensitivities(object_key: str) -> Mapping[str, str]:
    """The classes of protection of the fields that people made for an object, by column."""
    return {name: kind for source in _sources for name, kind in source(object_key).items()}


def protection_of(model: type[models.Model]) -> Protection:
    """The declared protection of a model.

    Raises: TypeError when the model declares none; this is a defect of the code.
    """
    protection = getattr(model, "protection", None)
    if not isinstance(protection, Protection):
        raise TypeError(f"{model.__name__} declares no protection.")
    return protection
