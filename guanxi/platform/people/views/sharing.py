"""With whom a record is shared: seen by who sees it, changed by who may edit it by a role of their own."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import end_share, may_share, share_record
from guanxi.platform.accounts.sharing_queries import shares_of_record
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.objects.spec import ObjectSpec, View
from guanxi.platform.people.forms import ShareForm
from guanxi.platform.people.words import SHARE_WAYS
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import is_fragment_request, page_or_fragment, with_toast


@require_http_methods(["GET", "HEAD", "POST"])
def sharing_page(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """With whom this record is shared, and a form to share it. Raises: NotFound for a record out of reach."""
    actor, spec = actor_of(request), _spec(key)
    record = grant(actor, spec.model).get(record_id)
    form = ShareForm(request.POST or None, initial={"how": "view"})
    if request.method == "GET" and "panel" in request.GET and is_fragment_request(request):
        panel = sharing_panel(record, View(actor, timezone.localdate()))
        return render(request, "people/_sharing.html", {"panel": panel})
    if request.method == "POST":
        if not may_share(actor, record):
            raise AccessDenied("share.not_yours", "Only who may edit this record by a role of their own can share it.")
        if form.is_valid() and _shared(form, spec, record_id, actor=actor):
            return _answer(request, spec, record, form=ShareForm(initial={"how": "view"}))
    return _page(request, spec, record, form=form)


def _shared(form: ShareForm, spec: ObjectSpec, record_id: int, *, actor: Actor) -> bool:
    """Share as the form says; False when it was refused, which the form then shows."""
    try:
        share_record(spec.model, record_id, terms=form.terms(), actor=actor)
    except RuleViolation as error:
        show_refusal(form, error)
        return False
    return True


@require_POST
def end_one(request: HttpRequest, key: str, record_id: int, share_id: int) -> HttpResponse:
    """End a share at once; the toast takes it back."""
    actor, spec = actor_of(request), _spec(key)
    terms = end_share(spec.model, record_id, share_id=share_id, actor=actor)
    found = grant(actor, spec.model).queryset().filter(pk=record_id).first()
    if found is None:
        return HttpResponseRedirect(reverse("settings"), status=303)
    whom = f"person.{terms.user_id}" if terms.user_id else f"unit.{terms.unit_id}"
    way = "team" if terms.is_team else "edit" if terms.may_edit else "view"
    undo = f"{reverse('share_again', args=[key, record_id])}?whom={whom}&how={way}&until={terms.ends_on or ''}"
    response = _answer(request, spec, found, form=ShareForm(initial={"how": "view"}))
    return with_toast(response, _("No longer shared."), undo_url=undo if may_share(actor, found) else "")


@require_POST
def share_again(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Share on the terms in the address: the way back from ending a share."""
    spec, sent = _spec(key), request.GET
    form = ShareForm({"whom": sent.get("whom"), "how": sent.get("how"), "ends_on": _day(sent.get("until", ""))})
    if not form.is_valid():
        raise RuleViolation("share.whom", "Choose a colleague or a department.")
    share_record(spec.model, record_id, terms=form.terms(), actor=actor_of(request))
    response = HttpResponse(status=204)
    response.headers["HX-Refresh"] = "true"
    return response


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def sharing_panel(record: Model, view: View) -> Mapping[str, Any]:
    """What a card shows: with whom the record is shared, and whether the person may share it."""
    key = protection_of(type(record)).key
    return {
        "shares": [
            (line, SHARE_WAYS[line.way], line.user_id is not None and line.user_id == view.actor.user_id)
            for line in shares_of_record(key, int(record.pk))
        ],
        "can_share": may_share(view.actor, record),
        "url": reverse("sharing", args=[key, record.pk]),
        "key": key,
        "record_id": record.pk,
    }


def sharing_place(record: Model, view: View) -> Mapping[str, Any] | None:  # noqa: ARG001  # the shape of all panels
    """The place on a card that loads the panel once it comes into sight."""
    protection = protection_of(type(record))
    if protection.follows:
        return None
    return {"url": reverse("sharing", args=[protection.key, record.pk])}


def _spec(key: str) -> ObjectSpec:
    """The object of an address whose records have rules of their own. Raises: NotFound("object.not_found")."""
    spec = next((spec for spec in object_specs() if spec.key == key), None)
    if spec is None or protection_of(spec.model).follows:
        raise NotFound("object.not_found", "There is no such list.")
    return spec


def _answer(request: HttpRequest, spec: ObjectSpec, record: Model, *, form: ShareForm) -> HttpResponse:
    if is_fragment_request(request):
        return _page(request, spec, record, form=form)
    return HttpResponseRedirect(reverse("sharing", args=[spec.key, record.pk]), status=303)


def _page(request: HttpRequest, spec: ObjectSpec, record: Model, *, form: ShareForm) -> HttpResponse:
    context = {
        "form": form,
        "panel": sharing_panel(record, View(actor_of(request), timezone.localdate())),
        "title": str(record),
        "back_url": spec.detail_url(int(record.pk)) if spec.detail_url else "",
        "object": spec.label,
    }
    return page_or_fragment(
        request,
        page="people/sharing.html",
        fragment="people/_sharing.html",
        context=context,
        status=422 if form.errors else 200,
    )
