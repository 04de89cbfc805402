"""Who calls: the person behind a token, or, for reading the description of the API alone, behind a session."""

from hashlib import sha256
from zoneinfo import ZoneInfo

from django.http import HttpRequest
from django.utils import timezone, translation
from ninja.security import HttpBearer

from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.backend import actor_by_token
from guanxi.platform.accounts.queries import people
from guanxi.platform.api.problems import not_signed_in
from guanxi.platform.api.rates import count_request


class TokenSignIn(HttpBearer):
    """`Authorization: Bearer …` with a token of a user; the actor may do what the user may, or read only."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """The actor behind the token, or None (401). Raises: TooManyRequests("request.rate")."""
        actor = actor_by_token(token, address=request.META.get("REMOTE_ADDR", ""))
        request.actor = actor  # type: ignore[attr-defined]  # ours, read through access.actor_of
        if actor is None:
            return None
        count_request(scope_of(request))
        _be_local(actor, request)
        return actor


def session_sign_in(request: HttpRequest) -> Actor | None:
    """The person who signed in on the pages."""
    actor = getattr(request, "actor", None)
    return actor if isinstance(actor, Actor) else None


def caller(request: HttpRequest) -> Actor:
    """Who the sign-in of the API found. Raises: SignInMissing("access.anonymous")."""
    actor = getattr(request, "auth", None)
    if not isinstance(actor, Actor):
        raise not_signed_in()
    return actor


def scope_of(request: HttpRequest) -> str:
    """The digest of the sign-in, under which the API keeps what belongs to one token."""
    return sha256(request.headers.get("Authorization", "").encode()).hexdigest()


def _be_local(actor: Actor, request: HttpRequest) -> None:
    """Days are those of the person's time zone; sentences are in the person's language unless the caller names one."""
    person = people([actor.user_id]).get(actor.user_id) if actor.user_id is not None else None
    if person is not None:
        timezone.activate(ZoneInfo(person.time_zone))
    if actor.language and not request.headers.get("Accept-Language"):
        translation.activate(actor.language)
