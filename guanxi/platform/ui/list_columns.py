"""The column chooser: which columns a list shows, in which order, and by which field it is summed up."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import Grant, grant, may
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.fields import ObjectField, may_sort
from guanxi.platform.objects.registry import columns_of, fields_of, listed_object
from guanxi.platform.objects.rollups import rolled_fields
from guanxi.platform.objects.spec import Label, ListColumn, ObjectSpec, View
from guanxi.platform.ui.grouping import groupable
from guanxi.platform.ui.list_query import ListQuery, read_query
from guanxi.platform.ui.record_form import writable_fields
from guanxi.platform.ui.responses import leading_to, list_form
from guanxi.platform.ui.values import column_of_field, column_of_rolled

ON_PHONE = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """One column of the chooser; the chosen ones stand first, in their order."""

    key: str
    label: Label
    is_chosen: bool
    is_first: bool
    is_last: bool


def chosen_columns(spec: ObjectSpec, keys: tuple[str, ...], *, permission: Grant[Any]) -> tuple[ListColumn, ...]:
    """The columns of a list in their order: those that were chosen, which give way to nothing, else the object's."""
    known = {item.key: item for item in all_columns(spec, permission)}
    chosen = tuple(replace(known[key], is_shown_when_narrow=True) for key in keys if key in known)
    usual = spec.shown or tuple(item.key for item in columns_of(spec))
    shown = tuple(known[key] for key in usual if key in known)
    if spec.shown and not chosen:
        return tuple(replace(item, is_shown_on_phone=place < ON_PHONE) for place, item in enumerate(shown))
    return chosen or shown


def all_columns(spec: ObjectSpec, permission: Grant[Any]) -> tuple[ListColumn, ...]:
    """Every column that the person may see, those that are drawn in a way of their own first."""
    drawn = columns_of(spec)
    keys = {item.key for item in drawn}
    others = (column_of_field(spec, item) for item in fields_of(spec) if item.beside is None and item.key not in keys)
    actor = permission.actor
    rolled = (column_of_rolled(item, actor) for item in rolled_fields(spec, actor))
    shown = (_sortable(item, actor) for item in (*drawn, *others) if _is_shown(item, permission))
    return (*shown, *rolled)


def _is_shown(column: ListColumn, permission: Grant[Any]) -> bool:
    return not column.field or permission.field_access(column.field) > FieldAccess.HIDDEN


def _sortable(column: ListColumn, actor: Actor) -> ListColumn:
    """The column, without an order that would tell the person what is hidden elsewhere."""
    if column.ordering is None or may_sort(column.ordering, actor):
        return column
    return replace(column, ordering=None)


def changeable_in_cells(spec: ObjectSpec, columns: tuple[ListColumn, ...], view: View) -> dict[str, str]:
    """The fields that the person may change where a list shows them, by the key of the column."""
    if spec.verbs is None or not may(view.actor, spec.model, Action.EDIT):
        return {}
    shown = {name: column.key for column in reversed(columns) for name in (column.field, column.key) if name}
    return {
        shown[name]: item.key
        for item in reversed(writable_fields(spec, view))
        for name in (item.protected_name, item.key)
        if name in shown
    }


def column_showing(spec: ObjectSpec, item: ObjectField, permission: Grant[Any]) -> ListColumn | None:
    """The column in which a list shows a field; None when it shows it in none."""
    columns = all_columns(spec, permission)
    names = (item.key, item.protected_name)
    return next((column for column in columns if column.key in names or column.field in names), None)


@require_safe
def column_chooser(request: HttpRequest, key: str) -> HttpResponse:
    """The form of columns, changed as its buttons ask; "apply" leads to the list.

    Raises: NotFound("object.not_found"), AccessDenied.
    """
    spec = listed_object(key)
    view = View(actor_of(request), timezone.localdate())
    query = read_query(request.GET, spec)
    permission = grant(view.actor, spec.model)
    chosen = _ticked(request, spec, query, permission=permission)
    do, _point, name = request.GET.get("do", "").partition(".")
    if do == "apply":
        own = tuple(item.key for item in chosen_columns(spec, (), permission=permission))
        return leading_to(request, spec.list_url + replace(query, columns=() if chosen == own else chosen).address())
    if do == "up":
        chosen = moved_up(chosen, name)
    context = {
        "spec": spec,
        "choices": _choices(spec, chosen, permission=permission),
        "groups": [(item.key, item.label, item.key == query.group) for item in groupable(spec, view)],
        "kept": [(name, value) for name, value in query.parameters.items() if name not in {"cols", "group"}],
        "reset_url": spec.list_url + replace(query, columns=(), group="").address(),
    }
    return list_form(request, fragment="ui/_columns.html", title=_("Columns"), context=context)


def _ticked(request: HttpRequest, spec: ObjectSpec, query: ListQuery, *, permission: Grant[Any]) -> tuple[str, ...]:
    """The chosen columns: the ticks of the form, else those of the address."""
    ticked = tuple(request.GET.getlist("c"))
    if ticked or request.GET.get("do"):
        return ticked
    return tuple(item.key for item in chosen_columns(spec, query.columns, permission=permission))


def moved_up(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    """The keys with one of them one place earlier."""
    place = keys.index(key) if key in keys else 0
    if not place:
        return keys
    return (*keys[: place - 1], key, keys[place - 1], *keys[place + 1 :])


def _choices(spec: ObjectSpec, chosen: tuple[str, ...], *, permission: Grant[Any]) -> tuple[Choice, ...]:
    labels = {item.key: item.label for item in all_columns(spec, permission)}
    known = tuple(key for key in chosen if key in labels)
    first = tuple(
        Choice(key, labels[key], True, place == 0, place == len(known) - 1) for place, key in enumerate(known)
    )
    return (*first, *(Choice(key, label, False, True, True) for key, label in labels.items() if key not in known))
