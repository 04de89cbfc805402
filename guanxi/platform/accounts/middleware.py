"""Puts the acting person on each request."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare

from guanxi.kernel.actor import Surface
from guanxi.platform.accounts.commands import note_session
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_of_user
from guanxi.platform.accounts.sessions import SessionStore
from guanxi.platform.preferences.locale import Locale, activate_locale

SEEN_EVERY = timedelta(minutes=5)


class ActorMiddleware:
    """Sets `request.actor` (None when nobody signed in), the person's time zone and formats.

    The person's language is taken if none was chosen in this browser.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Load session and user with all rights (one query) and go on."""
        address, browser = request.META.get("REMOTE_ADDR", ""), request.headers.get("User-Agent", "")
        session = request.session
        user = None
        if isinstance(session, SessionStore):
            session.come_from(address=address, browser=browser)
            user = signed_in_user(session)
        request.user = user or AnonymousUser()
        request.actor = None  # type: ignore[attr-defined]  # ours, read through access.actor_of
        if user is not None:
            request.actor = actor_of_user(user, surface=Surface.WEB, address=address)  # type: ignore[attr-defined]  # as above
            timezone.activate(ZoneInfo(user.time_zone))
            activate_locale(Locale(user.day_format, user.scale, user.currency))
            if not request.COOKIES.get("django_language"):
                translation.activate(user.language)
                request.LANGUAGE_CODE = translation.get_language()
        response = self.get_response(request)
        timezone.deactivate()
        activate_locale()
        return response


def signed_in_user(session: SessionStore) -> User | None:
    """The active user of a session with all rights, or None; notes every few minutes that the session was seen.

    The session must be of one of our ways to sign in and of the password in force; else it is ended, as Django's own
    `get_user` does it.
    """
    user, found = session.found_user(), session.found()
    if user is None or found is None:
        return None
    is_valid = (
        session.get(SESSION_KEY) == str(user.pk)
        and session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        and constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    )
    if not is_valid:
        session.flush()
        return None
    if timezone.now() - found.seen_at > SEEN_EVERY:
        note_session(session.digest, address=session.address, browser=session.browser)
    return user
