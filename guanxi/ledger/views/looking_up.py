"""Looking customers up in outside sources, and deciding on what these propose."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.customers.facade import account_rows
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.ledger.choices import AskedBy
from guanxi.ledger.commands.enriching import begin_look_up, refuse_proposals, reopen_proposals, take_proposals
from guanxi.ledger.commands.enrichment_sources import host_of
from guanxi.ledger.queries.enrichment import asked_today, sources_in_use
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.bulk import asked_ids
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version
from guanxi.platform.ui.responses import leading_to

MOST_NAMED = 5


@require_http_methods(["GET", "HEAD", "POST"])
def look_up_page(request: HttpRequest) -> HttpResponse:
    """Say what is told to whom; with "do" it is asked. Raises: NotFound, AccessDenied, RuleViolation."""
    actor = actor_of(request)
    ids = asked_ids(request, listed_object("account"))
    refusal = ""
    back_url = reverse("account_card", args=[ids[0]]) if len(ids) == 1 else reverse("account_list")
    if request.POST.get("do") == "yes":
        try:
            begin_look_up(ids, title=_("Looking up in outside sources"), actor=actor)
        except RuleViolation as error:
            refusal = sentence_of(error)
        else:
            messages.success(request, _("The sources are being asked. What they say stands on the card then."))
            return leading_to(request, back_url)
    known, sources = account_rows(actor, ids[:MOST_NAMED]), sources_in_use()
    counts = asked_today([source.pk for source in sources])
    context = {
        "ids": ids,
        "names": [row.label for row in known.values()],
        "more": formats.number(len(ids) - len(known)) if len(ids) > len(known) else "",
        "sources": [
            {
                "name": source.name,
                "host": host_of(source),
                "asked_by": AskedBy(source.asked_by).label,
                "terms": source.terms,
                "left": formats.number(max(0, source.most_a_day - counts.get(source.pk, 0))),
            }
            for source in sources
        ],
        "refusal": refusal,
        "back_url": back_url,
    }
    return render(request, "ledger/look_up.html", context, status=422 if refusal else 200)


@require_POST
def decide(request: HttpRequest, account_id: int) -> HttpResponse:
    """Take what is proposed, or refuse it; "do" is take.<id>, refuse.<id> or take.all.

    Raises: NotFound, AccessDenied.
    """
    actor = actor_of(request)
    word, _dot, chosen = request.POST.get("do", "").partition(".")
    texts = request.POST.getlist("proposal") if chosen == "all" else [chosen]
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
    try:
        if word == "take":
            done = take_proposals(account_id, ids, version=posted_version(request), actor=actor)
            words = ngettext("%(count)s value taken.", "%(count)s values taken.", len(done))
        else:
            done = refuse_proposals(account_id, ids, actor=actor)
            words = ngettext("%(count)s value refused.", "%(count)s values refused.", len(done))
    except (RuleViolation, Conflict) as error:
        messages.error(request, sentence_of(error))
    else:
        undo = f"{reverse('reopen_proposals', args=[account_id])}?{urlencode({'id': done}, doseq=True)}"
        messages.success(request, words % {"count": formats.number(len(done))}, extra_tags=undo if done else "")
    return leading_to(request, f"{reverse('account_card', args=[account_id])}#proposals")


@require_POST
def reopen(request: HttpRequest, account_id: int) -> HttpResponse:
    """Take decisions back. Raises: NotFound, AccessDenied."""
    ids = [int(text) for text in request.GET.getlist("id") if text.isascii() and text.isdecimal() and len(text) < 19]
    reopen_proposals(account_id, ids, actor=actor_of(request))
    messages.success(request, _("Taken back."))
    return leading_to(request, f"{reverse('account_card', args=[account_id])}#proposals")
