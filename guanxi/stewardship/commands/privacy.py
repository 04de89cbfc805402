"""Verbs about requests of the people whom the base speaks of.

Erasing is asked for by one person and, if the house wants it so, approved by another; the work is done in the
background, step by step.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.care.facade import is_rest_day
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.jobs.progress import start_run
from guanxi.platform.objects.erasing import erasable_objects, subject_of
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.preferences.registry import PreferenceSpec, declare, preference
from guanxi.platform.records.change import change, create
from guanxi.stewardship.choices import RequestKind, RequestState, RequestWay
from guanxi.stewardship.commands.restraints import require_unheld_subject, restrict
from guanxi.stewardship.models import SubjectRequest
from guanxi.stewardship.rules.privacy import GDPR, PIPL, due_day, require_identity

ERASE_JOB = "stewardship.erase"
LAW = declare(
    PreferenceSpec(
        "privacy.law",
        PIPL,
        "Law that privacy requests are answered by",
        "pipl: 15 working days to answer; gdpr: 30 days.",
        choices=(PIPL, GDPR),
    )
)
FOUR_EYES = declare(
    PreferenceSpec(
        "privacy.four_eyes",
        True,
        "A second person approves an erasure",
        "Who entered the request does not approve it.",
    )
)


@dataclass(frozen=True, slots=True)
class NewRequest:
    """What a person asked for: about which record, what, on which day, by which way."""

    object_key: str
    record_id: int
    kind: RequestKind
    asked_on: date
    way: RequestWay = RequestWay.MAIL
    note: str = ""
    needs_identity: bool = False


@transaction.atomic
def enter_request(new: NewRequest, *, actor: Actor) -> SubjectRequest:
    """Enter what a person asked for; the clock runs from the day of asking.

    Raises: NotFound for a record that must not be seen, AccessDenied, RuleViolation("privacy.object" | "privacy.day"),
    Conflict("privacy.open") for one that asks for the same already.
    """
    if new.object_key not in erasable_objects():
        raise RuleViolation("privacy.object", "Requests are about customers and contacts.")
    if new.asked_on > timezone.localdate():
        raise RuleViolation("privacy.day", "The day of the request lies in the future.")
    same = grant(actor, SubjectRequest).queryset().filter(object_key=new.object_key, record_id=new.record_id)
    grant(actor, listed_object(new.object_key).model).get(new.record_id)
    if same.filter(kind=new.kind, state__in=(RequestState.OPEN, RequestState.RUNNING)).exists():
        raise Conflict("privacy.open", "The same request of this person is open already.")
    request = SubjectRequest(
        object_key=new.object_key,
        record_id=new.record_id,
        kind=new.kind,
        way=new.way,
        asked_on=new.asked_on,
        due_on=due_day(new.asked_on, law=preference(LAW), is_rest_day=is_rest_day),
        note=new.note,
        needs_identity=new.needs_identity,
        entered_by_id=actor.user_id,
    )
    with create(request, actor=actor):
        pass
    return request


def erase_subject(object_key: str, record_id: int, *, reason: str, actor: Actor) -> SubjectRequest:
    """Have a person erased: at once, or once a second person approves it. `reason` is kept until it is done.

    Raises: as `enter_request` and `approve_erasure` do.
    """
    new = NewRequest(object_key, record_id, RequestKind.ERASE, timezone.localdate(), RequestWay.OTHER, reason)
    with transaction.atomic():
        request = enter_request(new, actor=actor)
        return request if preference(FOUR_EYES) else approve_erasure(request.pk, actor=actor)


@transaction.atomic
def approve_erasure(request_id: int, *, actor: Actor) -> SubjectRequest:
    """Approve that a person is erased, and begin; it cannot be taken back.

    Raises: NotFound, AccessDenied("access.denied" | "privacy.four_eyes"), Conflict("privacy.decided" | "record.held").
    """
    with change(SubjectRequest, request_id, action="approve", actor=actor) as work:
        request = work.record
        if request.kind != RequestKind.ERASE or request.state != RequestState.OPEN:
            raise Conflict("privacy.decided", "This request is decided already.")
        require_identity(needs_identity=request.needs_identity)
        model = listed_object(request.object_key).model
        grant(actor, model).get(request.record_id)
        grant(actor, model, Action.DELETE).get(request.record_id)
        if preference(FOUR_EYES) and request.entered_by_id == actor.user_id:
            raise AccessDenied("privacy.four_eyes", "A second person approves what you entered.")
        require_unheld_subject(subject_of(request.object_key, request.record_id))
        request.state, request.approved_by_id = RequestState.RUNNING, actor.user_id
        title = _("Erasing the subject of request %(number)s") % {"number": request.pk}
        request.run_id = start_run(
            ERASE_JOB, title=title, started_by_id=actor.user_id, arguments={"request_id": request.pk}
        )
    return request


def answer_request(request_id: int, *, is_refused: bool, actor: Actor) -> SubjectRequest:
    """Close a request as answered or as refused; an erasure is answered by being carried out.

    Answering who asks for no further use restricts it.

    Raises: NotFound, AccessDenied, Conflict("privacy.decided").
    """
    with change(SubjectRequest, request_id, action="refuse" if is_refused else "answer", actor=actor) as work:
        request = work.record
        is_erasure = request.kind == RequestKind.ERASE and not is_refused
        if request.state != RequestState.OPEN or is_erasure:
            raise Conflict("privacy.decided", "This request is decided already.")
        if not is_refused:
            require_identity(needs_identity=request.needs_identity)
        request.state = RequestState.REFUSED if is_refused else RequestState.DONE
        request.answered_at = timezone.now()
        if request.kind == RequestKind.RESTRICT and not is_refused:
            _restrict_subject(request, actor=actor)
    return request


def _restrict_subject(request: SubjectRequest, *, actor: Actor) -> None:
    """Let nobody be led to use the person who asked for it."""
    record: Any = grant(actor, listed_object(request.object_key).model).get(request.record_id)
    is_contact = request.object_key == "contact"
    account_id, contact_id = (record.account_id, record.pk) if is_contact else (record.pk, None)
    restrict(account_id, contact_id, reason="", request=request, actor=actor)


def confirm_identity(request_id: int, *, actor: Actor) -> SubjectRequest:
    """Note that who asks was found to be the person; doing it again changes nothing. Raises: NotFound, AccessDenied."""
    with change(SubjectRequest, request_id, action="confirm_identity", actor=actor) as work:
        work.record.needs_identity = False
    return work.record
