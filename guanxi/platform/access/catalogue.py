"""What rules can be written about: every protected model of the program, and the classes of its fields."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import models

from guanxi.platform.access.protection import Protection


@dataclass(frozen=True, slots=True)
class ProtectedObject:
    """One kind of record that rules name: its model, and whether its rows have rules of their own."""

    key: str
    model: type[models.Model]
    protection: Protection

    @property
    def has_row_rules(self) -> bool:
        """Whether its rows are reached by rules of their own, not as another record is."""
        return not self.protection.follows

    @property
    def sensitivities(self) -> tuple[str, ...]:
        """The classes of its fields that are protected, in their order."""
        return tuple(dict.fromkeys(self.protection.sensitivities.values()))


@cache
def protected_objects() -> tuple[ProtectedObject, ...]:
    """All kinds of protected records, by key."""
    found: dict[str, ProtectedObject] = {}
    for model in apps.get_models():
        protection = getattr(model, "protection", None)
        if isinstance(protection, Protection):
            found[protection.key] = ProtectedObject(protection.key, model, protection)
    return tuple(found[key] for key in sorted(found))


def protected_object(key: str) -> ProtectedObject | None:
    """One kind of record by its key; None when there is none."""
    return next((item for item in protected_objects() if item.key == key), None)
