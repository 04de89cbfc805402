"""Reads about users and units."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import caches
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.names import full_name
from guanxi.platform.access.models import PolicyChange
from guanxi.platform.access.policy import SYSTEM_ROLE, current_policy_version
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.accounts.models import ApiToken, OrgUnit, User

PEOPLE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Person:
    """A user as others see one."""

    id: int
    name: str
    title: str
    unit_id: int | None
    language: str
    time_zone: str


def _active_user_with_rights(_: None) -> QuerySet[User]:
    below = OrgUnit.objects.filter(path__contains=[OuterRef("unit_id")]).values("pk")
    return User.objects.filter(is_active=True, pk=Slot("user_id")).annotate(
        role_keys=ArrayAgg("roles__key", filter=Q(roles__key__isnull=False), default=[]),
        units_below=ArraySubquery(below),
        policy_number=Subquery(PolicyChange.objects.order_by("-pk").values("pk")[:1]),
    )


_USER_WITH_RIGHTS = Prepared(_active_user_with_rights)


def user_with_rights(user_id: int) -> User | None:
    """An active user with `role_keys`, `units_below` and `policy_number`, all in one query; None when there is none."""
    found: list[User] = _USER_WITH_RIGHTS(None, user_id=user_id)
    return found[0] if found else None


def actor_of_user(user: User, *, surface: Surface, address: str = "", read_only: bool = False) -> Actor:
    """The actor for a user loaded by `user_with_rights`."""
    return Actor(
        user_id=user.pk,
        name=user.full_name,
        surface=surface,
        unit_id=user.unit_id,
        unit_ids=tuple(sorted(getattr(user, "units_below", ()))),
        roles=tuple(sorted(getattr(user, "role_keys", ()))),
        policy_version=getattr(user, "policy_number", 0) or 0,
        read_only=read_only,
        address=address,
        language=user.language,
    )


def actor_by_user_id(user_id: int, *, surface: Surface = Surface.JOB) -> Actor:
    """The actor for a user id. Raises: User.DoesNotExist."""
    user = user_with_rights(user_id)
    if user is None:
        raise User.DoesNotExist
    return actor_of_user(user, surface=surface)


def actor_by_token(secret: str, *, address: str = "") -> Actor | None:
    """The actor behind an API token, or None when it is unknown, expired or revoked."""
    digest = sha256(secret.encode()).hexdigest()
    live = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))
    token = ApiToken.objects.filter(live, digest=digest).first()
    user = user_with_rights(token.user_id) if token else None
    if token is None or user is None:
        return None
    return actor_of_user(user, surface=Surface.API, address=address, read_only=token.is_read_only)


def system_actor(name: str = "Guanxi", *, surface: Surface = Surface.JOB) -> Actor:
    """The actor of work that no person asked for; it reaches everything."""
    return Actor(
        user_id=None,
        name=name,
        surface=surface,
        roles=(SYSTEM_ROLE,),
        policy_version=current_policy_version(),
    )


def people(ids: Iterable[int]) -> dict[int, Person]:
    """Users by id, for showing who owns what; at most a minute old.

    Names of colleagues are known to everybody who signs in.
    """
    wanted = set(ids)
    rows: list[tuple[Any, ...]] = list(caches["process"].get_many(map(_person_key, wanted)).values())
    missing = wanted.difference(row[0] for row in rows)
    if missing:
        fresh = _PEOPLE(None, ids=missing)
        caches["process"].set_many({_person_key(row[0]): row for row in fresh}, PEOPLE_SECONDS)
        rows += fresh
    return {row[0]: _person(*row) for row in rows}


def _person_key(user_id: int) -> str:
    return f"accounts.person.{user_id}"


def first_colleagues(limit: int) -> tuple[Person, ...]:
    """So many of those who may sign in, by id, to choose from; at most a minute old."""
    found: tuple[Person, ...] | None = caches["process"].get_or_set(
        f"accounts.colleagues.{limit}", lambda: active_people(limit=limit), PEOPLE_SECONDS
    )
    return found or ()


def active_people(*, limit: int | None = None) -> tuple[Person, ...]:
    """Users who may sign in, by id; the first so many where a limit is given."""
    return tuple(_person(*row) for row in _ACTIVE_PEOPLE(limit))


_PERSON_COLUMNS = ("id", "family_name", "given_name", "title", "unit_id", "language", "time_zone")
_PEOPLE: Prepared[None] = Prepared(lambda _: User.objects.filter(Among("pk", "ids")).values_list(*_PERSON_COLUMNS))
_ACTIVE_PEOPLE: Prepared[int | None] = Prepared(
    lambda limit: User.objects.filter(is_active=True).values_list(*_PERSON_COLUMNS).order_by("pk")[:limit]
)


def _person(user_id: int, family_name: str, given_name: str, *rest: Any) -> Person:
    return Person(user_id, full_name(family_name, given_name), *rest)


def unit_names() -> dict[int, str]:
    """Org unit names by id."""
    return dict(OrgUnit.objects.values_list("pk", "name"))


def company_name() -> str:
    """The name of the company: the root of the org tree; "" before there is one."""
    return OrgUnit.objects.filter(parent__isnull=True).order_by("pk").values_list("name", flat=True).first() or ""
