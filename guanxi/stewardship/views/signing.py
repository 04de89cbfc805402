"""Pages of who takes customers over: what waits, each brief, signing, refusing, the message to the customer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers.choices import CLOSENESS, DateType, DecisionRole, TraitKind
from guanxi.customers.facade import ContactRow, PointRow, contacts_of
from guanxi.engagement.choices import CHANNELS, MAIL, PHONE, SMS, WECOM
from guanxi.engagement.facade import Person as Addressee
from guanxi.engagement.facade import salutation
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.facade import FACT_KINDS
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import company_name
from guanxi.platform.objects.spec import Label
from guanxi.platform.ui.errors import sentence_of
from guanxi.platform.ui.format import number
from guanxi.stewardship.commands import mark_told, refuse_item, sign_item, sign_items
from guanxi.stewardship.models.handovers import HandoverItem, ItemState
from guanxi.stewardship.queries.briefs import Brief, BriefPerson, brief_of
from guanxi.stewardship.queries.handovers import item_for, item_lines, next_item_id, own_items, reaches, waiting_count
from guanxi.stewardship.rules.handovers import Naming, message_subject, message_text
from guanxi.stewardship.views.handover_forms import person_name

WITHDRAWN = "withdrawn"
MOST_WAITING = 200
TOLD_BY = (MAIL, WECOM, SMS, PHONE)


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One of the customer's people with role and ways to reach them, as far as the reader may see those."""

    person: BriefPerson
    role: Label
    closeness: Label
    reach: ContactRow | None


@dataclass(frozen=True, slots=True)
class Message:
    """What the customer is told: the words, where the mail goes ("" = no way that may be used), why not."""

    text: str
    mail_url: str
    is_withdrawn: bool
    channels: tuple[tuple[str, Label], ...]


@require_safe
def own_handovers(request: HttpRequest) -> HttpResponse:
    """What passed to the person: to be signed for first, then what was answered."""
    actor = actor_of(request)
    waiting = own_items(actor, states=(ItemState.MOVED,), limit=MOST_WAITING)
    answered = own_items(actor, states=(ItemState.ACCEPTED, ItemState.REFUSED), limit=100)
    count = len(waiting) if len(waiting) < MOST_WAITING else waiting_count(actor)
    context = {"waiting": item_lines(waiting, actor), "count": count, "answered": item_lines(answered, actor)}
    return render(request, "stewardship/handovers_own.html", context)


@require_POST
def sign_many(request: HttpRequest) -> HttpResponse:
    """Sign for the ticked customers."""
    ids = [int(text) for text in request.POST.getlist("id") if text.isascii() and text.isdecimal() and len(text) < 19]
    count = sign_items(ids, actor=actor_of(request))
    if count:
        signed = ngettext("Signed for %(count)s customer.", "Signed for %(count)s customers.", count)
        messages.success(request, signed % {"count": number(count)})
    else:
        messages.info(request, _("No customer was ticked: tick those that you have read."))
    return HttpResponseRedirect(reverse("handovers_own"), status=303)


@require_safe
def brief_page(request: HttpRequest, item_id: int) -> HttpResponse:
    """The brief of one customer. Raises: NotFound for who neither takes it over nor leads the handover."""
    return _page(request, item_for(actor_of(request), item_id))


def _page(request: HttpRequest, item: HandoverItem, *, problem: str = "") -> HttpResponse:
    actor = actor_of(request)
    brief = brief_of(actor, item.account_id)
    contacts, points = contacts_of(item.account_id, actor)
    is_own = item.receiver_id == actor.user_id
    context = {
        "item": item,
        "brief": brief,
        "person": person_name(item.case.person_id),
        "receiver": person_name(item.receiver_id),
        "people": _people(brief, contacts),
        "points": points,
        "facts": [(_fact_words(fact.sub_kind), fact) for fact in brief.facts],
        "traits": [(TraitKind(trait.kind).label, trait) for trait in brief.traits],
        "dates": [(day.label or DateType(day.type).label, day) for day in brief.dates],
        "is_own": is_own,
        "can_sign": is_own and item.state == ItemState.MOVED,
        "leads": reaches(actor, item.case),
        "message": _message(item, brief, contacts[0] if contacts else None, own=points) if is_own else None,
        "next_id": next_item_id(item, actor) if is_own else None,
        "problem": problem,
    }
    return render(request, "stewardship/brief.html", context, status=422 if problem else 200)


def _people(brief: Brief, contacts: Sequence[ContactRow]) -> list[PersonLine]:
    reach = {row.id: row for row in contacts}
    steps: Mapping[int, Label] = dict(CLOSENESS)
    return [
        PersonLine(
            person,
            DecisionRole(person.decision_role).label if person.decision_role != DecisionRole.NONE else "",
            steps.get(person.closeness, ""),
            reach.get(person.id),
        )
        for person in brief.people
    ]


def _fact_words(sub_kind: str) -> str:
    """What a kind of contact is called."""
    kinds = FACT_KINDS["interaction"].sub_kinds
    return next((_(kind.label) for kind in kinds if kind.name == sub_kind), sub_kind)


def _message(item: HandoverItem, brief: Brief, main: ContactRow | None, *, own: Sequence[PointRow]) -> Message:
    """The message in the language of the reader, to the main contact; no way is offered that was withdrawn."""
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    addressee = Addressee(salutation=main.salutation) if main and main.salutation else _addressee(main)
    names = Naming(
        addressee=salutation(addressee, language=language),
        account=brief.name,
        person=person_name(item.case.person_id),
        receiver=person_name(item.receiver_id),
        company=company_name(),
    )
    text = message_text(names, language=language)
    points = main.points if main else own
    mails = [point for point in points if point.type == "mail" and not point.is_masked]
    usable = next((point.text for point in mails if point.consent != WITHDRAWN), "")
    query = f"subject={quote(message_subject(names, language=language))}&body={quote(text)}"
    is_withdrawn = bool(points) and all(point.consent == WITHDRAWN for point in points)
    return Message(
        text=text,
        mail_url=f"mailto:{quote(usable, safe='@')}?{query}" if usable else "",
        is_withdrawn=is_withdrawn,
        channels=tuple((key, CHANNELS[key].label) for key in TOLD_BY),
    )


def _addressee(main: ContactRow | None) -> Addressee:
    """The person to be addressed by the name as it is written."""
    return Addressee(family_name=main.name, title=main.title) if main else Addressee()


@require_POST
def sign(request: HttpRequest, item_id: int) -> HttpResponse:
    """Sign for one customer, then on to the next."""
    actor = actor_of(request)
    item = sign_item(item_id, actor=actor)
    following = next_item_id(item, actor) if "next" in request.POST else None
    messages.success(request, _("Signed for; here is the next one.") if following else _("Signed for."))
    address = reverse("brief", args=[following]) if following else reverse("brief", args=[item.pk])
    return HttpResponseRedirect(address, status=303)


@require_POST
def refuse(request: HttpRequest, item_id: int) -> HttpResponse:
    """Refuse one customer with a reason."""
    actor = actor_of(request)
    try:
        refuse_item(item_id, reason=request.POST.get("reason", "").replace("\x00", ""), actor=actor)
    except RuleViolation as error:
        return _page(request, item_for(actor, item_id), problem=sentence_of(error))
    messages.success(request, _("Refused, with your reason."))
    return HttpResponseRedirect(reverse("handovers_own"), status=303)


@require_POST
def tell_customer(request: HttpRequest, item_id: int) -> HttpResponse:
    """Note that the customer was told."""
    actor = actor_of(request)
    text = request.POST.get("text", "").replace("\x00", "")
    mark_told(item_id, channel=request.POST.get("channel", ""), text=text, actor=actor)
    messages.success(request, _("Noted that the customer knows."))
    return HttpResponseRedirect(reverse("brief", args=[item_id]), status=303)
