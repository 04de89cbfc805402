"""Pages of the ledger: the facts behind a figure, logging a contact."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers.facade import account_rows
from guanxi.kernel.errors import NotFound
from guanxi.ledger.commands import NewFact, record_fact, void_fact
from guanxi.ledger.objects import timeline_items, timeline_of
from guanxi.ledger.queries import fact_counts, facts_of_account
from guanxi.ledger.rules import FACT_KINDS
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.spec import View
from guanxi.platform.ui.responses import is_fragment_request, with_toast

PAGE_ROWS = 100
CHANNELS = {
    "call": "phone",
    "message_sent": "wecom",
    "visit": "visit",
    "mail_sent": "mail",
    "gift_given": "visit",
}


@require_safe
def facts_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """All facts of an account, or of one kind, newest first; every figure of the card opens here."""
    view = View(actor_of(request), timezone.localdate())
    account = account_rows(view.actor, [account_id]).get(account_id)
    if account is None:
        raise NotFound("record.not_found", "This record does not exist or is not shared with you.")
    known = set(FACT_KINDS)
    kind = request.GET.get("kind", "")
    kinds = (kind,) if kind in known else ()
    page = facts_of_account(view.actor, account_id, kinds=kinds, before=read_cursor(request), limit=PAGE_ROWS)
    totals: dict[str, int] = {}
    for entry in fact_counts(view.actor, account_id):
        totals[entry.kind] = totals.get(entry.kind, 0) + entry.count
    context = {
        "account": account,
        "items": timeline_items(page.rows, view=view),
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
    """Log a contact that just happened: one click on its kind, with a note or without; htmx gets the timeline."""
    actor = actor_of(request)
    sub_kind = request.POST.get("sub_kind", "call")
    note = request.POST.get("note", "").strip()
    fact = NewFact(
        kind="interaction",
        sub_kind=sub_kind,
        occurred_at=timezone.now(),
        channel=CHANNELS.get(sub_kind, ""),
        payload={"note": note} if note else {},
    )
    fact_id = record_fact(account_id, fact=fact, source_id=request.POST.get("once", "")[:64], actor=actor)
    if is_fragment_request(request):
        panel = timeline_of(account_id, View(actor, timezone.localdate()))
        response = render(request, "ledger/_timeline.html", {"panel": panel})
        return with_toast(response, _("Logged."), undo_url=reverse("void_fact", args=[fact_id]))
    response = HttpResponseRedirect(f"/accounts/{account_id}/#timeline")
    response.status_code = 303
    return response


@require_POST
def void_logged(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Take back what was logged by mistake; the ledger keeps both."""
    void_fact(fact_id, reason=_("Undone by the person who logged it"), actor=actor_of(request))
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
