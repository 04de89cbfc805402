"""Saving, changing and removing views of lists and layouts of cards."""

from django.db import IntegrityError, transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.policy import note_policy_change
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.customfields.commands import begin_design
from guanxi.platform.objects.layouts import Layout
from guanxi.platform.objects.models import Audience, RecordLayout, SavedView, ViewChoice
from guanxi.platform.objects.queries import LayoutAudience, layout_row, view_by_id
from guanxi.platform.objects.registry import listed_object

MOST_CHARACTERS = 8_000


@transaction.atomic
def save_view(object_key: str, *, name: str, query: str, audience: str = Audience.ME, actor: Actor) -> int:
    """Keep a list as it is set up. Returns the view's id.

    Raises: NotFound("object.not_found"), AccessDenied, RuleViolation("view.invalid"), Conflict("view.name_taken").
    """
    grant(actor, listed_object(object_key).model)
    view = SavedView(object_key=object_key, owner_id=_person(actor), unit_id=actor.unit_id)
    return _written(view, name=name, query=query, audience=audience, actor=actor)


@transaction.atomic
def change_view(view_id: int, *, name: str, query: str, audience: str, actor: Actor) -> None:
    """Change a view of one's own. Raises: as `save_view`, and AccessDenied("view.not_own")."""
    _written(_own_view(view_id, actor), name=name, query=query, audience=audience, actor=actor)


@transaction.atomic
def remove_view(view_id: int, *, actor: Actor) -> None:
    """Remove a view of one's own. Raises: NotFound("view.not_found"), AccessDenied("view.not_own")."""
    view = _own_view(view_id, actor)
    begin_entry(actor, action="remove_view", object_key=view.object_key, reason=view.name)
    view.delete()


@transaction.atomic
def choose_view(view_id: int, *, is_pinned: bool, is_default: bool, actor: Actor) -> None:
    """Keep a view on top, or let it open first, for oneself. Raises: NotFound("view.not_found")."""
    view_by_id(view_id, actor)
    user_id = _person(actor)
    if is_default:
        object_key = SavedView.objects.filter(pk=view_id).values("object_key")
        others = ViewChoice.objects.filter(user=user_id, is_default=True, view__object_key__in=object_key)
        others.exclude(view=view_id).update(is_default=False)
    chosen = {"is_pinned": is_pinned, "is_default": is_default}
    ViewChoice.objects.update_or_create(view_id=view_id, user_id=user_id, defaults=chosen)


def _person(actor: Actor) -> int:
    if actor.user_id is None or actor.read_only:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    return actor.user_id


def _own_view(view_id: int, actor: Actor) -> SavedView:
    _person(actor)
    view_by_id(view_id, actor)
    view = SavedView.objects.select_for_update().filter(pk=view_id).first()
    if view is None:
        raise NotFound("view.not_found", "This view does not exist or is not shared with you.")
    if view.owner_id != actor.user_id:
        raise AccessDenied("view.not_own", "Only who made a view may change it.")
    return view


def _written(view: SavedView, *, name: str, query: str, audience: str, actor: Actor) -> int:
    view.name, view.query, view.audience = name.strip(), query.removeprefix("?"), audience
    if not view.name or len(view.name) > 60 or audience not in Audience.values or len(query) > MOST_CHARACTERS:
        raise RuleViolation("view.invalid", "A view needs a name of at most 60 characters.", field="name")
    begin_entry(actor, action="save_view", object_key=view.object_key, reason=view.name)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError as error:
        raise Conflict("view.name_taken", "You have a view of this name already.", field="name") from error
    return view.pk


@transaction.atomic
def save_layout(object_key: str, layout: Layout, *, audience: LayoutAudience, version: int, actor: Actor) -> None:
    """Arrange the cards and forms of an object for an audience. `version` is of the layout that was seen, 0 = none.

    Raises: NotFound("object.not_found"), AccessDenied, Conflict("record.changed").
    """
    begin_design(actor)
    known = _locked_layout(object_key, audience, version=version)
    row = known or RecordLayout(object_key=object_key, role_id=audience.role_id, unit_id=audience.unit_id, version=0)
    row.places, row.names, row.version = list(layout.places), list(layout.names), row.version + 1
    row.save()
    begin_entry(actor, action="arrange", object_key=object_key)
    note_policy_change()


@transaction.atomic
def remove_layout(object_key: str, *, audience: LayoutAudience, version: int, actor: Actor) -> None:
    """Let the cards and forms of an object be arranged as they are without this layout.

    Raises: NotFound("object.not_found"), AccessDenied, Conflict("record.changed").
    """
    begin_design(actor)
    known = _locked_layout(object_key, audience, version=version)
    if known is not None:
        known.delete()
        begin_entry(actor, action="arrange_as_usual", object_key=object_key)
        note_policy_change()


def _locked_layout(object_key: str, audience: LayoutAudience, *, version: int) -> RecordLayout | None:
    listed_object(object_key)
    row = layout_row(object_key, audience)
    current = row.version if row is not None else 0
    if current != version:
        raise Conflict("record.changed", "Somebody changed this record while you edited.", version=current)
    return row
