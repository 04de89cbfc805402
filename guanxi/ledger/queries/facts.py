"""Named reads of the ledger."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from guanxi.catalog.facade import categories_of_products, category_ids_by_key
from guanxi.customers.facade import OfAccount, account_grant, former_ids
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.ledger.models import CompetitorPromotion, Fact, WaitingFact
from guanxi.ledger.rules import PAYLOAD_FIELDS, UNDELIVERED, VOIDED, outbound, touches
from guanxi.platform.access.grant import Grant, grant, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.masking import masked
from guanxi.platform.access.prepared import Among, Prepared, Slot
from guanxi.platform.access.rules import Action, Everyone, FieldAccess

STANDING_REASON = "ledger: whether a number of a source stands or was corrected does not depend on who asks"
MERGED_REASON = "ledger: facts of accounts that were merged into one are reached as that one is"
BOUNCED_REASON = "stewardship: what reaches nobody is noted of all customers"
PROMOTION_REASON = "value: indices are computed for all accounts"

_STANDING = """
SELECT source_id, digest FROM {table}
WHERE source = %s AND source_id = ANY(string_to_array(%s, chr(1)))
"""
_ANY_BETWEEN = "SELECT EXISTS (SELECT FROM {table} WHERE source = %s AND source_id BETWEEN %s AND %s)"
_ADOPTABLE = """
SELECT w.id, w.source, w.row::text FROM ledger_waitingfact w
WHERE w.id > %(after)s
  AND (%(system)s = '' OR w.system = %(system)s) AND (%(source)s = '' OR w.source = %(source)s)
  AND (cardinality(%(keys)s::text[]) = 0 OR w.key = ANY(%(keys)s::text[]))
  AND EXISTS (SELECT FROM customers_externalkey k WHERE k.system = w.system AND k.key = w.key)
ORDER BY w.id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact as a reader may see it. Grain: fact. `cost` is None when it is unknown or not for this
    reader.
    """

    id: int
    account_id: int
    kind: str
    sub_kind: str
    occurred_at: datetime
    channel: str | None
    contact_id: int | None
    user_id: int | None
    product_id: int | None
    quantity: Decimal | None
    amount: Decimal | None
    cost: Decimal | None
    place: str | None
    source: str
    source_id: str
    is_typed: bool
    is_correction: bool
    payload: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FactPage:
    """Facts newest first; `next_before` is the place where the next page starts, None at the end."""

    rows: tuple[FactRow, ...]
    next_before: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class KindSummary:
    """How many facts of one sub-kind an account has, and the last one's time."""

    kind: str
    sub_kind: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class PromotionWindow:
    """A competitor's promotion: its days, both included, and the categories it was for."""

    promotion_id: int
    start_on: date
    end_on: date
    category_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AdoptableRow:
    """A waiting fact whose key is known by now; `row` is its JSON text."""

    id: int
    source: str
    row: str


def facts_of_account(
    actor: Actor,
    account_id: int,
    *,
    kinds: Sequence[str] = (),
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> FactPage:
    """A page of an account's facts, newest first, without those replaced by a correction. Two queries.

    Facts of accounts that were merged into it are its own. `before` is the (occurred_at, id) at which the page before
    ended. An account that the actor may not see has none.
    Raises: AccessDenied when no role of the actor allows reading facts at all.
    """
    permission = grant(actor, Fact, Action.VIEW)
    moment, fact_id = before or (None, None)
    is_merged = bool(former_ids(account_id))
    found = _FACTS_OF_ACCOUNT(
        (permission, bool(kinds), before is not None, is_merged),
        account_id=account_id,
        kinds=list(kinds),
        moment=moment,
        fact_id=fact_id,
        limit=limit + 1,
    )
    shown = tuple(_presented(fact, permission=permission) for fact in found[:limit])
    is_more = len(found) > limit
    return FactPage(shown, (shown[-1].occurred_at, shown[-1].id) if is_more else None)


def _facts_newest_first(subject: tuple[Grant[Fact], bool, bool, bool]) -> GuardedQuerySet[Fact]:
    permission, is_of_kinds, is_continued, is_merged = subject
    rows = of_account(permission) if is_merged else standing(permission).filter(account_id=Slot("account_id"))
    if is_of_kinds:
        rows = rows.filter(Among("kind", "kinds"))
    if is_continued:
        moment = Slot("moment", Fact._meta.get_field("occurred_at"))
        rows = rows.filter(occurred_at__lte=moment).exclude(occurred_at=moment, id__gte=Slot("fact_id"))
    return rows.order_by(F("occurred_at").desc(), "-id")


_FACTS_OF_ACCOUNT: Prepared[tuple[Grant[Fact], bool, bool, bool]] = Prepared(_facts_newest_first, limit="limit")


def facts_by_ids(actor: Actor, ids: Sequence[int]) -> tuple[FactRow, ...]:
    """These facts as far as the actor may see them, newest first; replaced ones too, as evidence. One
    query.
    """
    permission = grant(actor, Fact, Action.VIEW)
    rows = permission.queryset().filter(pk__in=list(ids)).order_by(F("occurred_at").desc(), "-id")
    return tuple(_presented(fact, permission=permission) for fact in rows)


def fact_counts(actor: Actor, account_id: int) -> tuple[KindSummary, ...]:
    """How many facts of each sub-kind an account has, with the last one's time. One query."""
    rows = _FACT_COUNTS(grant(actor, Fact, Action.VIEW), account_id=account_id)
    return tuple(KindSummary(*row) for row in rows)


_FACT_COUNTS: Prepared[Grant[Fact]] = Prepared(
    lambda permission: (
        of_account(permission)
        .values("kind", "sub_kind")
        .annotate(count=Count("id"), last_at=Max("occurred_at"))
        .order_by("kind", "sub_kind")
        .values_list("kind", "sub_kind", "count", "last_at")
    )
)


def purchase_lines(actor: Actor, account_id: int, *, limit: int = 50) -> FactPage:
    """The last purchase lines of an account: what was bought, returned, redeemed, renewed or cancelled."""
    return facts_of_account(actor, account_id, kinds=("purchase",), limit=limit)


def fact_with_right(actor: Actor, fact_id: int, *, right: Action) -> Fact:
    """One fact that the actor may work on. Raises: NotFound, AccessDenied."""
    grant(actor, Fact, Action.VIEW).get(fact_id)
    return grant(actor, Fact, right).get(fact_id)


def standing(permission: Grant[Fact]) -> GuardedQuerySet[Fact]:
    """The facts a grant reaches, without those that a correction replaced and without withdrawals."""
    return uncorrected(permission.queryset())


def uncorrected(rows: GuardedQuerySet[Fact]) -> GuardedQuerySet[Fact]:
    """Of the facts those that no correction replaced, without withdrawals."""
    corrections = unscoped(Fact, reason=STANDING_REASON).filter(
        source=OuterRef("source"), corrects=OuterRef("source_id")
    )
    return rows.filter(~Exists(corrections), ~Q(sub_kind=VOIDED))


def of_account(permission: Grant[Fact]) -> GuardedQuerySet[Fact]:
    """The standing facts of the account in the slot `account_id` and of those merged into it, if the grant reaches it.

    A fact is reached as the account is that it belongs to today.
    """
    account = permission.followed().queryset().filter(pk=Slot("account_id"))
    rows = uncorrected(unscoped(Fact, reason=MERGED_REASON))
    return rows.filter(Exists(account), OfAccount("account_id"))


def last_days(account_ids: Sequence[int], kinds: Collection[tuple[str, str]]) -> dict[int, date]:
    """On which day of the company's clock the last fact of some kinds, (kind, sub-kind), was, by account id.

    Accounts without such a fact are missing; what was corrected or withdrawn does not count. One query, for rules that
    are applied to all accounts.
    """
    meant = Q(pk__in=[])
    for kind in sorted({kind for kind, _sub_kind in kinds}):
        meant |= Q(kind=kind, sub_kind__in=sorted(sub_kind for name, sub_kind in kinds if name == kind))
    corrections = unscoped(Fact, reason=STANDING_REASON).filter(
        source=OuterRef("source"), corrects=OuterRef("source_id")
    )
    rows = unscoped(Fact, reason=STANDING_REASON).filter(meant, Among("account_id", list(account_ids)))
    found = rows.filter(~Exists(corrections)).order_by().values_list("account_id").annotate(Max("occurred_at"))
    zone = ZoneInfo(settings.TIME_ZONE)
    return {account_id: at.astimezone(zone).date() for account_id, at in found}


def ended_promotions(as_of: date) -> tuple[PromotionWindow, ...]:
    """Competitors' promotions that were over before a day, for analyses of all accounts. Two queries."""
    category_ids = category_ids_by_key()
    rows = unscoped(CompetitorPromotion, reason=PROMOTION_REASON).filter(end_on__lt=as_of, trashed_at__isnull=True)
    return tuple(
        PromotionWindow(
            row.pk,
            row.start_on,
            row.end_on,
            tuple(category_ids[key] for key in row.category_keys if key in category_ids),
        )
        for row in rows.order_by("pk")
    )


def corrections_standing(source: str, corrected: Sequence[str]) -> tuple[str, ...]:
    """Those of the numbers of a source for which a correction stands already."""
    rows = unscoped(Fact, reason=STANDING_REASON).filter(source=source, corrects__in=list(corrected))
    return tuple(str(number) for number in rows.values_list("corrects", flat=True))


def reachable_account_ids(actor: Actor) -> frozenset[int] | None:
    """The accounts for which the actor may take facts in: those that the actor may edit; None for all.

    Raises: AccessDenied when no role of the actor allows it.
    """
    permission = account_grant(actor, Action.EDIT)
    if permission.rule == Everyone():
        return None
    return frozenset(permission.queryset().values_list("pk", flat=True))


def standing_facts(source: str, ids: str, *, bounds: tuple[str, str]) -> list[tuple[str, int]]:
    """Which numbers of a source (joined by U+0001) are in the ledger, with their digests.

    `bounds` are the first and last of them in byte order; where nothing of the source lies between, that is
    all it takes.
    """
    return _standing_in(Fact._meta.db_table, source, ids, bounds=bounds)


def waiting_facts_standing(source: str, ids: str, *, bounds: tuple[str, str]) -> list[tuple[str, int]]:
    """Which numbers of a source wait for their account, with their digests."""
    return _standing_in(WaitingFact._meta.db_table, source, ids, bounds=bounds)


def fact_id_of(source: str, source_id: str) -> int | None:
    """The id of the fact that stands under a number of a source."""
    return (
        unscoped(Fact, reason=STANDING_REASON)
        .filter(source=source, source_id=source_id)
        .values_list("pk", flat=True)
        .first()
    )


def adoptable_facts(
    system: str, *, keys: Sequence[str], source: str, after_id: int, limit: int
) -> tuple[AdoptableRow, ...]:
    """Waiting facts whose key is known by now; "" and no keys stand for all."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ADOPTABLE,
            {"after": after_id, "system": system, "source": source, "keys": list(keys), "limit": limit},
        )
        return tuple(AdoptableRow(*row) for row in cursor.fetchall())


def _standing_in(table: str, source: str, ids: str, *, bounds: tuple[str, str]) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_ANY_BETWEEN.format(table=table), [source, *bounds])
        if not (cursor.fetchone() or (False,))[0]:
            return []
        cursor.execute(_STANDING.format(table=table), [source, ids])
        return [(str(source_id), int(digest)) for source_id, digest in cursor.fetchall()]


def _presented(fact: Fact, *, permission: Grant[Fact]) -> FactRow:
    return FactRow(
        id=fact.pk,
        account_id=fact.account_id,
        kind=fact.kind,
        sub_kind=fact.sub_kind,
        occurred_at=fact.occurred_at,
        channel=fact.channel,
        contact_id=fact.contact_id,
        user_id=fact.user_id,
        product_id=fact.product_id,
        quantity=fact.quantity,
        amount=fact.amount,
        cost=fact.cost if permission.field_access("cost") >= FieldAccess.READ else None,
        place=fact.place,
        source=fact.source,
        source_id=fact.source_id,
        is_typed=fact.is_typed,
        is_correction=fact.corrects is not None,
        payload=_told(fact.payload or {}, permission=permission),
    )


def _told(payload: Mapping[str, object], *, permission: Grant[Fact]) -> Mapping[str, object]:
    """What a fact says beside its columns, its protected words as far as the actor may read them."""
    if _PROTECTED_WORDS.isdisjoint(payload):
        return payload
    told = dict(payload)
    for name in _PROTECTED_WORDS.intersection(payload):
        sensitivity = PAYLOAD_FIELDS[name].sensitivity
        access = permission.class_access(sensitivity)
        if access == FieldAccess.HIDDEN:
            del told[name]
        elif access == FieldAccess.MASKED:
            told[name] = masked(str(payload[name]), sensitivity=sensitivity)
    return told


_PROTECTED_WORDS = frozenset(name for name, field in PAYLOAD_FIELDS.items() if field.sensitivity)


@dataclass(frozen=True, slots=True)
class CategoryPurchases:
    """What an account bought of one category in the last twelve months; `amount` in company currency."""

    name: str
    amount: Decimal
    lines: int
    days: int
    last_on: date


def purchases_by_category(actor: Actor, account_id: int, *, limit: int = 8) -> tuple[CategoryPurchases, ...]:
    """Purchases of the last 365 days by category, greatest amount first. Two queries."""
    since = timezone.now() - timedelta(days=365)
    subject = (grant(actor, Fact), timezone.get_current_timezone_name())
    rows = _BY_PRODUCT(subject, account_id=account_id, since=since)
    categories = categories_of_products(product_id for product_id, *_ in rows if product_id)
    merged: dict[str, list[tuple[Decimal, int, list[date]]]] = {}
    for product_id, amount, lines, days in rows:
        merged.setdefault(categories.get(product_id or 0, ""), []).append((amount or Decimal(0), lines, days))
    found = [
        CategoryPurchases(
            name=name or "—",
            amount=sum((amount for amount, _, _ in members), Decimal(0)),
            lines=sum(lines for _, lines, _ in members),
            days=len({day for _, _, days in members for day in days}),
            last_on=max(day for _, _, days in members for day in days),
        )
        for name, members in merged.items()
    ]
    return tuple(sorted(found, key=lambda item: (-item.amount, item.name))[:limit])


def _purchases_by_product(subject: tuple[Grant[Fact], str]) -> QuerySet[Any, Any]:
    permission, zone = subject
    lines = of_account(permission).filter(
        kind="purchase", sub_kind__in=("buy", "renew"), occurred_at__gte=Slot("since")
    )
    days = ArrayAgg(TruncDate("occurred_at", tzinfo=ZoneInfo(zone)), distinct=True)
    found = lines.values("product_id").annotate(amount=Sum("amount"), lines=Count("pk"), days=days)
    return found.values_list("product_id", "amount", "lines", "days")


_BY_PRODUCT: Prepared[tuple[Grant[Fact], str]] = Prepared(_purchases_by_product)


def promotions(actor: Actor, *, limit: int = 200) -> tuple[CompetitorPromotion, ...]:
    """Competitors' promotions as far as the actor may see them, the latest first. One query."""
    rows = grant(actor, CompetitorPromotion).queryset().filter(trashed_at__isnull=True)
    return tuple(rows.order_by("-start_on", "-pk")[:limit])


def promotion(actor: Actor, promotion_id: int) -> CompetitorPromotion:
    """One competitor's promotion that is not in the trash. Raises: NotFound."""
    found = grant(actor, CompetitorPromotion).get(promotion_id)
    if found.trashed_at is not None:
        raise no_such_record()
    return found


@dataclass(frozen=True, slots=True)
class PersonalContact:
    """How often one of us spoke with an account, and when first and last. Grain: account × person."""

    account_id: int
    user_id: int
    count: int
    first_at: datetime
    last_at: datetime


def contacts_by_person(
    actor: Actor, account_ids: Sequence[int], *, user_ids: Sequence[int], since: datetime, is_outbound: bool
) -> tuple[PersonalContact, ...]:
    """Which of the people had contact with the accounts since an instant; one query.

    With `is_outbound` only what we began counts: calls, visits, what we sent.
    """
    if not account_ids or not user_ids:
        return ()
    wanted = touches() & outbound() if is_outbound else touches()
    sub_kinds = sorted(sub_kind for kind, sub_kind in wanted if kind == "interaction")
    rows = standing(grant(actor, Fact)).filter(
        Among("account_id", list(account_ids)),
        Among("user_id", list(user_ids)),
        kind="interaction",
        sub_kind__in=sub_kinds,
        occurred_at__gte=since,
    )
    found = rows.values("account_id", "user_id").annotate(n=Count("pk"), f=Min("occurred_at"), t=Max("occurred_at"))
    columns = ("account_id", "user_id", "n", "f", "t")
    return tuple(PersonalContact(*row) for row in found.values_list(*columns).iterator())


@dataclass(frozen=True, slots=True)
class UndeliveredFact:
    """That something did not reach a customer: when, through which channel, at which address ("" = not told)."""

    account_id: int
    contact_id: int | None
    occurred_at: datetime
    channel: str
    source: str
    address: str


def undelivered_facts(account_ids: Sequence[int], *, since: datetime) -> tuple[UndeliveredFact, ...]:
    """What did not reach customers since an instant, the oldest first; of all when none are named. One query.

    For the system's own notes alone. Facts of accounts that were merged bear the id they came with.
    """
    kind, sub_kind = UNDELIVERED
    rows = uncorrected(unscoped(Fact, reason=BOUNCED_REASON).filter(kind=kind, sub_kind=sub_kind))
    rows = rows.filter(recorded_at__gte=since)
    if account_ids:
        rows = rows.filter(Among("account_id", list(account_ids)))
    columns = ("account_id", "contact_id", "occurred_at", "channel", "source", "payload")
    return tuple(
        UndeliveredFact(account_id, contact_id, at, channel or "", source, str((payload or {}).get("address", "")))
        for account_id, contact_id, at, channel, source, payload in rows.order_by("occurred_at").values_list(*columns)
    )
