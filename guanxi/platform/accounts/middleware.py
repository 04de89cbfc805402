"""Puts the acting person on each request."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib.auth import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from guanxi.kernel.actor import Surface
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_of_user


class ActorMiddleware:
    """Sets `request.actor` (None when nobody signed in), the person's time zone, and a language if none was chosen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Load the user with all rights (one query) and go on."""
        user = get_user(request)
        request.user = user
        request.actor = None  # type: ignore[attr-defined]  # ours, read through access.actor_of
        if isinstance(user, User):
            address = request.META.get("REMOTE_ADDR", "")
            request.actor = actor_of_user(user, surface=Surface.WEB, address=address)  # type: ignore[attr-defined]  # as above
            timezone.activate(ZoneInfo(user.time_zone))
            if not request.COOKIES.get("django_language"):
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        timezone.deactivate()
        return response
