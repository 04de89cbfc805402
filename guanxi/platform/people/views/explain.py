"""What can this person see, and why: one person beside one record, and how far the person reaches at all."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_of_user, administers_roles, user_with_rights
from guanxi.platform.accounts.reading_queries import read_totals
from guanxi.platform.objects.listing import page_ids, searched
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.people.explaining import TICKS, explained, reaches
from guanxi.platform.people.words import ACTION_WORDS, READ_WORDS
from guanxi.platform.ui.list_query import read_query, selection_of

MOST_FOUND = 8


@require_safe
def explain_page(request: HttpRequest, user_id: int) -> HttpResponse:
    """What a person sees of a record, the rules tried in order.

    Raises: NotFound for a person or a record out of reach.
    """
    view = View(actor_of(request), timezone.localdate())
    user = grant(view.actor, User, Action.ADMINISTER).get(user_id)
    loaded = user_with_rights(user.pk)
    if loaded is None:
        raise no_such_record()
    person = actor_of_user(loaded, surface=Surface.WEB)
    specs = [spec for spec in object_specs() if not protection_of(spec.model).follows]
    specs = [spec for spec in specs if may(view.actor, spec.model, Action.VIEW)]
    spec = next((spec for spec in specs if spec.key == request.GET.get("object")), specs[0] if specs else None)
    context: dict[str, Any] = {
        "user": user,
        "roles": [role.label for role in user.roles.all()],
        "specs": specs,
        "spec": spec,
        "words": request.GET.get("q", "")[:100],
        "reaches": reaches(person),
        "ticks": [ACTION_WORDS[action] for action in TICKS],
        "totals": [(READ_WORDS[total.kind], total) for total in read_totals(person)],
        "can_shape": administers_roles(view.actor),
        **(_record_context(request, spec, person=person, view=view) if spec else {}),
    }
    return render(request, "people/explain.html", context)


def _record_context(request: HttpRequest, spec: ObjectSpec, *, person: Actor, view: View) -> dict[str, Any]:
    """The record of the address with its explanation, or the records that the words find."""
    asked = request.GET.get("record", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        record = grant(view.actor, spec.model).get(int(asked))
        owner = _owner_of(record)
        found = explained(spec, record, person=person, beside=owner or view.actor, view=view)
        return {"record": record, "explained": found, "has_owner": owner is not None}
    return {"found": _found(request, spec, view=view)}


def _owner_of(record: Model) -> Actor | None:
    field = protection_of(type(record)).owner_field
    owner_id = getattr(record, field, None) if field and "__" not in field else None
    owner = user_with_rights(owner_id) if owner_id else None
    return actor_of_user(owner, surface=Surface.WEB) if owner else None


def _found(request: HttpRequest, spec: ObjectSpec, *, view: View) -> list[Model]:
    """The first records that the words of the address find, as the viewer's list would."""
    permission = grant(view.actor, spec.model)
    query = read_query(request.GET, spec)
    selection = selection_of(spec, query, permission=permission, found=(found := searched(spec, query.words, view)))
    ids = page_ids(selection, found, offset=0, limit=MOST_FOUND)
    records = {record.pk: record for record in permission.queryset().filter(Among("pk", ids))}
    return [records[record_id] for record_id in ids if record_id in records]
