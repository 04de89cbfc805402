"""Missing and stale values on the steward's desk: planning knows what the plan demands, the desk does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.customers.facade import PointRow, account_grant, contact_points
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation, no_such_record
from guanxi.kernel.fields import FieldType
from guanxi.planning.adapters import known_since
from guanxi.planning.choices import BindingKind
from guanxi.planning.commands import put_right
from guanxi.planning.objects.accounts import GapLine, gap_line
from guanxi.planning.queries.desk import (
    Fault,
    FaultyAccount,
    faulty_account,
    faulty_account_ids,
    faulty_accounts,
    faulty_count,
    missing_musts,
    stale_values,
)
from guanxi.planning.queries.plans import Place, asked_items, places
from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.objects.desk import (
    MOST_COUNTED,
    PAGE_SIZE,
    DeskAct,
    DeskAnswer,
    DeskDetail,
    DeskLine,
    DeskQuestion,
    DeskRow,
    DeskSource,
    register_desk_source,
)
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_spec
from guanxi.platform.objects.spec import View
from guanxi.platform.preferences.locale import in_language
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.controls import column_values, control
from guanxi.platform.ui.values import cells

GAPS, STALE = "gaps", "stale"
SAVE, RIGHT = "save", "right"
NOT_TYPED_HERE = frozenset({FieldType.FILE, FieldType.MULTI_CHOICE, FieldType.LINK})
EMPTY: tuple[object, ...] = (None, "", [])


@dataclass(frozen=True, slots=True)
class Faulty:
    """A customer with what is missing or stale: the record, the places in words, and the form of those typed here.

    The record's class stays with its own room, so its columns are read by name.
    """

    account: Any
    known: FaultyAccount
    lines: tuple[tuple[Place, GapLine], ...]
    fields: Mapping[int, ObjectField]
    form: forms.Form


def _fault(key: str, actor: Actor | None) -> Fault:
    return missing_musts(actor) if key == GAPS else stale_values(actor)


def _ids(question: DeskQuestion) -> tuple[int, ...]:
    return tuple(int(key) for key in question.put_off if key.isdecimal())


def _count(kind: str, question: DeskQuestion) -> int:
    fault = _fault(kind, question.view.actor)
    return faulty_count(fault, question.view.actor, but=_ids(question), most=MOST_COUNTED)


def _page(kind: str, question: DeskQuestion) -> tuple[DeskLine, ...]:
    actor = question.view.actor
    rows = faulty_accounts(_fault(kind, actor), actor, but=_ids(question), skip=question.skip, limit=PAGE_SIZE)
    items = asked_items({place for row in rows for place in row.places})
    names = {key: in_language(item.name_zh, item.name_en) for key, item in items.items()}
    return tuple(
        DeskLine(
            str(row.account_id),
            row.name,
            formats.enumeration(names[place] for place in row.places if place in names),
            "",
            _("%(share)s complete") % {"share": _share(row)},
        )
        for row in rows
    )


def _share(row: FaultyAccount) -> str:
    return formats.percent(row.completeness, decimals=0) if row.completeness is not None else formats.MISSING


def _read(kind: str, key: str, view: View, posted: Mapping[str, str]) -> Faulty:
    """The customer with its faults, and the form of those fields of its own that the person may write."""
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise no_such_record()
    known = faulty_account(_fault(kind, view.actor), int(key), view.actor)
    account = account_grant(view.actor).live(known.account_id)
    items, known_places = asked_items(known.places), places()
    lines = tuple(
        (known_places[place], gap_line(known.account_id, items[place], known_places[place]))
        for place in known.places
        if place in items
    )
    fields = _typed_here([place for place, _line in lines], account, view)
    form = forms.Form(
        posted if "do" in posted else None,
        initial={item.key: item.value_of(account) for item in fields.values()},
        auto_id=f"{kind}_%s",
    )
    for item in fields.values():
        form.fields[item.key] = control(item, view, is_required=False, record=account)
    return Faulty(account, known, lines, fields, form)


def _typed_here(found: Sequence[Place], account: models.Model, view: View) -> dict[int, ObjectField]:
    """The fields of the customer that can be typed at the desk, by place."""
    if not may_act_on(view.actor, account, Action.EDIT):
        return {}
    own = {item.key: item for item in fields_of(object_spec("account"))}
    return {
        place.id: own[place.name]
        for place in found
        if place.kind == BindingKind.FIELD and place.object_key == "account" and place.name in own
        if own[place.name].is_editable and own[place.name].kind not in NOT_TYPED_HERE
        if own[place.name].access(view.actor) >= FieldAccess.WRITE
    }


def _load_gaps(key: str, view: View, asked: Mapping[str, str]) -> Mapping[str, object]:
    found = _read(GAPS, key, view, asked)
    rows = tuple(
        DeskRow(line.name, line.why, control=_bound(found, place), fill_url=line.fill_url)
        for place, line in found.lines
    )
    names = formats.enumeration(line.name for _place, line in found.lines)
    can_save = bool(found.fields)
    return {
        "detail": replace(
            _detail(found),
            heading=_("What the plan demands is missing"),
            rows=rows,
            acts=(DeskAct(SAVE, _("Save"), "e", "check", is_main=True),) if can_save else (),
            blocks=_("The decisions named beside each item are made without it."),
            question=_("This is still missing here: %(items)s. Can you fill it in?") % {"items": names},
            foot=_("Empty ones stay open."),
        )
    }


def _load_stale(key: str, view: View, asked: Mapping[str, str]) -> Mapping[str, object]:
    found = _read(STALE, key, view, asked)
    since = known_since(found.known.account_id, [place for place, _line in found.lines])
    card_url = reverse("account_card", args=[found.known.account_id])
    ways = contact_points([found.known.account_id], view.actor).get(found.known.account_id, [])
    can_edit = may_act_on(view.actor, found.account, Action.EDIT)
    rows = tuple(
        DeskRow(
            line.name,
            line.why,
            since=_("last known %(day)s") % {"day": _day(since, place, view)} if place.id in since else "",
            text=_shown(found, place, view) or _points(ways, place),
            control=_bound(found, place),
            fill_url="" if place.id in found.fields else f"{card_url}#contacts",
            tick=f"right:{place.id}" if can_edit else "",
        )
        for place, line in found.lines
    )
    names = formats.enumeration(line.name for _place, line in found.lines)
    return {
        "detail": replace(
            _detail(found),
            heading=_("Is this still right?"),
            rows=rows,
            acts=(DeskAct(RIGHT, _("Still right"), "e", "check", is_main=True),) if can_edit else (),
            blocks=_("Past its limit, a value counts as not fresh wherever freshness is shown."),
            question=_("Is this still right here: %(items)s?") % {"items": names},
            foot=_("What you change is saved; what is ticked counts as right from today."),
        )
    }


def _detail(found: Faulty) -> DeskDetail:
    """What both kinds say of the customer."""
    account = found.account
    return DeskDetail(
        key=str(account.pk),
        heading="",
        object_key="account",
        record_id=account.pk,
        title=found.known.name,
        url=reverse("account_card", args=[account.pk]),
        acts=(),
        owner_id=account.owner_id,
        facts=((_("Complete"), _share(found.known)),),
        version=account.version,
    )


def _bound(found: Faulty, place: Place) -> forms.BoundField | None:
    item = found.fields.get(place.id)
    return found.form[item.key] if item is not None else None


def _shown(found: Faulty, place: Place, view: View) -> str:
    """What is known in a place that is not typed here: of other fields of the customer the value, else nothing."""
    if place.kind != BindingKind.FIELD or place.object_key != "account" or place.id in found.fields:
        return ""
    item = next((item for item in fields_of(object_spec("account")) if item.key == place.name), None)
    return cells(item, [found.account], view)[0] if item is not None else ""


def _points(ways: Sequence[PointRow], place: Place) -> str:
    """The ways to reach the customer that stand in a place, as the person may see them."""
    if place.object_key != "contact_point":
        return ""
    return formats.enumeration(way.text for way in ways if way.type == place.name)


def _day(since: Mapping[int, datetime], place: Place, view: View) -> str:
    return formats.day(timezone.localdate(since[place.id]), today=view.today)


def _answer(kind: str, key: str, act: str, posted: Mapping[str, str], view: View) -> DeskAnswer:
    if act != (SAVE if kind == GAPS else RIGHT):
        raise no_such_record()
    found = _read(kind, key, view, posted)
    if not found.form.is_valid():
        raise RuleViolation("record.invalid", "Some fields need another look.")
    typed = {place: item for place, item in found.fields.items() if _is_news(found, item)}
    values = column_values(tuple(typed.values()), found.form.cleaned_data)
    ticked = {place.id for place, _line in found.lines if f"right:{place.id}" in posted} if kind == STALE else set()
    version = posted.get("version", "")
    put_right(
        found.known.account_id,
        values,
        still_right=ticked - typed.keys(),
        version=int(version) if version.isdecimal() and len(version) < 10 else None,
        actor=view.actor,
    )
    return DeskAnswer(_("Saved.") if values else _("Noted as still right today."))


def _is_news(found: Faulty, item: ObjectField) -> bool:
    value = found.form.cleaned_data.get(item.key)
    return value not in EMPTY and value != item.value_of(found.account)


def _affected(kind: str, actor: Actor | None) -> "models.QuerySet[Any, Any]":
    return faulty_account_ids(_fault(kind, actor))


register_desk_source(
    DeskSource(
        key=GAPS,
        label=_l("Gaps"),
        icon="forms",
        rule=_l("The plan in force demands it as a must of this customer, and nothing stands there."),
        order=_l("The least complete first"),
        empty=_l("Every customer has what the plan demands."),
        points=35,
        count=partial(_count, GAPS),
        page=partial(_page, GAPS),
        load=_load_gaps,
        answer=partial(_answer, GAPS),
        affected=partial(_affected, GAPS),
        position=30,
        asks_owner=True,
    )
)
register_desk_source(
    DeskSource(
        key=STALE,
        label=_l("Stale"),
        icon="clock-exclamation",
        rule=_l(
            "The plan says for how long a value counts as fresh, and that time has passed since it was last known."
        ),
        order=_l("The least complete first"),
        empty=_l("Everything known is within its limit."),
        points=20,
        count=partial(_count, STALE),
        page=partial(_page, STALE),
        load=_load_stale,
        answer=partial(_answer, STALE),
        affected=partial(_affected, STALE),
        position=40,
        asks_owner=True,
    )
)
