"""Returning customers to a pool, from the card and from the list; locking one against the rules."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.customers.facade import account_rows
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.bulk import asked_ids
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship.choices import EntryReason
from guanxi.stewardship.commands.pool_moves import return_to_pool, undo_return
from guanxi.stewardship.commands.pool_settings import lock_account, unlock_account
from guanxi.stewardship.forms.pools import LockForm, ReturnForm, offered
from guanxi.stewardship.queries.pools import lock_of, returnable_pools

MOST_NAMED = 5


@require_http_methods(["GET", "HEAD", "POST"])
def return_form(request: HttpRequest) -> HttpResponse:
    """Ask into which pool and why; with "do" it is done. Raises: NotFound, AccessDenied, RuleViolation."""
    actor = actor_of(request)
    ids = asked_ids(request, listed_object("account"))
    is_sent = request.POST.get("do") == "yes"
    pools = [(pool.pk, pool.label) for pool in returnable_pools(actor)]
    form = offered(ReturnForm(request.POST if is_sent else None), pool=pools)
    if is_sent and form.is_valid():
        try:
            moved = return_to_pool(
                ids,
                pool_id=form.cleaned_data["pool"],
                reason=EntryReason(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"],
                actor=actor,
            )
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            words = ngettext(
                "%(count)s customer went into the pool",
                "%(count)s customers went into the pool",
                len(moved.account_ids),
            )
            undo = reverse("undo_return", args=[moved.entry_id])
            messages.success(request, words % {"count": formats.number(len(moved.account_ids))}, extra_tags=undo)
            return leading_to(request, reverse("account_list"))
    known = account_rows(actor, ids[:MOST_NAMED])
    context = {
        "form": form,
        "ids": ids,
        "has_pools": bool(pools),
        "names": [row.label for row in known.values()],
        "more": formats.number(len(ids) - len(known)) if len(ids) > len(known) else "",
        "back_url": reverse("account_card", args=[ids[0]]) if len(ids) == 1 else reverse("account_list"),
    }
    return render(request, "stewardship/return.html", context, status=422 if form.errors else 200)


@require_POST
def undo(request: HttpRequest, entry_id: UUID) -> HttpResponse:
    """Take an own return back."""
    count = undo_return(entry_id, actor=actor_of(request))
    words = ngettext("%(count)s customer is yours again", "%(count)s customers are back with their owners", count)
    messages.success(request, words % {"count": formats.number(count)})
    return leading_to(request, reverse("account_list"))


@require_http_methods(["GET", "HEAD", "POST"])
def lock_form(request: HttpRequest, account_id: int) -> HttpResponse:
    """Lock a customer against going into a pool. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    account = account_rows(actor, [account_id]).get(account_id)
    if account is None:
        raise no_such_record()
    known = lock_of(actor, account_id)
    initial = {"until_on": known.until_on, "reason": known.reason} if known else {}
    form = LockForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            lock_account(account_id, **form.cleaned_data, actor=actor)
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Locked: no rule takes this customer away until then."))
            return HttpResponseRedirect(reverse("account_card", args=[account_id]), status=303)
    context = {"account": account, "form": form}
    return render(request, "stewardship/lock.html", context, status=422 if form.errors else 200)


@require_POST
def unlock(request: HttpRequest, account_id: int) -> HttpResponse:
    """Take a customer's lock away. Raises: NotFound, AccessDenied."""
    unlock_account(account_id, actor=actor_of(request))
    messages.success(request, _("Unlocked."))
    return HttpResponseRedirect(reverse("account_card", args=[account_id]), status=303)
