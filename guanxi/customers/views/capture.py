"""A customer from the words of a signature, a business card or a vCard: read, looked over, created."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.customers import commands
from guanxi.customers.adapters import is_card, read_card
from guanxi.customers.analyses.signatures import Signature, read_signature
from guanxi.customers.forms import LONGEST_TEXT, CaptureForm, SourceForm
from guanxi.customers.objects import account_url
from guanxi.customers.queries.captured import accounts_of_words, known_people
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.urls import actor_of
from guanxi.platform.ui.fields import show_refusal
from guanxi.platform.ui.responses import leading_to

POINTS = ("mobile", "phone", "mail", "wechat")
NAMES = {"name": "person", "company": "name"}
"""The fields of the form that are called otherwise than what is read."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One line of the text and the labels of what was taken from it."""

    text: str
    labels: tuple[str, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def capture_page(request: HttpRequest) -> HttpResponse:
    """Paste, look over, create. Raises: AccessDenied, NotFound."""
    actor = actor_of(request)
    if request.method != "POST":
        return render(request, "customers/capture.html", {"source": SourceForm()})
    source = SourceForm(request.POST, request.FILES)
    if not source.is_valid():
        return render(request, "customers/capture.html", {"source": source}, status=422)
    text = source.cleaned_data["card"] or source.cleaned_data["text"]
    found = read_card(text) if is_card(text) else read_signature(text[:LONGEST_TEXT])
    if request.POST.get("do") == "create":
        return _created(request, source, text, found, actor)
    if not found.found:
        source.add_error("text", _("Nothing was found in it: no name, no firm, no number."))
        return render(request, "customers/capture.html", {"source": source}, status=422)
    form = CaptureForm(initial={NAMES.get(item.key, item.key): item.value for item in found.found})
    return _looked_over(request, form, source, text, found, actor)


def _created(request: HttpRequest, source: SourceForm, text: str, found: Signature, actor: Actor) -> HttpResponse:
    form = CaptureForm(request.POST)
    _offer_accounts(form, str(request.POST.get("name", "")), str(request.POST.get("mail", "")), actor)
    if form.is_valid():
        values = form.cleaned_data
        card = commands.Captured(
            account_id=values["account"],
            company=values["name"],
            person=values["person"],
            title=values["title"],
            department=values["department"],
            website=values["website"],
            address=values["address"],
            points={kind: values[kind] for kind in POINTS},
        )
        try:
            account_id = commands.capture(card, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            return leading_to(request, account_url(account_id))
    return _looked_over(request, form, source, text, found, actor)


def _looked_over(
    request: HttpRequest, form: CaptureForm, source: SourceForm, text: str, found: Signature, actor: Actor
) -> HttpResponse:
    """The fields beside the text that they were taken from, with what is known of the person and the firm."""
    if not form.is_bound:
        _offer_accounts(form, found["company"], found["mail"], actor)
    context = {
        "source": source,
        "text": text[:LONGEST_TEXT],
        "form": form,
        "lines": _lines(text, found, form),
        "known": known_people({kind: str(form[kind].value() or "") for kind in POINTS}, actor),
        "has_accounts": len(form.fields["account"].choices) > 1,  # type: ignore[attr-defined]  # a choice field
    }
    return render(request, "customers/captured.html", context, status=422 if form.errors else 200)


def _offer_accounts(form: CaptureForm, company: str, mail: str, actor: Actor) -> None:
    """Offer the customers where the person seems to work; the first is chosen where one is."""
    accounts: Sequence[tuple[int, str]] = accounts_of_words(company.strip(), mail.strip(), actor)
    form.fields["account"].choices = [("", _("A new customer")), *accounts]  # type: ignore[attr-defined]  # a choice field
    if accounts:
        form.fields["account"].initial = accounts[0][0]


def _lines(text: str, found: Signature, form: CaptureForm) -> tuple[ReadLine, ...]:
    labels: dict[int, list[str]] = {}
    for item in found.found:
        labels.setdefault(item.line, []).append(str(form[NAMES.get(item.key, item.key)].label))
    lines = text[:LONGEST_TEXT].splitlines()
    return tuple(ReadLine(line, tuple(labels.get(number, ()))) for number, line in enumerate(lines, 1) if line.strip())
