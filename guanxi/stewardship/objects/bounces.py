"""Ways to reach customers that reach nobody, on the steward's desk."""

from collections.abc import Mapping

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from guanxi.customers.choices import PointType
from guanxi.customers.facade import (
    WrongPoint,
    edit_contact_point,
    mark_point_working,
    other_ways,
    remove_contact_point,
    unreached_account_ids,
    wrong_point,
    wrong_point_count,
    wrong_points,
)
from guanxi.kernel.errors import RuleViolation, no_such_record
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
from guanxi.platform.objects.spec import View
from guanxi.platform.ui import format as formats

KEY = "bounced"
CORRECT, WORKS, REMOVE = "correct", "works", "remove"


class RightWayForm(forms.Form):
    """The right number or address in the place of one that reaches nobody."""

    value = forms.CharField(
        label=_l("Right value"), required=False, max_length=300, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


def _ids(question: DeskQuestion) -> tuple[int, ...]:
    return tuple(int(key) for key in question.put_off if key.isdecimal())


def _count(question: DeskQuestion) -> int:
    return wrong_point_count(question.view.actor, but=_ids(question), most=MOST_COUNTED)


def _page(question: DeskQuestion) -> tuple[DeskLine, ...]:
    rows = wrong_points(question.view.actor, but=_ids(question), skip=question.skip, limit=PAGE_SIZE)
    return tuple(
        DeskLine(
            str(row.id),
            row.account_name,
            f"{row.type} · {row.text}",
            " · ".join(part for part in (row.contact, row.wrong_source) if part),
            formats.day(timezone.localdate(row.wrong_since), today=question.view.today),
        )
        for row in rows
    )


def _load(key: str, view: View, asked: Mapping[str, str]) -> Mapping[str, object]:
    point = wrong_point(_number(key), view.actor)
    others = other_ways(point.account_id, point.id, view.actor)
    since = formats.day(timezone.localdate(point.wrong_since), today=view.today)
    row = DeskRow(
        label=point.type,
        why=point.contact or _("The customer itself"),
        since=_("%(source)s, %(day)s") % {"source": point.wrong_source, "day": since},
        text=point.text,
        control=None
        if point.is_masked
        else RightWayForm(asked if "do" in asked else None, auto_id="bounced_%s")["value"],
    )
    return {
        "detail": DeskDetail(
            key=key,
            heading=_("This reaches nobody: %(way)s") % {"way": point.text},
            object_key="account",
            record_id=point.account_id,
            title=point.account_name,
            url=reverse("account_card", args=[point.account_id]),
            owner_id=point.owner_id,
            blocks=_blocks(others),
            rows=(row,),
            acts=_acts(point),
            question=_("%(way)s reaches nobody any more. What is the right one?") % {"way": point.told},
            foot=_("A corrected way counts as right from today."),
            version=point.version,
        )
    }


def _acts(point: WrongPoint) -> tuple[DeskAct, ...]:
    works = DeskAct(WORKS, _("Works again"), "x", "circle-check", is_main=point.is_masked)
    remove = DeskAct(REMOVE, _("Remove"), "r", "trash")
    correct = DeskAct(CORRECT, _("Correct"), "e", "check", is_main=True)
    return (works,) if point.is_masked else (correct, works, remove)


def _blocks(others: Mapping[str, int]) -> str:
    """What the fault costs: whether the customer can be reached in another way."""
    if not others:
        return _("There is no other way to reach this customer: nothing can be sent and nobody can call.")
    words = formats.enumeration(str(PointType(kind).label) for kind in sorted(others))
    count = sum(others.values())
    return ngettext("%(count)s other way is left: %(ways)s.", "%(count)s other ways are left: %(ways)s.", count) % {
        "count": count,
        "ways": words,
    }


def _answer(key: str, act: str, posted: Mapping[str, str], view: View) -> DeskAnswer:
    point = wrong_point(_number(key), view.actor)
    if act == WORKS:
        mark_point_working(point.id, actor=view.actor)
        return DeskAnswer(_("Noted as working again."), reverse("point_wrong", args=[point.id]))
    if act == REMOVE:
        remove_contact_point(point.id, actor=view.actor)
        return DeskAnswer(_("Removed."), reverse("contact_point_restore", args=[point.account_id, point.id]))
    value, version = posted.get("value", "").strip(), posted.get("version", "")
    if not value:
        raise RuleViolation("desk.value", "Type the right value, or choose another answer.", field="value")
    edit_contact_point(
        point.id, {"value": value}, version=int(version) if version.isdecimal() else None, actor=view.actor
    )
    return DeskAnswer(_("Corrected."))


def _number(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise no_such_record()
    return int(key)


register_desk_source(
    DeskSource(
        key=KEY,
        label=_l("Bounced"),
        icon="mail-off",
        rule=_l("A mail came back, a number is not in use, or somebody marked the way as wrong."),
        order=_l("The oldest first"),
        empty=_l("Every way to reach customers works, as far as anybody knows."),
        points=10,
        count=_count,
        page=_page,
        load=_load,
        answer=_answer,
        affected=unreached_account_ids,
        position=50,
        asks_owner=True,
    )
)
