"""Reads about what is shared with whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.platform.access.models import Share
from guanxi.platform.accounts.queries import Person, people, unit_names
from guanxi.platform.accounts.security_queries import require_watch


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One share that has not ended: with whom, by whom, how. `last_day` is None for no end."""

    id: int
    whom: str
    is_unit: bool
    user_id: int | None
    way: str
    shared_by: str
    shared_at: datetime
    last_day: date | None
    object_key: str
    record_id: int


def shares_of_record(object_key: str, record_id: int) -> tuple[ShareLine, ...]:
    """The shares of a record that the caller has reached by a grant, collaborators first; one query and names."""
    found = Share.objects.filter(_live(), object_key=object_key, record_id=record_id)
    return _lines(list(found.order_by("-is_team", "pk")))


def open_shares(actor: Actor, *, limit: int) -> tuple[ShareLine, ...]:
    """All shares of the house that have not ended, those that end next first.

    Raises: AccessDenied for who does not administer everybody.
    """
    require_watch(actor)
    return _lines(list(Share.objects.filter(_live()).order_by("ends_at", "pk")[:limit]))


def shares_with(actor: Actor, object_key: str, record_id: int) -> tuple[ShareLine, ...]:
    """The shares by which a record reaches a person, for who explains that person's rights."""
    reached = Q(user_id=actor.user_id) | Q(unit_id__in=actor.unit_path)
    found = Share.objects.filter(_live(), reached, object_key=object_key, record_id=record_id)
    return _lines(list(found.order_by("pk")))


def _live() -> Q:
    return Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())


def _lines(shares: list[Share]) -> tuple[ShareLine, ...]:
    names = people(person for share in shares for person in (share.user_id, share.shared_by_id) if person)
    units = unit_names() if any(share.unit_id for share in shares) else {}
    return tuple(
        ShareLine(
            id=share.pk,
            whom=units.get(share.unit_id, "") if share.unit_id else _name(names, share.user_id),
            is_unit=share.unit_id is not None,
            user_id=share.user_id,
            way="team" if share.is_team else "edit" if share.may_edit else "view",
            shared_by=_name(names, share.shared_by_id),
            shared_at=share.shared_at,
            last_day=timezone.localtime(share.ends_at - timedelta(seconds=1)).date() if share.ends_at else None,
            object_key=share.object_key,
            record_id=share.record_id,
        )
        for share in shares
    )


def _name(names: Mapping[int, Person], user_id: int | None) -> str:
    person = names.get(user_id or 0)
    return person.name if person else ""
