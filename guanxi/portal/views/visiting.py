"""What all public pages have in common: a language without a cookie, headers, who stands behind, a limit."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from guanxi.kernel.actor import Actor, Surface
from guanxi.platform.accounts.queries import company_name, system_actor
from guanxi.platform.files.storage import MEGABYTE
from guanxi.platform.preferences.registry import preference
from guanxi.platform.ui.context import HTML_LANGUAGES
from guanxi.portal.queries.files import FILE_MEGABYTES
from guanxi.portal.rules.fields import CHINESE

LANGUAGES = {"zh": CHINESE, "en": "en"}
LARGEST_BODY = 64 * 1024
View = Callable[..., HttpResponse]


def visited(view: View) -> View:
    """Answer in the language that the address or else the browser names; keep nothing in the browser."""
    return _visited(view, lambda: LARGEST_BODY)


def visited_with_files(view: View) -> View:
    """As `visited`, for a page to which a file may be sent."""
    return _visited(view, lambda: LARGEST_BODY + preference(FILE_MEGABYTES) * MEGABYTE)


def _visited(view: View, largest: Callable[[], int]) -> View:
    """Wrap a view; `largest` says how many bytes may be sent to it."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = LANGUAGES.get(request.GET.get("lang", ""), translation.get_language() or CHINESE)
        with translation.override(language):
            if is_too_large(request, most=largest()):
                return said(request, "too_large", status=413)
            response = view(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    return answered


def is_too_large(request: HttpRequest, *, most: int = LARGEST_BODY) -> bool:
    """Whether more is sent than a form can hold, or nobody knows how much."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if request.method != "POST":
        return False
    return not (length.isascii() and length.isdecimal()) or int(length) > most


def visitor(request: HttpRequest) -> Actor:
    """The system, acting for who visits a public page; the address goes into the audit trail."""
    return replace(system_actor("Visitor", surface=Surface.WEB), address=address_of(request))


def address_of(request: HttpRequest) -> str:
    """The address that the request came from."""
    return str(request.META.get("REMOTE_ADDR", ""))[:60]


def browser_of(request: HttpRequest) -> str:
    """What the browser says of itself, in one line."""
    words = request.headers.get("User-Agent", "").replace("\x00", "")
    return " ".join(words.split())[:200]


def page(request: HttpRequest, template: str, *, status: int = 200, **context: object) -> HttpResponse:
    """Render a public page in the language in force."""
    language = translation.get_language() or CHINESE
    other = "en" if language == CHINESE else "zh"
    query = request.GET.copy()
    query["lang"] = other
    frame = {
        "language": HTML_LANGUAGES.get(language, language),
        "lang": "zh" if language == CHINESE else "en",
        "other_url": f"?{query.urlencode()}",
        "other_name": "English" if other == "en" else "中文",
        "other_code": "en" if other == "en" else "zh-Hans",
        "house": company_name(),
    }
    return render(request, template, frame | context, status=status)


def said(request: HttpRequest, what: str, *, status: int) -> HttpResponse:
    """A page that says one thing: "gone", "expired", "many" or "too_large"."""
    return page(request, "portal/said.html", status=status, what=what)
