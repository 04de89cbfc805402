"""Responses that know htmx: page or fragment from one address, and toasts with undo."""

import json
from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def is_fragment_request(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; a boosted link or a restored history asks for the whole."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def page_or_fragment(
    request: HttpRequest, *, page: str, fragment: str, context: Mapping[str, object], status: int = 200
) -> HttpResponse:
    """Render the fragment for htmx and the page, which includes it, for everybody else."""
    template = fragment if is_fragment_request(request) else page
    response = render(request, template, dict(context), status=status)
    patch_vary_headers(response, ("HX-Request",))
    return response


def list_form(request: HttpRequest, *, fragment: str, title: str, context: Mapping[str, object]) -> HttpResponse:
    """Render a form that sets up a list: in a menu of the list, or on a page of its own."""
    given = {"title": title, "fragment": fragment, **context}
    return page_or_fragment(request, page="ui/list_form.html", fragment=fragment, context=given)


def leading_to(request: HttpRequest, address: str) -> HttpResponse:
    """Lead to another page of ours; htmx is told to open it as a page, not to put it into this one."""
    response = HttpResponse(status=204) if is_fragment_request(request) else HttpResponse(status=303)
    response.headers["HX-Redirect" if is_fragment_request(request) else "Location"] = address
    return response


def with_toast(response: HttpResponse, message: str, *, undo_url: str = "", tone: str = "") -> HttpResponse:
    """Let the page show `message` for 8 s, with a button posting to `undo_url`; `tone` is "" or "danger"."""
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers["toast"] = {"message": message, "undo": undo_url, "tone": tone}
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


def with_record_changed(response: HttpResponse) -> HttpResponse:
    """Tell the card that its record is another now: every part that depends on it listens and loads itself anew."""
    return with_trigger(response, "record-changed")


def with_trigger(response: HttpResponse, event: str) -> HttpResponse:
    """Let the page fire `event` on its body, so that other parts of it load themselves anew."""
    triggers = json.loads(response.headers.get("HX-Trigger", "{}"))
    triggers[event] = {}
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response
