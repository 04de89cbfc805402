"""The way to the steward's desk, and what becomes of pairs when a record is deleted for good."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.alike import register_alike
from guanxi.platform.ui.navigation import NavigationEntry, minute_old, register_navigation
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.alike import alike_accounts
from guanxi.stewardship.queries.duplicates import twin_count


def is_steward(actor: Actor) -> bool:
    """Whether the actor decides of pairs of records."""
    return may(actor, Twin, Action.EDIT)


def waiting(actor: Actor) -> int:
    """How many pairs wait for the steward."""
    return twin_count(actor, today=timezone.localdate())


register_alike("account", alike_accounts)
register_navigation(
    NavigationEntry(
        "steward",
        _l("Steward’s desk"),
        "checklist",
        "duplicates",
        _l("Information"),
        76,
        count=minute_old("steward", waiting),
        is_shown=is_steward,
    )
)
