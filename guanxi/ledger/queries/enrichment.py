"""Named reads about outside sources, the questions to them, and what they propose; each a fixed number of queries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.cache import caches
from django.db.models import Count, QuerySet
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.fields import FieldType
from guanxi.ledger.choices import ProposalState
from guanxi.ledger.models import EnrichmentProposal, EnrichmentQuestion, EnrichmentSource
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import fields_of, object_spec

SOURCES_KEY = "ledger.enrichment_sources"
SOURCES_SECONDS = 60
REASON = "enrichment: outside sources are set up for the house, whoever asks them"
LEFT_OUT = frozenset({"owner", "unit", "kind", "relation", "source", "created_at", "updated_at"})
KINDS_LEFT_OUT = frozenset({FieldType.FILE, FieldType.LINK})
MOST_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class SourceRow:
    """An outside source in use, as cards and lists need it."""

    id: int
    name: str
    host: str
    asked_by: str
    terms: str


def proposable_fields() -> Mapping[str, ObjectField]:
    """The fields of customers that outside sources can say something about, by key."""
    return {
        item.key: item
        for item in fields_of(object_spec("account"))
        if item.beside is None
        and not item.is_tags
        and item.is_editable
        and item.key not in LEFT_OUT
        and item.kind not in KINDS_LEFT_OUT
    }


def sources_to_set_up(actor: Actor) -> tuple[EnrichmentSource, ...]:
    """The sources that the actor administers, by name. Raises: AccessDenied."""
    rows = grant(actor, EnrichmentSource, Action.ADMINISTER).queryset().filter(trashed_at__isnull=True)
    return tuple(rows.order_by("name", "pk"))


def source_to_set_up(actor: Actor, source_id: int) -> EnrichmentSource:
    """One source. Raises: NotFound, AccessDenied."""
    return grant(actor, EnrichmentSource, Action.ADMINISTER).live(source_id)


def has_sources() -> bool:
    """Whether there is any outside source in use; at most a minute old."""
    found: bool | None = caches["process"].get_or_set(SOURCES_KEY, _has_sources, SOURCES_SECONDS)
    return bool(found)


def _has_sources() -> bool:
    return _in_use().exists()


def _in_use() -> QuerySet[Any, Any]:
    return unscoped(EnrichmentSource, reason=REASON).filter(is_active=True, trashed_at__isnull=True)


def sources_in_use() -> tuple[EnrichmentSource, ...]:
    """The sources that can be asked, by name."""
    return tuple(_in_use().order_by("name", "pk"))


def asked_today(source_ids: Iterable[int]) -> dict[int, int]:
    """How many questions each of the sources was asked since midnight of the house; those without one are left out."""
    midnight = timezone.localtime(timezone=timezone.get_default_timezone()).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    rows = EnrichmentQuestion.objects.filter(source__in=list(source_ids), asked_at__gte=midnight)
    return dict(rows.order_by().values_list("source_id").annotate(count=Count("pk")))


def questions_of(source_id: int, actor: Actor) -> tuple[EnrichmentQuestion, ...]:
    """The last questions to a source, the latest first, for who administers it. Raises: NotFound, AccessDenied."""
    source = source_to_set_up(actor, source_id)
    rows = EnrichmentQuestion.objects.filter(source=source.pk).order_by("-asked_at", "-pk")
    return tuple(rows[:MOST_QUESTIONS])


@dataclass(frozen=True, slots=True)
class LastQuestion:
    """The last question about a customer to one source, and what came of it."""

    source_name: str
    state: str
    asked_at: datetime


def last_questions(account_id: int) -> tuple[LastQuestion, ...]:
    """The last question to each source about a customer that the reader was shown; one query."""
    rows = EnrichmentQuestion.objects.filter(account=account_id, source__trashed_at__isnull=True)
    latest = rows.order_by("source_id", "-asked_at", "-pk").distinct("source_id")
    return tuple(LastQuestion(*row) for row in latest.values_list("source__name", "state", "asked_at"))


def open_proposals(account_id: int, actor: Actor) -> tuple[EnrichmentProposal, ...]:
    """What sources propose for a customer and is not decided yet, by source and field; one query."""
    rows = grant(actor, EnrichmentProposal).queryset()
    found = rows.filter(account=account_id, state=ProposalState.OPEN, trashed_at__isnull=True)
    return tuple(found.select_related("source").order_by("source_id", "pk"))


def proposed_account_ids(actor: Actor) -> QuerySet[Any, Any]:
    """The ids of the customers for whom something is proposed, as a subquery within what is narrowed already."""
    rows = grant(actor, EnrichmentProposal).queryset().filter(state=ProposalState.OPEN, trashed_at__isnull=True)
    return rows.order_by().values("account_id")
