"""A person's own questionnaires: what waits, and one sheet with its items, party by party."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.customers.facade import relation_name
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning import commands
from guanxi.planning.choices import AskedAs, NeedValue, Purpose, Way
from guanxi.planning.forms import AnswerForm
from guanxi.planning.models import InformationItem, NeedsAnswer
from guanxi.planning.queries import needs
from guanxi.planning.queries.needs import OwnSheet
from guanxi.planning.views.rounds import audience_names, round_name
from guanxi.planning.views.wording import decision_of, group_name, item_name, plan_name, purposes_of
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import people
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.fields import posted_version, version_after

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One item of the sheet with what is said of it, as the fields hold it; `faults` are messages in words.

    `is_unfolded` shows the fields below the first line.
    """

    id: int
    name: str
    hint: str
    purposes: str
    need: str
    decision: str
    fresh_days: str
    way: str
    is_never_used: bool
    kept_days: str
    faults: tuple[str, ...]
    is_unfolded: bool


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A questionnaire in the list of one's own."""

    url: str
    name: str
    version: str
    when: str
    state: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed and not taken: the answers by item, the wishes, why, and the version that is shown next."""

    forms: Mapping[int, AnswerForm]
    wishes: str
    refusal: str
    version: int


@require_safe
def own_needs(request: HttpRequest) -> HttpResponse:
    """The questionnaires of the person who acts, those that wait first."""
    actor, today = actor_of(request), timezone.localdate()
    lines = [_sheet_line(row, today=today) for row in needs.own_sheets(actor, today=today)]
    return render(request, "planning/own_needs.html", {"lines": lines})


def _sheet_line(row: OwnSheet, *, today: date) -> SheetLine:
    sheet, day = row.sheet, formats.day(row.round.closes_on, today=today)
    return SheetLine(
        reverse("needs_sheet", args=[sheet.pk]),
        round_name(row.round),
        plan_name(row.plan),
        _("open until %(day)s") % {"day": day} if row.is_open else _("closed"),
        "handed_in" if sheet.handed_in_at else "begun" if sheet.saved_at else "waiting",
        row.is_open,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sheet_page(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """One's own sheet: for one external party at a time, what one needs, collects and keeps."""
    actor, today = actor_of(request), timezone.localdate()
    own = needs.own_sheet(sheet_id, actor, today=today)
    party = _choice(request.POST.get("party") or request.GET.get("party", ""), own.round.parties)
    if request.method != "POST":
        return _sheet(request, own, party=party, today=today)
    items = needs.asked_about(own.plan.pk)
    forms = {
        item.pk: AnswerForm(request.POST, prefix=str(item.pk)) for item in items if f"{item.pk}-row" in request.POST
    }
    faults = {item_id: form for item_id, form in forms.items() if not form.is_valid()}
    wishes = request.POST.get("wishes", "").replace("\x00", "").splitlines()
    refusal = _("Some answers need another look. Nothing is lost: mend them and save again.") if faults else ""
    version = posted_version(request) or own.sheet.version
    if not faults:
        try:
            commands.save_sheet(
                sheet_id,
                answers=[_answer(item_id, party, form) for item_id, form in forms.items()],
                wishes=wishes,
                version=posted_version(request),
                hand_in="hand_in" in request.POST,
                today=today,
                actor=actor,
            )
            return _saved(request, own, party)
        except (RuleViolation, Conflict) as error:
            refusal, version = sentence_of(error), version_after(error, version)
    typed = Typed(forms, "\n".join(wishes), refusal, version)
    return _sheet(request, own, party=party, today=today, typed=typed)


def _choice(asked: str, offered: Sequence[str]) -> str:
    return asked if asked in offered else offered[0]


def _answer(item_id: int, party: str, form: AnswerForm) -> commands.ItemAnswer:
    return commands.ItemAnswer(item_id=item_id, party=party, **form.cleaned_data)


def _saved(request: HttpRequest, own: OwnSheet, party: str) -> HttpResponse:
    """Lead on: to the party whose tab was pressed, to the list once it is handed in, else to where one was."""
    if "hand_in" in request.POST:
        messages.success(request, _("Handed in. Thank you: until the round closes you can still change it."))
        return HttpResponseRedirect(reverse("own_needs"), status=303)
    onward = _choice(request.POST.get("go", party), own.round.parties)
    messages.success(request, _("Saved."))
    given = {"party": onward, "purpose": request.POST.get("purpose", request.GET.get("purpose", ""))}
    address = urlencode({key: value for key, value in given.items() if value})
    return HttpResponseRedirect(f"{reverse('needs_sheet', args=[own.sheet.pk])}?{address}", status=303)


def _sheet(
    request: HttpRequest,
    own: OwnSheet,
    *,
    party: str,
    today: date,
    typed: Typed | None = None,
) -> HttpResponse:
    purpose = request.GET.get("purpose", "")
    items = [item for item in needs.asked_about(own.plan.pk) if not item.relations or party in item.relations]
    shown = [item for item in items if purpose in ("", *item.purposes)]
    answers = needs.own_answers(own.sheet.pk)
    said = {item_id for (item_id, about), row in answers.items() if about == party}
    asker = people([own.round.opened_by_id] if own.round.opened_by_id else [])
    context = {
        "own": own,
        "sheet": own.sheet,
        "name": round_name(own.round),
        "version": plan_name(own.plan),
        "asker": next((person.name for person in asker.values()), ""),
        "speaks_for": audience_names().get(own.sheet.audience_id, ""),
        "until": formats.day(own.round.closes_on, today=today),
        "groups": _groups(shown, answers, party=party, posted=typed.forms if typed else {}),
        "party": party,
        "parties": [(key, relation_name(key), key == party) for key in own.round.parties],
        "purposes": _purposes(items, party, purpose),
        "said": sum(item.pk in said for item in items),
        "items": len(items),
        "is_user": AskedAs.USER in own.sheet.asked_as,
        "is_collector": AskedAs.COLLECTOR in own.sheet.asked_as,
        "is_keeper": AskedAs.KEEPER in own.sheet.asked_as,
        "needs": [(value, str(label)) for value, label in NeedValue.choices],
        "ways": [(value, str(label)) for value, label in Way.choices],
        "wishes": typed.wishes if typed else "\n".join(own.sheet.wishes),
        "refusal": typed.refusal if typed else "",
        "sheet_version": typed.version if typed else own.sheet.version,
    }
    return render(request, "planning/sheet.html", context, status=422 if typed else 200)


def _purposes(items: Sequence[InformationItem], party: str, chosen: str) -> list[tuple[str, str, str, int, bool]]:
    """The choices of purposes, as (key, address, label, items, whether chosen)."""
    offered = [("", _("All items"), len(items))]
    offered += [(str(key), str(key.label), sum(key in item.purposes for item in items)) for key in Purpose]
    return [
        (key, f"?{urlencode({'party': party, 'purpose': key})}", label, count, key == chosen)
        for key, label, count in offered
        if count or key == chosen
    ]


def _groups(
    items: Sequence[InformationItem],
    answers: Mapping[tuple[int, str], NeedsAnswer],
    *,
    party: str,
    posted: Mapping[int, AnswerForm],
) -> list[tuple[str, list[AnswerRow]]]:
    found: dict[str, list[AnswerRow]] = {}
    for item in items:
        form = posted.get(item.pk)
        values = _typed(form) if form is not None else _kept(answers.get((item.pk, party)))
        found.setdefault(group_name(item), []).append(_row(item, values, form))
    return list(found.items())


def _kept(row: NeedsAnswer | None) -> Values:
    if row is None:
        return {}
    return {
        "need": row.need,
        "decision": row.decision,
        "fresh_days": str(row.fresh_days or ""),
        "way": row.way,
        "is_never_used": "on" if row.is_never_used else "",
        "kept_days": str(row.kept_days or ""),
    }


def _typed(form: AnswerForm) -> Values:
    return {name: str(form[name].value() or "") for name in form.fields}


def _row(item: InformationItem, values: Values, form: AnswerForm | None) -> AnswerRow:
    errors = form.errors if form is not None else {}
    faults = tuple(str(message) for messages_of in errors.values() for message in messages_of)
    detail = ("decision", "fresh_days", "way", "kept_days")
    return AnswerRow(
        id=item.pk,
        name=item_name(item),
        hint=decision_of(item),
        purposes=formats.enumeration(purposes_of(item)),
        need=values.get("need", ""),
        decision=values.get("decision", ""),
        fresh_days=values.get("fresh_days", ""),
        way=values.get("way", ""),
        is_never_used=values.get("is_never_used", "") not in ("", "False"),
        kept_days=values.get("kept_days", ""),
        faults=faults,
        is_unfolded=bool(faults) or any(values.get(name) for name in detail),
    )
