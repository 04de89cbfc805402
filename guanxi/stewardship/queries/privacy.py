"""Reads of privacy requests: the list with its clock, one request with what it would touch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import grant, may
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.erasing import erase_rules, subject_of
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.spec import Label
from guanxi.stewardship.choices import RequestState
from guanxi.stewardship.models import SubjectRequest
from guanxi.stewardship.rules.privacy import CLOSE_DAYS, is_close

PENDING = (RequestState.OPEN, RequestState.RUNNING)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request: whom it is about, as far as the reader may see him, and how many days are left."""

    request: SubjectRequest
    object_label: Label
    subject: str
    days_left: int
    is_close: bool

    @property
    def is_pending(self) -> bool:
        """Whether it waits for an answer."""
        return self.request.state in PENDING


@dataclass(frozen=True, slots=True)
class TouchedRows:
    """How many rows one rule of erasing touches, or touched, and whether it is done."""

    label: Label
    count: int
    is_done: bool


def request_rows(actor: Actor, *, is_pending: bool, today: date) -> tuple[RequestRow, ...]:
    """The requests that wait, the most urgent first, or the others, the latest first. Three queries at most."""
    rows = grant(actor, SubjectRequest).queryset().filter(retention_run__isnull=True)
    if is_pending:
        found = list(rows.filter(state__in=PENDING).order_by("due_on", "pk")[:MOST_SHOWN])
    else:
        found = list(rows.exclude(state__in=PENDING).order_by("-answered_at", "-pk")[:MOST_SHOWN])
    names = subject_names(actor, found)
    return tuple(_row(request, names, today=today) for request in found)


def request_row(request_id: int, actor: Actor, *, today: date) -> RequestRow:
    """One request. Raises: NotFound."""
    request: SubjectRequest = grant(actor, SubjectRequest).get(request_id)
    return _row(request, subject_names(actor, [request]), today=today)


def close_count(actor: Actor, *, today: date) -> int:
    """How many requests are due within a few days, or overdue."""
    rows = grant(actor, SubjectRequest).queryset().filter(retention_run__isnull=True)
    return rows.filter(state__in=PENDING, due_on__lte=today + timedelta(days=CLOSE_DAYS)).count()


def touched_rows(request: SubjectRequest) -> tuple[TouchedRows, ...]:
    """What erasing the subject would touch; once it began, what it met."""
    if request.touched:
        counts: Mapping[str, int] = request.touched
    else:
        subject = subject_of(request.object_key, request.record_id)
        counts = {rule.key: rule.count(subject) for rule in erase_rules()}
    return tuple(TouchedRows(rule.label, counts.get(rule.key, 0), rule.key in request.steps) for rule in erase_rules())


def subject_names(actor: Actor, requests: Sequence[SubjectRequest]) -> Mapping[tuple[str, int], str]:
    """The names of the subjects that the actor may see, by object and id; one query for each object."""
    found: dict[tuple[str, int], str] = {}
    for key in sorted({request.object_key for request in requests}):
        spec = listed_object(key)
        if may(actor, spec.model, Action.VIEW):
            ids = [request.record_id for request in requests if request.object_key == key]
            rows = grant(actor, spec.model).queryset().filter(pk__in=ids)
            found |= {(key, pk): name for pk, name in rows.values_list("pk", spec.title)}
    return found


def _row(request: SubjectRequest, names: Mapping[tuple[str, int], str], *, today: date) -> RequestRow:
    return RequestRow(
        request=request,
        object_label=listed_object(request.object_key).label,
        subject=names.get((request.object_key, request.record_id), f"#{request.record_id}"),
        days_left=(request.due_on - today).days,
        is_close=request.state in PENDING and is_close(request.due_on, today),
    )
