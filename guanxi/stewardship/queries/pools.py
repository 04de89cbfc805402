"""Named reads of pools: which ones a person has, who is in them, what members may read, how much room is left.

Membership is said by the pool itself, as a share is: a member reads of its customers what the pool shows, and nothing
else of theirs anywhere in the program.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import caches
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from guanxi.customers.facade import held_account_ids, held_counts
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.platform.access.grant import grant, may, unscoped
from guanxi.platform.access.guard import GuardedQuerySet
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import Person, active_people, people
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects.criteria import exemptions_of
from guanxi.stewardship.choices import LeavingWay
from guanxi.stewardship.models import AccountLock, HoldingLimit, HoldingTerm, Pool, PoolEntry, RecycleRule, RecycleRun
from guanxi.stewardship.rules.pools import is_among

MEMBERS = "pool: who is a member of a pool is said by the pool itself, and so is what members read of its customers"
HOLDING = "pool: rules of pools are applied to all customers, whoever looks after them"
PAGE_SIZE = 50
ANY_POOL, ANY_POOL_SECONDS = "stewardship.any_pool", 60
TAKEN = (LeavingWay.CLAIMED, LeavingWay.ASSIGNED)


@dataclass(frozen=True, slots=True)
class OwnPool:
    """A pool as one person has it: who is its admin assigns and takes out, who is only a member claims."""

    pool: Pool
    is_admin: bool
    is_member: bool


@dataclass(frozen=True, slots=True)
class ClaimsLeft:
    """What a person can still claim from a pool: today, and in hand; None = no limit."""

    today: int | None
    in_hand: int | None


def administers_pools(actor: Actor) -> bool:
    """Whether the actor sets up pools and their rules."""
    return may(actor, Pool, Action.ADMINISTER)


def own_pools(actor: Actor) -> tuple[OwnPool, ...]:
    """The pools in use of which the actor is a member or an admin, in their order; one query."""
    rows = unscoped(Pool, reason=MEMBERS).filter(trashed_at__isnull=True, is_active=True).order_by("position", "pk")
    is_master = administers_pools(actor)
    found = (_own(pool, actor, is_master=is_master) for pool in rows)
    return tuple(item for item in found if item.is_admin or item.is_member)


def own_pool(pool_id: int, actor: Actor) -> OwnPool:
    """One of the actor's pools. Raises: NotFound for any other."""
    found = next((item for item in own_pools(actor) if item.pool.pk == pool_id), None)
    if found is None:
        raise no_such_record()
    return found


def _own(pool: Pool, actor: Actor, *, is_master: bool) -> OwnPool:
    is_member = is_among(
        user_id=actor.user_id, unit_path=actor.unit_path, member_ids=pool.member_ids, unit_ids=pool.unit_ids
    )
    return OwnPool(pool, is_master or actor.user_id in pool.admin_ids, is_member)


def returnable_pools(actor: Actor) -> tuple[Pool, ...]:
    """The pools into which customers can be returned: all in use, for giving something up needs no membership."""
    rows = unscoped(Pool, reason=MEMBERS).filter(trashed_at__isnull=True, is_active=True)
    return tuple(rows.order_by("position", "pk")) if actor.user_id is not None else ()


def is_any_pool() -> bool:
    """Whether there is any pool in use; at most a minute old."""
    rows = unscoped(Pool, reason=MEMBERS).filter(trashed_at__isnull=True, is_active=True)
    return bool(caches["process"].get_or_set(ANY_POOL, rows.exists, ANY_POOL_SECONDS))


def pools_to_set_up(actor: Actor) -> tuple[Pool, ...]:
    """All pools, in their order. Raises: AccessDenied."""
    rows = grant(actor, Pool, Action.ADMINISTER).queryset().filter(trashed_at__isnull=True)
    return tuple(rows.order_by("position", "pk"))


def rules_to_set_up(actor: Actor) -> tuple[RecycleRule, ...]:
    """All rules with their pools. Raises: AccessDenied."""
    rows = grant(actor, RecycleRule, Action.ADMINISTER).queryset().filter(trashed_at__isnull=True)
    return tuple(
        rows.filter(pool__trashed_at__isnull=True).select_related("pool").order_by("pool__position", "pool_id", "pk")
    )


def limits_to_set_up(actor: Actor) -> tuple[HoldingLimit, ...]:
    """All holding limits: of persons, then units, then roles. Raises: AccessDenied."""
    rows = grant(actor, HoldingLimit, Action.ADMINISTER).queryset().filter(trashed_at__isnull=True)
    return tuple(
        rows.select_related("user", "unit", "role").order_by(
            F("user").asc(nulls_last=True), F("unit").asc(nulls_last=True), "pk"
        )
    )


def last_runs(actor: Actor, *, most: int = 7) -> tuple[RecycleRun, ...]:
    """The last nights, the latest first. Raises: AccessDenied."""
    grant(actor, Pool, Action.ADMINISTER)
    return tuple(RecycleRun.objects.select_related("undone_by").order_by("-day")[:most])


def waiting_entries(pool: Pool) -> GuardedQuerySet[PoolEntry]:
    """Who is in a pool now, without those in the trash; for who was found to be its member."""
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(pool=pool, left_at__isnull=True, account__trashed_at__isnull=True)
    return rows.order_by("-entered_at", "-pk")


def waiting_page(pool: Pool, *, reason: str = "", page: int = 1) -> list[PoolEntry]:
    """One page of a pool with the customers, and one row more if there is a further page; one query."""
    rows = waiting_entries(pool).select_related("account", "rule")
    rows = rows.filter(reason=reason) if reason else rows
    start = (page - 1) * PAGE_SIZE
    return list(rows[start : start + PAGE_SIZE + 1])


def waiting_counts(pools: Iterable[Pool]) -> dict[int, dict[str, int]]:
    """How many customers are in each of these pools by the reason for which they came; one query."""
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(
        pool__in=[pool.pk for pool in pools], left_at__isnull=True, account__trashed_at__isnull=True
    )
    found: dict[int, dict[str, int]] = {}
    for pool_id, reason, count in rows.order_by().values_list("pool_id", "reason").annotate(Count("pk")):
        found.setdefault(pool_id, {})[reason] = count
    return found


def locked_entries(pool: Pool, account_ids: Sequence[int]) -> list[PoolEntry]:
    """Those of the customers who are in a pool now, locked until the transaction ends."""
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(
        Among("account_id", list(account_ids)), pool=pool, left_at__isnull=True, account__trashed_at__isnull=True
    )
    return list(rows.select_for_update(of=("self",)).select_related("account").order_by("account_id"))


def entries_of(condition: Q) -> GuardedQuerySet[PoolEntry]:
    """Stays by a condition, for verbs that check the right themselves."""
    return unscoped(PoolEntry, reason=MEMBERS).filter(condition).order_by("account_id")


def entries_in_use(account_ids: Sequence[int]) -> GuardedQuerySet[PoolEntry]:
    """The present stays of these customers in whatever pool."""
    return entries_of(Q(Among("account_id", list(account_ids)), left_at__isnull=True))


def entered_by_entry(entry_id: UUID) -> GuardedQuerySet[PoolEntry]:
    """The stays that began under an audit entry."""
    return entries_of(Q(entered_entry=entry_id))


def left_by_entry(entry_id: UUID) -> GuardedQuerySet[PoolEntry]:
    """The stays that ended under an audit entry."""
    return entries_of(Q(left_entry=entry_id))


def cooling_until(pool: Pool, account_ids: Sequence[int], *, now: datetime) -> dict[tuple[int, int], date]:
    """Until which day ex-owners may not have customers again, by (account id, user id); one query."""
    if not pool.cooling_days:
        return {}
    since = now - timedelta(days=pool.cooling_days)
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(
        Among("account_id", list(account_ids)), former_owner__isnull=False, entered_at__gt=since
    )
    rows = rows.exclude(way__in=(LeavingWay.UNDONE, LeavingWay.RETURNED))
    return {
        (account_id, owner_id): timezone.localdate(entered_at) + timedelta(days=pool.cooling_days)
        for account_id, owner_id, entered_at in rows.order_by("entered_at").values_list(
            "account_id", "former_owner_id", "entered_at"
        )
    }


def claims_left(pool: Pool, user_id: int, *, today: date) -> ClaimsLeft:
    """What a person can still claim from a pool; two queries.

    A claim that was taken back counts too: otherwise one could look at customer after customer in a day.
    """
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(pool=pool, taken_by=user_id, way=LeavingWay.CLAIMED)
    mine = Q(account__owner=user_id, account__trashed_at__isnull=True)
    in_hand = rows.order_by().aggregate(count=Count("account", filter=mine, distinct=True))["count"]
    claimed = claimed_since(pool, user_id, day=today) if pool.claims_per_day is not None else 0
    return ClaimsLeft(_left(pool.claims_per_day, claimed), _left(pool.claims_in_hand, in_hand))


def claimed_since(pool: Pool, user_id: int, *, day: date) -> int:
    """How many customers a person has claimed from a pool since a day began, by the audit trail; one query."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    rows = AuditEntry.objects.filter(at__gte=start, user_id=user_id, action=f"pool_{LeavingWay.CLAIMED.value}")
    found = rows.filter(reason=taking_words(pool.pk)).aggregate(count=Sum("record_count"))["count"]
    return int(found or 0)


def taking_words(pool_id: int) -> str:
    """By which the audit trail knows from which pool customers were taken."""
    return f"pool {pool_id}"


def _left(most: int | None, used: int) -> int | None:
    return None if most is None else max(most - used, 0)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many customers a person looks after that count, and how many are allowed; None = no limit."""

    held: int
    most: int | None

    @property
    def free(self) -> int | None:
        """How many more there is room for."""
        return _left(self.most, self.held)


def capacities(persons: Sequence[Person]) -> dict[int, Capacity]:
    """The capacity of persons by user id: the own limit, else that of the nearest unit, else the highest of a role.

    The number of queries grows with the persons whose limit leaves some customers out, and with nothing else.
    """
    limits = list(unscoped(HoldingLimit, reason=HOLDING).filter(trashed_at__isnull=True).order_by("pk"))
    held = held_counts(person.id for person in persons)
    if not limits:
        return {person.id: Capacity(held.get(person.id, 0), None) for person in persons}
    known = {
        user.pk: user
        for user in User.objects.filter(pk__in=[person.id for person in persons])
        .select_related("unit")
        .prefetch_related("roles")
    }
    return {
        person.id: _capacity(known[person.id], limits, held=held.get(person.id, 0))
        for person in persons
        if person.id in known
    }


def room_of_owners(owner_ids: Collection[int], locks: bool) -> dict[int, int]:  # the shape of a room
    """How many more customers these people may look after, those alone whom a limit binds.

    With `locks` nobody else is given any by another hand until the transaction ends.
    """
    if not unscoped(HoldingLimit, reason=HOLDING).filter(trashed_at__isnull=True).exists():
        return {}
    if locks:
        list(User.objects.select_for_update(no_key=True).filter(pk__in=owner_ids).order_by("pk").values_list("pk"))
    found = capacities(list(people(owner_ids).values()))
    return {user_id: room.free for user_id, room in found.items() if room.free is not None}


def _capacity(user: User, limits: Sequence[HoldingLimit], *, held: int) -> Capacity:
    limit = limit_of(user, limits)
    if limit is None:
        return Capacity(held, None)
    if limit.exemptions:
        ids = held_account_ids(user.pk)
        kinds = exemptions_of("account")
        exempt = [kinds[key].holds(ids) for key in limit.exemptions if key in kinds]
        held = len(ids) - len(frozenset().union(*exempt))
    return Capacity(held, limit.most)


def limit_of(user: User, limits: Sequence[HoldingLimit]) -> HoldingLimit | None:
    """Which limit binds a person: the own one, else that of the nearest unit above, else the highest of a role."""
    own = next((limit for limit in limits if limit.user_id == user.pk), None)
    if own is not None:
        return own
    by_unit = {limit.unit_id: limit for limit in limits if limit.unit_id is not None}
    path: list[int] = list(user.unit.path) if user.unit is not None else []
    nearest = next((by_unit[unit] for unit in reversed(path) if unit in by_unit), None)
    roles = {role.pk for role in user.roles.all()}
    of_roles = [limit for limit in limits if limit.role_id in roles]
    return nearest or max(of_roles, key=lambda limit: limit.most, default=None)


def members_of(pool: Pool) -> tuple[Person, ...]:
    """The active people who are members of a pool, by id; two queries."""
    paths = dict(User.objects.filter(is_active=True, unit__isnull=False).values_list("pk", "unit__path"))
    return tuple(
        person
        for person in active_people()
        if is_among(
            user_id=person.id,
            unit_path=paths.get(person.id, ()),
            member_ids=pool.member_ids,
            unit_ids=pool.unit_ids,
        )
    )


def last_taker(pool: Pool) -> int | None:
    """Who was given the last customer of a pool; one query."""
    rows = unscoped(PoolEntry, reason=MEMBERS).filter(pool=pool, way=LeavingWay.ASSIGNED, taken_by__isnull=False)
    return rows.order_by("-left_at", "-account_id").values_list("taken_by_id", flat=True).first()


def pools_by_id(ids: Collection[int]) -> Mapping[int, Pool]:
    """Pools by id, whatever became of them."""
    return {pool.pk: pool for pool in unscoped(Pool, reason=MEMBERS).filter(pk__in=ids)}


def all_holding_terms() -> GuardedQuerySet[HoldingTerm]:
    """The terms of all accounts, to narrow accounts that a grant has narrowed already."""
    return unscoped(HoldingTerm, reason=HOLDING)


def leaving_days(actor: Actor, account_ids: Sequence[int]) -> dict[int, date]:
    """When accounts that the actor may see leave their owners, by account id; one query."""
    rows: Any = grant(actor, HoldingTerm).queryset().filter(Among("pk", list(account_ids)), leaves_on__isnull=False)
    return dict(rows.values_list("pk", "leaves_on"))


def lock_of(actor: Actor, account_id: int) -> AccountLock | None:
    """The lock of an account that the actor may see, one that has ended too; one query."""
    rows = grant(actor, AccountLock).queryset().filter(account=account_id, trashed_at__isnull=True)
    return rows.first()


def stay_of(actor: Actor, account_id: int) -> PoolEntry | None:
    """The present stay of an account that the actor may see, with its pool; one query."""
    rows = grant(actor, PoolEntry).queryset().filter(account=account_id, left_at__isnull=True)
    return rows.select_related("pool", "former_owner").first()
