"""My preferences: language, time zone, days, amounts and currency of a person, and theme and density of the browser."""

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods

from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import OwnChoices, choose_localisation
from guanxi.platform.accounts.models import User
from guanxi.platform.preferences.locale import DayFormat, Scale
from guanxi.platform.preferences.rates import CURRENCIES, house_currency
from guanxi.platform.ui.context import LANGUAGE_NAMES

FIRST_ZONES = ("Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Europe/London", "UTC")


class LocalisationForm(forms.Form):
    """How the person wants things written."""

    language = forms.ChoiceField(label=_l("Language"), choices=LANGUAGE_NAMES)
    time_zone = forms.ChoiceField(label=_l("Time zone"))
    day_format = forms.ChoiceField(label=_l("Days"), choices=DayFormat.choices, required=False)
    scale = forms.ChoiceField(label=_l("Large amounts"), choices=Scale.choices, required=False)
    currency = forms.ChoiceField(
        label=_l("Currency"),
        required=False,
        help_text=_l("Amounts of fields are converted by the rate of the day; the original stands under the pointer."),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as the form takes them
        others = sorted(available_timezones().difference(FIRST_ZONES))
        self.fields["time_zone"].choices = [(name, name.replace("_", " ")) for name in (*FIRST_ZONES, *others)]  # type: ignore[attr-defined]  # a choice field
        house = house_currency()
        own = _("%(currency)s, as the house") % {"currency": house}
        self.fields["currency"].choices = [("", own), *((code, code) for code in CURRENCIES if code != house)]  # type: ignore[attr-defined]  # as above


@require_http_methods(["GET", "HEAD", "POST"])
def my_preferences(request: HttpRequest) -> HttpResponse:
    """The personal choices as a page."""
    actor, user = actor_of(request), request.user
    initial = {name: getattr(user, name) for name in LocalisationForm.base_fields} if isinstance(user, User) else {}
    form = LocalisationForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        chosen = OwnChoices(**form.cleaned_data)
        choose_localisation(chosen, languages=[code for code, _name in LANGUAGE_NAMES], actor=actor)
        messages.success(request, _("Saved."))
        response = HttpResponseRedirect(reverse("my_preferences"), status=303)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen.language, samesite="Lax", secure=request.is_secure())
        return response
    return render(request, "ui/my_preferences.html", {"form": form}, status=422 if form.errors else 200)
