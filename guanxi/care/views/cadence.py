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
from guanxi.care.queries import OwnCadence, own_cadence_of, own_cadences, rhythm_of
from guanxi.care.rules import Cadence, cadence_for, default_cadence
from guanxi.customers.facade import AccountRow, account_rows, require_editable, strategies_of_accounts
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui import graphics
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
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
    version: int
    default: Cadence
    is_own: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not saved, with the version that its person knows of by now."""

    form: CadenceForm
    version: int


@dataclass(frozen=True, slots=True)
class Verbs:
    """What can be done with the interval of one grade or one account: `set` it, `reset` it."""

    set: Callable[..., object]
    reset: Callable[..., object]


@require_safe
def cadence_page(request: HttpRequest) -> HttpResponse:
    """The wanted intervals of all grades."""
    return render(request, "care/cadence.html", {"lines": _lines(actor_of(request))})


@require_POST
def save_cadence(request: HttpRequest, grade: str) -> HttpResponse:
    """Set the interval of a grade, or go back to the shipped one."""
    if grade not in GRADES:
        raise Http404
    actor, form = actor_of(request), CadenceForm(request.POST, auto_id=f"{grade}-%s")
    verbs = Verbs(partial(set_cadence, grade, actor=actor), partial(reset_cadence, grade, actor=actor))
    refused = _refused(request, form, known=own_cadences(actor).get(grade, OwnCadence()), verbs=verbs)
    if refused:
        return render(request, "care/cadence.html", {"lines": _lines(actor, {grade: refused})}, status=422)
    messages.success(request, _("Saved. It counts from the next plan, at five in the morning."))
    return HttpResponseRedirect(reverse("cadence"), status=303)


def _lines(actor: Actor, refused: Mapping[str, Refused] | None = None) -> list[GradeLine]:
    """One line for each grade; a form that was refused stands in its place with its errors."""
    known = own_cadences(actor)
    return [_line(grade, known.get(grade, OwnCadence()), (refused or {}).get(grade)) for grade in GRADES]


def _line(grade: str, known: OwnCadence, refused: Refused | None) -> GradeLine:
    default = default_cadence(grade)
    form = CadenceForm(initial=asdict(known.cadence or default), auto_id=f"{grade}-%s")
    return GradeLine(
        grade=grade,
        mark=graphics.grade(grade),
        name=GRADE_NAMES[grade],
        form=refused.form if refused else form,
        version=refused.version if refused else known.version,
        default=default,
        is_own=known.cadence is not None,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def account_cadence(request: HttpRequest, account_id: int) -> HttpResponse:
    """The wanted interval of one account: on its card by htmx, else as a page."""
    actor, today = actor_of(request), timezone.localdate()
    account = account_rows(actor, [account_id]).get(account_id)
    if account is None:
        raise no_such_record()
    require_editable(account_id, actor=actor)
    known, usual = own_cadence_of(actor, account_id), _usual(actor, account)
    is_sent = request.method == "POST"
    form = CadenceForm(request.POST if is_sent else None, initial=asdict(known.cadence or usual))
    verbs = Verbs(
        partial(set_account_cadence, account_id, actor=actor), partial(reset_account_cadence, account_id, actor=actor)
    )
    refused = _refused(request, form, known=known, verbs=verbs) if is_sent else None
    if is_sent and refused is None:
        return _after(request, account, today=today)
    context = {
        "account": account,
        "form": form,
        "version": refused.version if refused else known.version,
        "is_own": known.cadence is not None,
        "usual": usual,
    }
    return page_or_fragment(
        request,
        page="care/account_cadence.html",
        fragment="care/_cadence_form.html",
        context=context,
        status=422 if form.errors else 200,
    )


def _usual(actor: Actor, account: AccountRow) -> Cadence:
    """The interval that the account has without one of its own: by class or grade, or its rhythm if that is shorter."""
    grade = grades_of([account.id]).get(account.id, "")
    overrides = cadence_overrides([], strategies=strategies_of_accounts([account.id]))
    return cadence_for(grade, rhythm_days=rhythm_of(actor, account.id), overrides=overrides, account_id=account.id)


def _after(request: HttpRequest, account: AccountRow, *, today: date) -> HttpResponse:
    """Back to the card; for htmx the panel as it now is, and the sign for the figures to follow."""
    if not is_fragment_request(request):
        return HttpResponseRedirect(reverse("account_card", args=[account.id]), status=303)
    panel = cadence_panel_of(account.id, View(actor_of(request), today), can_edit=True)
    response = render(request, "care/_cadence.html", {"panel": panel, "record": {"pk": account.id}})
    with_trigger(response, "facts")
    return with_toast(response, _("The contact rhythm of %(name)s is set") % {"name": account.label})


def _refused(request: HttpRequest, form: CadenceForm, *, known: OwnCadence, verbs: Verbs) -> Refused | None:
    """Do what was asked with an interval; None when it is done, else the form that says why it was refused."""
    seen = posted_version(request)
    version = known.version if seen is None else seen
    try:
        if "reset" in request.POST:
            verbs.reset(version=seen)
        elif form.is_valid():
            verbs.set(cadence=Cadence(**form.cleaned_data), version=seen)
        else:
            return Refused(form, version)
    except (RuleViolation, Conflict) as error:
        show_refusal(form, error)
        return Refused(form, version_after(error, version))
    return None
