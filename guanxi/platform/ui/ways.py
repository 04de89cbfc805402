"""The ways to look at the records of an object: as a list, on a board, in a calendar."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import pgettext

from guanxi.platform.objects.spec import ObjectSpec
from guanxi.platform.ui.list_query import ListQuery


@dataclass(frozen=True, slots=True)
class Way:
    """One way to look at the records of an object: as a list, on a board, in a calendar."""

    key: str
    label: str
    icon: str
    url: str
    is_current: bool


def ways_of(spec: ObjectSpec, query: ListQuery, *, current: str) -> tuple[Way, ...]:
    """The ways to look at an object's records, the filters kept; nothing when the list is the only one."""
    offered = [("list", pgettext("view", "List"), "list", spec.list_url)]
    if spec.board_field:
        offered.append(("board", pgettext("view", "Board"), "layout-kanban", reverse("board", args=[spec.key])))
    if spec.calendar_field:
        offered.append(
            ("calendar", pgettext("view", "Calendar"), "calendar", reverse("record_calendar", args=[spec.key]))
        )
    if len(offered) == 1:
        return ()
    return tuple(Way(key, label, icon, url + query.address(), key == current) for key, label, icon, url in offered)
