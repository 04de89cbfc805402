"""Verbs of handovers: prepare, split, hand over block by block, sign for, take back, check.

Steps of handing over: 1 check the right and that everybody who takes over works here, 2 write the audit entry, 3 block
by block and each in a transaction of its own, check the right as it is now, let the former owner read on, write the
owners, let what is owned go along, note where each customer stands, 4 tell the receivers. A killed run is begun again
and goes on where it stood.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from guanxi.customers.facade import account_grant, may_hand_over
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation, no_such_record
from guanxi.platform.access.prepared import Among
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.commands import keep_readable
from guanxi.platform.accounts.queries import Person, active_people, actors_by_user_id, own_id, people
from guanxi.platform.audit.commands import begin_entry, set_count
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.commands import publish
from guanxi.platform.jobs.progress import Progress, start_run
from guanxi.platform.objects.owned import Passing, owned_kinds
from guanxi.platform.objects.registry import object_spec
from guanxi.platform.objects.spec import WrittenBlock
from guanxi.platform.records.bulk import write_rows
from guanxi.platform.records.events import RecordsAssigned
from guanxi.stewardship.commands.keeping import keep
from guanxi.stewardship.models.handovers import (
    HANDED,
    PREPARING,
    CaseState,
    HandoverCase,
    HandoverItem,
    HandoverReceiver,
    ItemState,
)
from guanxi.stewardship.queries.handovers import Chosen, case_for, loaded_receivers, owned_ids, portions
from guanxi.stewardship.rules.handovers import UNDO_DAYS, split
from guanxi.value.facade import index_rows

HAND_JOB = "stewardship.hand_over"
UNDO_JOB = "stewardship.undo_handover"
BLOCK = 500
AT_ONCE = 50
OWNER_FIELDS = ("owner", "unit")


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms customers pass: why, the former owner's last day, until when that person reads on (None = not),
    what stays behind (keys of kinds), whether customers are to be told."""

    reason: str
    last_day: date
    reads_until: date | None = None
    left_behind: tuple[str, ...] = ()
    is_customer_told: bool = True
    note: str = ""


@transaction.atomic
def open_case(person_id: int, *, terms: Terms, actor: Actor) -> HandoverCase:
    """Begin a handover of all customers of a person that the actor may hand over.

    Raises: AccessDenied("handover.denied"), RuleViolation("handover.nothing" | "handover.reads_until"),
    Conflict("handover.open") while another one of the person is being prepared.
    """
    person = _person(person_id)
    if not may_hand_over(actor, owner_id=person.id, unit_id=person.unit_id):
        raise AccessDenied("handover.denied", "You may not hand over what this person looks after.")
    if HandoverCase.objects.filter(person=person_id, state__in=PREPARING).exists():
        raise Conflict("handover.open", "A handover from this person is being prepared already.")
    owned = owned_ids(actor, person_id)
    if not owned:
        raise RuleViolation("handover.nothing", "This person looks after no customers.", field="person_id")
    case = _new_case(person, terms=terms, actor=actor)
    _add_items(case, owned, actor=actor)
    begin_entry(actor, action="open_handover", object_key="handover", record_id=case.pk, record_count=len(owned))
    return case


def _new_case(person: Person, *, terms: Terms, actor: Actor) -> HandoverCase:
    if terms.reads_until is not None and terms.reads_until < timezone.localdate():
        raise RuleViolation("handover.reads_until", "This day has passed already.", field="reads_until")
    return HandoverCase.objects.create(
        person_id=person.id,
        unit_id=person.unit_id,
        reason=terms.reason,
        last_day=terms.last_day,
        reads_until=terms.reads_until,
        left_behind=list(terms.left_behind),
        is_customer_told=terms.is_customer_told,
        note=terms.note,
        created_by_id=own_id(actor),
    )


def _add_items(case: HandoverCase, owned: Mapping[int, tuple[str, int | None]], *, actor: Actor) -> None:
    values = index_rows(owned, actor)
    HandoverItem.objects.bulk_create(
        HandoverItem(
            case=case,
            account_id=account_id,
            held_by_id=case.person_id,
            former_unit_id=unit_id,
            region=region,
            grade=values[account_id].grade if account_id in values else "",
            value=values[account_id].amount if account_id in values else 0.0,
        )
        for account_id, (region, unit_id) in owned.items()
    )


@transaction.atomic
def split_case(
    case_id: int, *, receivers: Sequence[tuple[int, int | None]], method: str, actor: Actor
) -> Mapping[int, int | None]:
    """Split the customers that did not pass yet among colleagues, (id, how many at most) each.

    Returns who takes over whom, None where nobody may take any more. Raises: NotFound, Conflict("handover.state"),
    RuleViolation("handover.receivers").
    """
    case = _locked(case_id, actor=actor, states=(*PREPARING, CaseState.HANDING))
    _require_receivers(case, [user_id for user_id, _capacity in receivers])
    HandoverReceiver.objects.filter(case=case).delete()
    HandoverReceiver.objects.bulk_create(
        HandoverReceiver(case=case, user_id=user_id, capacity=capacity) for user_id, capacity in receivers
    )
    items = list(HandoverItem.objects.filter(case=case, state=ItemState.PROPOSED).defer("brief"))
    loaded = loaded_receivers(receivers, actor)
    given = split(portions(actor, items, [item.user_id for item in loaded]), loaded, method=method)
    by_receiver: dict[int | None, list[int]] = defaultdict(list)
    for account_id, user_id in given.items():
        by_receiver[user_id].append(account_id)
    for user_id, ids in by_receiver.items():
        HandoverItem.objects.filter(Among("account_id", ids), case=case).update(receiver=user_id)
    case.method = method
    case.state = CaseState.SPLIT if case.state in PREPARING else case.state
    keep(case, "method", "state")
    begin_entry(actor, action="split_handover", object_key="handover", record_id=case.pk, record_count=len(items))
    return given


@transaction.atomic
def give_items(case_id: int, *, item_ids: Sequence[int] | None, chosen: Chosen, receiver_id: int, actor: Actor) -> int:
    """Let a colleague take over these customers, or all that the plan is narrowed to (None); refused ones too.

    Returns how many. Raises: NotFound, Conflict("handover.state"), RuleViolation("handover.receivers").
    """
    case = _locked(case_id, actor=actor, states=(CaseState.SPLIT, CaseState.HANDING, CaseState.DRAFT))
    _require_receivers(case, [receiver_id])
    items = chosen.narrow(HandoverItem.objects.filter(case=case))
    if item_ids is not None:
        items = HandoverItem.objects.filter(Among("pk", item_ids), case=case)
    HandoverReceiver.objects.get_or_create(case=case, user_id=receiver_id)
    count = items.filter(state=ItemState.PROPOSED).update(receiver=receiver_id)
    for item in items.filter(state=ItemState.REFUSED).exclude(receiver=receiver_id):
        item.held_by_id, item.receiver_id = item.receiver_id or case.person_id, receiver_id
        item.state, item.signed_at, item.brief = ItemState.PROPOSED, None, None
        keep(item, "held_by_id", "receiver", "state", "signed_at", "brief")
        count += 1
    case.state = CaseState.SPLIT if case.state == CaseState.DRAFT else case.state
    keep(case, "state")
    begin_entry(actor, action="split_handover", object_key="handover", record_id=case.pk, record_count=count)
    return count


def hand_over(case_id: int, *, title: str, actor: Actor) -> HandoverCase:
    """Hand over what is planned and did not pass yet: at once for a few, in the background for many.

    `title` names the job to people. Raises: NotFound, Conflict("handover.state" | "handover.running"),
    RuleViolation("handover.unassigned" | "handover.receivers").
    """
    with transaction.atomic():
        case = _locked(case_id, actor=actor, states=(CaseState.SPLIT, CaseState.HANDING))
        if case.run_id is not None:
            raise Conflict("handover.running", "This handover is running already.")
        planned = HandoverItem.objects.filter(case=case, state=ItemState.PROPOSED)
        if not planned.exists() or planned.filter(receiver__isnull=True).exists():
            raise RuleViolation("handover.unassigned", "Some customers have nobody yet who takes them over.")
        receiver_ids = planned.order_by().values_list("receiver_id", flat=True).distinct()
        _require_receivers(case, [user_id for user_id in receiver_ids if user_id is not None])
        return _begin(case, count=planned.count(), title=title, actor=actor)


def _begin(case: HandoverCase, *, count: int, title: str, actor: Actor) -> HandoverCase:
    """Name the audit entry of a run and begin it; within a transaction."""
    now = timezone.now()
    words = f"from {case.person_id}, {case.reason}, read on until {case.reads_until or 'now'}"
    entry_id = begin_entry(actor, action="hand_over", object_key="account", record_count=count, reason=words)
    case.state, case.handed_by_id, case.moved_at = CaseState.HANDING, own_id(actor), now
    case.handed_at = case.handed_at or now
    case.entry_ids = [*case.entry_ids, str(entry_id)]
    case.run_id = 0
    if count > AT_ONCE:
        case.run_id = start_run(HAND_JOB, title=title, started_by_id=actor.user_id, arguments={"case_id": case.pk})
    keep(case, "state", "handed_by_id", "handed_at", "moved_at", "entry_ids", "run_id")
    if count <= AT_ONCE:
        move_items(case.pk)
        case.refresh_from_db()
    return case


def move_items(case_id: int, progress: Progress | None = None) -> int:
    """Let what is planned pass, block by block; begun again it goes on. Returns how many customers passed.

    Raises: AccessDenied("handover.left" | "handover.denied"); what passed until then stays.
    """
    case = HandoverCase.objects.get(pk=case_id)
    planned = HandoverItem.objects.filter(case=case, state=ItemState.PROPOSED).order_by("pk")
    if progress is not None:
        progress.expect(planned.count())
    moved = 0
    while True:
        with transaction.atomic():
            block = list(planned.select_for_update().defer("brief")[:BLOCK])
            moved += _move_block(case, block) if block else 0
        if not block:
            break
        if progress is not None:
            progress.advance(len(block))
    _finish(case)
    return moved


def _move_block(case: HandoverCase, block: Sequence[HandoverItem]) -> int:
    """Let the customers of one block pass, with all that goes along; within a transaction."""
    actor, now, moved = _mover(case), timezone.now(), 0
    units = {user_id: person.unit_id for user_id, person in people(item.receiver_id or 0 for item in block).items()}
    groups: dict[tuple[int, int], list[HandoverItem]] = defaultdict(list)
    for item in block:
        if item.receiver_id is not None:
            groups[item.held_by_id, item.receiver_id].append(item)
    for (held_by_id, receiver_id), items in groups.items():
        passing = Passing(
            ids=tuple(item.account_id for item in items),
            from_id=held_by_id,
            to_id=receiver_id,
            to_unit_id=units.get(receiver_id),
            entry_id=UUID(case.entry_ids[-1]),
        )
        gone = _pass(case, passing, actor=actor)
        rows = HandoverItem.objects.filter(case=case).order_by()
        rows.filter(Among("account_id", gone)).update(state=ItemState.MOVED, moved_at=now)
        rows.filter(Among("account_id", passing.ids), state=ItemState.PROPOSED).update(state=ItemState.LEFT)
        moved += len(gone)
    case.moved_at = now
    keep(case, "moved_at")
    set_count(UUID(case.entry_ids[-1]), record_count=_passed_in_run(case).count())
    return moved


def _pass(case: HandoverCase, passing: Passing, *, actor: Actor) -> list[int]:
    """Write the owners of those that their holder still has. Returns their ids."""
    permission = account_grant(actor, Action.TRANSFER)
    permission.accept(OWNER_FIELDS)
    held = permission.queryset().filter(Among("pk", passing.ids), owner=passing.from_id, trashed_at__isnull=True)
    ids = sorted(held.select_for_update(of=("self",)).values_list("pk", flat=True))
    if not ids:
        return []
    gone = Passing(
        tuple(ids), passing.from_id, passing.to_id, passing.to_unit_id, passing.entry_id, undone=passing.undone
    )
    if case.reads_until is not None and passing.from_id == case.person_id and not passing.undone:
        keep_readable(permission, ids, user_id=passing.from_id, last_day=case.reads_until)
    columns: dict[str, object] = {"owner_id": passing.to_id, "unit_id": passing.to_unit_id}
    write_rows(permission, ids, columns=columns, is_trashed=False, entry_id=passing.entry_id)
    follow = object_spec("account").follow
    if follow is not None:
        follow(WrittenBlock(gone.ids, OWNER_FIELDS, actor, is_undo=bool(passing.undone)))
    for kind in owned_kinds("account", actor):
        if kind.key not in case.left_behind:
            kind.move(gone, actor)
    return ids


def _passed_in_run(case: HandoverCase) -> QuerySet[HandoverItem]:
    """What passed in the latest run and was not answered yet."""
    begun_at = AuditEntry.objects.values_list("at", flat=True).get(pk=case.entry_ids[-1])
    return HandoverItem.objects.filter(case=case, state=ItemState.MOVED, moved_at__gte=begun_at)


@transaction.atomic
def _finish(case: HandoverCase) -> None:
    """Tell each receiver, once for each run, and note that it ended."""
    found = HandoverCase.objects.select_for_update().get(pk=case.pk)
    if found.run_id is None:
        return
    passed: dict[int, int] = defaultdict(int)
    for receiver_id in _passed_in_run(found).values_list("receiver_id", flat=True):
        passed[receiver_id or 0] += 1
    for receiver_id, count in sorted(passed.items()):
        publish(RecordsAssigned(object_key="account", owner_id=receiver_id, count=count, by_id=found.handed_by_id))
    found.run_id = None
    keep(found, "run_id")


def stop_moving(case_id: int) -> None:
    """Note that a person stopped the run: what did not pass stays planned and can be handed over later."""
    HandoverCase.objects.filter(pk=case_id).update(run_id=None)


@transaction.atomic
def hand_over_account(account_id: int, *, receiver_id: int, terms: Terms, actor: Actor) -> HandoverCase:
    """Hand one customer over at once, as a handover of its own: with brief, signature, check and undo.

    Raises: NotFound, AccessDenied("access.denied"), RuleViolation("handover.nobody" | "handover.receivers" | …).
    """
    account = account_grant(actor).live(account_id)
    if not account_grant(actor, Action.TRANSFER).queryset().filter(pk=account_id).exists():
        raise AccessDenied("access.denied", "Your role does not allow “%(action)s” on this record.", action="transfer")
    if account.owner_id is None:
        raise RuleViolation("handover.nobody", "Nobody looks after this customer: assign it instead.")
    person = _person(account.owner_id)
    case = _new_case(Person(person.id, "", "", account.unit_id, "", ""), terms=terms, actor=actor)
    case.state = CaseState.SPLIT
    _require_receivers(case, [receiver_id])
    _add_items(case, {account_id: (account.region, account.unit_id)}, actor=actor)
    HandoverItem.objects.filter(case=case).update(receiver=receiver_id)
    HandoverReceiver.objects.create(case=case, user_id=receiver_id)
    return _begin(case, count=1, title="", actor=actor)


def undo_handover(case_id: int, *, title: str, actor: Actor) -> HandoverCase:
    """Take a handover back within thirty days; who has another owner by now stays as it is.

    Raises: NotFound, Conflict("handover.state" | "handover.running" | "handover.too_late").
    """
    with transaction.atomic():
        states = (CaseState.HANDING, CaseState.CONFIRMED, CaseState.CHECKED)
        case = _locked(case_id, actor=actor, states=states)
        if case.run_id is not None:
            raise Conflict("handover.running", "This handover is running already.")
        if case.handed_at is None or case.handed_at < timezone.now() - timedelta(days=UNDO_DAYS):
            raise Conflict("handover.too_late", "A handover can be taken back for %(days)s days.", days=UNDO_DAYS)
        count = HandoverItem.objects.filter(case=case, state__in=HANDED).count()
        case.undo_entry_id = begin_entry(
            actor, action="undo_hand_over", object_key="account", record_count=count, reason=f"handover {case.pk}"
        )
        case.state, case.handed_by_id, case.moved_at = CaseState.UNDOING, own_id(actor), timezone.now()
        keep(case, "undo_entry_id", "state", "handed_by_id", "moved_at")
        if count > AT_ONCE:
            start_run(UNDO_JOB, title=title, started_by_id=actor.user_id, arguments={"case_id": case.pk})
        else:
            write_undo(case.pk)
            case.refresh_from_db()
    return case


def write_undo(case_id: int, progress: Progress | None = None) -> int:
    """Give customers back to who had them first, block by block; begun again it goes on. Returns how many went.

    Raises: as `move_items`.
    """
    case = HandoverCase.objects.get(pk=case_id)
    handed = HandoverItem.objects.filter(case=case, state__in=HANDED).order_by("pk")
    if progress is not None:
        progress.expect(handed.count())
    back = 0
    while True:
        with transaction.atomic():
            block = list(handed.select_for_update().defer("brief")[:BLOCK])
            back += _restore_block(case, block) if block else 0
        if not block:
            break
        if progress is not None:
            progress.advance(len(block))
    planned = HandoverItem.objects.filter(case=case, state=ItemState.PROPOSED)
    planned.update(state=ItemState.UNDONE)
    HandoverCase.objects.filter(pk=case.pk).update(state=CaseState.UNDONE)
    return back


def _restore_block(case: HandoverCase, block: Sequence[HandoverItem]) -> int:
    if case.undo_entry_id is None:
        raise Conflict("handover.state", "This handover is not at this step.")
    actor, back = _mover(case), 0
    undone = tuple(UUID(entry) for entry in case.entry_ids)
    groups: dict[tuple[int, int | None], list[int]] = defaultdict(list)
    for item in block:
        groups[item.receiver_id or 0, item.former_unit_id].append(item.account_id)
    for (receiver_id, unit_id), ids in groups.items():
        passing = Passing(tuple(ids), receiver_id, case.person_id, unit_id, case.undo_entry_id, undone=undone)
        gone = _pass(case, passing, actor=actor)
        rows = HandoverItem.objects.filter(case=case).order_by()
        rows.filter(Among("account_id", gone)).update(state=ItemState.UNDONE)
        case.kept += rows.filter(Among("account_id", ids), state__in=HANDED).update(state=ItemState.LEFT)
        back += len(gone)
    case.moved_at = timezone.now()
    keep(case, "moved_at", "kept")
    return back


def _mover(case: HandoverCase) -> Actor:
    """Who hands over, with the rights of this moment. Raises: AccessDenied("handover.left" | "handover.denied")."""
    actor = actors_by_user_id([case.handed_by_id or 0]).get(case.handed_by_id or 0)
    if actor is None:
        raise AccessDenied("handover.left", "Who handed over may not sign in any more, so it was stopped.")
    if not may_hand_over(actor, owner_id=case.person_id, unit_id=case.unit_id):
        raise AccessDenied("handover.denied", "You may not hand over what this person looks after.")
    return actor


def _locked(case_id: int, *, actor: Actor, states: Iterable[CaseState]) -> HandoverCase:
    """The case, which nobody else changes meanwhile. Raises: NotFound, Conflict("handover.state")."""
    case_for(actor, case_id)
    case = HandoverCase.objects.select_for_update().get(pk=case_id)
    if case.state not in tuple(states):
        raise Conflict("handover.state", "This handover is not at this step.")
    return case


def _person(person_id: int) -> Person:
    found = people([person_id]).get(person_id)
    if found is None:
        raise no_such_record()
    return found


def _require_receivers(case: HandoverCase, user_ids: Sequence[int]) -> None:
    known = {person.id for person in active_people()} - {case.person_id}
    if not user_ids or not set(user_ids) <= known:
        raise RuleViolation(
            "handover.receivers", "Choose colleagues who work here, other than the person itself.", field="receivers"
        )
