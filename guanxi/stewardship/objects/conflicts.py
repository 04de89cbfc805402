"""Conflicts between sources on the steward's desk."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from guanxi.customers.choices import PointType
from guanxi.customers.facade import account_grant, contact_grant, point_grant
from guanxi.kernel.errors import no_such_record
from guanxi.platform.objects.belongings import Belonging, register_belongings
from guanxi.platform.objects.desk import (
    MOST_COUNTED,
    PAGE_SIZE,
    DeskAct,
    DeskAnswer,
    DeskChoice,
    DeskDetail,
    DeskLine,
    DeskQuestion,
    DeskSource,
    register_desk_source,
)
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.records.values import CUSTOM
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.values import cells
from guanxi.stewardship.choices import ValueSource
from guanxi.stewardship.commands.conflicts import decide_conflict
from guanxi.stewardship.models import FieldConflict, PutOff
from guanxi.stewardship.queries.conflicts import (
    ConflictRow,
    conflict_count,
    conflict_of,
    conflict_rows,
    disputed_account_ids,
    disputed_field,
    present_value,
)

KEY = "conflicts"
KEEP, TAKE = "keep", "take"


def _ids(question: DeskQuestion) -> tuple[int, ...]:
    return tuple(int(key) for key in question.put_off if key.isdecimal())


def _count(question: DeskQuestion) -> int:
    return conflict_count(question.view.actor, but=_ids(question), most=MOST_COUNTED)


def _page(question: DeskQuestion) -> tuple[DeskLine, ...]:
    today = question.view.today
    rows = conflict_rows(question.view.actor, but=_ids(question), skip=question.skip, limit=PAGE_SIZE)
    return tuple(
        DeskLine(
            str(row.conflict.pk),
            row.account_name,
            " · ".join(part for part in (str(field_words(row)), row.person) if part),
            _("%(first)s against %(second)s")
            % {"first": _source(row.conflict, "first"), "second": _source(row.conflict, "second")},
            formats.day(timezone.localdate(row.conflict.second_at), today=today),
        )
        for row in rows
    )


def _load(key: str, view: View, asked: Mapping[str, str]) -> Mapping[str, object]:  # noqa: ARG001  # as all loads
    row = conflict_of(_number(key), view.actor)
    conflict, item, field = row.conflict, disputed_field(row.conflict), field_words(row)
    account, present = account_grant(view.actor).get(conflict.account_id), present_value(conflict)
    choices = tuple(
        DeskChoice(name, value_words(item, value, view), _source(conflict, name), _when(at, view), value == present)
        for name, value, at in (
            ("first", conflict.first, conflict.first_at),
            ("second", conflict.second, conflict.second_at),
        )
    )
    return {
        "detail": DeskDetail(
            key=key,
            heading=_("Which is right: %(field)s?") % {"field": field},
            object_key="account",
            record_id=account.pk,
            title=account.name,
            url=reverse("account_card", args=[account.pk]),
            owner_id=account.owner_id,
            blocks=_("Until it is decided, the value that stands now is used everywhere."),
            facts=((_("Contact"), row.person),) if row.person else (),
            choices=choices,
            acts=(
                DeskAct(KEEP, _("Keep what stands"), "e", "check", is_main=True),
                DeskAct(TAKE, _("Take the other"), "x", "arrows-left-right"),
            ),
            question=_question(row, item, choices),
            foot=_("It is remembered: this pair of values is not asked about again."),
            version=_record(conflict, view).version,
        )
    }


def _record(conflict: FieldConflict, view: View) -> Any:
    """The record that has the field; its class stays with its own room."""
    match conflict.object_key:
        case "contact":
            return contact_grant(view.actor).get(conflict.record_id)
        case "contact_point":
            return point_grant(view.actor).get(conflict.record_id)
        case _:
            return account_grant(view.actor).get(conflict.record_id)


def field_words(row: ConflictRow) -> Label:
    """What the field is called: a way to reach somebody by its kind."""
    return PointType(row.way).label if row.way else disputed_field(row.conflict).label


def _question(row: ConflictRow, item: ObjectField, choices: Sequence[DeskChoice]) -> str:
    """What the owner is asked; who reads it may not be who may read a protected value, so none is named."""
    field = f"{field_words(row)} · {row.person}" if row.person else field_words(row)
    if item.sensitivity:
        return _("Sources disagree on “%(field)s”. Which is right?") % {"field": field}
    named = {"field": field, "first": choices[0].text, "second": choices[1].text}
    return _("Which is right for “%(field)s”: %(first)s or %(second)s?") % named


def _answer(key: str, act: str, posted: Mapping[str, str], view: View) -> DeskAnswer:
    conflict = conflict_of(_number(key), view.actor).conflict
    is_second = present_value(conflict) == conflict.second
    version = posted.get("version", "")
    decide_conflict(
        conflict.pk,
        is_first=is_second != (act == KEEP),
        version=int(version) if version.isdecimal() else None,
        actor=view.actor,
    )
    return DeskAnswer(
        _("Decided. This pair of values is not asked about again."), reverse("reopen_conflict", args=[key])
    )


def _number(key: str) -> int:
    if not (key.isascii() and key.isdecimal() and len(key) < 19):
        raise no_such_record()
    return int(key)


def value_words(item: ObjectField, value: object, view: View) -> str:
    """A value in words, as a record that held it would show it."""
    if item.made is not None:
        return cells(item, [item.model(**{CUSTOM: {item.made.stored: value}})], view)[0]
    return cells(item, [item.model(**{item.column: item.typed.to_python(value)})], view)[0]


def _source(conflict: FieldConflict, side: str) -> str:
    source, name = getattr(conflict, f"{side}_source"), getattr(conflict, f"{side}_name")
    words = str(ValueSource(source).label)
    return f"{words} · {name}" if name else words


def _when(at: datetime, view: View) -> str:
    return formats.day(timezone.localdate(at), today=view.today)


register_belongings(
    Belonging(FieldConflict, object_key="account", link="account", stays=True),
    Belonging(FieldConflict, object_key="contact", link="contact", stays=True),
    Belonging(PutOff, stays=True),
)
register_desk_source(
    DeskSource(
        key=KEY,
        label=_l("Conflicts"),
        icon="git-compare",
        rule=_l(
            "A program wrote over what somebody had typed, or two sources changed one value back and forth within "
            "30 days."
        ),
        order=_l("The latest first"),
        empty=_l("No two sources disagree on a value."),
        points=15,
        count=_count,
        page=_page,
        load=_load,
        answer=_answer,
        affected=disputed_account_ids,
        position=20,
        asks_owner=True,
    )
)
