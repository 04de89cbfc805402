"""Forms in which budgets and limits of gifts are set."""

from decimal import Decimal

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.customers.facade import relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import unit_names
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.stewardship.commands.gifts import (
    remove_gift_budget,
    remove_gift_limit,
    set_gift_budget,
    set_gift_limit,
)
from guanxi.stewardship.forms.gifts import BudgetForm, GiftLimitForm
from guanxi.stewardship.queries.gifts import budget_to_edit, limit_to_edit, units_to_budget


@require_http_methods(["GET", "HEAD", "POST"])
def budget_form(request: HttpRequest, budget_id: int | None = None) -> HttpResponse:
    """Set the budget of a department for a year, or change one. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    known = budget_to_edit(actor, budget_id) if budget_id is not None else None
    initial: dict[str, object] = {"year": timezone.localdate().year}
    if known is not None:
        initial = {"unit": known.unit_id, "year": known.year, "amount": known.amount}
    form = BudgetForm(request.POST if request.method == "POST" else None, initial=initial)
    _offer(form, "unit", [(known.unit_id, unit_names()[known.unit_id])] if known else units_to_budget(actor))
    if known is not None:
        form.fields["unit"].disabled = form.fields["year"].disabled = True
    version = known.version if known else 0
    if request.method == "POST" and form.is_valid():
        try:
            _save_budget(form, budget_id, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            return _saved(request, year=form.cleaned_data["year"])
    context = {
        "form": form,
        "title": _("Change the budget") if known else _("Set a budget"),
        "submit": _("Save the budget"),
        "version": version,
        "remove_url": reverse("gift_budget_remove", args=[known.pk]) if known else "",
        "remove": _("Take the budget away"),
    }
    return render(request, "stewardship/gift_setting.html", context, status=422 if form.errors else 200)


def _save_budget(form: BudgetForm, budget_id: int | None, *, version: int | None, actor: Actor) -> None:
    amount: Decimal = form.cleaned_data["amount"]
    unit_id, year = form.cleaned_data["unit"], form.cleaned_data["year"]
    set_gift_budget(unit_id, year=year, amount=amount, budget_id=budget_id, version=version, actor=actor)


@require_http_methods(["GET", "HEAD", "POST"])
def limit_form(request: HttpRequest, limit_id: int | None = None) -> HttpResponse:
    """Set what one receiver may get, or change it. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    known = limit_to_edit(actor, limit_id) if limit_id is not None else None
    initial = {name: getattr(known, name) for name in GiftLimitForm.base_fields} if known else {}
    form = GiftLimitForm(request.POST if request.method == "POST" else None, initial=initial)
    relations = [(key, in_language(*names)) for key, names in relation_names().items()]
    _offer(form, "relation", [("", _("Everybody else")), *relations])
    if known is not None:
        form.fields["relation"].disabled = True
    version = known.version if known else 0
    if request.method == "POST" and form.is_valid():
        try:
            set_gift_limit(form.cleaned_data, limit_id=limit_id, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            return _saved(request)
    context = {
        "form": form,
        "title": _("Change the limit") if known else _("Set a limit"),
        "submit": _("Save the limit"),
        "version": version,
        "remove_url": reverse("gift_limit_remove", args=[known.pk]) if known else "",
        "remove": _("Take the limit away"),
    }
    return render(request, "stewardship/gift_setting.html", context, status=422 if form.errors else 200)


@require_POST
def remove_budget(request: HttpRequest, budget_id: int) -> HttpResponse:
    """Take a budget away. Raises: NotFound, AccessDenied."""
    remove_gift_budget(budget_id, actor=actor_of(request))
    messages.success(request, _("The budget is gone."))
    return HttpResponseRedirect(reverse("gifts"), status=303)


@require_POST
def remove_limit(request: HttpRequest, limit_id: int) -> HttpResponse:
    """Take a limit away. Raises: NotFound, AccessDenied."""
    remove_gift_limit(limit_id, actor=actor_of(request))
    messages.success(request, _("The limit is gone."))
    return HttpResponseRedirect(reverse("gifts"), status=303)


def _offer(form: forms.Form, name: str, choices: object) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices  # type: ignore[assignment]  # pairs of values and labels


def _saved(request: HttpRequest, *, year: int | None = None) -> HttpResponse:
    messages.success(request, _("Saved."))
    address = reverse("gifts")
    return HttpResponseRedirect(f"{address}?year={year}" if year else address, status=303)
