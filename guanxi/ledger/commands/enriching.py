"""Asking outside sources about customers, and what becomes of what they say.

Steps of a question: 1 check that the person may edit the customer and read what is sent, that the customer is a firm
that may be used, and that the source may be asked more today, 2 put on record what is told to whom, and commit, 3 ask,
4 keep what the answer says as proposals, and fill what is blank where the source is set up to do so. A run that was
killed is gone on with: what it asked already it asks nobody again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from guanxi.customers.choices import AccountKind
from guanxi.customers.facade import account_grant, edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor, Surface
from guanxi.kernel.errors import AccessDenied, Conflict, GuanxiError, NotFound, RuleViolation, no_such_record
from guanxi.ledger.adapters.enrichers import Question, enricher_of
from guanxi.ledger.adapters.web_services import value_at
from guanxi.ledger.analyses.enrichment import MappedPath, mapped_paths, words_to_send
from guanxi.ledger.choices import ProposalState, QuestionState
from guanxi.ledger.commands.enrichment_sources import (
    end_question,
    failure_of,
    note_question,
    question_of,
)
from guanxi.ledger.models import EnrichmentProposal, EnrichmentQuestion, EnrichmentSource
from guanxi.ledger.queries.enrichment import REASON, open_proposals, proposable_fields, sources_in_use
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.fields import ObjectField
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.restraints import holds_on, unrestrained
from guanxi.platform.objects.spec import View
from guanxi.platform.records.change import change
from guanxi.platform.records.values import json_value
from guanxi.platform.transfer.cells import Cell, Row
from guanxi.platform.transfer.mapping import Columns, targets_of
from guanxi.platform.transfer.rows import reader_of

LOOK_UP_JOB = "ledger.look_up"
TAKE_PROPOSAL = "take_proposal"
FILL_BLANK = "fill_blank"
UNDO_PROPOSAL = "undo_take_proposal"
MOST_AT_ONCE = 5_000
UNREAD = gettext_noop("These parts of the answer fit no value of their field: %(fields)s.")


@dataclass(slots=True)
class LookedUp:
    """What came of asking about many customers: how many questions, how they ended, how many were passed over."""

    asked: int = 0
    proposed: int = 0
    filled: int = 0
    passed_over: int = 0
    failed: int = 0


def begin_look_up(account_ids: Sequence[int], *, title: str, actor: Actor) -> int:
    """Let all sources be asked about customers in the background. Returns the run of the job.

    Raises: AccessDenied, RuleViolation("enrichment.many" | "enrichment.none").
    """
    account_grant(actor, Action.EDIT)
    if len(account_ids) > MOST_AT_ONCE:
        raise RuleViolation(
            "enrichment.many", "At most %(most)s customers can be looked up at once.", most=MOST_AT_ONCE
        )
    if not sources_in_use():
        raise RuleViolation("enrichment.none", "No outside source is set up yet.")
    arguments: dict[str, object] = {"account_ids": list(account_ids), "user_id": actor.user_id}
    return start_run(LOOK_UP_JOB, title=title, started_by_id=actor.user_id, arguments=arguments)


def look_up(account_ids: Iterable[int], *, run_id: int | None, report: Callable[[int], None], actor: Actor) -> LookedUp:
    """Ask each source about each customer; one that may be asked no more today is left out from there on."""
    found, sources = LookedUp(), list(sources_in_use())
    for account_id in account_ids:
        for source in tuple(sources):
            try:
                _ask(source, account_id, run_id=run_id, found=found, actor=actor)
            except RuleViolation as error:
                found.passed_over += 1
                if error.code == "enrichment.limit":
                    sources.remove(source)
            except (NotFound, AccessDenied):
                found.passed_over += 1
        report(1)
    return found


def _ask(source: EnrichmentSource, account_id: int, *, run_id: int | None, found: LookedUp, actor: Actor) -> None:
    """Ask one source about one customer. Raises: NotFound, AccessDenied, RuleViolation("enrichment.…")."""
    begun = begin_question(source.pk, account_id, run_id=run_id, actor=actor)
    if begun is None:
        return
    question_id, question = begun
    found.asked += 1
    try:
        body = enricher_of(source.way).ask(question)
    except GuanxiError as error:
        end_question(question_id, QuestionState.FAILED, failure=failure_of(error))
        found.failed += 1
        return
    if body is None:
        end_question(question_id, QuestionState.UNKNOWN)
        return
    proposed, filled = keep_answer(question_id, body, actor=actor)
    found.proposed += proposed
    found.filled += filled


@transaction.atomic
def begin_question(source_id: int, account_id: int, *, run_id: int | None, actor: Actor) -> tuple[int, Question] | None:
    """Put a question about a customer on record before it is asked; None when this run asked it already.

    Raises: NotFound, AccessDenied, RuleViolation("enrichment.person" | "enrichment.restrained" | "enrichment.field" |
    "enrichment.nothing" | "enrichment.limit").
    """
    source: EnrichmentSource | None = (
        unscoped(EnrichmentSource, reason=REASON).filter(pk=source_id, is_active=True, trashed_at__isnull=True).first()
    )
    if source is None:
        raise no_such_record()
    account = account_grant(actor, Action.EDIT).live(account_id)
    words = _words_of(account, source, actor=actor)
    if run_id is not None and _was_asked(source, account_id, run_id=run_id):
        return None
    noted = note_question(source, words, account_id=account_id, run_id=run_id, actor=actor)
    return noted.pk, question_of(source, words)


def _was_asked(source: EnrichmentSource, account_id: int, *, run_id: int) -> bool:
    return EnrichmentQuestion.objects.filter(run_id=run_id, source=source.pk, account=account_id).exists()


def _words_of(account: Account, source: EnrichmentSource, *, actor: Actor) -> str:
    """What is told of a customer, when it may be told. Raises: RuleViolation("enrichment.…")."""
    if account.kind != AccountKind.ORGANISATION:
        raise RuleViolation("enrichment.person", "Outside sources are asked about firms, not about people.")
    usable = unrestrained(account_grant(actor, Action.EDIT).queryset().filter(pk=account.pk), "account")
    if not usable.exists():
        raise RuleViolation("enrichment.restrained", "This customer must not be used any more.")
    item = proposable_fields().get(source.asked_by)
    if item is None or item.access(actor) < FieldAccess.READ:
        raise RuleViolation("enrichment.field", "You may not read what %(name)s is asked by.", name=source.name)
    words = words_to_send(source.asked_by, str(item.value_of(account) or ""))
    if not words:
        raise RuleViolation(
            "enrichment.nothing", "Nothing is known by which %(name)s could be asked.", name=source.name
        )
    return words


@transaction.atomic
def keep_answer(question_id: int, body: object, *, actor: Actor) -> tuple[int, int]:
    """Keep what an answer says of a customer: as proposals, or in blank fields that the source fills by itself.

    A blank is filled as far as the person who asked may write the field, and never of a customer under a legal hold.
    Returns how many were proposed anew and how many filled; a question that was answered already changes nothing.
    Raises: NotFound, AccessDenied.
    """
    noted = EnrichmentQuestion.objects.select_for_update().get(pk=question_id)
    if noted.state != QuestionState.ASKED or noted.account_id is None:
        return 0, 0
    source = unscoped(EnrichmentSource, reason=REASON).get(pk=noted.source_id)
    account = account_grant(actor, Action.EDIT).live(noted.account_id)
    meant = [item for item in mapped_paths(source.mapping) if item.field in proposable_fields()]
    values, unread = _read(meant, body)
    failure = {"sentence": UNREAD, "data": {"fields": ", ".join(unread)}} if unread else {}
    end_question(question_id, QuestionState.ANSWERED, failure=failure)
    blank = _blank(meant, values, account, source, actor=actor)
    if blank:
        _fill(account, blank, source, actor=actor)
    rows = [(key, value) for key, value in values.items() if key not in blank]
    proposed = sum(_propose(account, source, key, value) for key, value in rows)
    for key, value in blank.items():
        _note(account, source, key, _text(value), ProposalState.TAKEN, former=_text(None), decided_at=timezone.now())
    return proposed, len(blank)


def _read(meant: Sequence[MappedPath], body: object) -> tuple[dict[str, object], list[str]]:
    """What an answer says by field, read as a file's cells are, and the paths whose value fits no field."""
    view = View(system_actor("Enrichment"), timezone.localdate())
    targets = [item for item in targets_of(object_spec("account"), view) if item.item is not None]
    known = {target.key for target in targets}
    columns = [item for item in meant if item.field in known]
    reader = reader_of(
        targets,
        Columns({number: item.field for number, item in enumerate(columns)}),
        width=len(columns),
        replaced={},
        edits={},
        complete=lambda _values: None,
        view=view,
    )
    row = next(iter(reader.read([Row(1, tuple(_cell(value_at(body, item.path)) for item in columns))])))
    unread = [columns[problem.column].path for problem in row.problems if not problem.is_doubt and problem.column >= 0]
    return dict(row.values), unread


def _cell(value: object) -> Cell:
    """A value of an answer as a cell; several texts as one, anything deeper as nothing."""
    if isinstance(value, list):
        return "、".join(str(item) for item in value if isinstance(item, str | int | float)) or None
    return value if isinstance(value, str | int | float | bool) else None


def _blank(
    meant: Sequence[MappedPath],
    values: Mapping[str, object],
    account: Account,
    source: EnrichmentSource,
    *,
    actor: Actor,
) -> dict[str, object]:
    """What is filled by itself: what nothing is known of, the person may write, and nobody emptied or refused."""
    if holds_on("account", [account.pk]):
        return {}
    fields, decided = proposable_fields(), _decided(account, source)
    return {
        item.field: values[item.field]
        for item in meant
        if item.fills_blank
        and item.field in values
        and _is_blank(fields[item.field].value_of(account))
        and decided.get(item.field) != _text(values[item.field])
        and fields[item.field].access(actor) >= FieldAccess.WRITE
    }


def _decided(account: Account, source: EnrichmentSource) -> dict[str, str]:
    """What a source said of a customer and somebody decided on, by field."""
    states = (ProposalState.TAKEN, ProposalState.REFUSED)
    rows = unscoped(EnrichmentProposal, reason=REASON).filter(account=account.pk, source=source.pk, state__in=states)
    return {row.field: str(row.value) for row in rows}


def _is_blank(value: object) -> bool:
    return value in (None, "", [])


def _fill(account: Account, values: Mapping[str, object], source: EnrichmentSource, *, actor: Actor) -> None:
    fields = proposable_fields()
    columns = {fields[key].column: value for key, value in values.items()}
    edit_account(account.pk, columns, action=FILL_BLANK, actor=as_source(actor, source))


def _propose(account: Account, source: EnrichmentSource, field: str, value: object) -> bool:
    """Propose a value; what was decided stays so while the source says the same. Returns whether it is new."""
    text, present = _text(value), _text(proposable_fields()[field].value_of(account))
    known: EnrichmentProposal | None = (
        unscoped(EnrichmentProposal, reason=REASON).filter(account=account.pk, source=source.pk, field=field).first()
    )
    says_the_same = known is not None and str(known.value) == text
    if says_the_same and known is not None and known.state in (ProposalState.TAKEN, ProposalState.REFUSED):
        _note(account, source, field, text, ProposalState(known.state))
        return False
    state = ProposalState.SAME if text == present else ProposalState.OPEN
    _note(account, source, field, text, state)
    return state == ProposalState.OPEN and not (says_the_same and known is not None and known.state == state)


def _note(
    account: Account, source: EnrichmentSource, field: str, text: str, state: ProposalState, **more: object
) -> None:
    unscoped(EnrichmentProposal, reason=REASON).update_or_create(
        account_id=account.pk,
        source_id=source.pk,
        field=field,
        defaults={"value": text, "state": state, "told_at": timezone.now(), "trashed_at": None, **more},
    )


def _text(value: object) -> str:
    """A value as it is kept; all that says nothing alike."""
    return json.dumps(None if _is_blank(value) else json_value(value), ensure_ascii=False, sort_keys=True)


def as_source(actor: Actor, source: EnrichmentSource) -> Actor:
    """The person, writing what a source said: the history tells both."""
    return replace(actor, name=source.name, surface=Surface.CONNECTOR)


@transaction.atomic
def take_proposals(
    account_id: int, proposal_ids: Sequence[int], *, version: int | None = None, actor: Actor
) -> tuple[int, ...]:
    """Write what sources propose into a customer; of two for one field the first. Returns the ids of those taken.

    The history names the source, beside who took it. Raises: NotFound, AccessDenied("access.denied" |
    "field.not_writable"), Conflict("record.changed"), RuleViolation("record.invalid").
    """
    fields, taken, written = proposable_fields(), [], set()
    account = account_grant(actor).live(account_id)
    by_source: dict[int, list[EnrichmentProposal]] = {}
    for row in open_proposals(account_id, actor):
        if row.pk in proposal_ids and row.field in fields and row.field not in written:
            written.add(row.field)
            by_source.setdefault(row.source_id, []).append(row)
    for rows in by_source.values():
        columns = {fields[row.field].column: value_of(row, fields[row.field]) for row in rows}
        former = {row.pk: _text(fields[row.field].value_of(account)) for row in rows}
        source = rows[0].source
        edit_account(account_id, columns, version=version, action=TAKE_PROPOSAL, actor=as_source(actor, source))
        version = None
        for row in rows:
            _decide(row, ProposalState.TAKEN, action=TAKE_PROPOSAL, former=former[row.pk], actor=actor)
        taken += [row.pk for row in rows]
    return tuple(taken)


@transaction.atomic
def refuse_proposals(account_id: int, proposal_ids: Sequence[int], *, actor: Actor) -> tuple[int, ...]:
    """Refuse what sources propose; it is not proposed again while they say the same. Returns the ids.

    Raises: NotFound, AccessDenied.
    """
    fields = proposable_fields()
    account_grant(actor).live(account_id)
    refused = [row for row in open_proposals(account_id, actor) if row.pk in proposal_ids]
    for row in refused:
        _require_writable(fields.get(row.field), actor=actor)
        _decide(row, ProposalState.REFUSED, action="refuse_proposal", former="", actor=actor)
    return tuple(row.pk for row in refused)


@transaction.atomic
def reopen_proposals(account_id: int, proposal_ids: Sequence[int], *, actor: Actor) -> int:
    """Take decisions back: what was taken gives way to what stood before, where nobody changed it since.

    Returns how many are open again. Raises: NotFound, AccessDenied.
    """
    fields, count = proposable_fields(), 0
    for proposal_id in proposal_ids:
        with change(EnrichmentProposal, proposal_id, action="reopen_proposal", actor=actor) as work:
            row = work.record
            if row.account_id != account_id or row.state not in (ProposalState.TAKEN, ProposalState.REFUSED):
                raise no_such_record()
            was_taken, value, former = row.state == ProposalState.TAKEN, str(row.value), str(row.former)
            row.state, row.former, row.decided_at, row.decided_by_id = ProposalState.OPEN, "", None, None
        item = fields.get(row.field)
        if was_taken and item is not None and former:
            account = account_grant(actor).live(account_id)
            if _text(item.value_of(account)) == value:
                columns = {item.column: _typed(former, item)}
                edit_account(account_id, columns, action=UNDO_PROPOSAL, actor=actor)
        count += 1
    return count


def _require_writable(item: ObjectField | None, *, actor: Actor) -> None:
    if item is not None and item.access(actor) < FieldAccess.WRITE:
        raise AccessDenied("field.not_writable", "You may not change “%(field)s”.", field=str(item.label))


def _decide(row: EnrichmentProposal, state: ProposalState, *, action: str, former: str, actor: Actor) -> None:
    """Decide on a proposal as it was seen. Raises: Conflict("record.changed") when it says something else by now."""
    with change(EnrichmentProposal, row.pk, action=action, actor=actor) as work:
        if work.record.state != ProposalState.OPEN or str(work.record.value) != str(row.value):
            raise Conflict("record.changed", "Somebody changed this record while you edited.")
        work.record.state, work.record.former = state, former
        work.record.decided_at, work.record.decided_by_id = timezone.now(), actor.user_id


def value_of(row: EnrichmentProposal, item: ObjectField) -> object:
    """The value that is proposed, typed as its field has it."""
    return _typed(str(row.value), item)


def _typed(text: str, item: ObjectField) -> object:
    stored = json.loads(text)
    if stored is None:
        return "" if not item.typed.null and item.typed.empty_strings_allowed else None
    return item.typed.to_python(stored)
