"""Verbs by which people move customers: into a pool, out of it, and both taken back.

A claim waits for the stay's lock, so of two people who claim the same customer one gets it and the other is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from guanxi.customers.facade import account_grant, held_accounts, place_accounts, unplace_accounts
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation, no_such_record
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import Person, active_people, own_id, people, unit_names
from guanxi.platform.audit.commands import begin_entry, set_count
from guanxi.platform.events.commands import publish
from guanxi.platform.records.events import RecordsAssigned
from guanxi.stewardship.choices import AssignWay, EntryReason, LeavingWay
from guanxi.stewardship.commands.holding import note_held, refresh_terms
from guanxi.stewardship.commands.stays import (
    Entering,
    Leaving,
    end_stays,
    put_into_pool,
    reopen_stays,
    take_back,
)
from guanxi.stewardship.models import Pool, PoolEntry
from guanxi.stewardship.queries.pools import (
    Capacity,
    OwnPool,
    capacities,
    claims_left,
    cooling_until,
    entered_by_entry,
    last_taker,
    left_by_entry,
    locked_entries,
    members_of,
    own_pool,
    returnable_pools,
    taking_words,
)
from guanxi.stewardship.rules.pools import (
    Taker,
    Waiting,
    require_capacity,
    require_hand,
    require_room,
    shared_out,
)

MOST_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Moved:
    """What a verb moved: the customers, how many that were meant stayed, the audit entry by which it is taken back."""

    account_ids: tuple[int, ...]
    left_out: int
    entry_id: UUID


@transaction.atomic
def return_to_pool(
    account_ids: Sequence[int], *, pool_id: int, reason: EntryReason, note: str = "", actor: Actor
) -> Moved:
    """Return customers whom the actor may edit to a pool, with a reason.

    Raises: NotFound, AccessDenied, RuleViolation("pool.too_many" | "pool.reason" | "pool.relation").
    """
    _require_few(account_ids)
    pool = next((pool for pool in returnable_pools(actor) if pool.pk == pool_id), None)
    if pool is None:
        raise no_such_record()
    if reason is EntryReason.RULE or (reason is EntryReason.OTHER and not note.strip()):
        raise RuleViolation("pool.reason", "Say in a few words why.", field="note")
    rows = account_grant(actor, Action.EDIT).queryset().filter(Among("pk", list(account_ids)), trashed_at__isnull=True)
    reached = list(rows.order_by("pk").values_list("pk", flat=True))
    if not reached:
        _refuse_unreached(account_ids, actor=actor)
    accounts = held_accounts(reached, locks=True)
    fitting = [account for account in accounts if not pool.relations or account.relation in pool.relations]
    if not fitting:
        raise RuleViolation("pool.relation", "This pool takes in other customers: choose another one.", field="pool")
    entry_id = begin_entry(actor, action="return_to_pool", object_key="account", record_count=len(fitting))
    entering = Entering(pool, reason, entry_id, note.strip())
    moved = put_into_pool(fitting, entering=entering, rules={}, actor=actor)
    return Moved(moved, len(set(account_ids)) - len(moved), entry_id)


def _refuse_unreached(account_ids: Sequence[int], *, actor: Actor) -> None:
    """Tell whether customers must not be seen, or only not be edited."""
    account_grant(actor).get(next(iter(account_ids), 0))
    raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="edit")


@transaction.atomic
def undo_return(entry_id: UUID, *, actor: Actor) -> int:
    """Take an own return back, for those still in the pool. Returns how many.

    Raises: NotFound("pool.nothing"), AccessDenied for who may edit no customers any more.
    """
    account_grant(actor, Action.EDIT)
    rows = entered_by_entry(entry_id).filter(entered_by=own_id(actor), left_at__isnull=True, run__isnull=True)
    entries = list(rows.select_for_update(of=("self",)))
    if not entries:
        raise _nothing()
    undo_id = begin_entry(actor, action="undo_return_to_pool", object_key="account", reason=f"undo of {entry_id}")
    back = take_back(entries, undone=entry_id, entry_id=undo_id, actor=actor)
    set_count(undo_id, record_count=len(back))
    refresh_terms(back)
    return len(back)


def _nothing() -> NotFound:
    return NotFound("pool.nothing", "There is nothing of yours to take back any more.")


@transaction.atomic
def claim(account_ids: Sequence[int], *, pool_id: int, actor: Actor) -> Moved:
    """Take customers out of a pool of which the actor is a member, and look after them from now on.

    Raises: NotFound for another's pool, AccessDenied, Conflict("pool.taken") when somebody was faster,
    RuleViolation("pool.too_many" | "pool.day_limit" | "pool.hand_limit" | "pool.capacity" | "pool.cooling").
    """
    own, user_id = _own_pool(pool_id, actor), own_id(actor)
    if not own.is_member:
        raise AccessDenied("pool.members_only", "Only members of this pool claim customers from it.")
    _require_few(account_ids)
    lock_takers([user_id])
    entries = _present(own.pool, account_ids)
    _require_limits(own.pool, entries, actor=actor)
    leaving = Leaving(LeavingWay.CLAIMED, user_id)
    return _give(entries, leaving=leaving, asked=len(set(account_ids)), actor=actor)


def lock_takers(user_ids: Iterable[int]) -> None:
    """Wait until nobody else gives customers to these people: what room they have is told after that."""
    list(User.objects.select_for_update(no_key=True).filter(pk__in=list(user_ids)).order_by("pk"))


def _own_pool(pool_id: int, actor: Actor) -> OwnPool:
    """One of the actor's pools, to change something. Raises: NotFound, AccessDenied for a sign-in that only reads."""
    own = own_pool(pool_id, actor)
    if actor.read_only or actor.scopes is not None:
        raise AccessDenied("access.read_only", "This sign-in may only read.")
    return own


def _require_few(account_ids: Sequence[int]) -> None:
    if len(set(account_ids)) > MOST_AT_ONCE:
        raise RuleViolation("pool.too_many", "At most %(most)s customers can be moved at once.", most=MOST_AT_ONCE)


def _present(pool: Pool, account_ids: Sequence[int]) -> list[PoolEntry]:
    """Those of the customers who are in the pool, locked. Raises: Conflict("pool.taken") when none of them is."""
    entries = locked_entries(pool, account_ids)
    if not entries:
        raise Conflict("pool.taken", "Somebody was faster: this is no longer in the pool.")
    return entries


def _require_limits(pool: Pool, entries: Sequence[PoolEntry], *, actor: Actor) -> None:
    """The claims of today, those in hand, the capacity and the cooling-off allow it. Raises: RuleViolation."""
    user_id, now, wanted = own_id(actor), timezone.now(), len(entries)
    left = claims_left(pool, user_id, today=timezone.localdate())
    if left.today is not None and pool.claims_per_day is not None:
        require_room(taken=pool.claims_per_day - left.today, wanted=wanted, most=pool.claims_per_day)
    if left.in_hand is not None and pool.claims_in_hand is not None:
        require_hand(held=pool.claims_in_hand - left.in_hand, wanted=wanted, most=pool.claims_in_hand)
    person = people([user_id])[user_id]
    room = capacities([person])[user_id]
    require_capacity(held=room.held, wanted=wanted, most=room.most, name=person.name)
    cooling = cooling_until(pool, [entry.account_id for entry in entries], now=now)
    until = max((day for (_account_id, owner_id), day in cooling.items() if owner_id == user_id), default=None)
    if until is not None:
        raise RuleViolation(
            "pool.cooling",
            "You looked after this customer until lately. From %(day)s on you can claim it again.",
            day=until.isoformat(),
        )


def _give(entries: Sequence[PoolEntry], *, leaving: Leaving, asked: int, actor: Actor) -> Moved:
    """Give customers, whose stays are locked, to a person; it is one audit entry."""
    user_id = leaving.taken_by_id or 0
    entry_id = begin_entry(
        actor,
        action=f"pool_{leaving.way}",
        object_key="account",
        record_count=len(entries),
        reason=taking_words(entries[0].pool_id),
    )
    columns = {"owner_id": user_id, "unit_id": people([user_id])[user_id].unit_id}
    moved = place_accounts([entry.account_id for entry in entries], columns=columns, entry_id=entry_id, actor=actor)
    gone = Leaving(leaving.way, user_id, entry_id, actor.user_id)
    end_stays(moved, leaving=gone)
    note_held(moved, owner_id=user_id, today=timezone.localdate())
    refresh_terms(moved)
    if user_id != actor.user_id and moved:
        publish(RecordsAssigned(object_key="account", owner_id=user_id, count=len(moved), by_id=actor.user_id))
    return Moved(moved, asked - len(moved), entry_id)


@transaction.atomic
def undo_leaving(entry_id: UUID, *, actor: Actor) -> int:
    """Put customers back into the pool from which the actor claimed or assigned them, where they still are so.

    What was claimed goes back as long as the actor is a member, what was assigned as long as he administers the pool.
    Returns how many. Raises: NotFound, AccessDenied.
    """
    rows = left_by_entry(entry_id).filter(left_by=own_id(actor))
    entries = list(rows.select_for_update(of=("self",)))
    if not entries:
        raise _nothing()
    pool_id = entries[0].pool_id
    _own_pool(pool_id, actor) if entries[0].way == LeavingWay.CLAIMED else _administered(pool_id, actor)
    undo_id = begin_entry(actor, action="undo_pool_leaving", object_key="account", reason=f"undo of {entry_id}")
    taker = entries[0].taken_by_id or 0
    columns = {"owner_id": taker, "unit_id": people([taker])[taker].unit_id}
    ids = [entry.account_id for entry in entries]
    back = unplace_accounts(ids, columns=columns, undone=entry_id, entry_id=undo_id, actor=actor)
    reopen_stays(back, left_entry=entry_id)
    set_count(undo_id, record_count=len(back))
    refresh_terms(back)
    return len(back)


@transaction.atomic
def assign(account_ids: Sequence[int], *, pool_id: int, user_id: int, actor: Actor) -> Moved:
    """Give customers of a pool that the actor administers to one person.

    Raises: NotFound, AccessDenied, Conflict("pool.taken"), RuleViolation("pool.capacity" | "pool.person").
    """
    own = _administered(pool_id, actor)
    _require_few(account_ids)
    person = _assignable(own.pool, user_id)
    lock_takers([user_id])
    entries = _present(own.pool, account_ids)
    room = capacities([person])[user_id]
    require_capacity(held=room.held, wanted=len(entries), most=room.most, name=person.name)
    return _give(entries, leaving=Leaving(LeavingWay.ASSIGNED, user_id), asked=len(set(account_ids)), actor=actor)


def _administered(pool_id: int, actor: Actor) -> OwnPool:
    own = _own_pool(pool_id, actor)
    if not own.is_admin:
        raise AccessDenied("pool.admins_only", "Only who administers this pool assigns its customers.")
    return own


def _assignable(pool: Pool, user_id: int) -> Person:
    person = next((person for person in members_of(pool) if person.id == user_id), None)
    if person is None:
        raise RuleViolation("pool.person", "Choose a member of this pool.", field="user")
    return person


@transaction.atomic
def share_out(account_ids: Sequence[int], *, pool_id: int, way: AssignWay, actor: Actor) -> tuple[Moved, ...]:
    """Share customers of a pool that the actor administers out among its members.

    Returns what each person got, a person after the other. Raises: as `assign`.
    """
    own = _administered(pool_id, actor)
    _require_few(account_ids)
    lock_takers(person.id for person in members_of(own.pool))
    entries = _present(own.pool, account_ids)
    given = give_in_way(own.pool, entries, way=way, actor=actor)
    if not given:
        raise RuleViolation("pool.nobody_free", "No member of this pool has room for more customers.")
    return given


def give_in_way(pool: Pool, entries: Sequence[PoolEntry], *, way: AssignWay, actor: Actor) -> tuple[Moved, ...]:
    """Give customers, whose stays are locked, to members, who were locked before, in a way; for whom nobody is free
    stays in the pool.
    """
    members = members_of(pool)
    rooms = capacities(members)
    cooling = cooling_until(pool, [entry.account_id for entry in entries], now=timezone.now())
    names = unit_names()
    takers = [_taker(person, rooms[person.id], names) for person in members if person.id in rooms]
    barred: dict[int, set[int]] = {}
    for account_id, user_id in cooling:
        barred.setdefault(account_id, set()).add(user_id)
    waiting = [_waiting(entry, frozenset(barred.get(entry.account_id, ()))) for entry in entries]
    shares: dict[int, list[PoolEntry]] = {}
    found = shared_out(way, waiting, takers, last=last_taker(pool))
    for entry in entries:
        if entry.account_id in found:
            shares.setdefault(found[entry.account_id], []).append(entry)
    return tuple(
        _give(share, leaving=Leaving(LeavingWay.ASSIGNED, user_id), asked=len(share), actor=actor)
        for user_id, share in sorted(shares.items())
    )


def _taker(person: Person, room: Capacity, names: Mapping[int, str]) -> Taker:
    return Taker(person.id, person.unit_id, names.get(person.unit_id or 0, ""), room.held, room.free)


def _waiting(entry: PoolEntry, barred: frozenset[int]) -> Waiting:
    return Waiting(entry.account_id, entry.former_unit_id, entry.account.city or entry.account.region, barred)


@transaction.atomic
def give_back(account_ids: Sequence[int], *, pool_id: int, actor: Actor) -> tuple[Moved, ...]:
    """Take customers out of a pool that the actor administers, back to whom they had before.

    Returns what each person got.
    Raises: NotFound, AccessDenied, Conflict("pool.taken"), RuleViolation("pool.no_former").
    """
    own = _administered(pool_id, actor)
    _require_few(account_ids)
    entries = _present(own.pool, account_ids)
    active = {person.id for person in active_people()}
    shares: dict[int, list[PoolEntry]] = {}
    for entry in entries:
        if entry.former_owner_id in active:
            shares.setdefault(entry.former_owner_id or 0, []).append(entry)
    if not shares:
        raise RuleViolation("pool.no_former", "Nobody had these customers before who still could.")
    return tuple(
        _give(share, leaving=Leaving(LeavingWay.RETURNED, user_id), asked=len(share), actor=actor)
        for user_id, share in sorted(shares.items())
    )
