"""Protection: what a model declares so that rules can be applied to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import models
from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class Protection:
    """How rows of a model are reached.

    `key` names the object in rules. `owner_field` and `unit_field` are column names holding a user id and an org unit
    id. A model that `follows` another ("account") is visible exactly as the row is that the field points to.
    `sensitivities` maps field names to their class of protection; fields not named are plain. `label` is what the
    records are called where rules are written.
    """

    key: str
    owner_field: str = ""
    unit_field: str = ""
    follows: str = ""
    sensitivities: Mapping[str, str] = field(default_factory=dict)
    label: str | Promise = ""


def protection_of(model: type[models.Model]) -> Protection:
    """The declared protection of a model.

    Raises: TypeError when the model declares none; this is a defect of the code.
    """
    protection = getattr(model, "protection", None)
    if not isinstance(protection, Protection):
        raise TypeError(f"{model.__name__} declares no protection.")
    return protection
