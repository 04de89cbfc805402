"""Making users, inviting them, and what an administrator changes about them."""

from dataclasses import dataclass, replace

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.commands.mail import ask_for_mail
from guanxi.platform.accounts.commands.roles import keep_an_administrator, lock_administrators
from guanxi.platform.accounts.commands.sessions import end_other_sessions
from guanxi.platform.accounts.mail import MailKind
from guanxi.platform.accounts.models import ApiToken, Role, User
from guanxi.platform.accounts.queries import actor_of_user, administers_everybody, roles_to_give
from guanxi.platform.audit.commands import begin_entry


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is needed to make a user; without a password there is none to sign in with."""

    email: str
    password: str | None
    family_name: str
    given_name: str
    title: str = ""
    unit_id: int | None = None
    roles: tuple[str, ...] = ()
    language: str = "zh-hans"


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in the house: title, unit, role keys."""

    title: str
    unit_id: int | None
    roles: tuple[str, ...]


@transaction.atomic
def create_user(new: NewUser, *, actor: Actor) -> User:
    """Create a user with roles."""
    user = User.objects.create_user(
        new.email,
        new.password,
        family_name=new.family_name,
        given_name=new.given_name,
        title=new.title,
        unit_id=new.unit_id,
        language=new.language,
    )
    user.roles.set(Role.objects.filter(key__in=new.roles))
    begin_entry(actor, action="create", object_key="user", record_id=user.pk)
    return user


@transaction.atomic
def invite_person(new: NewUser, *, origin: str, actor: Actor) -> User:
    """Create a user without a password and send a one-time link to choose one; `origin` begins its address.

    Raises: AccessDenied("access.denied") or ("user.role"); Conflict("user.email_taken").
    """
    grant(actor, User, Action.ADMINISTER)
    _require_place(Place(new.title, new.unit_id, new.roles), before=frozenset(), actor=actor)
    if User.objects.filter(email__iexact=new.email).exists():
        raise Conflict("user.email_taken", "Somebody with this e-mail address is here already.", field="email")
    user = create_user(new, actor=actor)
    ask_for_mail(user, kind=MailKind.INVITATION, origin=origin)
    return user


@transaction.atomic
def invite_again(user_id: int, *, origin: str, actor: Actor) -> User:
    """Send the link once more to somebody who never chose a password. Raises: NotFound, RuleViolation."""
    user = _reached(user_id, actor=actor)
    if user.has_usable_password() or not user.is_active:
        raise RuleViolation("user.not_invited", "%(name)s has chosen a password already.", name=user.full_name)
    begin_entry(actor, action="invite", object_key="user", record_id=user.pk)
    ask_for_mail(user, kind=MailKind.INVITATION, origin=origin)
    return user


@transaction.atomic
def place_person(user_id: int, *, place: Place, actor: Actor) -> User:
    """Give somebody a title, a unit and roles; in force with the next request of that person.

    Raises: NotFound; AccessDenied("user.role"); RuleViolation("user.self") for the actor's own roles and unit.
    """
    user = _reached(user_id, actor=actor)
    before = frozenset(user.roles.values_list("key", flat=True))
    is_moved = place.unit_id != user.unit_id or frozenset(place.roles) != before
    if is_moved and user.pk == actor.user_id:
        raise RuleViolation("user.self", "Another administrator changes your own roles and department.")
    _require_place(place, before=before, actor=actor)
    lock_administrators()
    user.title, user.unit_id = place.title, place.unit_id
    user.save(update_fields=["title", "unit"])
    user.roles.set(Role.objects.filter(key__in=place.roles))
    keep_an_administrator()
    reason = f"unit {place.unit_id}, roles {', '.join(sorted(place.roles))}"
    begin_entry(actor, action="edit", object_key="user", record_id=user.pk, reason=reason[:500])
    return user


@transaction.atomic
def deactivate_person(user_id: int, *, actor: Actor) -> User:
    """Keep somebody out from now on: all sign-ins end, all tokens are revoked, what they did stays.

    Raises: NotFound; RuleViolation("user.self").
    """
    user = _reached(user_id, actor=actor)
    if user.pk == actor.user_id:
        raise RuleViolation("user.self_out", "You cannot deactivate yourself; another administrator can.")
    lock_administrators()
    user.is_active = False
    user.save(update_fields=["is_active"])
    ApiToken.objects.filter(user=user, revoked_at__isnull=True).update(revoked_at=timezone.now())
    end_other_sessions(user.pk, actor=actor)
    keep_an_administrator()
    begin_entry(actor, action="deactivate", object_key="user", record_id=user.pk)
    return user


@transaction.atomic
def activate_person(user_id: int, *, actor: Actor) -> User:
    """Let somebody sign in again; tokens stay revoked. Raises: NotFound."""
    user = _reached(user_id, actor=actor)
    user.is_active = True
    user.save(update_fields=["is_active"])
    begin_entry(actor, action="activate", object_key="user", record_id=user.pk)
    return user


@transaction.atomic
def remove_second_factors(user_id: int, *, actor: Actor) -> User:
    """Take all second factors of somebody away who lost them; who needs one sets it up with the next sign-in.

    All sign-ins of that person end. Raises: NotFound; RuleViolation("user.self_factor").
    """
    user = _reached(user_id, actor=actor)
    if user.pk == actor.user_id:
        raise RuleViolation("user.self_factor", "You change your own second factors on the page of your sign-in.")
    Authenticator.objects.filter(user=user).delete()
    end_other_sessions(user.pk, actor=actor)
    begin_entry(actor, action="remove_second_factors", object_key="user", record_id=user.pk)
    return user


@transaction.atomic
def change_password(user: User, *, password: str, keep: str = "") -> None:
    """Set a new password, which ends all sign-ins of the user but the one with the digest `keep`."""
    user.set_password(password)
    user.save(update_fields=["password"])
    actor = actor_of_user(user, surface=Surface.WEB)
    begin_entry(actor, action="change_password", object_key="user", record_id=user.pk)
    end_other_sessions(user.pk, keep=keep, actor=actor)


def _reached(user_id: int, *, actor: Actor) -> User:
    """The user, locked, if the actor administers that user and not the other way round.

    Raises: NotFound; AccessDenied("user.above") for one who administers everybody, where the actor does not.
    """
    found = grant(actor, User, Action.ADMINISTER).get(user_id)
    user = User.objects.select_for_update(of=("self",)).get(pk=found.pk)
    keys = tuple(user.roles.values_list("key", flat=True))
    if not administers_everybody(actor) and administers_everybody(replace(actor, roles=keys)):
        raise AccessDenied("user.above", "%(name)s administers everybody, which you do not.", name=user.full_name)
    return user


def _require_place(place: Place, *, before: frozenset[str], actor: Actor) -> None:
    """Raise unless the actor administers the unit and may give every role that is new, or take what is gone."""
    if not may_act_on(actor, User(unit_id=place.unit_id), Action.ADMINISTER):
        raise AccessDenied("user.unit", "This department is not yours to administer.", field="unit_id")
    changed = before.symmetric_difference(place.roles)
    if not changed <= {role.key for role in roles_to_give(actor)}:
        raise AccessDenied("user.role", "You can give and take only roles that you have yourself.", field="roles")
