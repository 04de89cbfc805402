"""The pages of privacy beside each other, as far as a person may open them."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.stewardship.models import NoticeEdition, RetentionRule, SubjectRequest

PAGES = (
    ("privacy", _l("Requests"), SubjectRequest),
    ("retention", _l("Retention"), RetentionRule),
    ("notices", _l("Notices"), NoticeEdition),
)


@dataclass(frozen=True, slots=True)
class PrivacyTab:
    """One page of privacy."""

    url: str
    label: str | Promise
    is_current: bool


def privacy_tabs(actor: Actor, current: str) -> tuple[PrivacyTab, ...]:
    """The pages that the actor may open; none where there is but one."""
    found = tuple(
        PrivacyTab(reverse(name), label, name == current)
        for name, label, model in PAGES
        if may(actor, model, Action.VIEW)
    )
    return found if len(found) > 1 else ()
