"""The currency of the house, and what others are worth in it day by day."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.commands import choose_house_currency, keep_rates, remove_rate
from guanxi.platform.accounts.queries import administers_everybody
from guanxi.platform.preferences.rates import CURRENCIES, LONGEST_DAYS, Rate, house_currency, latest_rates
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.navigation import SettingsEntry, register_settings


class RateForm(forms.Form):
    """One rate of one day."""

    day = forms.DateField(label=_l("Date"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    currency = forms.ChoiceField(label=_l("Currency"))
    value = forms.DecimalField(label=_l("One unit is worth"), max_digits=14, decimal_places=8)

    def __init__(self, *args: object, house: str, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as the form takes them
        self.fields["currency"].choices = [(code, code) for code in CURRENCIES if code != house]  # type: ignore[attr-defined]  # a choice field
        self.fields["value"].help_text = _("In %(currency)s.") % {"currency": house}


class HouseForm(forms.Form):
    """In which currency the house keeps its amounts."""

    house = forms.ChoiceField(label=_l("Currency"), choices=[(code, code) for code in CURRENCIES])


@require_http_methods(["GET", "HEAD", "POST"])
def rates_page(request: HttpRequest) -> HttpResponse:
    """The latest rates, and the form of one more. Raises: AccessDenied."""
    actor = _keeper(request)
    house = house_currency()
    form = RateForm(request.POST or None, initial={"day": timezone.localdate()}, house=house)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            keep_rates([Rate(said["currency"], said["day"], said["value"])], actor=actor)
        except RuleViolation as error:
            show_refusal(form, error)
        else:
            return _saved(request)
    context = {
        "form": form,
        "house": house,
        "house_form": HouseForm(initial={"house": house}),
        "rates": latest_rates(),
        "days": LONGEST_DAYS,
    }
    return render(request, "people/rates.html", context, status=422 if form.errors else 200)


@require_POST
def set_house_currency(request: HttpRequest) -> HttpResponse:
    """Choose the currency of the house. Raises: AccessDenied."""
    actor, form = _keeper(request), HouseForm(request.POST)
    if form.is_valid():
        choose_house_currency(form.cleaned_data["house"], actor=actor)
    return _saved(request)


@require_POST
def remove_one(request: HttpRequest, rate_id: int) -> HttpResponse:
    """Remove a rate. Raises: AccessDenied."""
    remove_rate(rate_id, actor=_keeper(request))
    return _saved(request)


def _keeper(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not administers_everybody(actor):
        raise AccessDenied("access.denied", "Only who administers everybody can change this.")
    return actor


def _saved(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("rates"), status=303)


register_settings(
    SettingsEntry(
        "rates",
        _l("Currencies and rates"),
        _l("The currency of the house, and what others are worth day by day."),
        "currency-yuan",
        "rates",
        group=_l("For the house"),
        order=230,
        is_shown=administers_everybody,
    )
)
