"""Where I am signed in: every browser, and how to end its sign-in."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import end_other_sessions, end_session
from guanxi.platform.accounts.queries import own_id, sessions_of
from guanxi.platform.accounts.rules import browser_of
from guanxi.platform.accounts.sessions import SessionStore
from guanxi.platform.people.words import browser_words
from guanxi.platform.ui.navigation import SettingsEntry, register_settings


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One sign-in as the page shows it."""

    id: str
    title: str
    icon: str
    address: str
    since: datetime
    seen_at: datetime
    is_this: bool


@require_safe
def sessions_page(request: HttpRequest) -> HttpResponse:
    """All sign-ins of the person, this one on top."""
    current = _digest(request)
    lines = [
        SessionLine(
            id=session.pk,
            title=browser_words(session.browser),
            icon="device-mobile" if browser_of(session.browser).is_handheld else "device-desktop",
            address=session.address,
            since=session.created_at,
            seen_at=session.seen_at,
            is_this=session.pk == current,
        )
        for session in sessions_of(own_id(actor_of(request)))
    ]
    lines.sort(key=lambda line: not line.is_this)
    return render(request, "people/sessions.html", {"sessions": lines, "has_others": len(lines) > 1})


@require_POST
def end_one(request: HttpRequest, digest: str) -> HttpResponse:
    """End one sign-in; ending this one signs out. Raises: NotFound for one that is not the person's own."""
    end_session(digest, actor=actor_of(request))
    if digest == _digest(request):
        request.session.flush()
        return HttpResponseRedirect(reverse("account_login"), status=303)
    messages.success(request, _("That browser is signed out."))
    return HttpResponseRedirect(reverse("sessions"), status=303)


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all sign-ins but this one."""
    actor = actor_of(request)
    ended = end_other_sessions(own_id(actor), keep=_digest(request), actor=actor)
    words = ngettext("%(count)s other browser is signed out.", "%(count)s other browsers are signed out.", ended)
    messages.success(request, words % {"count": ended})
    return HttpResponseRedirect(reverse("sessions"), status=303)


def _digest(request: HttpRequest) -> str:
    """The digest of the session in use; "" for a session of another kind."""
    return request.session.digest if isinstance(request.session, SessionStore) else ""


register_settings(
    SettingsEntry(
        "sessions",
        _l("Where I am signed in"),
        _l("Every browser with your sign-in, and how to end it."),
        "device-desktop",
        "sessions",
        order=20,
    ),
    SettingsEntry(
        "second_factor",
        _l("Second factor and passkeys"),
        _l("An app, a fingerprint or a key beside the password."),
        "fingerprint",
        "mfa_index",
        order=25,
    ),
)
