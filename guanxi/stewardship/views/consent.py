"""What a customer agreed to, and noting it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.grant import grant, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship import commands
from guanxi.stewardship.forms.privacy import ConsentForm
from guanxi.stewardship.models import ConsentRecord
from guanxi.stewardship.queries.consent import consents_of


@require_http_methods(["GET", "HEAD", "POST"])
def consents(request: HttpRequest, account_id: int) -> HttpResponse:
    """What holds of a customer's consents, how it came to be, and a form to note another.

    Raises: NotFound, AccessDenied.
    """
    actor = actor_of(request)
    account = grant(actor, listed_object("account").model).live(account_id)
    contacts = _contacts(account_id, actor)
    form = ConsentForm(request.POST or None)
    form.fields["contact"].choices = [("", account.name), *contacts.items()]  # type: ignore[attr-defined]  # a choice field
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        consent = ConsentRecord(account_id=account_id, contact_id=values.pop("contact"), at=timezone.now(), **values)
        try:
            commands.record_consent(consent, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            return leading_to(request, reverse("consents", args=[account_id]))
    lines = consents_of(account_id, actor)
    known = people(line.by_id for line in lines if line.by_id)
    context = {
        "account": account,
        "form": form,
        "lines": [(line, known[line.by_id].name if line.by_id in known else "") for line in lines],
        "can_edit": may_act_on(actor, account, Action.EDIT),
    }
    return render(request, "stewardship/consents.html", context, status=422 if form.errors else 200)


def _contacts(account_id: int, actor: Actor) -> dict[int, str]:
    """The contacts of the account that the actor may see, by id."""
    rows = grant(actor, listed_object("contact").model).queryset()
    found = rows.filter(account=account_id, trashed_at__isnull=True).order_by("pk")
    return dict(found.values_list("pk", "name"))
