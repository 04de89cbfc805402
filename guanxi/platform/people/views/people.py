"""The people of the house, for those who administer them: list, invitation, place, keeping somebody out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.adapters import origin_of
from guanxi.platform.accounts.commands import (
    activate_person,
    deactivate_person,
    invite_again,
    invite_person,
    place_person,
    remove_second_factors,
)
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import has_second_factor, people_to_administer, roles_to_give, unit_names
from guanxi.platform.people.acts import person_acts
from guanxi.platform.people.forms import InvitationForm, PlaceForm
from guanxi.platform.search.tokens import sort_key
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

PEOPLE_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person as the pages show one; `state` is "active", "invited" or "out"."""

    id: int
    name: str
    email: str
    title: str
    unit: str
    unit_id: int | None
    roles: tuple[str, ...]
    state: str
    last_seen: datetime | None


@require_safe
def people_page(request: HttpRequest) -> HttpResponse:
    """Those whom the person administers, fifty at a time, narrowed by words."""
    words = request.GET.get("q", "").replace("\x00", "")[:100]
    unit = request.GET.get("unit", "")
    unit_id = int(unit) if unit.isascii() and unit.isdecimal() and len(unit) < 19 else None
    found = people_to_administer(actor_of(request), words=words, unit_id=unit_id)
    page = Paginator(_ids_by_name(found), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    shown = {user.pk: user for user in found.filter(pk__in=page.object_list)}
    context = {
        "people": [_line(shown[user_id]) for user_id in page if user_id in shown],
        "page": page,
        "words": words,
        "unit_id": unit_id,
        "unit": unit_names().get(unit_id, "") if unit_id is not None else "",
        "has_mail": bool(settings.CONFIGURATION.mail_url),
        "mail_folder": settings.EMAIL_FILE_PATH,
    }
    return render(request, "people/people.html", context)


def _ids_by_name(found: QuerySet[User]) -> list[int]:
    """The ids of people, those who may sign in first, each part in the order in which names are read out."""
    rows = found.values_list("pk", "is_active", "family_name", "given_name")
    named = [(not is_active, sort_key(full_name(family, given)), pk) for pk, is_active, family, given in rows]
    return [pk for _is_out, _name, pk in sorted(named)]


@require_http_methods(["GET", "HEAD", "POST"])
def invitation_page(request: HttpRequest) -> HttpResponse:
    """Invite somebody: the person gets a one-time link by mail."""
    actor = actor_of(request)
    form = InvitationForm(request.POST or None, actor=actor, initial={"language": settings.LANGUAGE_CODE})
    if request.method == "POST" and form.is_valid():
        try:
            user = invite_person(form.person(), origin=origin_of(request), actor=actor)
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("%(name)s is invited; the link goes out by mail.") % {"name": user.full_name})
            return HttpResponseRedirect(reverse("people"), status=303)
    return render(request, "people/invitation.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def person_page(request: HttpRequest, user_id: int) -> HttpResponse:
    """One person: title, unit, roles, and what can be done. Raises: NotFound for one who is out of reach."""
    actor = actor_of(request)
    user = grant(actor, User, Action.ADMINISTER).get(user_id)
    own = [role.key for role in user.roles.all()]
    givable = {role.key for role in roles_to_give(actor)}
    initial = {"title": user.title, "unit_id": user.unit_id, "roles": own}
    form = PlaceForm(
        request.POST or None, actor=actor, kept=[key for key in own if key not in givable], initial=initial
    )
    if request.method == "POST" and form.is_valid():
        try:
            place_person(user.pk, place=form.place(), actor=actor)
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Saved. It holds from the next click of %(name)s.") % {"name": user.full_name})
            return HttpResponseRedirect(reverse("people"), status=303)
    context = {
        "form": form,
        "person": _line(user),
        "is_self": user.pk == actor.user_id,
        "has_second_factor": has_second_factor(user.pk),
        "acts": person_acts(user, actor),
    }
    return render(request, "people/person.html", context, status=422 if form.errors else 200)


@require_POST
def invite_once_more(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send the one-time link again."""
    user = invite_again(user_id, origin=origin_of(request), actor=actor_of(request))
    return _back(request, _("%(name)s is invited; the link goes out by mail.") % {"name": user.full_name})


@require_POST
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Keep somebody out."""
    words = _("%(name)s is signed out everywhere and cannot sign in any more.")
    return _done(request, user_id, act=deactivate_person, words=words)


@require_POST
def activate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let somebody in again."""
    return _done(request, user_id, act=activate_person, words=_("%(name)s can sign in again."))


@require_POST
def forget_second_factors(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take the second factors of somebody who lost them away."""
    words = _("%(name)s signs in without a second factor until a new one is set up.")
    return _done(request, user_id, act=remove_second_factors, words=words)


def _done(request: HttpRequest, user_id: int, *, act: Callable[..., User], words: str) -> HttpResponse:
    user = act(user_id, actor=actor_of(request))
    return _back(request, words % {"name": user.full_name})


def _back(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("people"), status=303)


def _line(user: User) -> PersonLine:
    state = "out" if not user.is_active else "active" if user.has_usable_password() or user.last_login else "invited"
    return PersonLine(
        id=user.pk,
        name=user.full_name,
        email=user.email,
        title=user.title,
        unit=user.unit.name if user.unit else "",
        unit_id=user.unit_id,
        roles=tuple(role.label for role in user.roles.all()),
        state=state,
        last_seen=user.last_login,
    )


def administers(actor: Actor) -> bool:
    """Whether the actor administers anybody."""
    return may(actor, User, Action.ADMINISTER)


register_settings(
    SettingsEntry(
        "people",
        _l("People"),
        _l("Who works here: invite, department and roles, keep out."),
        "users",
        "people",
        group=_l("For the house"),
        order=210,
        is_shown=administers,
    )
)
