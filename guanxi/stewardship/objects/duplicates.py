"""Duplicates on the steward's desk, and the alert while somebody types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext_lazy as _l

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.alike import register_alike
from guanxi.platform.objects.desk import (
    PAGE_SIZE,
    DeskAnswer,
    DeskLine,
    DeskQuestion,
    DeskSource,
    desk_sources,
    register_desk_source,
)
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import Label, View
from guanxi.platform.ui import format as formats
from guanxi.platform.ui.navigation import NavigationEntry, minute_old, register_navigation
from guanxi.platform.ui.values import cells
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.alike import alike_accounts
from guanxi.stewardship.queries.desk import entries_put_off
from guanxi.stewardship.queries.duplicates import Decision, decision_of, twin_account_ids, twin_count, twin_rows
from guanxi.stewardship.rules.duplicates import Reason

MOST_SHOWN_REASONS = 2
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
    return twin_count(question.view.actor, today=question.view.today)


def _page(question: DeskQuestion) -> tuple[DeskLine, ...]:
    rows = twin_rows(question.view.actor, today=question.view.today, skip=question.skip, limit=PAGE_SIZE)
    return tuple(
        DeskLine(str(row.id), row.names[0], row.names[1], reason_words(row.reasons), formats.percent(row.certainty))
        for row in rows
    )


def _load(key: str, view: View, asked: Mapping[str, str]) -> Mapping[str, object]:
    keep = asked.get("keep", "")
    decision = decision_of(_number(key), view.actor, keep_id=int(keep) if _is_id(keep) else None)
    return {
        "decision": decision,
        "fields": _field_lines(decision, view),
        "evidence": _reason_lines(decision.reasons),
        "titles": _titles(decision),
    }


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


register_alike("account", alike_accounts)
register_desk_source(
    DeskSource(
        key=KEY,
        label=_l("Duplicates"),
        icon="copy",
        rule=_l("Two records that may be one customer, by name, number, address and website."),
        order=_l("The likeliest first"),
        empty=_l("No two customers look like one. The whole base is looked through every week."),
        points=20,
        count=_count,
        page=_page,
        load=_load,
        answer=_answer,
        affected=twin_account_ids,
        template="stewardship/_decision.html",
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
