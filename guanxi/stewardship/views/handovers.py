"""Pages of who leads a handover: the list, a new one, inventory, split and plan, handing over, taking back."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.facade import account_grant, account_rows, may_hand_over
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to, with_toast
from guanxi.stewardship.commands import (
    give_items,
    hand_over,
    hand_over_account,
    open_case,
    split_case,
    undo_handover,
)
from guanxi.stewardship.models.handovers import CaseState, HandoverCase, HandoverItem, ItemState, SplitMethod
from guanxi.stewardship.queries.handovers import (
    Chosen,
    case_for,
    cases_of,
    counts_of,
    inventory,
    load_lines,
    loaded_receivers,
    plan_page,
    unspoken,
    waiting_count,
)
from guanxi.stewardship.views.handover_forms import AccountForm, CaseForm, colleagues, person_name

MOST_SUGGESTED = 8
NARROWING = ("grade", "region", "receiver", "state")


@require_safe
def handovers_page(request: HttpRequest) -> HttpResponse:
    """The handovers that the person leads."""
    actor = actor_of(request)
    context = {"lines": cases_of(actor), "waiting": waiting_count(actor)}
    return render(request, "stewardship/handovers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_handover(request: HttpRequest) -> HttpResponse:
    """Begin a handover of all customers of somebody."""
    actor = actor_of(request)
    reached = {p.id for p in active_people() if may_hand_over(actor, owner_id=p.id, unit_id=p.unit_id)}
    offered = [(user_id, words) for user_id, words in colleagues() if user_id in reached]
    initial = {"person_id": request.GET.get("person", ""), "reason": "leaving"}
    form = CaseForm(request.POST or None, offered=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            case = open_case(form.cleaned_data["person_id"], terms=form.terms(), actor=actor)
        except (AccessDenied, Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            return HttpResponseRedirect(reverse("handover", args=[case.pk]), status=303)
    return render(request, "stewardship/handover_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def handover_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """One handover: what is owned, who takes over what, where it stands."""
    return _page(request, case_for(actor_of(request), case_id))


def _page(request: HttpRequest, case: HandoverCase, *, problem: str = "") -> HttpResponse:
    actor, chosen = actor_of(request), _chosen(request.GET)
    counts = counts_of(case)
    plan = plan_page(case, actor, chosen=chosen, page=_number(request.GET.get("page", "1")) or 1)
    is_open = case.state in (CaseState.DRAFT, CaseState.SPLIT) or bool(counts[ItemState.PROPOSED])
    context = {
        "case": case,
        "person": person_name(case.person_id),
        "inventory": _inventory(case, actor),
        "plan": plan,
        "chosen": chosen,
        "kept": _kept(chosen),
        "counts": {str(key): count for key, count in counts.items()},
        "planned": counts[ItemState.PROPOSED],
        "unassigned": sum(count for user_id, _name, count in plan.receivers if user_id is None),
        "total": sum(count for key, count in counts.items() if key != "contacted"),
        "is_open": is_open and case.run_id is None,
        "step": _step(case),
        "run": JobRun.objects.filter(pk=case.run_id).first() if case.run_id else None,
        "loads": load_lines(case, actor),
        "suggested": _suggested(case, actor) if case.state == CaseState.DRAFT else (),
        "methods": SplitMethod.choices,
        "colleagues": colleagues(but=case.person_id),
        "unspoken": unspoken(case, actor) if case.state == CaseState.CHECKED else (),
        "problem": problem,
    }
    return render(request, "stewardship/handover.html", context, status=422 if problem else 200)


def _inventory(case: HandoverCase, actor: Actor) -> object:
    ids = list(HandoverItem.objects.filter(case=case).order_by("account_id").values_list("account_id", flat=True))
    is_planned = case.state in (CaseState.DRAFT, CaseState.SPLIT)
    return inventory(actor, case.person_id, account_ids=ids) if is_planned else None


def _step(case: HandoverCase) -> int:
    """Which of the four steps a handover is at."""
    steps = {CaseState.DRAFT: 1, CaseState.SPLIT: 2, CaseState.HANDING: 3, CaseState.CONFIRMED: 4}
    return steps.get(CaseState(case.state), 5)


def _suggested(case: HandoverCase, actor: Actor) -> list[tuple[int, str, int, float]]:
    """Colleagues who look after customers already, those of the same department first, then who has the fewest."""
    people = {person.id: person for person in active_people() if person.id != case.person_id}
    loaded = [item for item in loaded_receivers([(user_id, None) for user_id in people], actor) if item.number]
    loaded.sort(key=lambda item: (people[item.user_id].unit_id != case.unit_id, item.number, item.user_id))
    return [(item.user_id, people[item.user_id].name, item.number, item.value) for item in loaded[:MOST_SUGGESTED]]


def _chosen(sent: QueryDict) -> Chosen:
    known = {name: sent.get(name, "").replace("\x00", "")[:80] for name in NARROWING}
    if known["state"] not in ItemState.values:
        known["state"] = ""
    receiver = known["receiver"]
    if receiver != "none" and not (receiver.isascii() and receiver.isdecimal() and len(receiver) < 19):
        known["receiver"] = ""
    return Chosen(**known)


def _kept(chosen: Chosen) -> str:
    """How the plan is narrowed, as part of an address."""
    return urlencode({name: getattr(chosen, name) for name in NARROWING if getattr(chosen, name)})


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


@require_POST
def split_handover(request: HttpRequest, case_id: int) -> HttpResponse:
    """Split the customers among the colleagues that are ticked."""
    actor = actor_of(request)
    case = case_for(actor, case_id)
    method = request.POST.get("method", "")
    receivers: dict[int, int | None] = {}
    for text in request.POST.getlist("receiver"):
        user_id = _number(text)
        if user_id is not None:
            receivers[user_id] = _number(request.POST.get(f"capacity_{user_id}"))
    try:
        split_case(
            case.pk,
            receivers=list(receivers.items()),
            method=method if method in SplitMethod.values else SplitMethod.LOAD,
            actor=actor,
        )
    except RuleViolation as error:
        return _page(request, case, problem=sentence_of(error))
    return HttpResponseRedirect(f"{reverse('handover', args=[case.pk])}#plan", status=303)


@require_POST
def give_customers(request: HttpRequest, case_id: int) -> HttpResponse:
    """Let a colleague take over the ticked customers, or all to which the plan is narrowed."""
    actor = actor_of(request)
    case = case_for(actor, case_id)
    chosen = _chosen(request.POST)
    ids = [number for text in request.POST.getlist("id") if (number := _number(text)) is not None]
    try:
        give_items(
            case.pk,
            item_ids=None if "all" in request.POST else ids,
            chosen=chosen,
            receiver_id=_number(request.POST.get("to")) or 0,
            actor=actor,
        )
    except RuleViolation as error:
        return _page(request, case, problem=sentence_of(error))
    page = _number(request.POST.get("page")) or 1
    address = f"{reverse('handover', args=[case.pk])}?{_kept(chosen)}&page={page}#plan"
    return HttpResponseRedirect(address, status=303)


@require_POST
def hand_over_now(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand over what is planned."""
    actor = actor_of(request)
    case = case_for(actor, case_id)
    title = _("Handing over the customers of %(name)s") % {"name": person_name(case.person_id)}
    try:
        hand_over(case.pk, title=title, actor=actor)
    except RuleViolation as error:
        return _page(request, case, problem=sentence_of(error))
    return HttpResponseRedirect(reverse("handover", args=[case.pk]), status=303)


@require_POST
def take_back(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a handover back."""
    actor = actor_of(request)
    case = case_for(actor, case_id)
    title = _("Taking back the handover of %(name)s") % {"name": person_name(case.person_id)}
    undo_handover(case.pk, title=title, actor=actor)
    return leading_to(request, reverse("handover", args=[case.pk]))


@require_http_methods(["GET", "HEAD", "POST"])
def hand_account_over(request: HttpRequest, account_id: int) -> HttpResponse:
    """Hand one customer over. Raises: NotFound, AccessDenied for who may not."""
    actor = actor_of(request)
    account = account_grant(actor).live(account_id)
    if not may_hand_over(actor, owner_id=account.owner_id, unit_id=account.unit_id):
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="transfer")
    owner_id = account.owner_id or 0
    kinds = inventory(actor, owner_id, account_ids=[account_id]).kinds if owner_id else ()
    form = AccountForm(request.POST or None, owner_id=owner_id, kinds=kinds)
    if request.method == "POST" and form.is_valid():
        try:
            case = hand_over_account(
                account_id, receiver_id=form.cleaned_data["receiver_id"], terms=form.terms(), actor=actor
            )
        except (Conflict, RuleViolation) as error:
            show_refusal(form, error)
        else:
            return _after_one(request, account_id, case, actor=actor)
    context = {"form": form, "account": account, "owner": person_name(account.owner_id)}
    return render(request, "stewardship/handover_account.html", context, status=422 if form.errors else 200)


def _after_one(request: HttpRequest, account_id: int, case: HandoverCase, *, actor: Actor) -> HttpResponse:
    """To the card of the customer, or to the handover where the person does not see the customer any more."""
    is_seen = account_id in account_rows(actor, [account_id])
    address = reverse("account_card", args=[account_id]) if is_seen else reverse("handover", args=[case.pk])
    response = leading_to(request, address)
    return with_toast(response, _("Handed over."), undo_url=reverse("handover_undo", args=[case.pk]))
