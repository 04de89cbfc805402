"""The filter by which the numbers of the scoreboard open: customers with one kind of fault, and those of a unit."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _l

from guanxi.platform.objects.desk import desk_source, desk_sources
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import Label, ListFilter, View, Visible
from guanxi.stewardship.objects.duplicates import is_steward

LONGEST_ID = 18


def fault_choices(view: View) -> Sequence[tuple[str, Label]]:
    """The kinds of work of the desk, for who works there."""
    return [(source.key, source.label) for source in desk_sources()] if is_steward(view.actor) else ()


def narrow_fault(visible: Visible, value: str, view: View) -> Visible:
    """Customers with one kind of fault, as far as the person may know of it."""
    source = desk_source(value)
    if source is None or not is_steward(view.actor):
        return visible.none()
    return visible.filter(pk__in=source.affected(view.actor))


def no_choices(view: View) -> Sequence[tuple[str, Label]]:  # noqa: ARG001  # the shape of all choices
    """Units are many; the addresses of the scoreboard name them."""
    return ()


def narrow_unit(visible: Visible, value: str, view: View) -> Visible:  # noqa: ARG001  # the shape of all filters
    """Customers of one unit, by its number; 0 = of none."""
    if not (value.isascii() and value.isdecimal() and len(value) <= LONGEST_ID):
        return visible.none()
    return visible.filter(unit_id=int(value)) if int(value) else visible.filter(unit_id__isnull=True)


contribute(
    "account",
    filters=(
        ListFilter("fault", _l("Data quality"), fault_choices, narrow_fault, position=82),
        ListFilter("in_unit", _l("Department"), no_choices, narrow_unit, position=83, is_offered=False),
    ),
)
