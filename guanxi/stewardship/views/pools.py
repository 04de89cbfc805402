"""The page of pools: who waits in them, claiming, assigning, giving back, and what pools are good for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from guanxi.customers.choices import AccountKind
from guanxi.customers.facade import account_rows, relation_name
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, RuleViolation
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.access.urls import actor_of
from guanxi.platform.accounts.queries import own_id, people
from guanxi.platform.objects.criteria import criteria_of
from guanxi.platform.ui import format as formats
from guanxi.platform.ui import graphics
from guanxi.platform.ui.responses import leading_to
from guanxi.stewardship.choices import AssignWay, EntryReason
from guanxi.stewardship.commands import pool_moves
from guanxi.stewardship.models import Pool, PoolEntry
from guanxi.stewardship.queries.pool_effect import Effect, effect_of
from guanxi.stewardship.queries.pools import (
    PAGE_SIZE,
    ClaimsLeft,
    OwnPool,
    administers_pools,
    claims_left,
    members_of,
    own_pool,
    own_pools,
    waiting_counts,
    waiting_page,
)
from guanxi.stewardship.rules.pools import masked_name
from guanxi.value.choices import GRADE_NAMES
from guanxi.value.facade import grades_of

SHOWN_FIELDS: Mapping[str, object] = {
    "name": _l("Name"),
    "grade": _l("Grade"),
    "relation": _l("Relation"),
    "kind": _l("Kind"),
    "industry": _l("Industry"),
    "size": _l("Size"),
    "region": _l("Region"),
    "city": _l("City"),
    "source": _l("Source"),
    "since_on": _l("Customer since"),
    "note": _l("Note"),
}
SPANS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Tab:
    """One pool as a tab."""

    label: str
    url: str
    count: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One customer in a pool as a row; `url` leads to the card for who may see it."""

    id: int
    name: str
    url: str
    cells: tuple[str, ...]
    former: str
    reason: str
    note: str
    since: str
    since_title: str


@require_safe
def pool_page(request: HttpRequest, pool_id: int | None = None) -> HttpResponse:
    """One of the person's pools, the first one without an id. Raises: NotFound."""
    actor, today = actor_of(request), timezone.localdate()
    pools = own_pools(actor)
    if not pools and pool_id is None:
        return render(request, "stewardship/no_pool.html", {"can_set_up": administers_pools(actor)})
    own = own_pool(pool_id, actor) if pool_id is not None else pools[0]
    counts = waiting_counts(item.pool for item in pools)
    reason = request.GET.get("reason", "")
    reason = reason if reason in EntryReason.values else ""
    page = _page_number(request)
    entries = waiting_page(own.pool, reason=reason, page=page)
    left = claims_left(own.pool, own_id(actor), today=today)
    known = counts.get(own.pool.pk, {})
    context = {
        "own": own,
        "tabs": [_tab(item, counts, own) for item in pools],
        "count": sum(known.values()),
        "reasons": [_reason_chip(key, count, chosen=reason) for key, count in sorted(known.items())],
        "columns": [SHOWN_FIELDS[key] for key in _columns(own.pool)],
        "rows": waiting_rows(entries[:PAGE_SIZE], own.pool, actor=actor, today=today),
        "left_words": left_words(left) if own.is_member else "",
        "is_spent": left.today == 0 or left.in_hand == 0,
        "takers": members_of(own.pool) if own.is_admin else (),
        "ways": [(way.value, way.label) for way in AssignWay if way is not AssignWay.NONE],
        "can_set_up": administers_pools(actor),
        "page": page,
        "previous": _page_url(reason, page - 1) if page > 1 else "",
        "next": _page_url(reason, page + 1) if len(entries) > PAGE_SIZE else "",
    }
    return render(request, "stewardship/pool.html", context)


def _page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "1")
    return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def _page_url(reason: str, page: int) -> str:
    return f"?page={page}" + (f"&reason={reason}" if reason else "")


def _tab(item: OwnPool, counts: Mapping[int, Mapping[str, int]], current: OwnPool) -> Tab:
    count = sum(counts.get(item.pool.pk, {}).values())
    return Tab(
        item.pool.label,
        reverse("pool_one", args=[item.pool.pk]),
        formats.number(count),
        item.pool.pk == current.pool.pk,
    )


def _reason_chip(key: str, count: int, *, chosen: str) -> dict[str, object]:
    return {"key": key, "label": EntryReason(key).label, "count": formats.number(count), "is_chosen": key == chosen}


def _columns(pool: Pool) -> list[str]:
    """The fields of a pool that are columns of their own, in their order."""
    return [key for key in SHOWN_FIELDS if key in pool.shown_fields and key != "name"]


def left_words(left: ClaimsLeft) -> str:
    """How many customers the person may still claim."""
    known = [count for count in (left.today, left.in_hand) if count is not None]
    if not known:
        return ""
    words = ngettext("you can claim %(count)s more today", "you can claim %(count)s more today", min(known))
    return words % {"count": formats.number(min(known))}


def waiting_rows(entries: Sequence[PoolEntry], pool: Pool, *, actor: Actor, today: date) -> list[WaitingRow]:
    """The rows of a page: what the pool shows, and a link for who may see the customer anyway; three queries."""
    ids = [entry.account_id for entry in entries]
    visible = account_rows(actor, ids) if may(actor, Account, Action.VIEW) else {}
    grades = grades_of(ids) if "grade" in pool.shown_fields else {}
    names = people(entry.former_owner_id for entry in entries if entry.former_owner_id)
    formers = {user_id: person.name for user_id, person in names.items()}
    known = _Known(frozenset(visible), grades, formers)
    return [_row(entry, pool, known=known, today=today) for entry in entries]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for a page of rows: customers the person sees anyway, grades, names of former owners."""

    visible: frozenset[int]
    grades: Mapping[int, str]
    formers: Mapping[int, str]


def _row(entry: PoolEntry, pool: Pool, *, known: _Known, today: date) -> WaitingRow:
    account, is_visible = entry.account, entry.account_id in known.visible
    grade = known.grades.get(entry.account_id, "")
    is_named = is_visible or "name" in pool.shown_fields
    since = timezone.localdate(entry.entered_at)
    return WaitingRow(
        id=entry.account_id,
        name=(account.short_name or account.name) if is_named else masked_name(account.name),
        url=reverse("account_card", args=[entry.account_id]) if is_visible else "",
        cells=tuple(_cell(account, key, grade=grade, today=today) for key in _columns(pool)),
        former=known.formers.get(entry.former_owner_id or 0, formats.MISSING),
        reason=str(EntryReason(entry.reason).label),
        note=entry.note or _criterion_words(entry),
        since=formats.relative_day(since, today=today),
        since_title=formats.full_day(since),
    )


def _criterion_words(entry: PoolEntry) -> str:
    """What counted against the owner of a customer whom a rule took; "" where people returned it."""
    criterion = criteria_of("account").get(entry.rule.criterion) if entry.rule is not None else None
    return str(criterion.label) if criterion else ""


def _cell(account: Account, key: str, *, grade: str, today: date) -> str:
    match key:
        case "grade":
            return graphics.grade(grade, str(GRADE_NAMES[grade])) if grade else formats.MISSING
        case "relation":
            return relation_name(str(account.relation_id))
        case "kind":
            return str(AccountKind(account.kind).label)
        case "since_on":
            return formats.day(account.since_on, today=today) if account.since_on else formats.MISSING
        case _:
            return str(getattr(account, key)) or formats.MISSING


@require_POST
def claim(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Claim the ticked customers, or the one whose button was pressed."""
    moved = pool_moves.claim(_meant(request), pool_id=pool_id, actor=actor_of(request))
    words = ngettext("%(count)s customer is yours now", "%(count)s customers are yours now", len(moved.account_ids))
    return _told(request, pool_id, words, moved=(moved,))


@require_POST
def assign(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Give the ticked customers to one member, or share them out among all."""
    actor, ids, to = actor_of(request), _meant(request), request.POST.get("to", "")
    if to in AssignWay.values and to != AssignWay.NONE:
        moved = pool_moves.share_out(ids, pool_id=pool_id, way=AssignWay(to), actor=actor)
    else:
        user_id = int(to) if to.isascii() and to.isdecimal() and len(to) < 19 else 0
        moved = (pool_moves.assign(ids, pool_id=pool_id, user_id=user_id, actor=actor),)
    count = sum(len(item.account_ids) for item in moved)
    return _told(
        request, pool_id, ngettext("%(count)s customer assigned", "%(count)s customers assigned", count), moved=moved
    )


@require_POST
def give_back(request: HttpRequest, pool_id: int) -> HttpResponse:
    """Take the ticked customers out of the pool, back to whom they had before."""
    moved = pool_moves.give_back(_meant(request), pool_id=pool_id, actor=actor_of(request))
    count = sum(len(item.account_ids) for item in moved)
    words = ngettext("%(count)s customer given back", "%(count)s customers given back", count)
    return _told(request, pool_id, words, moved=moved)


@require_POST
def undo_leaving(request: HttpRequest, pool_id: int, entry_id: UUID) -> HttpResponse:
    """Put back what was claimed or assigned a moment ago."""
    count = pool_moves.undo_leaving(entry_id, actor=actor_of(request))
    words = ngettext("%(count)s customer is in the pool again", "%(count)s customers are in the pool again", count)
    messages.success(request, words % {"count": formats.number(count)})
    return leading_to(request, reverse("pool_one", args=[pool_id]))


def _meant(request: HttpRequest) -> list[int]:
    """The customer whose button was pressed, else the ticked ones. Raises: RuleViolation("bulk.nothing")."""
    texts = request.POST.getlist("one") or request.POST.getlist("id")
    ids = [int(text) for text in texts if text.isascii() and text.isdecimal() and len(text) < 19]
    if not ids:
        raise RuleViolation("bulk.nothing", "Tick some records first.")
    return ids


def _told(request: HttpRequest, pool_id: int, words: str, *, moved: Sequence[pool_moves.Moved]) -> HttpResponse:
    """Back to the pool with what was done, with an undo where one person got them all, and with who was left out."""
    count, missed = sum(len(item.account_ids) for item in moved), sum(item.left_out for item in moved)
    text = words % {"count": formats.number(count)}
    if missed:
        text = _("%(done)s; %(missed)s had been taken by others") % {"done": text, "missed": formats.number(missed)}
    undo = reverse("undo_pool_leaving", args=[pool_id, moved[0].entry_id]) if len(moved) == 1 and count else ""
    messages.success(request, text, extra_tags=undo)
    return leading_to(request, reverse("pool_one", args=[pool_id]))


@require_safe
def effect_page(request: HttpRequest, pool_id: int) -> HttpResponse:
    """What a pool is good for, for its admins. Raises: NotFound, AccessDenied."""
    own = own_pool(pool_id, actor_of(request))
    if not own.is_admin:
        raise AccessDenied("pool.admins_only", "Only who administers this pool assigns its customers.")
    spans = {str(span): span for span in SPANS}
    days = spans.get(request.GET.get("days", ""), SPANS[1])
    report = effect_of(own.pool, since=timezone.localdate() - timedelta(days=days))
    ids = (int(effect.key) for effect in (*report.by_owner, *report.by_taker) if effect.key)
    names = {str(user_id): person.name for user_id, person in people(ids).items()}
    context = {
        "own": own,
        "report": report,
        "whole": _effect_view(report.whole, ""),
        "spans": [(span, formats.day_count(span), span == days) for span in SPANS],
        "groups": [
            (_("By reason"), [_effect_view(item, str(EntryReason(item.key).label)) for item in report.by_reason]),
            (_("By former owner"), [_effect_view(item, names.get(item.key, "—")) for item in report.by_owner]),
            (_("By who took them"), [_effect_view(item, names.get(item.key, "—")) for item in report.by_taker]),
        ],
    }
    return render(request, "stewardship/effect.html", context)


def _effect_view(effect: Effect, label: str) -> dict[str, object]:
    share = effect.taken_share
    return {
        "label": label,
        "entered": formats.number(effect.entered),
        "waiting": formats.number(effect.waiting),
        "taken": formats.number(effect.taken),
        "taken_share": formats.percent(share, decimals=0) if share is not None else "",
        "won": formats.number(effect.won),
        "won_share": formats.percent(effect.won_share, decimals=0) if effect.won_share is not None else "",
        "days": formats.number(effect.days, decimals=1) if effect.days is not None else formats.MISSING,
        "bar": graphics.bar(share * 100) if share is not None else SafeString(""),
    }
