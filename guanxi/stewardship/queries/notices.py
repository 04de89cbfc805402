"""Reads of the privacy notice: the edition in force, all editions with how many consents rest on each."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count

from guanxi.customers.choices import ConsentState
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import people
from guanxi.stewardship.choices import NoticeState
from guanxi.stewardship.models import ConsentRecord, NoticeEdition

NOTICES = "notices: the edition in force is read by everybody"
OF_ONE = ("account", "contact", "purpose", "channel")


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One edition; `consents` are those that hold and rest on it, as far as the reader sees them."""

    notice: NoticeEdition
    is_in_force: bool
    consents: int
    published_by: str


def notice_in_force(day: date) -> NoticeEdition | None:
    """The edition in force on a day, whoever asks; one query."""
    rows = unscoped(NoticeEdition, reason=NOTICES).filter(state=NoticeState.PUBLISHED, effective_on__lte=day)
    return rows.order_by("-effective_on", "-number").first()


def published_notice(number: int) -> NoticeEdition | None:
    """A published edition by its number, whoever asks; one query."""
    return unscoped(NoticeEdition, reason=NOTICES).filter(state=NoticeState.PUBLISHED, number=number).first()


def published_notice_by_id(notice_id: int) -> NoticeEdition | None:
    """A published edition by its id, whoever asks; one query."""
    return unscoped(NoticeEdition, reason=NOTICES).filter(state=NoticeState.PUBLISHED, pk=notice_id).first()


def notice_rows(actor: Actor, *, today: date) -> tuple[NoticeRow, ...]:
    """All editions, the latest first; four queries."""
    notices = list(grant(actor, NoticeEdition).queryset().filter(trashed_at__isnull=True).order_by("-number"))
    counts, current = resting_consents(actor), notice_in_force(today)
    names = people(notice.published_by_id for notice in notices if notice.published_by_id)
    return tuple(
        NoticeRow(
            notice,
            current is not None and notice.pk == current.pk,
            counts.get(notice.pk, 0),
            names[notice.published_by_id].name if notice.published_by_id in names else "",
        )
        for notice in notices
    )


def resting_consents(actor: Actor) -> dict[int | None, int]:
    """How many consents hold, by the edition on which they rest (None: without one), as far as the actor sees them."""
    if not may(actor, ConsentRecord, Action.VIEW):
        return {}
    rows = grant(actor, ConsentRecord).queryset().filter(trashed_at__isnull=True)
    latest = rows.order_by(*OF_ONE, "-at", "-pk").distinct(*OF_ONE).values("pk")
    holding = grant(actor, ConsentRecord).queryset().filter(pk__in=latest, state=ConsentState.GIVEN).order_by()
    return dict(holding.values_list("notice").annotate(Count("pk")))
