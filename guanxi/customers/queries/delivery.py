"""Ways to reach customers that were found to reach nobody; each a fixed number of queries."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils.translation import pgettext_lazy

from guanxi.customers.choices import PointType
from guanxi.customers.models import AccountAlias, ContactPoint
from guanxi.customers.queries.accounts import POINT_MASKS
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.kernel.fields import FieldType
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.masking import masked
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.objects.fields import ObjectField

REASON = "stewardship: what reaches nobody is noted of all customers"


@dataclass(frozen=True, slots=True)
class WrongPoint:
    """A way to reach somebody that reaches nobody; `text` as the person may see it, `contact` "" for the account.

    `told` is as much of it as may be told to anybody who sees the customer.
    """

    id: int
    account_id: int
    account_name: str
    owner_id: int | None
    contact: str
    type: str
    text: str
    told: str
    is_masked: bool
    wrong_since: datetime
    wrong_source: str
    version: int


@dataclass(frozen=True, slots=True)
class KnownPoint:
    """A way to reach a customer, as it is held against what was not delivered; `account_id` is the one asked for."""

    id: int
    account_id: int
    contact_id: int | None
    type: str
    normalised: str


def wrong_points(actor: Actor, *, but: Collection[int], skip: int, limit: int) -> tuple[WrongPoint, ...]:
    """Points that reach nobody, the earliest found first, without some of them; one query."""
    rows = _wrong(actor).exclude(Among("pk", list(but))) if but else _wrong(actor)
    return _presented(actor, rows.order_by("wrong_since", "pk")[skip : skip + limit])


def wrong_point_count(actor: Actor, *, but: Collection[int], most: int) -> int:
    """How many points reach nobody, without some of them; at most so many."""
    rows = _wrong(actor).exclude(Among("pk", list(but))) if but else _wrong(actor)
    return int(rows.order_by()[:most].count())


def wrong_point(point_id: int, actor: Actor) -> WrongPoint:
    """One point that reaches nobody. Raises: NotFound for one that must not be seen or that nothing speaks against."""
    found = _presented(actor, _wrong(actor).filter(pk=point_id))
    if not found:
        raise no_such_record()
    return found[0]


def other_ways(account_id: int, point_id: int, actor: Actor) -> dict[str, int]:
    """How many other ways reach an account, by type; one query."""
    rows = _seen(actor).filter(account=account_id, wrong_since__isnull=True).exclude(pk=point_id)
    return dict(rows.order_by().values_list("type").annotate(count=Count("pk")))


def way_field() -> ObjectField:
    """The value of a way to reach somebody as a field, with the rights and the mask of numbers."""
    return ObjectField(
        "value", pgettext_lazy("part", "Way to reach the customer"), FieldType.TEXT, "value", ContactPoint
    )


def unreached_account_ids(actor: Actor | None) -> QuerySet[Any, Any]:
    """The ids of the accounts with a way that reaches nobody, as far as a person may see the ways (None: all)."""
    rows = unscoped(ContactPoint, reason=REASON).filter(trashed_at__isnull=True) if actor is None else _seen(actor)
    return rows.filter(wrong_since__isnull=False).order_by().values_list("account_id", flat=True)


def known_points(account_ids: Iterable[int]) -> tuple[KnownPoint, ...]:
    """The ways to reach accounts, those merged into others through these; two queries, for the system's notes alone."""
    asked = set(account_ids)
    aliases = AccountAlias.objects.filter(former_id__in=asked).values_list("former_id", "account_id")
    asked_by: dict[int, list[int]] = {account_id: [account_id] for account_id in asked}
    for former_id, account_id in aliases:
        asked_by.setdefault(account_id, []).append(former_id)
    rows = _live(unscoped(ContactPoint, reason=REASON)).filter(Among("account_id", list(asked_by)))
    found = rows.order_by("pk").values_list("pk", "account_id", "contact_id", "type", "normalised")
    return tuple(
        KnownPoint(pk, former_id, contact_id, kind, normalised)
        for pk, account_id, contact_id, kind, normalised in found
        for former_id in asked_by[account_id]
    )


def _seen(actor: Actor) -> GuardedQuerySet[ContactPoint]:
    """The points of customers in use; none for who may not see any value at all."""
    permission = grant(actor, ContactPoint)
    rows = _live(permission.queryset()).filter(account__trashed_at__isnull=True)
    return rows.none() if permission.field_access("value") == FieldAccess.HIDDEN else rows


def _live(rows: GuardedQuerySet[ContactPoint]) -> GuardedQuerySet[ContactPoint]:
    """The points in use of an account itself and of contacts in use."""
    return rows.filter(Q(contact__isnull=True) | Q(contact__trashed_at__isnull=True), trashed_at__isnull=True)


def _wrong(actor: Actor) -> GuardedQuerySet[ContactPoint]:
    return _seen(actor).filter(wrong_since__isnull=False)


def _presented(actor: Actor, rows: GuardedQuerySet[ContactPoint]) -> tuple[WrongPoint, ...]:
    is_masked = grant(actor, ContactPoint).field_access("value") < FieldAccess.READ
    columns: Sequence[str] = ("pk", "account_id", "home", "whose", "person", "type", "value", "wrong_since")
    named = rows.annotate(home=F("account__name"), whose=F("account__owner_id"), person=F("contact__name"))
    return tuple(
        WrongPoint(
            id=pk,
            account_id=account_id,
            account_name=name,
            owner_id=owner_id,
            contact=contact or "",
            type=str(PointType(kind).label),
            text=masked(value, sensitivity=POINT_MASKS.get(kind, "")) if is_masked else value,
            told=masked(value, sensitivity=POINT_MASKS.get(kind, "")),
            is_masked=is_masked,
            wrong_since=since,
            wrong_source=source,
            version=version,
        )
        for pk, account_id, name, owner_id, contact, kind, value, since, source, version in named.values_list(
            *columns, "wrong_source", "version"
        )
    )
