"""The security watch: what an administrator looks at each morning, the worst on top."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

import guanxi
from guanxi.platform.access.catalogue import protected_object
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.accounts.reading_queries import ReadToday, reads_today
from guanxi.platform.accounts.security_queries import door, failed_tries, live_tokens, without_second_factor
from guanxi.platform.accounts.sharing_queries import ShareLine, open_shares
from guanxi.platform.objects.registry import object_specs
from guanxi.platform.people.scopes import scope_words
from guanxi.platform.people.words import READ_WORDS, SHARE_WAYS, object_words
from guanxi.platform.search.tokens import sort_key
from guanxi.platform.ui.format import enumeration, number
from guanxi.platform.ui.navigation import SettingsEntry, register_settings

MOST_ROWS = 20
SOON_DAYS = 7


@dataclass(frozen=True, slots=True)
class Warned:
    """One reader of today who stands out: what was read, why it stands out; `tone` is "danger" or "away"."""

    user_id: int
    name: str
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class OpenShare:
    """One share of the house: of what kind of record, with whom, how, whether it ends within a week."""

    share: ShareLine
    what: str
    way: str
    url: str
    is_ending: bool


@require_safe
def security_page(request: HttpRequest) -> HttpResponse:
    """Sign-ins, unusual reads, keys that are out, shares, who has no second factor, the version.

    Raises: AccessDenied for who administers a part of the house only.
    """
    actor = actor_of(request)
    lacking = sorted(without_second_factor(actor), key=lambda user: sort_key(user.full_name))
    context = {
        "door": door(actor),
        "tries": failed_tries(actor, limit=MOST_ROWS),
        "warned": [found for item in reads_today(actor) if (found := _warned(item)) is not None][:MOST_ROWS],
        "tokens": [
            (token, enumeration(scope_words(token.scopes)) if token.scopes is not None else "")
            for token in live_tokens(actor, limit=MOST_ROWS)
        ],
        "shares": [_open_share(share) for share in open_shares(actor, limit=MOST_ROWS)],
        "lacking": [(user.pk, user.full_name) for user in lacking[:MOST_ROWS]],
        "lacking_count": len(lacking),
        "running": guanxi.__version__,
        "installed": _installed(),
    }
    return render(request, "people/security.html", context)


def _warned(item: ReadToday) -> Warned | None:
    """The sentence about a reader who stands out; None for one who does not."""
    words = {"what": READ_WORDS[item.kind], "count": number(item.count), "most": number(item.limit.most or 0)}
    if item.is_refused:
        return Warned(item.user_id, item.name, _("%(what)s: %(count)s, the limit is reached") % words, "danger")
    if item.is_much:
        words["warn_at"] = number(item.limit.warn_at or 0)
        return Warned(item.user_id, item.name, _("%(what)s: %(count)s, above %(warn_at)s") % words, "away")
    if item.is_unusual:
        words["median"] = number(item.median)
        text = _("%(what)s: %(count)s; on a median day of this person %(median)s") % words
        return Warned(item.user_id, item.name, text, "away")
    return None


def _open_share(share: ShareLine) -> OpenShare:
    item = protected_object(share.object_key)
    known = any(spec.key == share.object_key for spec in object_specs())
    ends = share.last_day
    return OpenShare(
        share=share,
        what=object_words(item) if item is not None else share.object_key,
        way=str(SHARE_WAYS[share.way]),
        url=reverse("sharing", args=[share.object_key, share.record_id]) if known else "",
        is_ending=ends is not None and (ends - timezone.localdate()).days <= SOON_DAYS,
    )


def _installed() -> str:
    """The version that lies on the disk, "" where it is not known; another than the running one waits for a restart."""
    try:
        return version("guanxi")
    except PackageNotFoundError:
        return ""


register_settings(
    SettingsEntry(
        "security",
        _l("Security watch"),
        _l("Sign-ins, unusual reads, tokens, shares, who lacks a second factor."),
        "shield-exclamation",
        "security",
        group=_l("For the house"),
        order=225,
        is_shown=administers_everybody,
    )
)
