"""Making units, roles, users and tokens."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.platform.access.policy import set_role_policy
from guanxi.platform.accounts.models import ApiToken, OrgUnit, Role, UnitKind, User
from guanxi.platform.audit.commands import begin_entry


@dataclass(frozen=True, slots=True)
class NewUser:
    """What is needed to make a user."""

    email: str
    password: str
    family_name: str
    given_name: str
    title: str = ""
    unit_id: int | None = None
    roles: tuple[str, ...] = ()
    language: str = "zh-hans"


@transaction.atomic
def create_unit(name: str, *, kind: UnitKind, parent: OrgUnit | None = None, actor: Actor) -> OrgUnit:
    """Add a unit to the org tree below `parent`."""
    unit = OrgUnit.objects.create(name=name, kind=kind, parent=parent)
    unit.path = [*(parent.path if parent else []), unit.pk]
    unit.save(update_fields=["path"])
    begin_entry(actor, action="create", object_key="unit", record_id=unit.pk)
    return unit


@transaction.atomic
def define_role(
    key: str,
    *,
    name: str,
    rows: Mapping[tuple[str, str], object],
    fields: Mapping[tuple[str, str], int],
    actor: Actor,
) -> Role:
    """Create a role or replace its rules; in force for the next request. Raises: RuleViolation("access.rule")."""
    role, _ = Role.objects.update_or_create(key=key, defaults={"name": name})
    set_role_policy(key, rows=rows, fields=fields)
    begin_entry(actor, action="define_role", object_key="role", record_id=role.pk)
    return role


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
def create_token(
    user: User, *, name: str, is_read_only: bool = True, expires_at: datetime | None = None, actor: Actor
) -> str:
    """Create an API token. Returns the secret; it is shown this once and kept nowhere."""
    secret = token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=sha256(secret.encode()).hexdigest(),
        is_read_only=is_read_only,
        expires_at=expires_at,
    )
    begin_entry(actor, action="create_token", object_key="user", record_id=user.pk, reason=f"token {token.pk}")
    return secret
