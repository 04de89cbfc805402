"""Changing what the house asks of a sign-in."""

from dataclasses import dataclass

from django.db import transaction

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied
from guanxi.platform.accounts.preferences import (
    PASSWORD_LENGTH,
    REFUSE_COMMON,
    REFUSE_SIMILAR,
    SECOND_FACTOR_ROLES,
)
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.preferences.registry import preference, set_preference


@dataclass(frozen=True, slots=True)
class SignInPolicy:
    """What the house asks: of passwords, and of which roles a second factor."""

    password_length: int
    refuse_common: bool
    refuse_similar: bool
    second_factor_roles: tuple[str, ...]

    @classmethod
    def in_force(cls) -> "SignInPolicy":
        """What holds now."""
        return cls(
            password_length=preference(PASSWORD_LENGTH),
            refuse_common=preference(REFUSE_COMMON),
            refuse_similar=preference(REFUSE_SIMILAR),
            second_factor_roles=tuple(filter(None, preference(SECOND_FACTOR_ROLES).split(","))),
        )


@transaction.atomic
def change_sign_in_policy(policy: SignInPolicy, *, actor: Actor) -> None:
    """Change what is asked; in force with the next request. Raises: AccessDenied, RuleViolation("preference.value")."""
    if not administers_everybody(actor):
        raise AccessDenied("access.denied", "Only who administers everybody can change this.")
    set_preference(PASSWORD_LENGTH, policy.password_length)
    set_preference(REFUSE_COMMON, policy.refuse_common)
    set_preference(REFUSE_SIMILAR, policy.refuse_similar)
    set_preference(SECOND_FACTOR_ROLES, ",".join(sorted(policy.second_factor_roles)))
    begin_entry(actor, action="change_policy", object_key="user", reason=str(policy)[:500])
