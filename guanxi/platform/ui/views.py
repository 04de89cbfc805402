"""Pages of the frame itself: personal choices, all ways on one page, the keyboard."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui.context import DENSITIES, DENSITY_COOKIE, THEME_COOKIE, THEMES
from guanxi.platform.ui.navigation import (
    NavigationEntry,
    SettingsEntry,
    register_navigation,
    register_settings,
    settings_for,
)
from guanxi.platform.ui.responses import page_or_fragment

ONE_YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class SettingsLine:
    """One line of the page of settings, in the language of the person."""

    label: str
    text: str
    icon: str
    url: str


@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Remember theme and density in cookies and go back to the page; unknown values are ignored."""
    target = request.POST.get("next") or request.headers.get("Referer") or "/"
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    response.status_code = 303
    for cookie, allowed in ((THEME_COOKIE, THEMES), (DENSITY_COOKIE, DENSITIES)):
        value = request.POST.get(cookie, "")
        if value in allowed:
            response.set_cookie(cookie, value, max_age=ONE_YEAR_SECONDS, samesite="Lax", secure=request.is_secure())
    return response


@require_safe
def more(request: HttpRequest) -> HttpResponse:
    """The personal choices as a menu; as a page with all ways, for a phone without a sidebar."""
    return page_or_fragment(request, page="ui/more.html", fragment="ui/_display.html", context={})


@require_safe
def keyboard(request: HttpRequest) -> HttpResponse:
    """What the keys do, as a sheet or as a page."""
    return page_or_fragment(request, page="ui/keyboard.html", fragment="ui/_keyboard.html", context={})


@require_safe
def settings_page(request: HttpRequest) -> HttpResponse:
    """What this person can set: the own working life first, then what holds for the house."""
    entries = sorted(settings_for(actor_of(request)), key=lambda entry: str(entry.group))
    groups = [
        (
            heading,
            [SettingsLine(str(entry.label), str(entry.text), entry.icon, reverse(entry.url_name)) for entry in found],
        )
        for heading, found in groupby(entries, key=lambda entry: str(entry.group))
    ]
    return render(request, "ui/settings.html", {"groups": groups})


register_navigation(NavigationEntry("settings", _("Settings"), "settings", "settings", _("Information"), 95))
register_settings(
    SettingsEntry(
        "my_preferences",
        _("My preferences"),
        _("Language, time zone, days, amounts, theme, password."),
        "user-cog",
        "my_preferences",
        order=10,
    )
)
