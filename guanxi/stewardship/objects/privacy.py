"""The way to the requests of the people whom the base speaks of, from the navigation and from cards."""

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.erasing import BESIDE, REASON, EraseRule, Subject, register_erase_rule
from guanxi.platform.objects.registry import contribute
from guanxi.platform.objects.spec import RecordAct
from guanxi.platform.ui.navigation import NavigationEntry, minute_old, register_navigation
from guanxi.stewardship.models import SubjectRequest, Twin
from guanxi.stewardship.queries.privacy import close_count


def sees_requests(actor: Actor) -> bool:
    """Whether the actor sees requests of data subjects."""
    return may(actor, SubjectRequest, Action.VIEW)


def due(actor: Actor) -> int:
    """How many requests are due soon."""
    return close_count(actor, today=timezone.localdate())


def _pairs(subject: Subject) -> Q:
    condition = Q(pk__in=[])
    for key, ids in subject.records:
        condition |= Q(object_key=key) & (Q(first_id__in=ids) | Q(second_id__in=ids))
    return condition


def count_pairs(subject: Subject) -> int:
    """How many pairs of possible duplicates name the person's records."""
    return int(unscoped(Twin, reason=REASON).filter(_pairs(subject)).count())


def erase_pairs(subject: Subject) -> None:
    """Forget the pairs of possible duplicates that name the person's records."""
    unscoped(Twin, reason=REASON).filter(_pairs(subject)).delete()


register_erase_rule(EraseRule("pairs", _l("Possible duplicates"), count_pairs, erase_pairs, BESIDE - 5))
register_navigation(
    NavigationEntry(
        "privacy",
        _l("Privacy requests"),
        "shield-lock",
        "privacy",
        _l("Information"),
        79,
        count=minute_old("privacy", due),
        is_shown=sees_requests,
    )
)
for _key in ("account", "contact"):
    contribute(
        _key,
        acts=(
            RecordAct(
                "privacy",
                _l("Enter a privacy request"),
                "shield-lock",
                lambda pk, key=_key: f"{reverse('privacy_new')}?object={key}&record={pk}",  # type: ignore[misc]  # the default binds the key
                Action.DELETE,
                90,
            ),
        ),
    )
