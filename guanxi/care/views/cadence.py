"""Wanted intervals: the page of the grades, and the panel of one account's card."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.care.adapters.planning import cadence_overrides
from guanxi.care.commands import reset_account_cadence, reset_cadence, set_account_cadence, set_cadence
from guanxi.care.forms import CadenceForm
from guanxi.care.objects import cadence_panel_of
from guanxi.care.queries import rhythm_of
from guanxi.care.rules import Cadence, cadence_for, default_cadence
from guanxi.customers.facade import AccountRow, account_rows
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui import graphics
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.responses import is_fragment_request, page_or_fragment, with_toast, with_trigger
from guanxi.value.choices import GRADE_NAMES, GRADES
from guanxi.value.facade import grades_of


@dataclass(frozen=True, slots=True)
class GradeLine:
    """One grade: its mark, the interval in force as a form, the shipped one, and whether the house has its own."""

    grade: str
    mark: str
    name: object
    form: CadenceForm
    default: Cadence
    is_own: bool


@require_safe
def cadence_page(request: HttpRequest) -> HttpResponse:
    """The wanted intervals of all grades."""
    return render(request, "care/cadence.html", {"lines": _lines()})


@require_POST
def save_cadence(request: HttpRequest, grade: str) -> HttpResponse:
    """Set the interval of a grade, or go back to the shipped one."""
    if grade not in GRADES:
        raise Http404
    actor, form = actor_of(request), CadenceForm(request.POST, auto_id=f"{grade}-%s")
    if "reset" in request.POST:
        reset_cadence(grade, actor=actor)
    elif not _saved(form, partial(_set_of, grade, actor)):
        return render(request, "care/cadence.html", {"lines": _lines({grade: form})}, status=422)
    messages.success(request, _("Saved. It counts from the next plan, at five in the morning."))
    return HttpResponseRedirect(reverse("cadence"), status=303)


def _set_of(grade: str, actor: Actor, cadence: Cadence) -> None:
    set_cadence(grade, cadence=cadence, actor=actor)


def _lines(bound: Mapping[str, CadenceForm] | None = None) -> list[GradeLine]:
    """One line for each grade; a form that was refused stands in its place with its errors."""
    own, kept = cadence_overrides([]).grades, bound or {}
    return [
        GradeLine(
            grade=grade,
            mark=graphics.grade(grade),
            name=GRADE_NAMES[grade],
            form=kept.get(grade)
            or CadenceForm(initial=asdict(own.get(grade) or default_cadence(grade)), auto_id=f"{grade}-%s"),
            default=default_cadence(grade),
            is_own=grade in own,
        )
        for grade in GRADES
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def account_cadence(request: HttpRequest, account_id: int) -> HttpResponse:
    """The wanted interval of one account: on its card by htmx, else as a page."""
    actor, today = actor_of(request), timezone.localdate()
    account = account_rows(actor, [account_id]).get(account_id)
    if account is None:
        raise NotFound("record.not_found", "This record does not exist or is not shared with you.")
    known = cadence_overrides([account_id]).accounts.get(account_id)
    usual = _usual(actor, account)
    form = CadenceForm(request.POST if request.method == "POST" else None, initial=asdict(known or usual))
    if "reset" in request.POST:
        reset_account_cadence(account_id, actor=actor)
        return _after(request, account, today=today)
    if request.method == "POST" and _saved(form, partial(_set_for, account_id, actor)):
        return _after(request, account, today=today)
    context = {"account": account, "form": form, "is_own": known is not None, "usual": usual}
    return page_or_fragment(
        request,
        page="care/account_cadence.html",
        fragment="care/_cadence_form.html",
        context=context,
        status=422 if form.errors else 200,
    )


def _usual(actor: Actor, account: AccountRow) -> Cadence:
    """The interval that the account has without one of its own: by its grade, or its rhythm if that is shorter."""
    grade = grades_of([account.id]).get(account.id, "")
    return cadence_for(grade, rhythm_days=rhythm_of(actor, account.id), overrides=cadence_overrides([]))


def _set_for(account_id: int, actor: Actor, cadence: Cadence) -> None:
    set_account_cadence(account_id, cadence=cadence, actor=actor)


def _after(request: HttpRequest, account: AccountRow, *, today: date) -> HttpResponse:
    """Back to the card; for htmx the panel as it now is, and the sign for the figures to follow."""
    if not is_fragment_request(request):
        return HttpResponseRedirect(reverse("account_card", args=[account.id]), status=303)
    panel = cadence_panel_of(account.id, View(actor_of(request), today))
    response = render(request, "care/_cadence.html", {"panel": panel, "account": {"pk": account.id}})
    with_trigger(response, "facts")
    return with_toast(response, _("The contact rhythm of %(name)s is set") % {"name": account.label})


def _saved(form: CadenceForm, save: Callable[[Cadence], object]) -> bool:
    """Save the interval of a form; False when it was refused and the form says why."""
    if not form.is_valid():
        return False
    try:
        save(Cadence(**form.cleaned_data))
    except RuleViolation as error:
        form.add_error(None, sentence_of(error))
        return False
    return True
