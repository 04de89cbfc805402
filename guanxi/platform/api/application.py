"""The API application: sign-in by token, errors as problem JSON (RFC 9457), resources, mounted routers, description."""

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import URLPattern, path, re_path
from django.utils import timezone
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Router
from ninja.errors import AuthenticationError, HttpError, ValidationError

from guanxi.kernel.errors import GuanxiError, NotFound, RuleViolation
from guanxi.platform.access.urls import public, signed_in
from guanxi.platform.api import resources
from guanxi.platform.api.document import Description, description
from guanxi.platform.api.problems import PROBLEM, UnforeseenFailure, not_signed_in, problem, too_large, wrong_method
from guanxi.platform.api.reading import BASE
from guanxi.platform.api.reference import reference_page
from guanxi.platform.api.sign_in import TokenSignIn, caller, session_sign_in
from guanxi.platform.objects.spec import View

logger = logging.getLogger(__name__)
Answering = Callable[..., HttpResponseBase]


def api_patterns(routers: Mapping[str, Router]) -> list[URLPattern]:
    """The addresses below `/api/v1/`: reference page, what the API answers, and a problem for every other address."""
    api = make_api(routers)
    answering = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for pattern in answering:
        pattern.callback = _finished(pattern.callback)
    return [
        path("docs", signed_in(reference_page(lambda view: _described(api, view))), name="api_reference"),
        *answering,
        re_path("", csrf_exempt(_finished(public(_unknown))), name="api_unknown"),
    ]


def make_api(routers: Mapping[str, Router]) -> NinjaAPI:
    """The API with the routers of all capabilities, by path, then the resources."""
    api = NinjaAPI(
        title="Guanxi", version="1", auth=TokenSignIn(), urls_namespace="api", docs_url=None, openapi_url=None
    )
    api.add_router("", _description_router(api))
    for place, router in routers.items():
        api.add_router(place, router)
    api.add_router("", resources.router)
    api.exception_handler(GuanxiError)(_refused)
    api.exception_handler(ValidationError)(_invalid)
    api.exception_handler(AuthenticationError)(_not_signed_in)
    api.exception_handler(HttpError)(_unreadable)
    api.exception_handler(RequestDataTooBig)(_too_large)
    api.exception_handler(Exception)(_failed)
    return api


def _description_router(api: NinjaAPI) -> Router:
    router = Router(auth=[TokenSignIn(), session_sign_in])

    @router.get("/openapi.json", include_in_schema=False)
    def describe(request: HttpRequest) -> HttpResponse:
        """The OpenAPI document, as far as the caller's rights reach."""
        found = _described(api, View(caller(request), timezone.localdate()))
        return JsonResponse(found, json_dumps_params={"ensure_ascii": False, "default": str})

    return router


def _described(api: NinjaAPI, view: View) -> Description:
    return description(api.get_openapi_schema(path_prefix=f"{BASE}/"), view)


def _finished(view: Answering) -> Answering:
    """The view with a problem where Django or ninja would answer in another shape; nothing of it is kept by caches."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            response = _unknown(request)
        if response.status_code == wrong_method().status and not _is_problem(response):
            response = problem(wrong_method(), headers={"Allow": response.headers["Allow"]})
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answer


def _is_problem(response: HttpResponseBase) -> bool:
    return response.headers.get("Content-Type", "").startswith(PROBLEM)


def _unknown(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  # the shape of a view
    return problem(NotFound("resource.not_found", "The API has nothing at this address."))


def _refused(request: HttpRequest, error: GuanxiError) -> HttpResponse:  # noqa: ARG001  # the handler's signature
    return problem(error)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001  # the handler's signature
    return problem(RuleViolation("request.invalid", "The request is not as the schema says.", errors=error.errors))


def _not_signed_in(request: HttpRequest, error: AuthenticationError) -> HttpResponse:  # noqa: ARG001  # as above
    return problem(not_signed_in())


def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:  # noqa: ARG001  # the handler's signature
    return problem(RuleViolation("request.invalid", "The request is not as the schema says.", errors=[str(error)]))


def _too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:  # noqa: ARG001  # as above
    return problem(too_large(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """A defect of ours, told to the log in full and to the caller not at all."""
    logger.error("%s %s failed.", request.method, request.path, exc_info=error)
    return problem(UnforeseenFailure("request.failed", gettext_noop("Something went wrong on our side; it is logged.")))
