"""The long work of erasing a person: step by step, each its own transaction, and again when a backup came back.

Steps: 1 note whose records and which words are meant, once; 2 carry out the rules in their order, noting each that is
done in its own transaction; 3 forget the words, list the erasure in the database and beside it. What a crash
interrupted goes on where it stopped.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.jobs.progress import Progress
from guanxi.platform.objects.erasing import REASON, EraseRule, Subject, erase_rules, subject_of
from guanxi.platform.objects.registry import listed_object
from guanxi.stewardship.choices import RequestKind, RequestState
from guanxi.stewardship.models import Erasure, SubjectRequest

AUTOMATIC = "Erasure"
FILE_NAME = "erasures.jsonl"
STALE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ListedErasure:
    """One line of the list beside the database."""

    object_key: str
    record_id: int


def write_erasure(request_id: int, progress: Progress | None = None) -> SubjectRequest:
    """Carry out what is left of an approved erasure; doing it again changes nothing."""
    request = _begun(request_id)
    rules = erase_rules()
    if progress is not None:
        progress.expect(len(rules))
    while request.state == RequestState.RUNNING:
        rule = next((rule for rule in rules if rule.key not in request.steps), None)
        request = _finish(request_id) if rule is None else _write_step(request_id, rule)
        if progress is not None and rule is not None:
            progress.advance()
    return request


def unfinished_erasures() -> list[int]:
    """The erasures whose run died: they were approved and nothing was written since."""
    rows = unscoped(SubjectRequest, reason=REASON).filter(state=RequestState.RUNNING)
    return list(rows.filter(updated_at__lt=timezone.now() - STALE).order_by("pk").values_list("pk", flat=True))


def replay_erasures() -> int:
    """Erase again whom the list beside the database names and the database does not: a backup brought them back.

    Returns how many.
    """
    replayed = 0
    for listed in listed_erasures():
        known = Erasure.objects.filter(object_key=listed.object_key, record_id=listed.record_id)
        model = listed_object(listed.object_key).model
        if known.exists() or not unscoped(model, reason=REASON).filter(pk=listed.record_id).exists():
            continue
        today = timezone.localdate()
        request = unscoped(SubjectRequest, reason=REASON).create(
            object_key=listed.object_key,
            record_id=listed.record_id,
            kind=RequestKind.ERASE,
            state=RequestState.RUNNING,
            asked_on=today,
            due_on=today,
        )
        write_erasure(request.pk)
        replayed += 1
    return replayed


def listed_erasures() -> Iterator[ListedErasure]:
    """The list beside the database, the oldest first."""
    path = _list_file()
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            found = json.loads(line)
            yield ListedErasure(str(found["object"]), int(found["id"]))


def kept_words(subject: Subject) -> str:
    """The words by which a subject is known, as a request keeps them."""
    return json.dumps(subject.words, ensure_ascii=False)


@transaction.atomic
def _begun(request_id: int) -> SubjectRequest:
    """The request, locked for a moment, with the records and words that are meant."""
    request = _locked(request_id)
    if request.state == RequestState.RUNNING and not request.records:
        subject = subject_of(request.object_key, request.record_id)
        request.records = {key: list(ids) for key, ids in subject.records}
        request.words = kept_words(subject)
        request.touched = {rule.key: rule.count(subject) for rule in erase_rules()}
        begin_entry(system_actor(AUTOMATIC), action="erase", object_key=request.object_key, record_id=request.record_id)
        _keep(request, "records", "words", "touched")
    return request


def _write_step(request_id: int, rule: EraseRule) -> SubjectRequest:
    """Carry out one rule and note it; one that runs outside of a transaction is noted after it."""
    if rule.runs_outside:
        rule.erase(_subject(unscoped(SubjectRequest, reason=REASON).get(pk=request_id)))
    with transaction.atomic():
        request = _locked(request_id)
        if rule.key not in request.steps:
            if not rule.runs_outside:
                rule.erase(_subject(request))
            request.steps = [*request.steps, rule.key]
            request.updated_at = timezone.now()
            _keep(request, "steps", "updated_at")
    return request


def _finish(request_id: int) -> SubjectRequest:
    """Forget the words and list the erasure, in the database and beside it."""
    with transaction.atomic():
        request = _locked(request_id)
        _list(request)
        for key, ids in request.records.items():
            for record_id in ids:
                Erasure.objects.get_or_create(object_key=key, record_id=record_id)
        same = unscoped(SubjectRequest, reason=REASON)
        for key, ids in request.records.items():
            same.filter(object_key=key, record_id__in=ids).update(note="")
        request.words, request.note = "", ""
        request.state, request.answered_at = RequestState.DONE, timezone.now()
        _keep(request, "words", "note", "state", "answered_at")
    return request


def _list(request: SubjectRequest) -> None:
    """Add the erasure to the list beside the database, which a restored backup does not bring back.

    Whoever was killed after it may have added it already.
    """
    is_block = request.retention_run_id is not None
    meant = request.records[request.object_key] if is_block else [request.record_id]
    known = {item.record_id for item in listed_erasures() if item.object_key == request.object_key}
    ids = [record_id for record_id in meant if record_id not in known]
    now = timezone.now().isoformat()
    lines = [json.dumps({"object": request.object_key, "id": record_id, "at": now}) for record_id in ids]
    descriptor = os.open(_list_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _list_file() -> Path:
    return Path(settings.DATA_FOLDER) / FILE_NAME


def _locked(request_id: int) -> SubjectRequest:
    request: SubjectRequest = unscoped(SubjectRequest, reason=REASON).select_for_update().get(pk=request_id)
    return request


def _keep(request: SubjectRequest, *names: str) -> None:
    """Write these columns of a request that is locked."""
    values = {name: getattr(request, name) for name in names}
    unscoped(SubjectRequest, reason=REASON).filter(pk=request.pk).update(**values)


def _subject(request: SubjectRequest) -> Subject:
    records = tuple((key, tuple(ids)) for key, ids in request.records.items())
    words = tuple(json.loads(request.words or "[]"))
    return Subject(request.object_key, request.record_id, records, words)
