"""The public page of a form: no sign-in, no cookie, no script needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django import forms
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.kernel.errors import RuleViolation
from guanxi.kernel.fields import FieldType
from guanxi.platform.ui.errors import sentence_of
from guanxi.portal.commands import Received, receive
from guanxi.portal.forms import TRAP, answers_of, file_of, public_form, takes_file
from guanxi.portal.models import FormEdition
from guanxi.portal.queries.forms import OpenForm, open_form
from guanxi.portal.queries.knocks import count_knock
from guanxi.portal.rules.addresses import LONGEST_ORIGIN, ORIGIN_KEYS, is_safe_redirect
from guanxi.portal.rules.fields import CHINESE
from guanxi.portal.rules.spam import MOST_AGE_SECONDS, spam_signs
from guanxi.portal.views.visiting import (
    address_of,
    browser_of,
    is_too_large,
    page,
    said,
    visited,
    visited_with_files,
    visitor,
)
from guanxi.stewardship.facade import ShownNotice, current_notice, notice_by_id, published_notice

SALT = "guanxi.portal.form"
SPAN_SECONDS = 600
FEW, MOST = 5, 30
"""So many from one address in ten minutes are taken in, and so many are stored at all."""

TOKEN_USES = 2
"""A page is sent again when something was forgotten; more often, programs do it."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the signed word in a form says: the edition that was shown, a number of its own, since when it is open.

    `notice_id` is the edition of the privacy notice to which the page led, None for none.
    """

    edition_id: int
    nonce: str
    opened_at: int
    notice_id: int | None = None


@visited_with_files
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, slug: str, is_framed: bool = False) -> HttpResponse:
    """Show a form, or take what a visitor sends. What is wrong with it is told in its place."""
    found = open_form(slug)
    if found is None:
        return said(request, "gone", status=404)
    if is_too_large(request) and not takes_file(found.edition):
        return said(request, "too_large", status=413)
    if request.method != "POST":
        notice = current_notice()
        ticket = _ticket(found.edition, notice)
        return _shown(request, found, _fresh_form(found.edition), ticket, notice=notice, is_framed=is_framed)
    return _sent(request, found, is_framed=is_framed)


@visited
@require_safe
def thanks_page(request: HttpRequest, slug: str, is_framed: bool = False) -> HttpResponse:
    """Thank a visitor; the page says the same to everybody."""
    found = open_form(slug)
    if found is None:
        return said(request, "gone", status=404)
    edition = found.edition
    thanked = page(request, "portal/thanks.html", thanks=_in_language(edition, "thanks"))
    return _framed(thanked, found, is_framed=is_framed)


@visited
@require_safe
def notice_page(request: HttpRequest, number: int) -> HttpResponse:
    """A published edition of the privacy notice, word for word, also when a later one is in force."""
    found = published_notice(number)
    if found is None:
        return said(request, "gone", status=404)
    return page(request, "portal/notice.html", notice=found)


def _language() -> str:
    return translation.get_language() or CHINESE


def _in_language(edition: FormEdition, name: str) -> str:
    chinese, english = getattr(edition, f"{name}_zh"), getattr(edition, f"{name}_en")
    return str(chinese if _language() == CHINESE else english or chinese)


def _fresh_form(edition: FormEdition, data: Any = None, files: Any = None) -> forms.Form:
    return public_form(edition, language=_language(), data=data, files=files)


def _ticket(edition: FormEdition, notice: ShownNotice | None) -> str:
    """A new signed word for a form that is shown."""
    notice_id = notice.id if notice is not None else None
    return signing.dumps([edition.pk, uuid4().hex, int(timezone.now().timestamp()), notice_id], salt=SALT)


def _read_ticket(text: str) -> Ticket | None:
    """What a signed word says; None for one that is wrong or older than a day."""
    try:
        said = signing.loads(text[:300], salt=SALT, max_age=MOST_AGE_SECONDS)
        return Ticket(*said)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _sent(request: HttpRequest, found: OpenForm, *, is_framed: bool) -> HttpResponse:
    """Check what was sent and store it. Steps: 1 the ticket, 2 the edition that was shown, 3 the fields, 4 signs."""
    ticket = _read_ticket(request.POST.get("ticket", ""))
    edition = FormEdition.objects.filter(pk=ticket.edition_id, form=found.form).first() if ticket else None
    if ticket is None or edition is None:
        form = _fresh_form(found.edition, request.POST)
        form.add_error(None, _("This page was open for more than a day. Look at it again, then send it."))
        notice = current_notice()
        fresh = _ticket(found.edition, notice)
        return _shown(request, found, form, fresh, notice=notice, is_framed=is_framed)
    form, shown = _fresh_form(edition, request.POST, request.FILES), OpenForm(found.form, edition)
    same, notice = request.POST.get("ticket", ""), notice_by_id(ticket.notice_id)
    if not form.is_valid():
        return _shown(request, shown, form, same, notice=notice, is_framed=is_framed)
    knocks = count_knock("form", found.form.pk, address_of(request), seconds=SPAN_SECONDS)
    if knocks > MOST:
        return _framed(said(request, "many", status=429), found, is_framed=is_framed)
    uses = count_knock("ticket", ticket.nonce, seconds=SPAN_SECONDS)
    received = _received(request, shown, form, ticket, is_one_of_many=knocks > FEW or uses > TOKEN_USES)
    try:
        receive(received, actor=visitor(request))
    except RuleViolation as error:
        form.add_error(
            next((item.key for item in edition.asked if item.offered.type is FieldType.FILE), None), sentence_of(error)
        )
        return _shown(request, shown, form, same, notice=notice, is_framed=is_framed)
    return _thanked(shown, is_framed=is_framed)


def _received(
    request: HttpRequest, shown: OpenForm, form: forms.Form, ticket: Ticket, *, is_one_of_many: bool
) -> Received:
    answers, ticked = answers_of(form, shown.edition)
    age = timezone.now().timestamp() - ticket.opened_at
    trap = request.POST.get(TRAP, "")
    return Received(
        form_id=shown.form.pk,
        edition_id=shown.edition.pk,
        nonce=ticket.nonce,
        answers=answers,
        ticked=ticked,
        origin={key: value for key in ORIGIN_KEYS if (value := _word(request.POST.get(key, "")))},
        page=_word(request.POST.get("page", ""), most=300),
        language=_language(),
        address=address_of(request),
        browser=browser_of(request),
        signs=spam_signs(answers, trap=trap, age_seconds=age, is_one_of_many=is_one_of_many),
        notice_id=ticket.notice_id,
        file=file_of(form, shown.edition),
    )


def _word(text: str, most: int = LONGEST_ORIGIN) -> str:
    return " ".join(text.replace("\x00", "").split())[:most]


def _thanked(shown: OpenForm, *, is_framed: bool) -> HttpResponse:
    """Lead to the page of thanks: an own one, or that of a site that the form names."""
    target = shown.edition.redirect_url
    if not target or not is_safe_redirect(target, sites=shown.form.sites):
        query = urlencode({"lang": "zh" if _language() == CHINESE else "en"})
        name = "framed_form_thanks" if is_framed else "form_thanks"
        target = f"{reverse(name, args=[shown.form.slug])}?{query}"
    response = HttpResponse(status=303)
    response.headers["Location"] = target
    return response


def _shown(
    request: HttpRequest,
    found: OpenForm,
    form: forms.Form,
    ticket: str,
    *,
    notice: ShownNotice | None,
    is_framed: bool,
) -> HttpResponse:
    source = request.POST if request.method == "POST" else request.GET
    carried = [(key, _word(source.get(key, ""))) for key in ORIGIN_KEYS]
    referrer = source.get("page", "") if request.method == "POST" else request.headers.get("Referer", "")
    context: dict[str, object] = {
        "title": _in_language(found.edition, "title"),
        "takes_file": takes_file(found.edition),
        "introduction": _in_language(found.edition, "introduction"),
        "form": form,
        "fields": [form[asked.key] for asked in found.edition.asked],
        "consents": [form[f"consent-{place}"] for place in range(len(found.edition.consented))],
        "ticket": ticket,
        "notice": notice,
        "trap": TRAP,
        "hidden": [*((key, value) for key, value in carried if value), ("page", _word(referrer, most=300))],
    }
    response = page(request, "portal/form.html", status=422 if form.errors else 200, **context)
    return _framed(response, found, is_framed=is_framed)


def _framed(response: HttpResponse, found: OpenForm, *, is_framed: bool) -> HttpResponse:
    """Let only the sites that the form names show it in a frame, and let it lead to them after it was sent."""
    sites: Sequence[str] = found.form.sites
    policy: dict[str, list[str]] = {}
    if is_framed and sites:
        policy["frame-ancestors"] = list(sites)
        response.xframe_options_exempt = True
    redirect = found.edition.redirect_url
    if redirect:
        policy["form-action"] = ["'self'", "/".join(redirect.split("/")[:3])]
    if policy:
        response._csp_replace = policy  # type: ignore[attr-defined]  # django-csp reads it
    return response
