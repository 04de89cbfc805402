"""Pages of accounts: list, card, one panel of the card, preview, form."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers import commands
from guanxi.customers.facade import relation_name
from guanxi.customers.models import Account, Contact
from guanxi.customers.objects import ACCOUNT, CONTACT, account_url
from guanxi.customers.queries import account_by_id, contacts_of
from guanxi.kernel.errors import NotFound
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.own_records import favourites_among, note_opened
from guanxi.platform.objects.registry import figures_of, marks_of, panels_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.lists import list_page
from guanxi.platform.ui.responses import is_fragment_request


@dataclass(frozen=True, slots=True)
class LoadedPanel:
    """One panel with the context of its template."""

    key: str
    template: str
    context: Mapping[str, object]


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
    side = loaded_panels(account, view, place="side")
    note_opened("account", account_id, actor=view.actor)
    figures = [figure for source in figures_of("account") if (figure := source.load(account, view)) is not None]
    context = {
        "account": account,
        "main": loaded_panels(account, view, place="main"),
        "side": side,
        "figures": figures,
        "relation": relation_name(str(account.relation_id)),
        "owner": people([account.owner_id]).get(account.owner_id) if account.owner_id else None,
        "phone": next((panel.context["phone"] for panel in side if panel.key == "contacts"), ""),
        "marks": [mark.load(account, view) for mark in marks_of("account")],
        "can_edit": may_act_on(view.actor, account, Action.EDIT),
        "is_favourite": account_id in favourites_among("account", [account_id], actor=view.actor),
    }
    return render(request, "customers/card.html", context)


def loaded_panels(account: Account, view: View, *, place: str) -> list[LoadedPanel]:
    """The panels of one place that have something to show."""
    panels = ((panel, panel.load(account, view)) for panel in panels_of("account") if panel.place == place)
    return [LoadedPanel(panel.key, panel.template, data) for panel, data in panels if data is not None]


@require_safe
def account_panel(request: HttpRequest, account_id: int, key: str) -> HttpResponse:
    """One panel of the card by itself, to show it anew; as a page it is its place on the card."""
    if not is_fragment_request(request):
        return HttpResponseRedirect(f"{account_url(account_id)}#{key}")
    view = View(actor_of(request), timezone.localdate())
    has_focus = "focus" in request.GET
    return render_panel(request, account_by_id(account_id, view.actor), key=key, view=view, has_focus=has_focus)


def render_panel(
    request: HttpRequest, account: Account, *, key: str, view: View, has_focus: bool = False
) -> HttpResponse:
    """The fragment of one panel; its heading takes the focus if `has_focus`.

    Raises: NotFound("panel.not_found") when the card has no such panel or it has nothing to show.
    """
    found = next((panel for panel in panels_of("account") if panel.key == key), None)
    context = found.load(account, view) if found else None
    if found is None or context is None:
        raise NotFound("panel.not_found", "The card has no such part.")
    return render(request, found.template, {"panel": context, "account": account, "has_focus": has_focus})


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
        "panels": loaded_panels(account, view, place="preview"),
        "marks": [mark.load(account, view) for mark in marks_of("account")],
        "can_edit": may_act_on(view.actor, account, Action.EDIT),
    }
    return render(request, "customers/_preview.html", context)


@require_POST
def reveal_point(request: HttpRequest, point_id: int) -> HttpResponse:
    """Show a masked contact point; it is logged."""
    point = commands.reveal_contact_point(point_id, actor=actor_of(request))
    return render(request, "customers/_revealed.html", {"point": point})
