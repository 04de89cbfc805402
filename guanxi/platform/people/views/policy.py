"""What the house asks of a sign-in."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods

from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import SignInPolicy, change_sign_in_policy
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.people.forms import PolicyForm
from guanxi.platform.ui.navigation import SettingsEntry, register_settings


@require_http_methods(["GET", "HEAD", "POST"])
def policy_page(request: HttpRequest) -> HttpResponse:
    """Passwords and second factors of the house. Raises: AccessDenied for who administers a part of it only."""
    actor = actor_of(request)
    if not administers_everybody(actor):
        raise AccessDenied("access.denied", "Only who administers everybody can change this.")
    form = PolicyForm(request.POST or None, initial=asdict(SignInPolicy.in_force()))
    if request.method == "POST" and form.is_valid():
        change_sign_in_policy(form.policy(), actor=actor)
        messages.success(request, _("Saved. It holds for everybody from the next click on."))
        return HttpResponseRedirect(reverse("sign_in_policy"), status=303)
    return render(request, "people/policy.html", {"form": form}, status=422 if form.errors else 200)


register_settings(
    SettingsEntry(
        "sign_in_policy",
        _l("Sign-in rules"),
        _l("How long passwords are, who needs a second factor."),
        "shield-lock",
        "sign_in_policy",
        group=_l("For the house"),
        order=220,
        is_shown=administers_everybody,
    )
)
