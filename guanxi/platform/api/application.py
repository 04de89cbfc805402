"""The API application: token sign-in, errors as problem JSON (RFC 9457), mounted routers."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError
from ninja.security import HttpBearer

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import GuanxiError
from guanxi.platform.accounts.queries import actor_by_token
from guanxi.platform.ui.errors import sentence_of

PROBLEM = "application/problem+json"


class TokenSignIn(HttpBearer):
    """`Authorization: Bearer …` with a token of a user; the actor may do what the user may, or read only."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor behind the token, or None (401)."""
        actor = actor_by_token(token, address=request.META.get("REMOTE_ADDR", ""))
        request.actor = actor  # type: ignore[attr-defined]  # ours, read through access.actor_of
        return actor


def make_api(routers: dict[str, Router]) -> NinjaAPI:
    """The API with the routers of all capabilities, by path."""
    api = NinjaAPI(title="Guanxi", version="1", auth=TokenSignIn(), urls_namespace="api")
    for path, router in routers.items():
        api.add_router(path, router)
    api.exception_handler(GuanxiError)(_refused)
    api.exception_handler(ValidationError)(_invalid)
    return api


def _refused(request: HttpRequest, error: GuanxiError) -> HttpResponse:  # noqa: ARG001  # the handler's signature
    return _problem(error.status, code=error.code, detail=sentence_of(error), data=dict(error.data))


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:  # noqa: ARG001  # the handler's signature
    return _problem(
        422,
        code="request.invalid",
        detail="The request is not as the schema says.",
        data={"errors": error.errors},
    )


def _problem(status: int, *, code: str, detail: str, data: dict[str, object]) -> HttpResponse:
    body = {"type": f"urn:guanxi:{code}", "title": code, "status": status, "detail": detail, "data": data}
    return JsonResponse(body, status=status, content_type=PROBLEM, json_dumps_params={"default": str})
