"""Verbs that set up outside sources of data on firms, and that try them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.cache import caches
from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import GuanxiError, RuleViolation
from guanxi.ledger.adapters.enrichers import Question, enricher_of
from guanxi.ledger.adapters.json_service import origin_of
from guanxi.ledger.analyses.enrichment import leaves
from guanxi.ledger.choices import QuestionState
from guanxi.ledger.models import EnrichmentQuestion, EnrichmentSource
from guanxi.ledger.models.enrichment import REST
from guanxi.ledger.queries.enrichment import REASON, SOURCES_KEY, asked_today, proposable_fields, source_to_set_up
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.records.change import change, create
from guanxi.platform.records.values import assign

ASK = "ask_source"


@dataclass(frozen=True, slots=True)
class TriedSource:
    """What a source answered to words of somebody's own: path and value each, or why it failed."""

    leaves: Sequence[tuple[str, str]] = ()
    is_known: bool = True
    failure: GuanxiError | None = None


@transaction.atomic
def create_source(values: Mapping[str, object], *, actor: Actor) -> EnrichmentSource:
    """Set up a source.

    Raises: AccessDenied, Conflict("record.taken"), RuleViolation("enrichment.…" | "connection.scheme").
    """
    source = EnrichmentSource()
    assign(source, dict(values))
    _require_sound(source)
    with create(source, right=Action.ADMINISTER, actor=actor):
        _forget()
    return source


@transaction.atomic
def edit_source(
    source_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> EnrichmentSource:
    """Change a source; without a new secret the old one stays, unless the source leads elsewhere now.

    Raises: NotFound, AccessDenied, Conflict("record.changed" | "record.taken"), RuleViolation("enrichment.…").
    """
    edit = change(EnrichmentSource, source_id, action="edit", right=Action.ADMINISTER, version=version, actor=actor)
    with edit as work:
        before = _leads_to(work.record)
        assign(work.record, {name: value for name, value in values.items() if name != "secret" or value})
        if before != _leads_to(work.record) and work.record.secret and not values.get("secret"):
            raise RuleViolation("enrichment.secret", "It leads elsewhere now. Enter the key again.", field="secret")
        _require_sound(work.record)
        _forget()
    return work.record


@transaction.atomic
def remove_source(source_id: int, *, actor: Actor) -> None:
    """Ask a source no more; what it was asked and what was taken from it stays, the secret goes.

    Raises: NotFound, AccessDenied.
    """
    with change(EnrichmentSource, source_id, action="trash", right=Action.ADMINISTER, actor=actor) as work:
        work.record.secret, work.record.is_active, work.record.trashed_at = "", False, timezone.now()
        _forget()


def try_source(source_id: int, words: str, *, actor: Actor) -> TriedSource:
    """Ask a source for somebody's own words; it counts and is on record as any question is, and nothing is proposed.

    Raises: NotFound, AccessDenied, RuleViolation("enrichment.limit").
    """
    source = source_to_set_up(actor, source_id)
    with transaction.atomic():
        asked = note_question(source, words, account_id=None, run_id=None, actor=actor)
    try:
        body = enricher_of(source.way).ask(question_of(source, words))
    except GuanxiError as error:
        end_question(asked.pk, QuestionState.FAILED, failure=failure_of(error))
        return TriedSource(failure=error)
    end_question(asked.pk, QuestionState.UNKNOWN if body is None else QuestionState.ANSWERED)
    return TriedSource(tuple(leaves(body)), is_known=body is not None)


def note_question(
    source: EnrichmentSource, words: str, *, account_id: int | None, run_id: int | None, actor: Actor
) -> EnrichmentQuestion:
    """Put on record what is about to be told to a source, if it may be asked more today; the caller's transaction.

    Raises: RuleViolation("enrichment.limit").
    """
    unscoped(EnrichmentSource, reason=REASON).select_for_update().get(pk=source.pk)
    if asked_today([source.pk]).get(source.pk, 0) >= source.most_a_day:
        raise RuleViolation(
            "enrichment.limit",
            "%(name)s may be asked %(most)s times a day, and was today.",
            name=source.name,
            most=source.most_a_day,
        )
    host = host_of(source)
    begin_entry(actor, action=ASK, object_key="account", record_id=account_id, reason=f"{source.name} · {host}")
    return EnrichmentQuestion.objects.create(
        source_id=source.pk,
        account_id=account_id,
        run_id=run_id,
        user_id=actor.user_id,
        user_name=actor.name[:120],
        host=host,
        asked_by=source.asked_by,
        sent=words,
    )


def end_question(question_id: int, state: QuestionState, *, failure: Mapping[str, object] | None = None) -> None:
    """Note what came of a question."""
    EnrichmentQuestion.objects.filter(pk=question_id, state=QuestionState.ASKED).update(
        state=state, failure=dict(failure or {}), answered_at=timezone.now()
    )


def question_of(source: EnrichmentSource, words: str) -> Question:
    """The question that a source is asked for these words."""
    return Question(
        asked_by=source.asked_by,
        value=words,
        address=source.address,
        parameter=source.parameter,
        header=source.header,
        secret=str(source.secret),
        timeout_seconds=source.timeout_seconds,
    )


def host_of(source: EnrichmentSource) -> str:
    """To whom questions go: the host of the address, or the name of what asks."""
    return (urlsplit(source.address).hostname or source.way)[:253]


def failure_of(error: GuanxiError) -> dict[str, object]:
    """Why a question failed, so that a page says it in its language."""
    return {"sentence": error.sentence, "data": {name: str(value) for name, value in error.data.items()}}


def _leads_to(source: EnrichmentSource) -> tuple[object, ...]:
    return source.way, source.address


def _require_sound(source: EnrichmentSource) -> None:
    """What can be said without asking. Raises: RuleViolation("enrichment.…" | "connection.scheme")."""
    enricher_of(source.way)
    if source.way == REST:
        origin_of(source.address)
        if not urlsplit(source.address).hostname or "{" in (urlsplit(source.address).hostname or ""):
            raise RuleViolation("enrichment.host", "The name of the server stands in the address.", field="address")
    known = proposable_fields()
    fields = [str(row[1]) for row in source.mapping]
    if not set(fields) <= set(known) or len(set(fields)) < len(fields):
        raise RuleViolation("enrichment.mapping", "Each field takes one part of the answer, and there is each field.")


def _forget() -> None:
    transaction.on_commit(lambda: caches["process"].delete(SOURCES_KEY))
