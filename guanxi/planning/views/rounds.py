"""The planner's pages of the needs questionnaire: the rounds of a draft, and one round with what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from guanxi.customers.facade import relation_name, relation_names
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning import commands
from guanxi.planning.analyses.needs import (
    TOO_OLD,
    UNCOLLECTED,
    UNNEEDED,
    Drafted,
    ItemSaid,
    contradictions,
    proposals,
    summed,
)
from guanxi.planning.choices import CUSTOMER_PARTY, AskedAs, PlanState, Way
from guanxi.planning.forms import AskForm, ExtendForm, RoundForm
from guanxi.planning.models import InformationItem, InformationPlan, NeedsReminder, NeedsRound, NeedsSheet
from guanxi.planning.queries import needs, plans
from guanxi.planning.views.wording import item_name, plan_name
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import all_roles, first_colleagues, people, unit_names
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.fields import show_refusal

OPEN_DAYS = 10
MOST_PEOPLE = 2_000


@dataclass(frozen=True, slots=True)
class RoundLine:
    """A round in words."""

    id: int
    name: str
    is_open: bool
    when: str
    turnout: str
    bar: SafeString


@dataclass(frozen=True, slots=True)
class ItemLine:
    """What a round says of an item, in display strings; `needs` are (whose, importance) and `fresh` how fresh."""

    id: int
    name: str
    must: int
    needed: int
    refused: int
    needs: tuple[tuple[str, str], ...]
    decisions: str
    fresh: str
    ways: str
    changes: int


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person who is asked: where the sheet stands; `can_release` while nothing was answered."""

    sheet_id: int
    name: str
    unit: str
    audience: str
    ways: str
    state: str
    when: str
    can_release: bool


def audience_names() -> dict[str, str]:
    """The audiences by key, in the language of the page."""
    return {key: in_language(*names) for key, names in plans.audiences().items()}


def round_name(asked: NeedsRound) -> str:
    """A round by its number."""
    return _("Round %(number)s") % {"number": asked.number}


@require_safe
def rounds_page(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The rounds about a version."""
    actor, today = actor_of(request), timezone.localdate()
    plan = plans.plan_of(plan_id, actor)
    rows = needs.rounds_of(plan_id, actor)
    counted = needs.turnouts([row.pk for row in rows])
    lines = [_round_line(row, plan, counted.get(row.pk, needs.Turnout(0, 0, 0)), today=today) for row in rows]
    is_draft = plan.state == PlanState.DRAFT
    context = {
        "plan": plan,
        "name": plan_name(plan),
        "lines": lines,
        "is_draft": is_draft,
        "can_open": is_draft and not any(line.is_open for line in lines),
    }
    return render(request, "planning/rounds.html", context)


def _round_line(row: NeedsRound, plan: InformationPlan, turnout: needs.Turnout, *, today: date) -> RoundLine:
    is_open = needs.round_is_open(row, plan, today=today)
    ended = timezone.localtime(row.closed_at).date() if row.closed_at else row.closes_on
    day = formats.day(row.closes_on if is_open else ended, today=today)
    return RoundLine(
        row.pk,
        round_name(row),
        is_open,
        _("open until %(day)s") % {"day": day} if is_open else _("closed on %(day)s") % {"day": day},
        _("%(done)s of %(asked)s handed in") % {"done": turnout.handed_in, "asked": turnout.asked},
        _share(turnout.handed_in, turnout.asked),
    )


def _share(done: int, asked: int) -> SafeString:
    return graphics.bar(done / asked * 100 if asked else None, size="h8")


@require_http_methods(["GET", "HEAD", "POST"])
def open_round(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The form of a new round."""
    actor, today = actor_of(request), timezone.localdate()
    plan = plans.plan_of(plan_id, actor)
    initial = {"closes_on": today + timedelta(days=OPEN_DAYS), "parties": [CUSTOMER_PARTY]}
    form = RoundForm(request.POST if request.method == "POST" else None, initial=initial)
    _offer(form)
    form.fields["parties"].choices = [(key, in_language(*names)) for key, names in relation_names().items()]  # type: ignore[attr-defined]  # a ChoiceField
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            opened = commands.open_round(
                plan_id,
                introduction=values["introduction"],
                parties=values["parties"],
                closes_on=values["closes_on"],
                remind_days=values["remind_days"],
                asked=_asked(form),
                today=today,
                actor=actor,
            )
            messages.success(request, _("The round is open. Those who are asked find it on their bell."))
            return to_round(opened.pk)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    back = reverse("plan_rounds", args=[plan_id])
    return _form(request, form, plan=plan, title=_("Ask the house"), submit=_("Open the round"), back=back)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_more(request: HttpRequest, round_id: int) -> HttpResponse:
    """The form that asks more people in a round."""
    actor, today = actor_of(request), timezone.localdate()
    asked = needs.round_of(round_id, actor)
    plan = plans.plan_of(asked.plan_id, actor)
    form = AskForm(request.POST if request.method == "POST" else None)
    _offer(form)
    if request.method == "POST" and form.is_valid():
        try:
            count = commands.ask_more(round_id, asked=_asked(form), today=today, actor=actor)
            told = ngettext("%(count)s more person is asked.", "%(count)s more people are asked.", count)
            messages.success(request, told % {"count": count})
            return to_round(round_id)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    back = reverse("needs_round", args=[round_id])
    return _form(request, form, plan=plan, title=_("Ask more people"), submit=_("Ask them"), back=back)


def _offer(form: AskForm) -> None:
    """Fill the choices of whom one can ask."""
    offered = {
        "units": [(str(unit_id), name) for unit_id, name in unit_names().items()],
        "roles": [(role.key, role.label) for role in all_roles()],
        "people": [(str(person.id), person.name) for person in first_colleagues(MOST_PEOPLE)],
        "audience": [("", _("the audience that their role is called by")), *audience_names().items()],
    }
    for name, choices in offered.items():
        form.fields[name].choices = choices  # type: ignore[attr-defined]  # all are ChoiceFields


def _asked(form: AskForm) -> commands.Asked:
    values = form.cleaned_data
    return commands.Asked(
        unit_ids=[int(text) for text in values["units"]],
        role_keys=values["roles"],
        user_ids=[int(text) for text in values["people"]],
        audience=values["audience"],
        asked_as=values["asked_as"],
    )


def _form(
    request: HttpRequest, form: AskForm, *, plan: InformationPlan, title: str, submit: str, back: str
) -> HttpResponse:
    context = {"form": form, "name": plan_name(plan), "title": title, "submit": submit, "back": back}
    return render(request, "planning/round_form.html", context, status=422 if form.errors else 200)


def to_round(round_id: int) -> HttpResponse:
    """Lead to a round."""
    return HttpResponseRedirect(reverse("needs_round", args=[round_id]), status=303)


@require_safe
def round_page(request: HttpRequest, round_id: int) -> HttpResponse:
    """One round: who answered, what they need, what does not fit together, what the plan lacks."""
    actor, today = actor_of(request), timezone.localdate()
    asked = needs.round_of(round_id, actor)
    form = ExtendForm(initial={"closes_on": max(today, asked.closes_on), "remind_days": asked.remind_days})
    return _round(request, asked, form, actor, today=today)


def _round(request: HttpRequest, asked: NeedsRound, form: ExtendForm, actor: Actor, *, today: date) -> HttpResponse:
    plan = plans.plan_of(asked.plan_id, actor)
    items = plans.items_of(plan.pk, actor)
    sheets, said, draft = needs.sheets_of(asked.pk), needs.said_in(asked.pk), needs.drafted(items)
    found = summed(said)
    changes = proposals(draft, said, stage=plan.stage) if plan.state == PlanState.DRAFT else ()
    per_item: dict[int, int] = {}
    for change in changes:
        per_item[change.item_id] = per_item.get(change.item_id, 0) + 1
    names = {item.pk: item_name(item) for item in items}
    is_open = needs.round_is_open(asked, plan, today=today)
    handed_in = sum(sheet.handed_in_at is not None for sheet in sheets)
    reminders = needs.reminders_of(asked.pk)
    context = {
        "round": asked,
        "plan": plan,
        "name": round_name(asked),
        "version": plan_name(plan),
        "parties": formats.enumeration(relation_name(key) for key in asked.parties),
        "line": _round_line(asked, plan, needs.Turnout(len(sheets), 0, handed_in), today=today),
        "is_open": is_open,
        "is_draft": plan.state == PlanState.DRAFT,
        "late": len(sheets) - handed_in,
        "was_reminded": any(row.day == today for row in reminders),
        "reminders": _reminders(reminders, today=today),
        "form": form,
        "asked": len(sheets),
        "handed_in": handed_in,
        "begun": sum(sheet.saved_at is not None and sheet.handed_in_at is None for sheet in sheets),
        "changes": len(changes),
        "units": _units(sheets),
        "lines": [item_line(item, found[item.pk], per_item.get(item.pk, 0)) for item in items if item.pk in found],
        "unsaid": [names[row.id] for row in draft if row.id not in found],
        "contradictions": _contradictions(draft, found, sheets, names),
        "wishes": _wishes(sheets, plan),
        "people": _people(sheets, is_open=is_open, today=today),
    }
    return render(request, "planning/round.html", context, status=422 if form.errors else 200)


def _units(sheets: Sequence[NeedsSheet]) -> list[tuple[str, str, SafeString]]:
    """How many of each department handed in, as (department, words, bar)."""
    names = unit_names()
    counted: dict[int | None, list[bool]] = {}
    for sheet in sheets:
        counted.setdefault(sheet.unit_id, []).append(sheet.handed_in_at is not None)
    return [
        (
            names.get(unit_id or 0, _("no department")),
            _("%(done)s of %(asked)s") % {"done": sum(found), "asked": len(found)},
            _share(sum(found), len(found)),
        )
        for unit_id, found in counted.items()
    ]


def item_line(item: InformationItem, row: ItemSaid, changes: int) -> ItemLine:
    """What a round says of an item, in words."""
    audiences = audience_names()
    shown = [
        (f"{audiences.get(audience, audience)} · {relation_name(party)}", value)
        for audience, party, value, _persons in row.needs
        if value != "not"
    ]
    return ItemLine(
        item.pk,
        item_name(item),
        row.must,
        row.needed,
        row.refused,
        tuple(shown),
        formats.enumeration(row.decisions),
        formats.day_count(row.fresh_days) if row.fresh_days else "",
        formats.enumeration(str(Way(way).label) for way in row.ways),
        changes,
    )


def _contradictions(
    draft: Sequence[Drafted], found: Mapping[int, ItemSaid], sheets: Sequence[NeedsSheet], names: Mapping[int, str]
) -> list[tuple[int, str, str]]:
    """What does not fit together, as (item, its name, why)."""
    asked_as = {way for sheet in sheets if sheet.handed_in_at for way in sheet.asked_as}
    words = {
        UNCOLLECTED: _("needed, but nobody collects it and it does not come in by itself"),
        UNNEEDED: _("collected, but nobody needs it"),
    }
    told = []
    for kind, item_id in contradictions(draft, found, asked_as=asked_as):
        row = found[item_id]
        why = words.get(kind, "")
        if kind == TOO_OLD:
            why = _("needed within %(fresh)s, but kept within %(kept)s at best") % {
                "fresh": formats.day_count(row.fresh_days),
                "kept": formats.day_count(row.kept_days),
            }
        told.append((item_id, names[item_id], why))
    return told


def _wishes(sheets: Sequence[NeedsSheet], plan: InformationPlan) -> list[tuple[str, str, str]]:
    """What the plan lacks, as (wish, whose, where an item is made of it)."""
    named = people(sheet.user_id for sheet in sheets if sheet.wishes)
    address = reverse("plan_item_new", args=[plan.pk])
    return [
        (text, named[sheet.user_id].name if sheet.user_id in named else "", f"{address}?{urlencode({'name': text})}")
        for sheet in sheets
        if sheet.handed_in_at
        for text in sheet.wishes
    ]


def _people(sheets: Sequence[NeedsSheet], *, is_open: bool, today: date) -> list[PersonLine]:
    named, units, audiences = people(sheet.user_id for sheet in sheets), unit_names(), audience_names()
    lines = []
    for sheet in sheets:
        at = sheet.handed_in_at or sheet.saved_at
        lines.append(
            PersonLine(
                sheet_id=sheet.pk,
                name=named[sheet.user_id].name if sheet.user_id in named else "",
                unit=units.get(sheet.unit_id or 0, ""),
                audience=audiences.get(sheet.audience_id, sheet.audience_id),
                ways=formats.enumeration(str(AskedAs(way).label) for way in sheet.asked_as),
                state="handed_in" if sheet.handed_in_at else "begun" if sheet.saved_at else "waiting",
                when=formats.day(timezone.localtime(at).date(), today=today) if at else "",
                can_release=is_open and sheet.saved_at is None,
            )
        )
    return lines


def _reminders(rows: Sequence[NeedsReminder], *, today: date) -> list[tuple[str, str]]:
    """When the round reminded, as (who and how many, when)."""
    named = people(row.by_id for row in rows if row.by_id)
    lines = []
    for row in rows:
        who = named[row.by_id].name if row.by_id in named else _("by itself")
        count = row.people
        told = ngettext("%(count)s person", "%(count)s people", count) % {"count": count} if count else ""
        lines.append((" · ".join(text for text in (told, who) if text), formats.day(row.day, today=today)))
    return lines


@require_POST
def release(request: HttpRequest, round_id: int, sheet_id: int) -> HttpResponse:
    """Ask somebody no more."""
    user_id = commands.release(sheet_id, round_id=round_id, today=timezone.localdate(), actor=actor_of(request))
    named = people([user_id])
    messages.success(request, _("%(name)s is asked no more.") % {"name": named[user_id].name if named else ""})
    return to_round(round_id)


@require_POST
def remind(request: HttpRequest, round_id: int) -> HttpResponse:
    """Remind those who have not handed in."""
    count = commands.remind(round_id, today=timezone.localdate(), actor=actor_of(request))
    told = ngettext("%(count)s person is reminded.", "%(count)s people are reminded.", count)
    messages.success(request, told % {"count": count})
    return to_round(round_id)


@require_POST
def close_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """Close a round before its day."""
    commands.close_round(round_id, today=timezone.localdate(), actor=actor_of(request))
    messages.success(request, _("The round is closed. Its answers stay readable."))
    return to_round(round_id)


@require_POST
def extend_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """Say until when a round is open."""
    actor, today = actor_of(request), timezone.localdate()
    asked = needs.round_of(round_id, actor)
    form = ExtendForm(request.POST)
    if form.is_valid():
        try:
            commands.extend_round(round_id, **form.cleaned_data, today=today, actor=actor)
            return to_round(round_id)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
    return _round(request, asked, form, actor, today=today)
