"""Pages of gifts: what was given in a year against budgets and limits, and the form in which something is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from guanxi.customers.choices import TraitKind
from guanxi.customers.facade import (
    account_rows,
    contact_grant,
    contacts_of,
    may_see_customers_of,
    relation_name,
    require_editable,
    traits_of,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation, no_such_record
from guanxi.ledger.facade import GivingRow
from guanxi.platform.access.grant import may, may_act_on
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import active_people, people, unit_names, unit_paths
from guanxi.platform.objects.addresses import record_url
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.fields import show_refusal
from guanxi.stewardship.commands.gifts import NewGiving, give
from guanxi.stewardship.forms.gifts import GIFT, GiveForm
from guanxi.stewardship.models import GiftBudget, GiftLimit
from guanxi.stewardship.queries.gifts import (
    GiftYear,
    Receiver,
    contact_names,
    gift_year,
    limit_for,
    limits_in_force,
    limits_of,
)
from guanxi.stewardship.rules.gifts import GOVERNMENT, Limit, Spending

MINDED = (TraitKind.TABOO, TraitKind.PREFERENCE, TraitKind.HOBBY)
"""What is known of people that matters for a gift."""
SHOWN_GIVINGS = 100
SHOWN_RECEIVERS = 10
FIRST_SHOWN_YEAR = 2000


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One budget with what is spent of it; `edit_url` is "" for who may not change it.

    `is_whole` when the reader sees all customers of the department: only then it is known what is left.
    """

    name: str
    url: str
    amount: str
    spent: str
    left: str
    bar: SafeString
    is_over: bool
    is_whole: bool
    edit_url: str


@dataclass(frozen=True, slots=True)
class ReceiverLine:
    """One receiver as the page shows them; `share` says how much of the year's limit is used."""

    name: str
    home: str
    url: str
    givings_url: str
    is_government: bool
    count: str
    worth: str
    share: str
    is_at_limit: bool


@require_safe
def gifts_page(request: HttpRequest) -> HttpResponse:
    """What was given in a year: budgets, receivers, those at their limit, and each giving; `?unit=` narrows these."""
    actor, today = actor_of(request), timezone.localdate()
    year = _year(request.GET.get("year", ""), today=today)
    found = gift_year(actor, year)
    chosen, title = _chosen(request, found)
    receivers = [_receiver_line(receiver, year) for receiver in found.receivers]
    context = {
        "year": year,
        "years": (year - 1, year + 1 if year < today.year else None),
        "worth": formats.money(found.worth),
        "gifts": formats.number(sum(row.is_gift for row in found.givings)),
        "materials": formats.number(sum(not row.is_gift for row in found.givings)),
        "receivers": formats.number(len(receivers)),
        "unstated": formats.number(sum(row.worth is None for row in found.givings)),
        "has_unstated": any(row.worth is None for row in found.givings),
        "budgets": [_budget_line(budget, spending, actor, year) for budget, spending in found.budgets],
        "unbudgeted": formats.money_full(found.unbudgeted) if found.unbudgeted else "",
        "limits": [_limit_line(limit, may(actor, GiftLimit, Action.EDIT)) for limit in limits_of(actor)],
        "top": receivers[:SHOWN_RECEIVERS],
        "at_limit": [line for line in receivers if line.is_at_limit],
        "rows": _giving_lines(chosen[:SHOWN_GIVINGS], actor, today=today),
        "title": title,
        "count": formats.number(len(chosen)),
        "is_cut": len(chosen) > SHOWN_GIVINGS,
        "can_budget": may(actor, GiftBudget, Action.CREATE),
        "can_limit": may(actor, GiftLimit, Action.CREATE),
    }
    return render(request, "stewardship/gifts.html", context)


def _year(text: str, *, today: date) -> int:
    is_year = text.isascii() and text.isdecimal() and FIRST_SHOWN_YEAR <= int(text[:9]) <= today.year
    return int(text) if is_year else today.year


def _chosen(request: HttpRequest, found: GiftYear) -> tuple[Sequence[GivingRow], str]:
    """The givings that an address asks for and what they are called: all, of a department, of a receiver."""
    unit, account, contact = (_number(request.GET.get(name, "")) for name in ("unit", "account", "contact"))
    if unit is not None and unit in unit_names():
        paths = unit_paths()
        rows = [row for row in found.givings if unit in paths.get(row.unit_id or 0, ())]
        return rows, _("Given in %(unit)s") % {"unit": unit_names()[unit]}
    if account is not None:
        rows = [row for row in found.givings if row.account_id == account and row.contact_id == contact]
        return rows, _("Given to this receiver")
    return found.givings, _("All that was given")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _budget_line(budget: GiftBudget, spending: Spending, actor: Actor, year: int) -> BudgetLine:
    share = 100 * float(spending.spent / spending.amount) if spending.amount else 100.0 * bool(spending.spent)
    is_over = spending.spent > spending.amount
    is_whole = may_see_customers_of(actor, owner_id=None, unit_id=spending.unit_id)
    can_edit = may_act_on(actor, budget, Action.EDIT)
    return BudgetLine(
        name=spending.unit,
        url=f"?year={year}&unit={spending.unit_id}#givings",
        amount=formats.money_full(spending.amount),
        spent=formats.money_full(spending.spent),
        left=formats.money_full(spending.left) if is_whole else formats.MISSING,
        bar=graphics.bar(share, "awayf" if is_over or share >= 90 else "fi"),
        is_over=is_over,
        is_whole=is_whole,
        edit_url=reverse("gift_budget", args=[budget.pk]) if can_edit else "",
    )


def _limit_line(limit: GiftLimit, can_edit: bool) -> Mapping[str, str]:
    """A limit in words."""
    return {
        "whose": relation_name(limit.relation) if limit.relation else _("Everybody else"),
        "words": _limit_words(Limit(limit.per_gift, limit.per_year)),
        "edit_url": reverse("gift_limit", args=[limit.pk]) if can_edit else "",
    }


def _receiver_line(receiver: Receiver, year: int) -> ReceiverLine:
    contact = f"&contact={receiver.contact_id}" if receiver.contact_id else ""
    home_url = reverse("account_card", args=[receiver.account_id])
    most = receiver.limit.per_year
    return ReceiverLine(
        name=receiver.name,
        home=receiver.home,
        url=record_url("contact", receiver.contact_id) if receiver.home and receiver.contact_id else home_url,
        givings_url=f"?year={year}&account={receiver.account_id}{contact}#givings",
        is_government=receiver.is_government,
        count=formats.number(receiver.count),
        worth=formats.money_full(receiver.worth),
        share=formats.percent(float(receiver.worth / most), decimals=0) if most else formats.MISSING,
        is_at_limit=receiver.is_at_limit,
    )


def _giving_lines(rows: Sequence[GivingRow], actor: Actor, *, today: date) -> list[Mapping[str, object]]:
    """Givings with the names of customers, receivers and colleagues."""
    accounts = account_rows(actor, {row.account_id for row in rows})
    contacts = contact_names(actor, {row.contact_id for row in rows if row.contact_id})
    givers = people(row.user_id for row in rows if row.user_id)
    return [
        {
            "is_gift": row.is_gift,
            "item": row.item or (_("Gift") if row.is_gift else _("Material")),
            "quantity": formats.number(row.quantity) if row.quantity and row.quantity > 1 else "",
            "account_id": row.account_id,
            "account": accounts[row.account_id].label if row.account_id in accounts else formats.MISSING,
            "is_government": row.account_id in accounts and accounts[row.account_id].relation == GOVERNMENT,
            "receiver": contacts.get(row.contact_id or 0, ""),
            "giver": givers[row.user_id].name if row.user_id in givers else formats.MISSING,
            "occasion": row.occasion,
            "worth": formats.money_full(row.worth) if row.worth is not None else formats.MISSING,
            "day": formats.day(timezone.localtime(row.occurred_at).date(), today=today),
        }
        for row in rows
    ]


@require_safe
def contact_gift(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Lead to the form in which something is given to a contact. Raises: NotFound."""
    contact = contact_grant(actor_of(request)).live(contact_id)
    address = f"{reverse('gift_new', args=[contact.account_id])}?contact={contact.pk}"
    return HttpResponseRedirect(address, status=303)


@require_http_methods(["GET", "HEAD", "POST"])
def give_form(request: HttpRequest, account_id: int) -> HttpResponse:
    """Enter what a customer or one of its people is given; what is refused stays in the form. Raises: NotFound."""
    actor = actor_of(request)
    account = account_rows(actor, [account_id]).get(account_id)
    if account is None:
        raise no_such_record()
    require_editable(account_id, actor=actor)
    is_sent, once = request.method == "POST", request.POST.get("once", "").replace("\x00", "")[:64]
    form = _offered(GiveForm(request.POST if is_sent else None, initial=_start(request, actor)), account_id, actor)
    if is_sent and form.is_valid():
        try:
            give(account_id, _giving(form), once=once, actor=actor)
        except (RuleViolation, Conflict) as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("It is noted."))
            return HttpResponseRedirect(f"{reverse('account_card', args=[account_id])}#gifts", status=303)
    limit = limit_for(account.relation, limits_in_force())
    context = {
        "account": account,
        "form": form,
        "once": once or uuid4().hex,
        "is_government": account.relation == GOVERNMENT,
        "limit": _limit_words(limit),
        "traits": _worth_knowing(account_id, actor),
    }
    return render(request, "stewardship/give.html", context, status=422 if form.errors else 200)


def _worth_knowing(account_id: int, actor: Actor) -> list[tuple[bool, Label, str, str]]:
    """What to mind when choosing a gift, taboos first: whether it is one, its kind, the words, of whom."""
    found = [trait for trait in traits_of(account_id, actor) if trait.kind in MINDED]
    found.sort(key=lambda trait: MINDED.index(TraitKind(trait.kind)))
    return [(trait.kind == TraitKind.TABOO, TraitKind(trait.kind).label, trait.text, trait.who) for trait in found]


def _limit_words(limit: Limit) -> str:
    parts = []
    if limit.per_gift is not None:
        parts.append(_("one gift at most %(sum)s") % {"sum": formats.money_full(limit.per_gift)})
    if limit.per_year is not None:
        parts.append(_("one person in a year at most %(sum)s") % {"sum": formats.money_full(limit.per_year)})
    return " · ".join(parts)


def _start(request: HttpRequest, actor: Actor) -> dict[str, object]:
    contact = request.GET.get("contact", "")
    return {"contact_id": contact, "user_id": actor.user_id, "given_on": timezone.localdate()}


def _offered(form: GiveForm, account_id: int, actor: Actor) -> GiveForm:
    """The form with the customer's people and the colleagues."""
    contacts, _points = contacts_of(account_id, actor)
    receivers = [("", _("The customer itself")), *((contact.id, contact.name) for contact in contacts)]
    givers = [(person.id, person.name) for person in active_people()]
    for name, choices in (("contact_id", receivers), ("user_id", givers)):
        field = form.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
    return form


def _giving(form: GiveForm) -> NewGiving:
    values = dict(form.cleaned_data)
    is_gift = values.pop("kind") == GIFT
    return NewGiving(is_gift=is_gift, **values)
