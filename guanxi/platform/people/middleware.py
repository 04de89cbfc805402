"""Who needs a second factor sets it up before anything else."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import lacks_second_factor
from guanxi.platform.ui.responses import leading_to

OPEN_ADDRESSES = ("/sign-in/", "/display/", "/language/", "/static/")


class SecondFactorMiddleware:
    """Leads a person whose role needs a second factor, and who has none, to where it is set up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, or lead to the set-up."""
        user = request.user
        if not isinstance(user, User) or not lacks_second_factor(user) or request.path.startswith(OPEN_ADDRESSES):
            return self.get_response(request)
        messages.warning(request, _("Your role needs a second factor. Set one up to go on."))
        return leading_to(request, reverse("mfa_index"))
