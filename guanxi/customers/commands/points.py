"""Verbs about the ways to reach an account or a contact."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from guanxi.customers.commands.parts import add_part, edit_part, remove_part, restore_part
from guanxi.customers.models import ContactPoint
from guanxi.customers.rules import consent_instant, normalised_point, require_receiver
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, no_such_record
from guanxi.platform.access.grant import grant
from guanxi.platform.access.limits import ReadKind, count_reads
from guanxi.platform.access.rules import Action, FieldAccess
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.records.values import assign

Consent = tuple[str, datetime | None]


@transaction.atomic
def add_contact_point(point: ContactPoint, *, actor: Actor) -> ContactPoint:
    """Add a way to reach an account.

    Raises: NotFound, AccessDenied, RuleViolation("point.phone" | "point.mail" | "point.receives_mail" and others).
    """
    added = add_part(point, action="add_contact_point", prepare=_prepare, actor=actor)
    _keep_one_preferred(added, actor=actor)
    return added


def add_point(account_id: int, values: Mapping[str, object], *, actor: Actor) -> ContactPoint:
    """Add a way to reach an account with these values. Raises: as `add_contact_point`."""
    point = ContactPoint(account_id=account_id)
    assign(point, values)
    return add_contact_point(point, actor=actor)


@transaction.atomic
def set_point_consents(account_id: int, contact_id: int | None, *, consents: Mapping[str, str], actor: Actor) -> int:
    """Note on the ways to reach one person whether we may use them, by their type. Returns how many changed.

    Raises: NotFound, AccessDenied.
    """
    rows = grant(actor, ContactPoint, Action.EDIT).queryset().filter(account=account_id, contact=contact_id)
    rows = rows.filter(trashed_at__isnull=True, type__in=list(consents)).order_by("pk")
    changed = [
        (pk, consents[kind]) for pk, kind, known in rows.values_list("pk", "type", "consent") if consents[kind] != known
    ]
    for point_id, consent in changed:
        edit_contact_point(point_id, {"consent": consent}, actor=actor)
    return len(changed)


@transaction.atomic
def edit_contact_point(
    point_id: int, values: Mapping[str, object], *, version: int | None = None, actor: Actor
) -> ContactPoint:
    """Change a way to reach an account; who may not write numbers can change neither the number nor its type.

    Raises: NotFound, AccessDenied, Conflict("record.changed"), RuleViolation as for `add_contact_point`.
    """
    permission = grant(actor, ContactPoint, Action.EDIT)
    permission.accept({"value": None} if {"type", "value"} & values.keys() else {})
    known = permission.queryset().filter(pk=point_id).values_list("consent", "consent_at").first()

    point = edit_part(
        ContactPoint,
        point_id,
        values,
        action="edit_contact_point",
        version=version,
        prepare=partial(_prepare, values=values, known=known),
        actor=actor,
    )
    _keep_one_preferred(point, actor=actor)
    return point


def remove_contact_point(point_id: int, *, actor: Actor) -> ContactPoint:
    """Put a way to reach an account into the trash. Raises: NotFound, AccessDenied."""
    return remove_part(ContactPoint, point_id, action="remove_contact_point", actor=actor)


@transaction.atomic
def restore_contact_point(point_id: int, *, actor: Actor) -> ContactPoint:
    """Take a way to reach an account out of the trash. Raises: NotFound, AccessDenied."""
    point = restore_part(ContactPoint, point_id, action="restore_contact_point", actor=actor)
    _keep_one_preferred(point, actor=actor)
    return point


@transaction.atomic
def mark_point_wrong(point_id: int, *, source: str, at: datetime | None = None, actor: Actor) -> bool:
    """Note that nobody is reached this way; what was found before it last worked, or once more, changes nothing.

    `source` is who or what found so, `at` when (None = now). Returns whether it is news.
    Raises: NotFound, AccessDenied.
    """
    moment = at or timezone.now()
    known = grant(actor, ContactPoint, Action.EDIT).queryset().filter(pk=point_id)
    for wrong_since, right_since in known.values_list("wrong_since", "right_since"):
        if wrong_since is not None or (right_since is not None and moment <= right_since):
            return False
    values = {"wrong_since": moment, "wrong_source": source[:60]}
    edit_part(ContactPoint, point_id, values, action="mark_wrong", version=None, actor=actor)
    return True


@transaction.atomic
def mark_point_working(point_id: int, *, actor: Actor) -> ContactPoint:
    """Note that somebody is reached this way again. Raises: NotFound, AccessDenied."""
    values = {"wrong_since": None, "wrong_source": "", "right_since": timezone.now()}
    return edit_part(ContactPoint, point_id, values, action="mark_working", version=None, actor=actor)


@transaction.atomic
def reveal_contact_point(point_id: int, *, actor: Actor) -> ContactPoint:
    """Show a masked contact point whole; it is noted in the audit trail.

    Raises: NotFound, also for one in the trash; AccessDenied, also for who may not see numbers at all and beyond the
    limit of the day.
    """
    point, permission = grant(actor, ContactPoint).get(point_id), grant(actor, ContactPoint, Action.REVEAL)
    if point.trashed_at is not None:
        raise no_such_record()
    is_hidden = permission.field_access("value") == FieldAccess.HIDDEN
    if is_hidden or not permission.queryset().filter(pk=point_id).exists():
        raise AccessDenied(
            "access.denied", "Your role does not allow “%(action)s” on this record.", action=Action.REVEAL.value
        )
    count_reads(actor, ReadKind.REVEAL)
    begin_entry(actor, action="reveal", object_key="contact_point", record_id=point_id)
    return point


def _prepare(point: ContactPoint, *, values: Mapping[str, object] | None = None, known: Consent | None = None) -> None:
    """Normalise a new or changed number and date the consent; a number that did not change is not looked at."""
    if values is None or {"type", "value"} & values.keys():
        former, point.normalised = point.normalised, normalised_point(point.type, point.value)
        if former != point.normalised:
            point.wrong_since, point.wrong_source, point.right_since = None, "", timezone.now()
    require_receiver(point.type, receives_mail=point.receives_mail, receives_sms=point.receives_sms)
    now = timezone.localtime(timezone=timezone.get_default_timezone())
    point.consent_at = consent_instant(point.consent, given=point.consent_at, known=known, now=now)


def _keep_one_preferred(point: ContactPoint, *, actor: Actor) -> None:
    """The latest preferred way to reach the same person is the only one."""
    if point.is_preferred:
        rows = grant(actor, ContactPoint, Action.EDIT).queryset().filter(account=point.account_id, is_preferred=True)
        others = rows.filter(contact=point.contact_id).exclude(pk=point.pk)
        others.update(is_preferred=False, version=F("version") + 1)
