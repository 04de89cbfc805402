"""What each URL demands: every view says which permission it needs, and a test reads it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import register_converter, reverse
from django.urls.converters import IntConverter

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action

View = Callable[..., HttpResponseBase]


class IdConverter(IntConverter):
    """The id of a record in an address, `<id:account_id>`: no number that the database could not hold."""

    regex = "[0-9]{1,18}"


register_converter(IdConverter, "id")


@dataclass(frozen=True, slots=True)
class Permission:
    """What a URL demands: nothing (`public`), a sign-in, or an action on an object."""

    public: bool = False
    model: type[models.Model] | None = None
    action: Action | None = None


def public(view: View) -> View:
    """Anybody may open this URL."""
    view.permission = Permission(public=True)  # type: ignore[attr-defined]  # functions carry their permission
    return view


def signed_in(view: View) -> View:
    """Only a person who signed in may open this URL."""
    return _demanding(view, Permission())


def requires(model: type[models.Model], action: Action) -> Callable[[View], View]:
    """Only an actor with some grant for `action` on `model` may open this URL."""

    def decorate(view: View) -> View:
        return _demanding(view, Permission(model=model, action=action))

    return decorate


def actor_of(request: HttpRequest) -> Actor:
    """The actor of a request that passed `signed_in` or `requires`."""
    actor = getattr(request, "actor", None)
    if not isinstance(actor, Actor):
        raise TypeError("The view does not demand a sign-in.")
    return actor


def _demanding(view: View, permission: Permission) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        actor = getattr(request, "actor", None)
        if actor is None:
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
        if permission.model is not None and permission.action is not None:
            grant(actor, permission.model, permission.action)
        return view(request, *args, **kwargs)

    guarded.permission = permission  # type: ignore[attr-defined]  # functions carry their permission
    return guarded
