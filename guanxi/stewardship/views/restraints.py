"""Placing and releasing legal holds, restricting the use of people and lifting it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.customers.facade import account_grant
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation, no_such_record
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship import commands
from guanxi.stewardship.forms.retention import HoldForm, RestrictForm
from guanxi.stewardship.models import LegalHold, Restriction


@require_http_methods(["GET", "HEAD", "POST"])
def place_hold(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask why a customer is kept and place the hold. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    account = account_grant(actor).live(account_id)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            commands.place_hold(account_id, **form.cleaned_data, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Held. Nothing of this customer is erased or deleted until it is released."))
            return leading_to(request, reverse("account_card", args=[account_id]))
    context = {
        "form": form,
        "title": _("Place a legal hold"),
        "text": _("No rule, no request and no emptying of the trash touches this customer while it is held."),
        "submit": _("Place the hold"),
        "subject": account.name,
        "back_url": reverse("account_card", args=[account_id]),
    }
    return render(request, "stewardship/privacy_act.html", context, status=422 if form.errors else 200)


@require_POST
def release_hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Release a hold, and go back to the list or to the card. Raises: NotFound, AccessDenied, Conflict."""
    hold: LegalHold = commands.release_hold(hold_id, actor=actor_of(request))
    messages.success(request, _("Released."))
    is_listed = request.POST.get("back") == "retention"
    return leading_to(request, reverse("retention") if is_listed else reverse("account_card", args=[hold.account_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def restrict(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Ask why nobody is to use a customer or contact, and restrict it. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    if key not in ("account", "contact"):
        raise no_such_record()
    spec = listed_object(key)
    record: Any = grant(actor, spec.model).live(record_id)
    if not may_act_on(actor, record, Action.EDIT):
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="edit")
    account_id, contact_id = (record.pk, None) if key == "account" else (record.account_id, record.pk)
    back_url = spec.detail_url(record_id) if spec.detail_url is not None else reverse("account_card", args=[account_id])
    form = RestrictForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        commands.restrict(account_id, contact_id, reason=form.cleaned_data["reason"], actor=actor)
        messages.success(request, _("Nobody is led to contact this person any more."))
        return leading_to(request, back_url)
    context = {
        "form": form,
        "title": _("Stop using"),
        "text": _("No queue and no campaign leads to this person any more. What is known of it stays."),
        "submit": _("Stop using"),
        "subject": getattr(record, spec.title),
        "back_url": back_url,
    }
    return render(request, "stewardship/privacy_act.html", context, status=422 if form.errors else 200)


@require_POST
def lift_restriction(request: HttpRequest, restriction_id: int) -> HttpResponse:
    """Let a person be used again. Raises: NotFound, AccessDenied, Conflict."""
    restriction: Restriction = commands.lift_restriction(restriction_id, actor=actor_of(request))
    messages.success(request, _("This person may be contacted again."))
    return leading_to(request, reverse("account_card", args=[restriction.account_id]))
