"""Typed settings: declared once with a default and bounds, read by key, changed by an administrator."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.cache import cache

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.preferences.models import Preference

Value = TypeVar("Value", int, float, bool, str)
CACHE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class PreferenceSpec(Generic[Value]):
    """One setting: `label` and `help` are English source strings, bounds are included."""

    key: str
    default: Value
    label: str
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


_specs: dict[str, PreferenceSpec[int] | PreferenceSpec[float] | PreferenceSpec[bool] | PreferenceSpec[str]] = {}


def declare(spec: PreferenceSpec[Value]) -> PreferenceSpec[Value]:
    """Declare a setting. Raises: ValueError when the key is taken; this is a defect of the code."""
    if spec.key in _specs:
        raise ValueError(f"The preference {spec.key} is declared twice.")
    _specs[spec.key] = spec
    return spec


def preference(spec: PreferenceSpec[Value]) -> Value:
    """The value in force, at most half a minute old."""
    cache_key = f"preference:{spec.key}"
    cached = cache.get(cache_key)
    if cached is None:
        row = Preference.objects.filter(pk=spec.key).first()
        cached = (row.value if row else spec.default,)
        cache.set(cache_key, cached, CACHE_SECONDS)
    value: Value = cached[0]
    return value


def set_preference(spec: PreferenceSpec[Value], value: Value) -> None:
    """Change a setting. Raises: RuleViolation("preference.value") for another type or out of bounds."""
    is_allowed = isinstance(value, type(spec.default)) and (not spec.choices or value in spec.choices)
    if is_allowed and isinstance(value, int | float) and not isinstance(value, bool):
        is_allowed = (spec.minimum is None or value >= spec.minimum) and (spec.maximum is None or value <= spec.maximum)
    if not is_allowed:
        raise RuleViolation("preference.value", "“%(value)s” is not allowed for %(key)s.", value=value, key=spec.key)
    Preference.objects.update_or_create(pk=spec.key, defaults={"value": value})
    cache.delete(f"preference:{spec.key}")
