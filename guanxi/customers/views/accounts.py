"""Pages of accounts and contacts: lists, card, preview."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers import commands
from guanxi.customers.facade import relation_name
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.customers.objects import ACCOUNT, CONTACT, account_url
from guanxi.customers.queries import account_by_id, contacts_of
from guanxi.platform.access.grant import grant, may, may_act_on
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.own_records import note_opened
from guanxi.platform.objects.registry import marks_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.lists import list_page
from guanxi.platform.ui.panels import loaded_panels
from guanxi.platform.ui.records import card_of
from guanxi.platform.ui.responses import is_fragment_request, with_toast, with_trigger
from guanxi.platform.ui.tag_chips import card_tags


@require_safe
def account_list(request: HttpRequest) -> HttpResponse:
    """The list of accounts."""
    can_create = may(actor_of(request), Account, Action.CREATE)
    extra = {"create_url": reverse("account_new") if can_create else "", "create_label": _("New customer")}
    return list_page(request, ACCOUNT, extra=extra)


@require_safe
def contact_list(request: HttpRequest) -> HttpResponse:
    """The list of contacts, those of all accounts that the person sees."""
    can_create = may(actor_of(request), Contact, Action.CREATE)
    new_url = reverse("record_new", args=["contact"]) if can_create else ""
    return list_page(request, CONTACT, extra={"create_url": new_url, "create_label": _("New contact")})


@require_safe
def account_card(request: HttpRequest, account_id: int) -> HttpResponse:
    """The 360° card: who, figures, panels of all capabilities."""
    view = View(actor_of(request), timezone.localdate())
    account = account_by_id(account_id, view.actor)
    count_reads(view.actor, ReadKind.VIEW)
    note_opened("account", account_id, actor=view.actor)
    card = card_of(ACCOUNT, account, view)
    context = {
        "card": card,
        "relation": relation_name(str(account.relation_id)),
        "phone": next((panel.context["phone"] for panel in card.side if panel.key == "contacts"), ""),
    }
    return render(request, "customers/card.html", context)


@require_safe
def account_preview(request: HttpRequest, account_id: int) -> HttpResponse:
    """The side panel's short card; as a page it is the card itself."""
    if not is_fragment_request(request):
        return HttpResponseRedirect(account_url(account_id))
    view = View(actor_of(request), timezone.localdate())
    account = account_by_id(account_id, view.actor)
    count_reads(view.actor, ReadKind.VIEW)
    contacts, own_points = contacts_of(account_id, view.actor)
    context = {
        "account": account,
        "contacts": contacts,
        "own_points": own_points,
        "panels": loaded_panels(ACCOUNT, account, view, place="preview"),
        "marks": [mark.load(account, view) for mark in marks_of("account")],
        "tags": card_tags("account", account, view),
        "can_edit": may_act_on(view.actor, account, Action.EDIT),
    }
    return render(request, "customers/_preview.html", context)


@require_POST
def reveal_point(request: HttpRequest, point_id: int) -> HttpResponse:
    """Show a masked contact point; it is logged."""
    point = commands.reveal_contact_point(point_id, actor=actor_of(request))
    return render(request, "customers/_revealed.html", {"point": point})


@require_POST
def mark_point(request: HttpRequest, point_id: int, *, is_wrong: bool) -> HttpResponse:
    """Note that a way reaches nobody, or that it works again; the toast takes it back."""
    actor = actor_of(request)
    if is_wrong:
        commands.mark_point_wrong(point_id, source=actor.name, actor=actor)
        message, undo_url = _("Marked as wrong."), reverse("point_works", args=[point_id])
    else:
        commands.mark_point_working(point_id, actor=actor)
        message, undo_url = _("Noted as working again."), reverse("point_wrong", args=[point_id])
    if not is_fragment_request(request):
        messages.success(request, message)
        account_id = grant(actor, ContactPoint).get(point_id).account_id
        return HttpResponseRedirect(f"{account_url(account_id)}#contacts", status=303)
    response = with_toast(with_trigger(HttpResponse(status=204), "panel-contacts"), message, undo_url=undo_url)
    return with_trigger(response, "panel-reach")
