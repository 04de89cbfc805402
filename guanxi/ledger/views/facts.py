"""Pages of the ledger: the facts behind a figure, logging a contact."""

from datetime import UTC, datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.catalog.facade import category_choices
from guanxi.customers.facade import account_rows
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.ledger.commands import (
    NewFact,
    change_competitor_promotion,
    keep_promise,
    log_fact,
    record_competitor_promotion,
    set_promotion_aside,
    take_back_fact,
)
from guanxi.ledger.forms import PromotionForm
from guanxi.ledger.models import CompetitorPromotion
from guanxi.ledger.objects.facts import timeline_items, timeline_of
from guanxi.ledger.queries import fact_counts, facts_by_ids, facts_of_account, promotion, promotions
from guanxi.ledger.rules import FACT_KINDS, GIVEN
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after
from guanxi.platform.ui.responses import is_fragment_request, with_toast, with_trigger

PAGE_ROWS = 100
CHANNELS = {
    "call": "phone",
    "message_sent": "wecom",
    "visit": "visit",
    "mail_sent": "mail",
}


@require_safe
def facts_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """All facts of an account, or of one kind, newest first; every figure of the card opens here."""
    view = View(actor_of(request), timezone.localdate())
    account = account_rows(view.actor, [account_id]).get(account_id)
    if account is None:
        raise no_such_record()
    known = set(FACT_KINDS)
    kind = request.GET.get("kind", "")
    kinds = (kind,) if kind in known else ()
    page = facts_of_account(view.actor, account_id, kinds=kinds, before=read_cursor(request), limit=PAGE_ROWS)
    totals: dict[str, int] = {}
    for entry in fact_counts(view.actor, account_id):
        totals[entry.kind] = totals.get(entry.kind, 0) + entry.count
    context = {
        "account": account,
        "items": timeline_items(page.rows),
        "kinds": [(item.name, _(item.label), totals[item.name]) for item in FACT_KINDS.values() if item.name in totals],
        "kind": kind if kinds else "",
        "total": sum(totals.values()),
        "next_cursor": f"{page.next_before[0].timestamp()}_{page.next_before[1]}" if page.next_before else "",
    }
    return render(request, "ledger/facts.html", context)


def read_cursor(request: HttpRequest) -> tuple[datetime, int] | None:
    """The place to go on from, as the address has it; None from the start or when it cannot be read."""
    stamp, _, fact_id = request.GET.get("before", "").partition("_")
    try:
        return datetime.fromtimestamp(float(stamp), tz=UTC), int(fact_id)
    except (ValueError, OverflowError, OSError):
        return None


@require_POST
def log_contact(request: HttpRequest, account_id: int) -> HttpResponse:
    """Log a contact that just happened: one click on its kind, with a note or without; htmx gets the timeline.

    Raises: NotFound, AccessDenied, RuleViolation("fact.given" | …), Conflict.
    """
    actor = actor_of(request)
    sub_kind = request.POST.get("sub_kind", "call")
    if ("interaction", sub_kind) in GIVEN:
        raise RuleViolation(
            "fact.given", "What a customer is given is entered with its worth, where gifts are entered."
        )
    payload = {name: text for name in ("note", "promise", "due_on") if (text := request.POST.get(name, "").strip())}
    if "promise" not in payload:
        payload.pop("due_on", None)
    fact = NewFact(
        kind="interaction",
        sub_kind=sub_kind,
        occurred_at=timezone.now(),
        channel=CHANNELS.get(sub_kind, ""),
        payload=payload,
    )
    fact_id = log_fact(account_id, fact=fact, once=request.POST.get("once", "")[:64], actor=actor)
    if is_fragment_request(request):
        panel = timeline_of(account_id, View(actor, timezone.localdate()), can_log=True)
        response = render(request, "ledger/_timeline.html", {"panel": panel})
        with_trigger(response, "facts")
        return with_toast(response, _("Logged."), undo_url=reverse("void_fact", args=[fact_id]))
    response = HttpResponseRedirect(f"/accounts/{account_id}/#timeline")
    response.status_code = 303
    return response


@require_POST
def promise_kept(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Note that a promise is kept; htmx gets the timeline. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    kept_id = keep_promise(fact_id, actor=actor)
    account_id = facts_by_ids(actor, [kept_id])[0].account_id
    if is_fragment_request(request):
        panel = timeline_of(account_id, View(actor, timezone.localdate()), can_log=True)
        response = with_trigger(render(request, "ledger/_timeline.html", {"panel": panel}), "facts")
        return with_toast(response, _("Promise kept."), undo_url=reverse("void_fact", args=[kept_id]))
    return HttpResponseRedirect(f"/accounts/{account_id}/#timeline", status=303)


@require_POST
def void_logged(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Take back what was logged by mistake; the ledger keeps both."""
    take_back_fact(fact_id, reason=_("Undone by the person who logged it"), actor=actor_of(request))
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})


@require_safe
def promotions_page(request: HttpRequest) -> HttpResponse:
    """What competitors offered, the latest first."""
    actor, names = actor_of(request), dict(category_choices())
    context = {
        "rows": [
            (row, formats.enumeration(names.get(key, key) for key in row.category_keys)) for row in promotions(actor)
        ],
        "today": timezone.localdate(),
        "can_create": may(actor, CompetitorPromotion, Action.CREATE),
        "can_edit": may(actor, CompetitorPromotion, Action.EDIT),
    }
    return render(request, "ledger/promotions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def promotion_form(request: HttpRequest, promotion_id: int | None = None) -> HttpResponse:
    """Record a competitor's promotion, or change one."""
    actor = actor_of(request)
    known = promotion(actor, promotion_id) if promotion_id is not None else None
    form = PromotionForm(request.POST or None, initial=_known_values(known))
    version = posted_version(request) or (known.version if known else 0)
    if request.method == "POST" and form.is_valid():
        try:
            _save_promotion(form, promotion_id, version=posted_version(request), actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            return HttpResponseRedirect(reverse("promotions"), status=303)
    context = {"form": form, "promotion": known, "version": version}
    return render(request, "ledger/promotion_form.html", context, status=422 if form.errors else 200)


def _known_values(known: CompetitorPromotion | None) -> dict[str, object]:
    """What the form begins with: the record's values, the depth as per cent."""
    if known is None:
        return {"start_on": timezone.localdate()}
    values = {name: getattr(known, name) for name in PromotionForm.base_fields if name != "percent"}
    return {**values, "percent": round(known.depth * 100) if known.depth is not None else None}


def _save_promotion(form: PromotionForm, promotion_id: int | None, *, version: int | None, actor: Actor) -> None:
    """Save what was typed; a depth that the form shows rounded stays as it is unless it was changed."""
    values = dict(form.cleaned_data)
    percent = values.pop("percent")
    if promotion_id is None or "percent" in form.changed_data:
        values["depth"] = Decimal(percent) / 100 if percent is not None else None
    if promotion_id is None:
        record_competitor_promotion(CompetitorPromotion(**values), actor=actor)
    else:
        change_competitor_promotion(promotion_id, values=values, version=version, actor=actor)


@require_POST
def remove_promotion(request: HttpRequest, promotion_id: int) -> HttpResponse:
    """Put a promotion aside; `back` takes it out of the trash again."""
    is_aside = "back" not in request.GET
    set_promotion_aside(promotion_id, is_aside=is_aside, actor=actor_of(request))
    if not is_fragment_request(request):
        return HttpResponseRedirect(reverse("promotions"), status=303)
    if not is_aside:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    undo_url = f"{reverse('remove_promotion', args=[promotion_id])}?back=1"
    return with_toast(HttpResponse(""), _("The promotion is removed."), undo_url=undo_url)
