"""Deleting what lies in the trash for good: what goes with it is counted and shown before it is done."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.collaboration.commands.emptying import set_trash_days
from guanxi.platform.objects.models import Removal
from guanxi.platform.objects.registry import listed_object, required_verbs
from guanxi.platform.objects.removal import MOST_RECORDS, consequences, remove_for_good, trashed_ids
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.responses import leading_to


class DaysForm(forms.Form):
    """After how many days the trash is emptied by itself."""

    days = forms.IntegerField(
        label=_l("Delete for good after so many days"),
        min_value=0,
        max_value=3_650,
        help_text=_l("0 = never. What the ledger has facts about stays in the trash."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def trash_for_good(request: HttpRequest, key: str) -> HttpResponse:
    """Say what deleting for good means, for one record or for all that the trash holds now; posted, it is done.

    Raises: NotFound("object.not_found"), AccessDenied, RuleViolation("trash.nothing").
    """
    actor, spec = actor_of(request), listed_object(key)
    required_verbs(spec)
    sent = request.POST if request.method == "POST" else request.GET
    until, only = _until(sent.get("until", "")), _ids(sent.getlist("id"))
    ids = trashed_ids(spec, actor, until=until, only=only)
    if not ids:
        raise RuleViolation("trash.nothing", "Nothing of this lies in the trash any more.")
    if request.method == "POST":
        title = _("Deleting %(objects)s for good") % {"objects": spec.plural}
        return _done(request, key, remove_for_good(key, ids, title=title, actor=actor))
    context = {
        "spec": spec,
        "found": consequences(spec, ids, actor=actor),
        "until": until.isoformat(),
        "only": only,
        "is_cut": len(ids) == MOST_RECORDS,
    }
    return render(request, "collaboration/trash_for_good.html", context)


@require_POST
def trash_days(request: HttpRequest) -> HttpResponse:
    """Set after how many days trashes are emptied by themselves. Raises: AccessDenied."""
    form = DaysForm(request.POST)
    if form.is_valid():
        set_trash_days(form.cleaned_data["days"], actor=actor_of(request))
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("The trash was left as it is: give a number of days from 0 to 3,650."))
    return leading_to(request, reverse("trashes"))


def _done(request: HttpRequest, key: str, removal: Removal) -> HttpResponse:
    """Back to the trash with what was done, or to the page of jobs when it runs."""
    if removal.run_id is not None:
        return leading_to(request, reverse("jobs"))
    words = ngettext("%(count)s record deleted for good.", "%(count)s records deleted for good.", removal.removed)
    messages.success(request, words % {"count": formats.number(removal.removed)})
    return leading_to(request, reverse("trash", args=[key]))


def _until(text: str) -> datetime:
    """The instant up to which the trash was seen; now, for a page that is opened."""
    try:
        found = parse_datetime(text)
    except ValueError as error:
        raise RuleViolation("trash.nothing", "Nothing of this lies in the trash any more.") from error
    return found if found is not None and found.tzinfo is not None else timezone.now()


def _ids(texts: list[str]) -> list[int]:
    return [int(text) for text in dict.fromkeys(texts) if text.isascii() and text.isdecimal() and len(text) < 18]
