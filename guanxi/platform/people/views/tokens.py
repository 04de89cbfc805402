"""API tokens of the person: make one, see when it was last used, revoke it."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.kernel.actor import Actor
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import create_token, revoke_token
from guanxi.platform.accounts.models import ApiToken, User
from guanxi.platform.accounts.queries import own_id, tokens_of
from guanxi.platform.people.forms import TokenForm
from guanxi.platform.people.scopes import scope_lines, scope_words
from guanxi.platform.people.words import ACTION_WORDS
from guanxi.platform.ui.format import enumeration
from guanxi.platform.ui.navigation import SettingsEntry, register_settings


@dataclass(frozen=True, slots=True)
class TokenLine:
    """One token as the page shows it."""

    id: int
    name: str
    extent: str
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    is_expired: bool


@require_safe
def tokens_page(request: HttpRequest) -> HttpResponse:
    """The tokens of the person that were not revoked."""
    lines = [_line(token) for token in tokens_of(own_id(actor_of(request)))]
    return render(request, "people/tokens.html", {"tokens": lines})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token after the password was confirmed; the answer shows its secret, this once."""
    actor = actor_of(request)
    form = TokenForm(request.POST if request.method == "POST" else None, lines=scope_lines(actor))
    if request.method == "POST" and form.is_valid():
        secret = _make(form, actor=actor)
        return render(request, "people/token_made.html", {"secret": secret, "name": form.cleaned_data["name"]})
    lines = scope_lines(actor, ticked=request.POST.getlist("scopes"))
    context = {"form": form, "lines": lines, "actions": tuple(ACTION_WORDS.values())}
    return render(request, "people/new_token.html", context, status=422 if form.errors else 200)


@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End a token at once. Raises: NotFound for one that is not the person's own."""
    revoke_token(token_id, actor=actor_of(request))
    messages.success(request, _("The token is revoked. Whatever still uses it is refused from now on."))
    return HttpResponseRedirect(reverse("tokens"), status=303)


def _make(form: TokenForm, *, actor: Actor) -> str:
    return create_token(
        get_object_or_404(User, pk=own_id(actor)),
        name=form.cleaned_data["name"],
        is_read_only=form.is_read_only(),
        scopes=form.chosen_scopes(),
        expires_at=form.expires_at(),
        actor=actor,
    )


def _line(token: ApiToken) -> TokenLine:
    if token.scopes is not None:
        extent = enumeration(scope_words(token.scopes))
    else:
        extent = _("reads everything that I may see") if token.is_read_only else _("everything that I may do")
    return TokenLine(
        id=token.pk,
        name=token.name,
        extent=extent,
        created_at=token.created_at,
        expires_at=token.expires_at,
        used_at=token.used_at,
        is_expired=token.expires_at is not None and token.expires_at <= timezone.now(),
    )


register_settings(
    SettingsEntry(
        "tokens",
        _l("API tokens"),
        _l("Keys for programs that act in your name, with your rights or fewer."),
        "key",
        "tokens",
        order=30,
    )
)
