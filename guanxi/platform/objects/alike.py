"""Records that look like the one somebody is about to make: a capability finds them, the form shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guanxi.kernel.actor import Actor
from guanxi.platform.objects.spec import Label


@dataclass(frozen=True, slots=True)
class AlikeRecord:
    """A record that looks like the typed one, and why.

    Of one that the person must not see, `title` and `url` are "": that it is there and who looks after it is all that
    is told. `keeper` is who looks after it, "" for nobody.
    """

    title: str
    url: str
    reasons: tuple[Label, ...]
    keeper: str


Finder = Callable[[Mapping[str, str], Actor], Sequence[AlikeRecord]]
_finders: dict[str, Finder] = {}


def register_alike(object_key: str, find: Finder) -> None:
    """Say who finds records like one that is being typed, by the values of its form.

    Raises: ValueError when it is said already.
    """
    if object_key in _finders:
        raise ValueError(f"Who finds records like a new {object_key} is said twice.")
    _finders[object_key] = find


def alike_finder(object_key: str) -> Finder | None:
    """Who finds records like a new one of an object, if anybody does."""
    return _finders.get(object_key)
