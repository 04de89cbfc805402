"""Turns errors that a person can act on into a page or, for htmx, into a toast; nothing else is caught."""

import logging
from collections.abc import Callable
from http import HTTPStatus
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from guanxi.kernel.errors import GuanxiError
from guanxi.platform.ui.responses import is_fragment_request, with_toast

logger = logging.getLogger(__name__)
PICTURES = {403: ("shield-lock", "quiet"), 404: ("map-off", "quiet")}
HINTS = {
    403: gettext_lazy("Your administrator can say who may do it, or give you the right."),
    404: gettext_lazy("It was moved or deleted, or it belongs to somebody who has not shared it with you."),
}


class ErrorMiddleware:
    """Answers a GuanxiError with its status and its sentence in the language of the person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; an address that a button sends to says so to who opens it by itself."""
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or response.content or is_fragment_request(request):
            return response
        allowed = response["Allow"]
        response = render(request, "ui/error.html", _without_button(), status=response.status_code)
        response["Allow"] = allowed
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Return the answer to a GuanxiError; any other exception goes on to Django."""
        if not isinstance(exception, GuanxiError):
            return None
        sentence = sentence_of(exception)
        if is_fragment_request(request):
            response = HttpResponse(status=exception.status, headers={"HX-Reswap": "none"})
            return with_toast(response, sentence, tone="danger")
        icon, tone = PICTURES.get(exception.status, ("alert-circle", "danger"))
        context = {
            "status": exception.status,
            "sentence": sentence,
            "hint": HINTS.get(exception.status, ""),
            "code": exception.code,
            "icon": icon,
            "tone": tone,
        }
        return render(request, "ui/error.html", context, status=exception.status)


def _without_button() -> dict[str, object]:
    """What the page says to who opened an address that takes only what a button sends."""
    return {
        "status": HTTPStatus.METHOD_NOT_ALLOWED.value,
        "sentence": gettext("This page opens by its button only"),
        "hint": gettext("Go back and press the button again; what was chosen there does not stand in the address."),
        "code": "http.method",
        "icon": "arrow-back-up",
        "tone": "quiet",
    }


def sentence_of(error: GuanxiError) -> str:
    """Return the sentence of an error in the active language with its placeholders filled.

    A refused right is told in words of the page, not by the keys of action and object.
    """
    if error.code == "access.denied":
        return gettext("Your role does not include this")
    sentence = gettext(error.sentence)
    return sentence % error.data if error.data else sentence


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer an unforeseen error with a reference that is in the log as well (Django's handler500).

    The page is drawn as for nobody and shows no messages, so that it asks the database nothing: that may be what broke.
    """
    digits = uuid4().hex[:8].upper()
    reference = f"{digits[:4]}-{digits[4:]}"
    logger.error("Reference %s for %s", reference, request.path)
    if is_fragment_request(request):
        message = gettext("This part did not load; the rest is current. Reference %(reference)s")
        response = HttpResponse(status=500, headers={"HX-Reswap": "none"})
        return with_toast(response, message % {"reference": reference}, tone="danger")
    request.actor = None  # type: ignore[attr-defined]  # ours, set by the middleware of accounts
    return render(request, "500.html", {"reference": reference, "messages": ()}, status=500)
