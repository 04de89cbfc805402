"""The star on records, and the page of what a person marked and opened lately."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.own_records import KEPT_OPENED, MOST_FAVOURITES, own_records, set_favourite
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.hits import hits_of_all
from guanxi.platform.ui.navigation import NavigationEntry, register_navigation
from guanxi.platform.ui.responses import is_fragment_request


@require_POST
def favourite(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Mark a record with a star, or take the star away.

    Raises: NotFound for an object or a record that the person does not see, AccessDenied.
    """
    is_favourite = request.POST.get("is_favourite") == "1"
    set_favourite(key, record_id, is_favourite=is_favourite, actor=actor_of(request))
    if is_fragment_request(request):
        return HttpResponse(status=204)
    messages.success(request, _("Marked with a star") if is_favourite else _("The star is taken away"))
    target = request.POST.get("next") or request.headers.get("Referer") or ""
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("favourites")
    response = HttpResponseRedirect(target)
    response.status_code = 303
    return response


@require_safe
def favourites_page(request: HttpRequest) -> HttpResponse:
    """What the person marked and what they opened lately, as they may see it now."""
    view = View(actor_of(request), timezone.localdate())
    own = own_records(view.actor)
    lines = hits_of_all(dict.fromkeys((*own.favourites, *own.opened)), view=view, limit=MOST_FAVOURITES * 2)
    by_record = {(hit.object_key, hit.record_id): hit for hit in lines}
    marked = frozenset(own.favourites)
    opened = [record for record in own.opened if record in by_record][:KEPT_OPENED]
    context = {
        "favourites": [(by_record[record], True) for record in own.favourites if record in by_record],
        "opened": [(by_record[record], record in marked) for record in opened],
    }
    return render(request, "ui/favourites.html", context)


register_navigation(
    NavigationEntry("favourites", _l("Favourites"), "star", "favourites", order=5, key_letter="f"),
)
