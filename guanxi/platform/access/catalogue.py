"""What rules can be written about: every protected model of the program, and the classes of its fields."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import models

from guanxi.platform.access.protection import Protection, made_sensitivities


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
        """The classes of its fields that are protected, in their order; those of fields that people made too."""
        made = made_sensitivities(self.key).values()
        return tuple(dict.fromkeys((*self.protection.sensitivities.values(), *made)))


Models = Callable[[], Iterable[type[models.Model]]]
_sources: list[Models] = []


def register_made_models(source: Models) -> None:
    """Let a room name the models of the objects that people made."""
    _sources.append(source)


def protected_objects() -> tuple[ProtectedObject, ...]:
    """All kinds of protected records, by key, those that people made last."""
    made = tuple(_protected(model) for source in _sources for model in source())
    return (*own_objects(), *(item for item in made if item is not None))


@cache
def own_objects() -> tuple[ProtectedObject, ...]:
    """The kinds of protected records that the program itself has, by key."""
    found = (_protected(model) for model in apps.get_models() if not model._meta.proxy)
    known = {item.key: item for item in found if item is not None and not item.protection.is_base}
    return tuple(known[key] for key in sorted(known))


def _protected(model: type[models.Model]) -> ProtectedObject | None:
    protection = getattr(model, "protection", None)
    return ProtectedObject(protection.key, model, protection) if isinstance(protection, Protection) else None


def protected_object(key: str) -> ProtectedObject | None:
    """One kind of record by its key; None when there is none."""
    return next((item for item in protected_objects() if item.key == key), None)
