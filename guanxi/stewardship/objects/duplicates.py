"""Duplicates on the steward's desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.desk import (
    MOST_COUNTED,
    PAGE_SIZE,
    DeskAnswer,
    DeskLine,
    DeskQuestion,
    DeskSource,
    desk_sources,
    register_desk_source,
)
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import Label, ObjectSpec, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, minute_old, register_navigation
from guanxi.platform.ui.values import cells
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.desk import entries_put_off
from guanxi.stewardship.queries.duplicates import Decision, decision_of, reasons_of_twin, twin_account_ids
from guanxi.stewardship.queries.groups import (
    GroupDecision,
    GroupField,
    GroupRow,
    group_decision,
    group_of,
    twin_groups,
)
from guanxi.stewardship.rules.duplicates import Reason, certainty

MOST_SHOWN_REASONS = 2
WAITING = "stewardship.twins"
FULL_BAR = 16.0
KEY = "duplicates"


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field in which two records differ, in words."""

    key: str
    label: Label
    kept: str
    merged: str
    is_taken: bool
    why: Label


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason in words, its weight with its sign, and how long its bar is, from 0 to 100."""

    words: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """One of several records that hang together."""

    record: Model
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class GroupPair:
    """Why two of them may be one, in words."""

    first: str
    second: str
    certainty: str
    words: str


@dataclass(frozen=True, slots=True)
class GroupValue:
    """The value of one record for a field, in words."""

    record_id: int
    text: str
    is_offered: bool


@dataclass(frozen=True, slots=True)
class GroupFieldLine:
    """One field in which several records differ."""

    key: str
    label: Label
    values: tuple[GroupValue, ...]


def is_steward(actor: Actor) -> bool:
    """Whether the actor works at the desk: who decides of pairs of records does, if he sees any customer at all."""
    return may(actor, Twin, Action.EDIT) and may(actor, listed_object("account").model, Action.VIEW)


def waiting(actor: Actor) -> int:
    """How much work of all kinds waits for the steward."""
    view = View(actor, timezone.localdate())
    left_out = entries_put_off(view.today)
    return sum(source.count(DeskQuestion(view, left_out.get(source.key, frozenset()))) for source in desk_sources())


def reason_words(reasons: Sequence[Reason]) -> str:
    """The weightiest reasons of a pair in one line."""
    return " · ".join(str(reason.evidence.label) for reason in reasons[:MOST_SHOWN_REASONS])


def _count(question: DeskQuestion) -> int:
    return min(MOST_COUNTED, len(_waiting(question.view)))


def _page(question: DeskQuestion) -> tuple[DeskLine, ...]:
    return tuple(_line(row) for row in _waiting(question.view)[question.skip : question.skip + PAGE_SIZE])


def _waiting(view: View) -> tuple[GroupRow, ...]:
    """What waits to be decided, read once for each page."""
    if WAITING not in view.memo:
        view.memo[WAITING] = twin_groups(view.actor, today=view.today)
    found: tuple[GroupRow, ...] = view.memo[WAITING]
    return found


def _line(row: GroupRow) -> DeskLine:
    more = len(row.names) - 2
    other = row.names[1]
    words = ngettext("%(other)s and %(count)s more", "%(other)s and %(count)s more", more) if more else "%(other)s"
    return DeskLine(
        str(row.twin.pk),
        row.names[0],
        words % {"other": other, "count": more},
        reason_words(reasons_of_twin(row.twin)),
        formats.percent(certainty(row.twin.weight)),
    )


def _load(key: str, view: View, asked: Mapping[str, str]) -> Mapping[str, object]:
    keep = asked.get("keep", "")
    keep_id = int(keep) if _is_id(keep) else None
    decision = decision_of(_number(key), view.actor, keep_id=keep_id)
    group = group_of(decision.twin, view.actor)
    if len(group.record_ids) > 2:
        return {"group": _group_view(group_decision(decision.twin, group, view.actor, keep_id=keep_id), view)}
    return {
        "decision": decision,
        "fields": _field_lines(decision, view),
        "evidence": _reason_lines(decision.reasons),
        "titles": _titles(decision),
        "urls": tuple(_url(decision.spec, record) for record in (decision.kept, decision.merged)),
    }


def _url(spec: ObjectSpec, record: Model) -> str:
    return spec.detail_url(record.pk) if spec.detail_url is not None else ""


def _group_view(decision: GroupDecision, view: View) -> Mapping[str, object]:
    """A group in words: its records, and the fields in which they differ, each with all values."""
    titles = {record.pk: str(getattr(record, decision.spec.title)) for record in decision.records}
    pairs = [
        GroupPair(titles[twin.first_id], titles[twin.second_id], formats.percent(certainty(twin.weight)), words)
        for twin in decision.group.twins
        if twin.first_id in titles and twin.second_id in titles
        for words in [reason_words(reasons_of_twin(twin))]
    ]
    return {
        "twin": decision.twin,
        "kept": decision.kept,
        "records": [GroupRecord(record, titles[record.pk], _url(decision.spec, record)) for record in decision.records],
        "fields": [_group_field(found, view) for found in decision.fields],
        "pairs": pairs,
    }


def _group_field(found: GroupField, view: View) -> GroupFieldLine:
    shown = cells(found.item, list(found.records), view)
    values = tuple(
        GroupValue(record.pk, text, record.pk == found.offered_id)
        for record, text in zip(found.records, shown, strict=True)
    )
    return GroupFieldLine(found.item.key, found.item.label, values)


def _answer(key: str, act: str, posted: Mapping[str, str], view: View) -> DeskAnswer:  # noqa: ARG001  # as all answers
    """Pairs are answered at an address of their own, which knows which values are taken."""
    raise no_such_record()


def _number(key: str) -> int:
    if not _is_id(key):
        raise no_such_record()
    return int(key)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _field_lines(decision: Decision, view: View) -> tuple[FieldLine, ...]:
    lines = []
    for found in decision.fields:
        kept, merged = cells(found.item, [decision.kept, decision.merged], view)
        choice = found.choice
        lines.append(FieldLine(found.item.key, found.item.label, kept, merged, choice.is_taken, choice.reason))
    return tuple(lines)


def _reason_lines(reasons: Sequence[Reason]) -> tuple[ReasonLine, ...]:
    return tuple(
        ReasonLine(str(reason.evidence.label), reason.weight, 100 * min(abs(reason.weight) / FULL_BAR, 1.0))
        for reason in reasons
    )


def _titles(decision: Decision) -> tuple[str, str]:
    title = decision.spec.title
    return str(getattr(decision.kept, title)), str(getattr(decision.merged, title))


register_desk_source(
    DeskSource(
        key=KEY,
        label=_l("Duplicates"),
        icon="copy",
        rule=_l("Two records that may be one customer or one contact, by name, number, address and website."),
        order=_l("The likeliest first"),
        empty=_l("No two records look like one. The whole base is looked through every week."),
        points=20,
        count=_count,
        page=_page,
        load=_load,
        answer=_answer,
        affected=twin_account_ids,
        template="stewardship/_twins.html",
        position=10,
        page_acts=(("scan_duplicates", "refresh", _l("Scan again")),),
    )
)
register_navigation(
    NavigationEntry(
        "steward",
        _l("Steward’s desk"),
        "checklist",
        "steward",
        _l("Information"),
        76,
        count=minute_old("steward", waiting),
        is_shown=is_steward,
    )
)
