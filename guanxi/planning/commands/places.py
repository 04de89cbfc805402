"""Places of information: made when an item is first bound to them."""

from django.core.cache import caches

from guanxi.planning.models import Binding
from guanxi.planning.queries.plans import BINDINGS
from guanxi.planning.rules import is_known_binding


def place_id(kind: str, object_key: str, name: str) -> int | None:
    """The id of a place by its name, made where it is not there yet; None for no place."""
    if not is_known_binding(kind, object_key, name):
        return None
    found, is_new = Binding.objects.get_or_create(kind=kind, object_key=object_key, name=name)
    if is_new:
        caches["process"].delete(BINDINGS)
    return found.pk
