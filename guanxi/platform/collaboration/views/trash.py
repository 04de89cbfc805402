"""The trash of an object: what lies in it, and taking it out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.collaboration.commands.restoring import restore_records, trash_records
from guanxi.platform.collaboration.trash import trash_page, trashes_of
from guanxi.platform.collaboration.views.removal import DaysForm
from guanxi.platform.objects.registry import listed_object, required_verbs
from guanxi.platform.objects.removal import TRASH_DAYS, may_remove
from guanxi.platform.preferences.registry import preference
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.responses import leading_to


@require_safe
def trashes(request: HttpRequest) -> HttpResponse:
    """The objects whose trash one may look into."""
    actor = actor_of(request)
    days = DaysForm(initial={"days": preference(TRASH_DAYS)}) if administers_everybody(actor) else None
    return render(request, "collaboration/trashes.html", {"specs": trashes_of(actor), "days": days})


@require_http_methods(["GET", "HEAD", "POST"])
def trash(request: HttpRequest, key: str) -> HttpResponse:
    """What lies in the trash; the ticked records are taken out, or the one whose button was pressed."""
    actor, spec = actor_of(request), listed_object(key)
    required_verbs(spec)
    if request.method == "POST":
        ids = _ids(request.POST.getlist("one") or request.POST.getlist("id"))
        count = restore_records(key, ids, actor=actor)
        again = f"{reverse('trash_again', args=[key])}?{'&'.join(f'id={record_id}' for record_id in ids)}"
        words = ngettext("%(count)s record taken out.", "%(count)s records taken out.", count)
        messages.success(request, words % {"count": formats.number(count)}, extra_tags=again)
        return HttpResponseRedirect(reverse("trash", args=[key]), status=303)
    number = request.GET.get("page", "")
    page = int(number) if number.isascii() and number.isdecimal() and 0 < len(number) < 6 else 1
    context = {
        "spec": spec,
        "trash": trash_page(spec, actor, page=max(page, 1)),
        "page": page,
        "can_remove": may_remove(spec, actor),
    }
    return render(request, "collaboration/trash.html", context)


@require_POST
def trash_again(request: HttpRequest, key: str) -> HttpResponse:
    """Put records that were just taken out back into the trash."""
    trash_records(key, _ids(request.GET.getlist("id")), actor=actor_of(request))
    messages.success(request, _("Back in the trash."))
    return leading_to(request, reverse("trash", args=[key]))


def _ids(texts: list[str]) -> list[int]:
    return [int(text) for text in dict.fromkeys(texts) if text.isascii() and text.isdecimal() and len(text) < 18]
