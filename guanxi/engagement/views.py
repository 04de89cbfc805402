"""Pages of the message wordings: all of a reason, and one to change with a live preview."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.engagement.choices import CLOSENESS, LANGUAGES, PLACEHOLDER_NAMES, REASON_NAMES
from guanxi.engagement.commands import reset_wording, save_wording
from guanxi.engagement.forms import WordingForm
from guanxi.engagement.queries import own_wording, own_wordings
from guanxi.engagement.rules import Draft, Piece, Place, marked, sample_draft, shipped_wording, shipped_wordings
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, NotFound, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import company_name
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version, show_refusal, version_after

CLOSE, FORMAL = "close", "formal"


@dataclass(frozen=True, slots=True)
class WordingLine:
    """One wording as the list shows it: its placeholders are pieces of their own."""

    variant: int
    pieces: tuple[Piece, ...]
    url: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The message for the sample customer, or the sentence that says why there is none."""

    draft: Draft | None
    problem: str = ""


@require_safe
def wordings_page(request: HttpRequest) -> HttpResponse:
    """The wordings of one reason in one language; `?reason=` and `?language=` choose."""
    reason = _known(request.GET.get("reason", ""), REASON_NAMES, next(iter(REASON_NAMES)))
    language = _known(request.GET.get("language", ""), LANGUAGES, (get_language() or "en")[:2])
    own = own_wordings(actor_of(request))
    context = {
        "reasons": [(key, name, key == reason) for key, name in REASON_NAMES.items()],
        "languages": [(key, name, key == language) for key, name in LANGUAGES.items()],
        "reason": reason,
        "language": language,
        "groups": [(name, _lines(reason, language, key, own=own)) for key, name in CLOSENESS.items()],
    }
    return render(request, "engagement/wordings.html", context)


def _known(wanted: str, allowed: Mapping[str, object], usual: str) -> str:
    return wanted if wanted in allowed else usual


def _lines(reason: str, language: str, closeness: str, *, own: Mapping[Place, str]) -> list[WordingLine]:
    is_close = closeness == CLOSE
    lines = []
    for variant, shipped in enumerate(shipped_wordings()[reason, language, is_close], start=1):
        place = Place(reason, language, is_close, variant)
        lines.append(WordingLine(variant, marked(own.get(place, shipped)), _url("wording", place), place in own))
    return lines


@require_http_methods(["GET", "HEAD", "POST"])
def wording_page(request: HttpRequest, reason: str, language: str, closeness: str, variant: int) -> HttpResponse:
    """Change one wording, or go back to the shipped one."""
    actor, place = actor_of(request), _place(reason, language, closeness, variant)
    shipped, known = shipped_wording(place), own_wording(place, actor)
    is_sent, seen = request.method == "POST", posted_version(request)
    form = WordingForm(request.POST if is_sent else None, initial={"body": known.body or shipped})
    version = known.version if seen is None else seen
    if is_sent and ("reset" in request.POST or form.is_valid()):
        try:
            _keep(request, place, form, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
            version = version_after(error, version)
        else:
            return _back(request, place)
    body = form["body"].value() or ""
    context = {
        "form": form,
        "version": version,
        "place": place,
        "reason": REASON_NAMES[reason],
        "language": LANGUAGES[language],
        "closeness": CLOSENESS[closeness],
        "back_url": f"{reverse('wordings')}?reason={reason}&language={language}",
        "preview_url": _url("wording_preview", place),
        "is_own": known.body is not None,
        "shipped": marked(shipped),
        "placeholders": placeholders(),
        "preview": _preview(place, body, actor=actor),
    }
    return render(request, "engagement/wording.html", context, status=422 if form.errors else 200)


def _keep(request: HttpRequest, place: Place, form: WordingForm, *, actor: Actor) -> None:
    """Save what was typed, or go back to the shipped wording if that was asked for."""
    version = posted_version(request)
    if "reset" in request.POST:
        reset_wording(place, version=version, actor=actor)
    else:
        save_wording(place, body=form.cleaned_data["body"], version=version, actor=actor)


@require_POST
def wording_preview(request: HttpRequest, reason: str, language: str, closeness: str, variant: int) -> HttpResponse:
    """The message that the typed wording becomes; nothing is saved."""
    place = _place(reason, language, closeness, variant)
    preview = _preview(place, request.POST.get("body", "")[:600], actor=actor_of(request))
    return render(request, "engagement/_preview.html", {"preview": preview, "place": place})


def placeholders() -> list[tuple[str, Promise]]:
    """What can be filled in: as it is written, and what it stands for."""
    return [(f"{{{name}}}", label) for name, label in PLACEHOLDER_NAMES.items()]


def _place(reason: str, language: str, closeness: str, variant: int) -> Place:
    """The place that an address names. Raises: NotFound("template.place")."""
    place = Place(reason, language, closeness == CLOSE, variant)
    if closeness not in CLOSENESS or reason not in REASON_NAMES:
        raise NotFound("template.place", "There is no such wording.")
    shipped_wording(place)
    return place


def _preview(place: Place, body: str, *, actor: Actor) -> Preview:
    try:
        return Preview(sample_draft(place, body=body, user_name=actor.name, company=company_name()))
    except RuleViolation as error:
        return Preview(None, sentence_of(error))


def _url(name: str, place: Place) -> str:
    closeness = CLOSE if place.is_close else FORMAL
    return reverse(name, args=[place.reason, place.language, closeness, place.variant])


def _back(request: HttpRequest, place: Place) -> HttpResponse:
    """To the list of the same reason and language, with a word about what happened."""
    messages.success(request, _("Saved. Drafts use it within a minute."))
    return HttpResponseRedirect(f"{reverse('wordings')}?reason={place.reason}&language={place.language}", status=303)
