"""The page of a person's working day: the own one, and those of the people one plans for."""

from dataclasses import asdict, dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.care.commands import change_setting
from guanxi.care.forms import WorkingDayForm
from guanxi.care.queries import OwnDay, own_id, people_to_plan_for, working_days
from guanxi.care.rules import WorkingDay
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person whose day may be edited here."""

    name: str
    title: str
    url: str
    day: WorkingDay
    is_current: bool


@require_http_methods(["GET", "HEAD", "POST"])
def working_day_page(request: HttpRequest, user_id: int | None = None) -> HttpResponse:
    """Show and change a working day. Raises: NotFound for a person out of reach."""
    actor = actor_of(request)
    people = {person.id: person for person in people_to_plan_for(actor)}
    person = people.get(user_id or own_id(actor)) or (next(iter(people.values()), None) if user_id is None else None)
    if person is None:
        raise no_such_record()
    days = working_days(actor, people)
    known, seen = days.get(person.id, OwnDay()), posted_version(request)
    form = WorkingDayForm(request.POST if request.method == "POST" else None, initial=asdict(known.day))
    version = known.version if seen is None else seen
    if request.method == "POST" and form.is_valid():
        try:
            change_setting(person.id, values=form.cleaned_data, version=seen, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            messages.success(request, _("Saved. It counts from the next plan, at five in the morning."))
            return HttpResponseRedirect(_url(person.id, own=own_id(actor)), status=303)
    context = {
        "form": form,
        "version": version,
        "person": person,
        "is_own": person.id == own_id(actor),
        "people": [
            PersonLine(
                other.name,
                other.title,
                _url(other.id, own=own_id(actor)),
                days.get(other.id, OwnDay()).day,
                other.id == person.id,
            )
            for other in people.values()
        ],
    }
    return render(request, "care/working_day.html", context, status=422 if form.errors else 200)


def _url(user_id: int, *, own: int) -> str:
    return reverse("working_day") if user_id == own else reverse("working_day_of", args=[user_id])
