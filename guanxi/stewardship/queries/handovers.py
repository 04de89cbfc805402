"""Reads of handovers: who may reach them, what somebody owns, the plan, what waits to be signed for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from guanxi.care.facade import next_contacts
from guanxi.customers.facade import (
    AccountRow,
    account_dates,
    account_grant,
    account_rows,
    may_hand_over,
    next_occurrence,
)
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import no_such_record
from guanxi.ledger.facade import contacts_by_person
from guanxi.platform.access.grant import Grant, grant
from guanxi.platform.access.prepared import Prepared, Slot
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import own_id, people
from guanxi.platform.objects.owned import owned_kinds
from guanxi.platform.objects.spec import Label
from guanxi.stewardship.models.handovers import (
    HANDED,
    CaseState,
    HandoverCase,
    HandoverItem,
    HandoverReceiver,
    ItemState,
    OwnerPeriod,
)
from guanxi.stewardship.rules.handovers import CHECKED_AFTER_DAYS, SOON_DAYS, Portion, Receiver, loads_after
from guanxi.value.facade import index_rows, value_by_region

PAGE_SIZE = 100
KNOWN_SINCE = timedelta(days=730)
NOBODY = "none"
GRADES = "SABCD"


@dataclass(frozen=True, slots=True)
class OwnedCount:
    """How much of one kind somebody owns."""

    key: str
    label: Label
    icon: str
    count: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """What somebody owns that passes with a handover. `amount` is money of twelve months, `soon` days to remember
    within sixty days, `late` customers past their contact interval."""

    accounts: int
    amount: float
    grades: tuple[tuple[str, int], ...]
    kinds: tuple[OwnedCount, ...]
    soon: int
    late: int


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A handover in the list; numbers of customers by where they stand."""

    case: HandoverCase
    person: str
    total: int
    signed: int
    refused: int
    contacted: int


@dataclass(frozen=True, slots=True)
class LoadLine:
    """What a colleague carries before and after, in number and money; `share` of all that is given out, in per cent."""

    user_id: int
    name: str
    capacity: int | None
    before: Receiver
    after: Receiver
    given: int
    share: float


@dataclass(frozen=True, slots=True)
class Chosen:
    """How the plan is narrowed: by grade, region, receiver's id or "none", state; "" = by nothing."""

    grade: str = ""
    region: str = ""
    receiver: str = ""
    state: str = ""

    def narrow(self, items: QuerySet[HandoverItem]) -> QuerySet[HandoverItem]:
        """Those of the items that are meant."""
        if self.grade:
            items = items.filter(grade=self.grade.replace("-", ""))
        if self.region:
            items = items.filter(region=self.region.replace(NOBODY, ""))
        if self.receiver == NOBODY:
            items = items.filter(receiver__isnull=True)
        elif self.receiver.isdecimal():
            items = items.filter(receiver=int(self.receiver))
        return items.filter(state=self.state) if self.state else items


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One customer of the plan as a page shows it; `account` is None for one that the reader may not see any more."""

    item: HandoverItem
    account: AccountRow | None
    receiver: str


@dataclass(frozen=True, slots=True)
class Plan:
    """One page of the plan: rows, how many there are, and what to narrow by with numbers."""

    lines: tuple[ItemLine, ...]
    total: int
    page: int
    pages: int
    grades: tuple[tuple[str, int], ...]
    regions: tuple[tuple[str, int], ...]
    receivers: tuple[tuple[int | None, str, int], ...]


def case_for(actor: Actor, case_id: int) -> HandoverCase:
    """One handover, for who may hand over what its person looks after. Raises: NotFound."""
    found = HandoverCase.objects.filter(pk=case_id).first()
    if found is None or not reaches(actor, found):
        raise no_such_record()
    return found


def reaches(actor: Actor, case: HandoverCase) -> bool:
    """Whether the actor leads this handover."""
    return may_hand_over(actor, owner_id=case.person_id, unit_id=case.unit_id)


def cases_of(actor: Actor, *, limit: int = 100) -> tuple[CaseLine, ...]:
    """The handovers that the actor leads, the latest first; two queries and names."""
    cases = [case for case in HandoverCase.objects.order_by("-pk")[: 5 * limit] if reaches(actor, case)][:limit]
    names = people(case.person_id for case in cases)
    counts = _counts(case.pk for case in cases)
    none: Counter[str] = Counter()
    return tuple(
        CaseLine(
            case,
            names[case.person_id].name if case.person_id in names else "",
            sum(count for key, count in counts.get(case.pk, none).items() if key != "contacted"),
            counts.get(case.pk, none)[ItemState.ACCEPTED],
            counts.get(case.pk, none)[ItemState.REFUSED],
            counts.get(case.pk, none)["contacted"],
        )
        for case in cases
    )


def _counts(case_ids: Iterable[int]) -> Mapping[int, Counter[str]]:
    """Numbers of customers by state for each case, and "contacted" for those the new owner spoke with; one query."""
    rows = HandoverItem.objects.filter(case__in=list(case_ids)).values("case_id", "state")
    found: dict[int, Counter[str]] = {}
    spoken = Count("pk", filter=Q(contacted_at__isnull=False))
    for row in rows.annotate(n=Count("pk"), spoken=spoken).order_by():
        counts = found.setdefault(row["case_id"], Counter())
        counts[row["state"]] += row["n"]
        counts["contacted"] += row["spoken"]
    return found


def counts_of(case: HandoverCase) -> Counter[str]:
    """Numbers of customers of one case by state, and "contacted"; one query."""
    return _counts([case.pk]).get(case.pk, Counter())


def owned_ids(actor: Actor, person_id: int) -> dict[int, tuple[str, int | None]]:
    """The customers of a person that the actor may hand over: region and unit by id; one query."""
    rows = account_grant(actor, Action.TRANSFER).queryset().filter(owner=person_id, trashed_at__isnull=True)
    return {pk: (region, unit_id) for pk, region, unit_id in rows.order_by("pk").values_list("pk", "region", "unit_id")}


def inventory(actor: Actor, person_id: int, *, account_ids: Sequence[int]) -> Inventory:
    """What a person owns with these customers; a number of queries that depends on the kinds alone."""
    today = timezone.localdate()
    values = index_rows(account_ids, actor)
    grades = Counter(row.grade for row in values.values())
    dates = Counter((day.month, day.day, day.calendar == "lunar") for day in account_dates(actor, account_ids))
    soon = today + timedelta(days=SOON_DAYS)
    contacts = next_contacts(actor, account_ids, today=today)
    return Inventory(
        accounts=len(account_ids),
        amount=sum(row.amount for row in values.values()),
        grades=tuple((letter, grades[letter]) for letter in GRADES if grades[letter]),
        kinds=tuple(
            OwnedCount(kind.key, kind.label, kind.icon, kind.count(person_id, account_ids, actor))
            for kind in owned_kinds("account", actor)
        ),
        soon=sum(
            count
            for (month, day, is_lunar), count in dates.items()
            if next_occurrence(month, day, is_lunar=is_lunar, on=today) <= soon
        ),
        late=sum(1 for row in contacts.values() if row.due_on is not None and row.due_on < today),
    )


def portions(actor: Actor, items: Sequence[HandoverItem], receiver_ids: Sequence[int]) -> list[Portion]:
    """Customers with who of the receivers knows them; one query."""
    since = timezone.now() - KNOWN_SINCE
    ids = [item.account_id for item in items]
    known: dict[int, dict[int, int]] = {}
    for row in contacts_by_person(actor, ids, user_ids=receiver_ids, since=since, is_outbound=False):
        known.setdefault(row.account_id, {})[row.user_id] = row.count
    return [Portion(item.account_id, item.value, item.region, known.get(item.account_id, {})) for item in items]


def receivers_of(case: HandoverCase, actor: Actor) -> list[Receiver]:
    """Who takes over in a case and what they carry now; two queries."""
    rows = list(HandoverReceiver.objects.filter(case=case).order_by("user_id"))
    return loaded_receivers([(row.user_id, row.capacity) for row in rows], actor)


def loaded_receivers(terms: Sequence[tuple[int, int | None]], actor: Actor) -> list[Receiver]:
    """Colleagues (id, capacity) with what they carry now; one query."""
    owned: dict[int, list[tuple[str, int, float]]] = {}
    for row in value_by_region([user_id for user_id, _capacity in terms], actor):
        owned.setdefault(row.owner_id, []).append((row.region, row.number, row.amount))
    return [
        Receiver(
            user_id,
            number=sum(number for _region, number, _amount in owned.get(user_id, ())),
            value=sum(amount for _region, _number, amount in owned.get(user_id, ())),
            regions={region: number for region, number, _amount in owned.get(user_id, ())},
            capacity=capacity,
        )
        for user_id, capacity in terms
    ]


def load_lines(case: HandoverCase, actor: Actor) -> tuple[LoadLine, ...]:
    """What each colleague carries before and after the handover; three queries and names."""
    receivers = receivers_of(case, actor)
    planned = HandoverItem.objects.filter(case=case, state=ItemState.PROPOSED).values_list("receiver_id", "value")
    given = list(planned)
    after = loads_after(receivers, given)
    numbers = Counter(user_id for user_id, _value in given)
    names = people(item.user_id for item in receivers)
    capacities = {item.user_id: item.capacity for item in receivers}
    return tuple(
        LoadLine(
            item.user_id,
            names[item.user_id].name if item.user_id in names else "",
            capacities[item.user_id],
            item,
            after[item.user_id],
            numbers[item.user_id],
            100 * numbers[item.user_id] / (len(given) or 1),
        )
        for item in receivers
    )


def plan_page(case: HandoverCase, actor: Actor, *, chosen: Chosen, page: int) -> Plan:
    """A page of the customers of a case; five queries and names."""
    items = HandoverItem.objects.filter(case=case)
    narrowed = chosen.narrow(items)
    total = narrowed.count()
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    first = (page - 1) * PAGE_SIZE
    found = list(narrowed.defer("brief").order_by("-value", "account_id")[first : first + PAGE_SIZE])
    groups = list(items.values_list("grade", "region", "receiver_id").annotate(n=Count("pk")).order_by())
    grades, regions, receivers = Counter[str](), Counter[str](), Counter[int | None]()
    for grade, region, receiver_id, count in groups:
        grades[grade] += count
        regions[region] += count
        receivers[receiver_id] += count
    names = people(user_id for user_id in receivers if user_id is not None)
    return Plan(
        lines=item_lines(found, actor),
        total=total,
        page=page,
        pages=pages,
        grades=tuple(sorted(grades.items(), key=lambda pair: (GRADES + pair[0]).index(pair[0]) if pair[0] else 9)),
        regions=tuple(sorted(regions.items(), key=lambda pair: (-pair[1], pair[0]))),
        receivers=tuple(
            (user_id, names[user_id].name if user_id in names else "", count)
            for user_id, count in sorted(receivers.items(), key=lambda pair: (pair[0] is None, -pair[1], pair[0] or 0))
        ),
    )


def item_lines(items: Sequence[HandoverItem], actor: Actor) -> tuple[ItemLine, ...]:
    """Customers of handovers with their names, as far as the actor may see them; one query and names."""
    accounts = account_rows(actor, [item.account_id for item in items])
    names = people(item.receiver_id for item in items if item.receiver_id is not None)
    return tuple(
        ItemLine(
            item,
            accounts.get(item.account_id),
            names[item.receiver_id].name if item.receiver_id in names else "",
        )
        for item in items
    )


def own_items(actor: Actor, *, states: Iterable[ItemState], limit: int = 200) -> tuple[HandoverItem, ...]:
    """What passed to the actor and stands so, the most valuable first; one query. Raises: AccessDenied."""
    rows = HandoverItem.objects.filter(receiver=own_id(actor), state__in=list(states)).select_related("case")
    return tuple(rows.defer("brief").order_by("-case_id", "-value", "account_id")[:limit])


def waiting_count(actor: Actor) -> int:
    """How many customers wait to be signed for by the actor; one query."""
    return HandoverItem.objects.filter(receiver=own_id(actor), state=ItemState.MOVED).count()


def item_for(actor: Actor, item_id: int) -> HandoverItem:
    """One customer of a handover: for who took it over, and for who leads the case.

    Raises: NotFound, also for a customer that the reader does not see.
    """
    item = HandoverItem.objects.select_related("case").filter(pk=item_id).first()
    if item is None or item.state == ItemState.UNDONE:
        raise no_such_record()
    is_own = item.receiver_id == actor.user_id and item.state in HANDED
    if not is_own and not reaches(actor, item.case):
        raise no_such_record()
    account_grant(actor).live(item.account_id)
    return item


def next_item_id(item: HandoverItem, actor: Actor) -> int | None:
    """The next customer that the actor has to sign for after this one."""
    rows = HandoverItem.objects.filter(receiver=own_id(actor), state=ItemState.MOVED).exclude(pk=item.pk)
    return rows.order_by("-case_id", "-value", "account_id").values_list("pk", flat=True).first()


def unspoken(case: HandoverCase, actor: Actor, *, limit: int = 200) -> tuple[ItemLine, ...]:
    """The customers with whom the new owner did not speak within the time; two queries and names."""
    rows = HandoverItem.objects.filter(case=case, is_checked=True, contacted_at__isnull=True).defer("brief")
    return item_lines(list(rows.order_by("-value", "account_id")[:limit]), actor)


def cases_to_check(now: datetime) -> tuple[HandoverCase, ...]:
    """The handovers whose thirty days are over and that were not checked."""
    states = (CaseState.HANDING, CaseState.CONFIRMED)
    rows = HandoverCase.objects.filter(state__in=states, handed_at__lte=now - timedelta(days=CHECKED_AFTER_DAYS))
    return tuple(rows.order_by("pk"))


def unfinished_cases(since: datetime) -> tuple[HandoverCase, ...]:
    """The handovers whose run died: nothing of them moved since an instant."""
    moving = Q(state=CaseState.HANDING, run_id__isnull=False) | Q(state=CaseState.UNDOING)
    return tuple(HandoverCase.objects.filter(moving, moved_at__lt=since).order_by("pk"))


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """Somebody looked after a customer from when to when; `owner` is "" for nobody, `by` for the system."""

    owner: str
    started_at: datetime
    ended_at: datetime | None
    way: str
    by: str


def owner_periods(actor: Actor, account_id: int, *, limit: int = 12) -> tuple[PeriodLine, ...]:
    """Who looked after an account, the latest first; one query and names."""
    rows = _PERIODS(grant(actor, OwnerPeriod), account_id=account_id, limit=limit)
    names = people(user_id for row in rows for user_id in (row.owner_id, row.by_id) if user_id is not None)
    known = {user_id: person.name for user_id, person in names.items()}
    return tuple(
        PeriodLine(known.get(row.owner_id, ""), row.started_at, row.ended_at, row.way, known.get(row.by_id, ""))
        for row in rows
    )


_PERIODS: Prepared[Grant[OwnerPeriod]] = Prepared(
    lambda permission: permission.queryset().filter(account=Slot("account_id")).order_by("-pk"),
    limit="limit",
)
