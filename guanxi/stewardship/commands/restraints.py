"""Verbs about legal holds and restrictions of use.

A hold is placed under the lock of the customer, which erasing and the night of retention take too: either the hold
comes first and nothing goes, or it is refused because the customer goes already.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.objects.erasing import Subject
from guanxi.platform.objects.restraints import require_unheld
from guanxi.platform.records.change import change, create
from guanxi.platform.records.events import RecordsRestrained
from guanxi.stewardship.models import LegalHold, Restriction, SubjectRequest
from guanxi.stewardship.queries.restraints import (
    accounts_of,
    is_erased_or_being_erased,
    lock_accounts,
    restrictions_of_account,
)


@transaction.atomic
def place_hold(account_id: int, *, until_on: date, reason: str, actor: Actor) -> LegalHold:
    """Keep a customer, with all that belongs to it, from being erased or deleted until the hold is released.

    Raises: NotFound, AccessDenied, RuleViolation("hold.day" | "record.invalid"), Conflict("hold.erased").
    """
    grant(actor, Account).get(account_id)
    if until_on < timezone.localdate():
        raise RuleViolation("hold.day", "Choose a day from today on.", field="until_on")
    lock_accounts([account_id])
    if is_erased_or_being_erased(account_id):
        raise Conflict("hold.erased", "This customer, or one of its contacts, is erased or being erased already.")
    hold = LegalHold(account_id=account_id, until_on=until_on, reason=reason.strip(), placed_by_id=actor.user_id)
    with create(hold, action="place_hold", actor=actor):
        return hold


def release_hold(hold_id: int, *, actor: Actor) -> LegalHold:
    """Release a hold; rules and requests reach the customer again.

    Raises: NotFound, AccessDenied, Conflict("hold.released").
    """
    with change(LegalHold, hold_id, action="release_hold", actor=actor) as work:
        grant(actor, Account).get(work.record.account_id)
        if work.record.released_at is not None:
            raise Conflict("hold.released", "This hold is released already.")
        work.record.released_at, work.record.released_by_id = timezone.now(), actor.user_id
    return work.record


def require_unheld_subject(subject: Subject) -> None:
    """Nothing of a person who is to be erased is under a hold; within a transaction, and it stays so until its end.

    Raises: Conflict("record.held").
    """
    lock_accounts(account_id for key, ids in subject.records for account_id in accounts_of(key, ids))
    for object_key, ids in subject.records:
        require_unheld(object_key, ids)


@transaction.atomic
def restrict(
    account_id: int, contact_id: int | None, *, reason: str, request: SubjectRequest | None = None, actor: Actor
) -> Restriction:
    """Let nobody be led to use a customer, or one of its contacts; one that is restricted already stays so.

    Who may edit the customer may, or who answers the `request` that asks for it. Raises: NotFound, AccessDenied.
    """
    lock_accounts([account_id])
    known = restrictions_of_account(actor, account_id)
    same = next((item for item in known if item.contact_id == contact_id), None)
    if same is not None:
        return same
    restriction = Restriction(
        account_id=account_id,
        contact_id=contact_id,
        reason=reason.strip(),
        request=request,
        placed_by_id=actor.user_id,
    )
    right = Action.EDIT if request is None else Action.VIEW
    with create(restriction, action="restrict", right=right, actor=actor) as work:
        if contact_id is None:
            work.publish(RecordsRestrained(object_key="account", record_ids=(account_id,)))
        else:
            work.publish(RecordsRestrained(object_key="contact", record_ids=(contact_id,)))
    return restriction


def lift_restriction(restriction_id: int, *, actor: Actor) -> Restriction:
    """Let a person be used again; who answers privacy requests may.

    Raises: NotFound, AccessDenied, Conflict("restriction.lifted").
    """
    grant(actor, SubjectRequest, Action.EDIT)
    with change(Restriction, restriction_id, action="lift_restriction", right=Action.VIEW, actor=actor) as work:
        if work.record.lifted_at is not None:
            raise Conflict("restriction.lifted", "This restriction is lifted already.")
        work.record.lifted_at, work.record.lifted_by_id = timezone.now(), actor.user_id
    return work.record
