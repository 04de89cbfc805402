"""Sharing a record with a person or a unit, and ending it; both hold with the next request of those it reaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, NotFound, RuleViolation
from guanxi.platform.access.grant import Grant, grant, may_act_on
from guanxi.platform.access.models import Share
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.protection import protection_of
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import OrgUnit, User
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.records.events import RecordShared

MOST_TOLD = 200


@dataclass(frozen=True, slots=True)
class ShareTerms:
    """With whom (a person or a unit) a record is shared, to do what, and the last day of it (None = until ended)."""

    user_id: int | None = None
    unit_id: int | None = None
    may_edit: bool = False
    is_team: bool = False
    ends_on: date | None = None

    def words(self) -> str:
        """The terms as the audit trail keeps them."""
        whom = f"user {self.user_id}" if self.user_id is not None else f"unit {self.unit_id}"
        how = "team" if self.is_team else "shared"
        return f"{whom}, {how}, {'edit' if self.may_edit else 'view'}, until {self.ends_on or 'ended'}"


@transaction.atomic
def share_record(model: type[models.Model], record_id: int, *, terms: ShareTerms, actor: Actor) -> Share:
    """Share a record, or change the terms on which it is shared with this person or unit.

    Raises: NotFound; AccessDenied("share.not_yours") for who may not edit the record by more than a share;
    RuleViolation("share.whom" | "share.past" | "share.owner").
    """
    record = _shareable(model, record_id, actor=actor)
    _require_terms(terms, record)
    share, _ = Share.objects.update_or_create(
        object_key=protection_of(model).key,
        record_id=record_id,
        user_id=terms.user_id,
        unit_id=terms.unit_id,
        defaults={
            "may_edit": terms.may_edit,
            "is_team": terms.is_team,
            "ends_at": end_of(terms.ends_on) if terms.ends_on else None,
            "shared_by_id": actor.user_id,
            "shared_at": timezone.now(),
        },
    )
    begin_entry(actor, action="share", object_key=share.object_key, record_id=record_id, reason=terms.words())
    told = RecordShared(object_key=share.object_key, record_id=record_id, user_ids=_told(terms), by_id=actor.user_id)
    publish(told)
    return share


def keep_readable(permission: Grant[Any], ids: Sequence[int], *, user_id: int, last_day: date) -> int:
    """Let a person read on, until a day, those of the records that the grant reaches: who looked after them before.

    It runs within a transaction whose audit entry says so. A share that the person has already stays as it is.
    Returns how many records became readable; doing it again changes nothing.
    """
    key = protection_of(permission.model).key
    reached = permission.queryset().filter(Among("pk", list(ids))).order_by("pk").values_list("pk", flat=True)
    own = Share.objects.filter(Among("record_id", list(ids)), object_key=key, user_id=user_id)
    live = models.Q(ends_at__isnull=True) | models.Q(ends_at__gt=timezone.now())
    known = set(own.filter(live).values_list("record_id", flat=True))
    until, shared_by_id = end_of(last_day), permission.actor.user_id
    shares = [
        Share(object_key=key, record_id=record_id, user_id=user_id, ends_at=until, shared_by_id=shared_by_id)
        for record_id in reached
        if record_id not in known
    ]
    Share.objects.bulk_create(
        shares,
        update_conflicts=True,
        unique_fields=["object_key", "record_id", "user_id", "unit_id"],
        update_fields=["ends_at", "shared_by_id"],
    )
    return len(shares)


def _told(terms: ShareTerms) -> tuple[int, ...]:
    """Whom a share is told: the person, or the people of the unit and of those below it."""
    if terms.user_id is not None:
        return (terms.user_id,)
    people = User.objects.filter(unit__path__contains=[terms.unit_id], is_active=True).order_by("pk")
    return tuple(people.values_list("pk", flat=True)[:MOST_TOLD])


@transaction.atomic
def end_share(model: type[models.Model], record_id: int, *, share_id: int, actor: Actor) -> ShareTerms:
    """End a share at once; returns its terms, by which it can be taken back.

    Whom it was given to may end it too. Raises: NotFound, AccessDenied("share.not_yours").
    """
    key = protection_of(model).key
    share = Share.objects.select_for_update().filter(pk=share_id, object_key=key, record_id=record_id).first()
    if share is None:
        grant(actor, model).get(record_id)
        raise NotFound("share.not_found", "This is not shared any more.")
    if share.user_id is None or share.user_id != actor.user_id or actor.read_only:
        _shareable(model, record_id, actor=actor)
    last_day = timezone.localtime(share.ends_at).date() - timedelta(days=1) if share.ends_at else None
    terms = ShareTerms(share.user_id, share.unit_id, share.may_edit, share.is_team, last_day)
    share.delete()
    begin_entry(actor, action="end_share", object_key=key, record_id=record_id, reason=terms.words())
    return terms


def may_share(actor: Actor, record: models.Model) -> bool:
    """Whether the actor may share this record: who may edit it by more than a share. What was shared is not passed
    on."""
    return may_act_on(actor, record, Action.EDIT, counts_shares=False)


def end_of(day: date) -> datetime:
    """The instant at which a day has passed, in the time zone of the person."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))


def _shareable(model: type[models.Model], record_id: int, *, actor: Actor) -> models.Model:
    record = grant(actor, model).get(record_id)
    if not may_share(actor, record):
        raise AccessDenied("share.not_yours", "Only who may edit this record by a role of their own can share it.")
    return record


def _require_terms(terms: ShareTerms, record: models.Model) -> None:
    if terms.ends_on is not None and terms.ends_on < timezone.localdate():
        raise RuleViolation("share.past", "This day has passed already.", field="ends_on")
    is_person = terms.user_id is not None and User.objects.filter(pk=terms.user_id, is_active=True).exists()
    is_unit = terms.unit_id is not None and OrgUnit.objects.filter(pk=terms.unit_id).exists()
    if is_person == is_unit or (terms.user_id is None) == (terms.unit_id is None):
        raise RuleViolation("share.whom", "Choose a colleague or a department.", field="whom")
    owner_field = protection_of(type(record)).owner_field
    owner_id = getattr(record, owner_field, None) if owner_field and "__" not in owner_field else None
    if is_person and owner_id == terms.user_id:
        raise RuleViolation("share.owner", "This is the owner already.", field="whom")
