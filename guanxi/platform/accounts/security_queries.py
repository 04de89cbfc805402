"""What an administrator watches: who comes in and who tries to, which keys are out, who has no second factor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import ApiToken, SignInTry, User
from guanxi.platform.accounts.queries import Person, administers_everybody, people

LOCKED_AFTER = 5
LOCKED_FOR = timedelta(minutes=15)
WATCHED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Door:
    """Tries to sign in of seven days: how many came in, failed, failed with an address that nobody has."""

    entered: int
    failed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class FailedTries:
    """The failed tries of one person from one place in seven days; `is_locked` for one who is kept out now."""

    person: Person | None
    address: str
    count: int
    last_at: datetime
    is_locked: bool


@dataclass(frozen=True, slots=True)
class LiveToken:
    """One API token that lets somebody in: whose, what for, how far."""

    user_id: int
    name: str
    token: str
    is_read_only: bool
    scopes: tuple[str, ...] | None
    expires_at: datetime | None
    used_at: datetime | None


def require_watch(actor: Actor) -> None:
    """Raise unless the actor administers everybody: the watch shows the whole house. Raises: AccessDenied."""
    if not administers_everybody(actor):
        raise AccessDenied("access.denied", "Only who administers everybody watches over the house.")


def door(actor: Actor) -> Door:
    """The tries of seven days in three figures; one query. Raises: AccessDenied."""
    require_watch(actor)
    failed = Q(is_success=False)
    found = SignInTry.objects.filter(at__gt=timezone.now() - WATCHED).aggregate(
        entered=Count("id", filter=~failed),
        failed=Count("id", filter=failed),
        unknown=Count("id", filter=failed & Q(user__isnull=True)),
    )
    return Door(**found)


def failed_tries(actor: Actor, *, limit: int) -> tuple[FailedTries, ...]:
    """Who failed to sign in, and from where, the last first; two queries. Raises: AccessDenied."""
    require_watch(actor)
    now = timezone.now()
    recent = Count("id", filter=Q(at__gt=now - LOCKED_FOR))
    rows = (
        SignInTry.objects.filter(is_success=False, at__gt=now - WATCHED)
        .values_list("user_id", "address")
        .annotate(tries=Count("id"), last_at=Max("at"), recent=recent)
        .order_by("-last_at")[:limit]
    )
    found = list(rows)
    names = people(row[0] for row in found if row[0])
    return tuple(
        FailedTries(names.get(user_id), address, count, last_at, bool(user_id) and latest >= LOCKED_AFTER)
        for user_id, address, count, last_at, latest in found
    )


def live_tokens(actor: Actor, *, limit: int) -> tuple[LiveToken, ...]:
    """The tokens in force of those whom the actor administers, the last used first. Raises: AccessDenied; one query."""
    users = grant(actor, User, Action.ADMINISTER).queryset().values("pk")
    live = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))
    tokens = ApiToken.objects.filter(live, user_id__in=users, user__is_active=True).select_related("user")
    return tuple(
        LiveToken(
            user_id=token.user_id,
            name=token.user.full_name,
            token=token.name,
            is_read_only=token.is_read_only,
            scopes=None if token.scopes is None else tuple(token.scopes),
            expires_at=token.expires_at,
            used_at=token.used_at,
        )
        for token in tokens.order_by("-used_at", "-pk")[:limit]
    )


def without_second_factor(actor: Actor) -> Sequence[User]:
    """The active people whom the actor administers and who sign in by one factor alone, by name; one query."""
    own = Authenticator.objects.filter(
        user_id=OuterRef("pk"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    users = grant(actor, User, Action.ADMINISTER).queryset().filter(~Exists(own), is_active=True)
    return list(users.order_by("family_name", "given_name", "pk"))
