"""Reads about users and units."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import caches
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Concat, Now
from django.utils import timezone

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied
from guanxi.kernel.names import full_name
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.models import PolicyChange
from guanxi.platform.access.policy import SYSTEM_ROLE, current_policy_version, policy_in_use, use_policy
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import ApiToken, OrgUnit, Role, Session, User
from guanxi.platform.accounts.preferences import SECOND_FACTOR_ROLES
from guanxi.platform.accounts.rules import digest_of
from guanxi.platform.preferences.models import Preference

PEOPLE_SECONDS = 60
UNIT_NAMES = "accounts.units"


@dataclass(frozen=True, slots=True)
class Person:
    """A user as others see one."""

    id: int
    name: str
    title: str
    unit_id: int | None
    language: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended: what it holds, where it is used, and the active user with rights, if any."""

    data: str
    created_at: datetime
    seen_at: datetime
    address: str
    browser: str
    user: User | None


_SECOND_FACTOR = Q(type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])


def _rights(person: str) -> dict[str, Any]:
    """What says what a user may do, as columns; `person` leads to the user: "" or "user__"."""
    own_id, own_unit = OuterRef(f"{person}pk"), OuterRef(f"{person}unit_id")
    below = OrgUnit.objects.filter(path__contains=[own_unit]).values("pk")
    return {
        "role_keys": ArraySubquery(User.roles.through.objects.filter(user_id=own_id).values("role__key")),
        "units_below": ArraySubquery(below),
        "units_above": Subquery(OrgUnit.objects.filter(pk=own_unit).values("path")),
        "policy_number": Subquery(PolicyChange.objects.order_by("-pk").values("pk")[:1]),
        "has_second_factor": Exists(Authenticator.objects.filter(_SECOND_FACTOR, user_id=own_id)),
        "second_factor_roles": Subquery(Preference.objects.filter(pk=SECOND_FACTOR_ROLES.key).values("value")),
    }


_USER_COLUMNS = tuple(column.attname for column in User._meta.concrete_fields)
_RIGHTS = tuple(_rights(""))
_USER_WITH_RIGHTS: Prepared[None] = Prepared(
    lambda _: User.objects.filter(is_active=True, pk=Slot("user_id")).annotate(**_rights(""))
)
_OPEN_SESSION: Prepared[None] = Prepared(
    lambda _: (
        Session.objects.filter(pk=Slot("digest"), expire_date__gt=Slot("now"))
        .annotate(**_rights("user__"))
        .values_list(
            *("session_data", "created_at", "seen_at", "address", "browser"),
            *(f"user__{column}" for column in _USER_COLUMNS),
            *_RIGHTS,
        )
    )
)


def user_with_rights(user_id: int) -> User | None:
    """An active user with what `_rights` names, all in one query; None when there is none."""
    found: list[User] = _USER_WITH_RIGHTS(None, user_id=user_id)
    return found[0] if found else None


def open_session(digest: str) -> OpenSession | None:
    """A session by the digest of its key, with its user as `user_with_rights` gives one, all in one query."""
    found = _OPEN_SESSION(None, digest=digest, now=timezone.now())
    if not found:
        return None
    data, created_at, seen_at, address, browser, *columns = found[0]
    return OpenSession(data, created_at, seen_at, address, browser, _user_of(columns))


def _user_of(columns: Sequence[Any]) -> User | None:
    """The active user whose columns and rights a row holds."""
    user = User.from_db(DEFAULT_DB_ALIAS, _USER_COLUMNS, columns[: len(_USER_COLUMNS)])
    if user.pk is None or not user.is_active:
        return None
    for name, value in zip(_RIGHTS, columns[len(_USER_COLUMNS) :], strict=True):
        setattr(user, name, value)
    return user


def lacks_second_factor(user: User) -> bool:
    """Whether a role of a user loaded with rights needs a second factor and the user has none."""
    needing = str(getattr(user, "second_factor_roles", None) or "").split(",")
    return not getattr(user, "has_second_factor", False) and not set(needing).isdisjoint(getattr(user, "role_keys", ()))


def has_second_factor(user_id: int) -> bool:
    """Whether a user has a second factor."""
    return bool(Authenticator.objects.filter(_SECOND_FACTOR, user_id=user_id).exists())


def actor_of_user(
    user: User,
    *,
    surface: Surface,
    address: str = "",
    read_only: bool = False,
    scopes: Iterable[str] | None = None,
) -> Actor:
    """The actor for a user loaded by `user_with_rights`; what follows goes by the policy that was read with it."""
    version = getattr(user, "policy_number", 0) or 0
    use_policy(version)
    return Actor(
        user_id=user.pk,
        name=user.full_name,
        surface=surface,
        unit_id=user.unit_id,
        unit_ids=tuple(sorted(getattr(user, "units_below", ()))),
        unit_path=tuple(getattr(user, "units_above", None) or ()),
        roles=tuple(sorted(getattr(user, "role_keys", ()))),
        policy_version=version,
        read_only=read_only,
        scopes=None if scopes is None else frozenset(scopes),
        address=address,
        language=user.language,
    )


def actor_by_user_id(user_id: int, *, surface: Surface = Surface.JOB) -> Actor:
    """The actor for a user id. Raises: User.DoesNotExist."""
    user = user_with_rights(user_id)
    if user is None:
        raise User.DoesNotExist
    return actor_of_user(user, surface=surface)


def actors_by_user_id(user_ids: Iterable[int], *, surface: Surface = Surface.JOB) -> dict[int, Actor]:
    """The actors for those of the users who are active, by user id; one query."""
    rows = User.objects.filter(is_active=True, pk__in=set(user_ids)).annotate(**_rights(""))
    return {user.pk: actor_of_user(user, surface=surface) for user in rows}


def own_id(actor: Actor) -> int:
    """The id of the person who acts. Raises: AccessDenied("access.person_only") for the system."""
    if actor.user_id is None:
        raise AccessDenied("access.person_only", "Only a person can do this.")
    return actor.user_id


def live_token(secret: str) -> ApiToken | None:
    """The token of a secret, or None when it is unknown, expired or revoked."""
    live = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))
    return ApiToken.objects.filter(live, digest=digest_of(secret)).first()


def tokens_of(user_id: int) -> tuple[ApiToken, ...]:
    """The tokens of a user that were not revoked, the newest first; expired ones too."""
    return tuple(ApiToken.objects.filter(user_id=user_id, revoked_at__isnull=True).order_by("-pk"))


def sessions_of(user_id: int) -> tuple[Session, ...]:
    """Where a user is signed in, the last seen first."""
    open_ones = Session.objects.filter(user_id=user_id, expire_date__gt=timezone.now())
    return tuple(open_ones.defer("session_data").order_by("-seen_at"))


def administers_everybody(actor: Actor) -> bool:
    """Whether the actor administers all users, whatever their unit."""
    return may_act_on(actor, User(), Action.ADMINISTER)


def everybody_administrators() -> frozenset[int]:
    """The active users who administer everybody, by id."""
    version = current_policy_version()
    roles = Role.objects.filter(retired_at__isnull=True).values_list("key", flat=True)
    keys = [
        key
        for key in roles
        if administers_everybody(Actor(None, key, Surface.JOB, roles=(key,), policy_version=version))
    ]
    return frozenset(User.objects.filter(is_active=True, roles__key__in=keys).values_list("pk", flat=True))


def administers_roles(actor: Actor) -> bool:
    """Whether the actor says what roles may do."""
    return may_act_on(actor, Role(), Action.ADMINISTER)


def all_roles() -> tuple[Role, ...]:
    """All roles that are not retired, by name."""
    return tuple(sorted(Role.objects.filter(retired_at__isnull=True), key=lambda role: role.label))


def roles_to_give(actor: Actor) -> tuple[Role, ...]:
    """The roles that the actor may give to others: all, or for who administers a part of the house, the own ones."""
    is_all = administers_everybody(actor)
    return tuple(role for role in all_roles() if is_all or role.key in actor.roles)


def units_to_administer(actor: Actor) -> tuple[OrgUnit, ...]:
    """The units whose people the actor administers, from the root down."""
    units = OrgUnit.objects.order_by("path")
    return tuple(unit for unit in units if may_act_on(actor, User(unit_id=unit.pk), Action.ADMINISTER))


def unit_sizes() -> dict[int, int]:
    """How many active people stand in each unit itself, by its id; units without anybody are missing."""
    rows = User.objects.filter(is_active=True, unit__isnull=False).values_list("unit_id").annotate(Count("id"))
    return dict(rows.order_by())


def people_to_administer(actor: Actor, *, words: str = "", unit_id: int | None = None) -> QuerySet[User]:
    """The users whom the actor administers, by name, narrowed by words of name, address or title and by unit.

    Raises: AccessDenied("access.denied").
    """
    found: QuerySet[User] = grant(actor, User, Action.ADMINISTER).queryset()
    if unit_id is not None:
        found = found.filter(unit_id=unit_id)
    found = found.annotate(whole_name=Concat("family_name", "given_name"))
    for word in words.split():
        found = found.filter(Q(whole_name__icontains=word) | Q(email__icontains=word) | Q(title__icontains=word))
    return (
        found.select_related("unit").prefetch_related("roles").order_by("-is_active", "family_name", "given_name", "pk")
    )


def system_actor(name: str = "Guanxi", *, surface: Surface = Surface.JOB) -> Actor:
    """The actor of work that no person asked for; it reaches everything."""
    use_policy(current_policy_version())
    return Actor(
        user_id=None,
        name=name,
        surface=surface,
        roles=(SYSTEM_ROLE,),
        policy_version=policy_in_use(),
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
    """Org unit names by id, from the root down; at most a minute old."""
    found: dict[int, str] | None = caches["process"].get_or_set(
        UNIT_NAMES, lambda: dict(OrgUnit.objects.order_by("path").values_list("pk", "name")), PEOPLE_SECONDS
    )
    return found or {}


def unit_paths() -> dict[int, tuple[int, ...]]:
    """The ids from the root down to each org unit itself, by its id; one query."""
    return {unit_id: tuple(path) for unit_id, path in OrgUnit.objects.values_list("pk", "path")}


def company_name() -> str:
    """The name of the company: the root of the org tree; "" before there is one."""
    return OrgUnit.objects.filter(parent__isnull=True).order_by("pk").values_list("name", flat=True).first() or ""
