"""Problems: every refusal of the API as problem JSON (RFC 9457) with our stable codes."""

from collections.abc import Mapping
from typing import ClassVar

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext_noop

from guanxi.kernel.errors import GuanxiError
from guanxi.platform.ui.errors import sentence_of

PROBLEM = "application/problem+json"


class SignInMissing(GuanxiError):
    """Nobody is known by this request (401)."""

    status: ClassVar[int] = 401


class MethodRefused(GuanxiError):
    """The address does not know the method (405)."""

    status: ClassVar[int] = 405


class NotAcceptable(GuanxiError):
    """The caller wants something else than JSON (406)."""

    status: ClassVar[int] = 406


class PreconditionFailed(GuanxiError):
    """The record is not the one that `If-Match` names (412)."""

    status: ClassVar[int] = 412


class TooLarge(GuanxiError):
    """The body is larger than the API reads (413)."""

    status: ClassVar[int] = 413


class UnsupportedMediaType(GuanxiError):
    """The body is said to be something else than JSON (415)."""

    status: ClassVar[int] = 415


class TooManyRequests(GuanxiError):
    """The token has used up its requests for this minute (429); `data["seconds"]` says when the next one begins."""

    status: ClassVar[int] = 429


class UnforeseenFailure(GuanxiError):
    """A defect of ours (500)."""

    status: ClassVar[int] = 500


def not_signed_in() -> SignInMissing:
    """Whom to be to be heard."""
    return SignInMissing("access.anonymous", gettext_noop("Sign in with a token: “Authorization: Bearer …”."))


def wrong_method() -> MethodRefused:
    """The method is none of the address; the answer's `Allow` names those that are."""
    return MethodRefused("request.method", gettext_noop("This address does not know this method."))


def too_large(most_bytes: int) -> TooLarge:
    """The body is larger than `most_bytes`."""
    return TooLarge(
        "request.too_large", gettext_noop("The body is larger than %(most)s bytes; send several."), most=most_bytes
    )


def problem_body(error: GuanxiError) -> dict[str, object]:
    """The members of a problem: `type`, `title` (our code), `status`, `detail` in the caller's language, `data`."""
    return {
        "type": f"urn:guanxi:{error.code}",
        "title": error.code,
        "status": error.status,
        "detail": sentence_of(error),
        "data": dict(error.data),
    }


def problem(error: GuanxiError, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The answer to a refused request."""
    known = dict(headers or {})
    if isinstance(error, SignInMissing):
        known["WWW-Authenticate"] = "Bearer"
    if isinstance(error, TooManyRequests):
        known["Retry-After"] = str(error.data["seconds"])
    return JsonResponse(
        problem_body(error),
        status=error.status,
        content_type=PROBLEM,
        headers=known,
        json_dumps_params={"default": str},
    )
