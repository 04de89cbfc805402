"""The preference centre: what a person agreed to and in which words, changing it, asking for one's data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.preferences.registry import preference
from guanxi.portal.commands import Choices, ask_as_subject, make_link, save_choices
from guanxi.portal.forms import SubjectForm
from guanxi.portal.queries.knocks import count_knock
from guanxi.portal.queries.preferences import LINK_DAYS, Person, consents_of, person_of, said
from guanxi.portal.queries.subjects import subject_of
from guanxi.portal.rules.preferences import ASKED, OFFERED, PURPOSES, Pair, field_name, holding, is_agreed
from guanxi.portal.views.visiting import address_of, browser_of, page, visited, visitor
from guanxi.portal.views.visiting import said as said_page
from guanxi.stewardship.choices import ConsentChannel, RequestKind
from guanxi.stewardship.facade import HeldConsent, current_notice

NOTICE_SALT = "guanxi.portal.notice"
SPAN_SECONDS = 600
MOST_LOOKS, MOST_WRITES = 60, 20


@dataclass(frozen=True, slots=True)
class ChannelChoice:
    """One tick of the page: whether it is on, since when, how that came to be and in which words."""

    name: str
    label: str
    is_on: bool
    at: datetime | None
    way: str
    wording: str


@dataclass(frozen=True, slots=True)
class PurposeChoice:
    """One purpose in plain words with its ticks."""

    title: str
    sentence: str
    channels: tuple[ChannelChoice, ...]
    has_history: bool


def _found(request: HttpRequest, token: str) -> Person | HttpResponse:
    """Whom the link speaks of, or the page for a link that is over, which a wrong one is answered with as well."""
    most = MOST_WRITES if request.method == "POST" else MOST_LOOKS
    if count_knock("preferences", request.method, address_of(request), seconds=SPAN_SECONDS) > most:
        return said_page(request, "many", status=429)
    return person_of(token, visitor(request)) or said_page(request, "expired", status=404)


@visited
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Show what holds for the person of the link, or note what he chose."""
    person = _found(request, token)
    if isinstance(person, HttpResponse):
        return person
    if request.method == "POST":
        chosen = tuple(pair for pair in OFFERED if field_name(pair) in request.POST)
        is_nothing = request.POST.get("do") == "nothing"
        choices = Choices(chosen, browser_of(request), is_nothing, _notice_shown(request))
        save_choices(person, choices, actor=visitor(request))
        return _back(request, token, "saved")
    held, notice = consents_of(person, visitor(request)), current_notice()
    return page(
        request,
        "portal/preferences.html",
        person=person.masked_name,
        purposes=purposes_of(held),
        asked=[(kind, _(words)) for kind, words in ASKED.items()],
        done=request.GET.get("done", ""),
        notice=notice,
        notice_word=signing.dumps(notice.id, salt=NOTICE_SALT) if notice is not None else "",
        ask_url=reverse("preferences_ask", args=[token]),
    )


def _notice_shown(request: HttpRequest) -> int | None:
    """The edition of the privacy notice to which the page led; None when it does not say so."""
    try:
        found = signing.loads(request.POST.get("notice", "")[:200], salt=NOTICE_SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, int) else None


@visited
@csrf_exempt
@require_POST
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """Enter what the person of the link asks for."""
    person = _found(request, token)
    if isinstance(person, HttpResponse):
        return person
    form = SubjectForm(request.POST)
    if not form.is_valid() or form.cleaned_data["kind"] not in ASKED:
        return _back(request, token, "choose")
    kind, note = RequestKind(form.cleaned_data["kind"]), form.cleaned_data["note"]
    is_new = ask_as_subject(person, kind, note=note, actor=visitor(request))
    return _back(request, token, "asked" if is_new else "known")


def _back(request: HttpRequest, token: str, done: str) -> HttpResponse:
    language = "en" if request.GET.get("lang") == "en" else "zh" if request.GET.get("lang") == "zh" else ""
    response = HttpResponse(status=303)
    response.headers["Location"] = (
        f"{reverse('preferences', args=[token])}?done={done}{f'&lang={language}' if language else ''}"
    )
    return response


def purposes_of(held: Mapping[Pair, HeldConsent]) -> tuple[PurposeChoice, ...]:
    """The page's purposes with what holds of each channel."""
    known = said(held)

    def choice(pair: Pair) -> ChannelChoice:
        key = holding(known, pair)
        item = held[key] if key is not None else None
        label = _("Agreed") if pair[1] == ConsentChannel.ANY else str(ConsentChannel(pair[1]).label)
        return ChannelChoice(
            field_name(pair),
            label,
            is_agreed(known, pair),
            item.at if item else None,
            item.way if item else "",
            item.wording if item else "",
        )

    found = []
    for purpose in PURPOSES:
        channels = tuple(choice((purpose.key, channel)) for channel in purpose.channels)
        has_history = any(channel.at is not None for channel in channels)
        found.append(PurposeChoice(_(purpose.title), _(purpose.sentence), channels, has_history))
    return tuple(found)


@require_http_methods(["GET", "HEAD", "POST"])
def link_page(request: HttpRequest, key: str, record_id: int) -> HttpResponse:
    """Make a link to the choices of a person whom the actor may edit. Raises: NotFound, AccessDenied."""
    actor = actor_of(request)
    if key not in ("account", "contact"):
        raise no_such_record()
    subject = subject_of(key, record_id, actor, Action.EDIT)
    link = ""
    if request.method == "POST":
        link = make_link(key, record_id, root=request.build_absolute_uri("/"), actor=actor)
        messages.success(request, _("The link is made."))
    context = {"subject": subject, "link": link, "days": preference(LINK_DAYS)}
    response = render(request, "portal/link.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response
