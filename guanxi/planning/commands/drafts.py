"""A version's way: begun as a copy, of its own scope or another one, submitted, signed off by units, published,
confirmed by people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import Conflict, RuleViolation
from guanxi.planning.choices import PlanState, SignoffState
from guanxi.planning.events import PLAN_BRIEFING, PLAN_SIGNOFF, PlanPublished
from guanxi.planning.models import OPEN_STATES, BriefingReceipt, InformationItem, InformationPlan, Signoff
from guanxi.planning.queries.plans import COMPARED, items_of, market_phases, next_number, plan_of, signoffs_of
from guanxi.planning.queries.signing import signers
from guanxi.planning.rules import PlanInForce, require_publishable, require_submittable, stage_on
from guanxi.platform.access.grant import grant
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.queries import active_people, own_id, unit_names, unit_paths
from guanxi.platform.audit.commands import begin_entry
from guanxi.platform.events.commands import publish
from guanxi.platform.records.change import change, create
from guanxi.platform.records.events import PeopleAsked

COPIED = (*COMPARED, "key", "position", "is_retired")
LONGEST_COMMENT = 300


@dataclass(frozen=True, slots=True)
class Scope:
    """For what a version counts: a product line ("" = all) and a department with those below it (None = the house)."""

    product_line: str = ""
    unit_id: int | None = None


@transaction.atomic
def begin_draft(
    plan_id: int,
    *,
    scope: Scope | None = None,
    item_keys: Collection[str] | None = None,
    today: date,
    actor: Actor,
) -> InformationPlan:
    """Begin a version as a copy of one, with what is collected no more left out.

    It is the next one of the same line and department, or the one of another `scope`; `item_keys` are the items to take
    over (None: all). Raises: NotFound, AccessDenied, Conflict("plan.open") while one of the scope is worked on,
    RuleViolation("plan.unit").
    """
    former = plan_of(plan_id, actor)
    wanted = scope or Scope(former.product_line, former.unit_id)
    _require_free(wanted, actor=actor)
    fresh = InformationPlan(
        year=today.year,
        number=next_number(today.year, wanted.product_line, wanted.unit_id),
        product_line=wanted.product_line,
        unit_id=wanted.unit_id,
        stage=former.stage if scope is None else _stage_of(wanted, former=former, today=today),
        former_id=former.pk,
    )
    with create(fresh, action="begin_draft", actor=actor) as work:
        draft = work.record
    for item in items_of(former.pk, actor):
        if not item.is_retired and (item_keys is None or item.key in item_keys):
            copy = InformationItem(plan_id=draft.pk, **{name: getattr(item, name) for name in COPIED})
            with create(copy, action="copy", actor=actor):
                pass
    return draft


def _require_free(scope: Scope, *, actor: Actor) -> None:
    """Check that a version of a scope can be begun. Raises: Conflict("plan.open"), RuleViolation("plan.unit")."""
    if scope.unit_id is not None and scope.unit_id not in unit_names():
        raise RuleViolation("plan.unit", "There is no such department.", field="unit")
    versions = grant(actor, InformationPlan, Action.CREATE).queryset().filter(trashed_at__isnull=True)
    same = versions.filter(product_line=scope.product_line, unit_id=scope.unit_id)
    if same.filter(state__in=OPEN_STATES).exists():
        raise Conflict(
            "plan.open", "A version for this department and product line is being worked on already.", field="unit"
        )


def _stage_of(scope: Scope, *, former: InformationPlan, today: date) -> str:
    """The market phase of a scope today, or that of the version that it is copied from."""
    path = unit_paths().get(scope.unit_id or 0, ())
    meant = PlanInForce(scope.product_line, scope.unit_id, former.stage, ())
    return stage_on(market_phases(), today, plan=meant, unit_path=path)


@transaction.atomic
def submit_plan(plan_id: int, *, unit_ids: Sequence[int], due_on: date | None, actor: Actor) -> None:
    """Put a draft to the units that must agree before it counts, and tell who may say so for them.

    Raises: NotFound, AccessDenied, Conflict("plan.not_draft"), RuleViolation("plan.empty" | "plan.purpose" |
    "plan.units").
    """
    items = [item for item in items_of(plan_id, actor) if not item.is_retired]
    known = unit_names()
    if not unit_ids or not set(unit_ids) <= set(known):
        raise RuleViolation("plan.units", "Choose the departments that sign off.", field="units")
    with change(InformationPlan, plan_id, action="submit", actor=actor) as work:
        require_submittable(
            work.record.state, live_items=len(items), without_purpose=sum(not item.purposes for item in items)
        )
        work.record.state = PlanState.SIGN_OFF
        work.record.due_on = due_on
    for signoff in signoffs_of(plan_id, actor):
        with change(Signoff, signoff.pk, action="ask_again", actor=actor) as asked:
            _ask_again(asked.record, is_wanted=signoff.unit_id in unit_ids)
    present = {signoff.unit_id for signoff in signoffs_of(plan_id, actor)}
    for unit_id in sorted(set(unit_ids) - present):
        with create(Signoff(plan_id=plan_id, unit_id=unit_id), action="ask", actor=actor):
            pass
    told = signers(unit_ids)
    publish(PeopleAsked(topic=PLAN_SIGNOFF, subject_id=plan_id, user_ids=told, by_id=actor.user_id))


def _ask_again(signoff: Signoff, *, is_wanted: bool) -> None:
    signoff.state, signoff.signed_by_id, signoff.signed_at, signoff.comment = SignoffState.WAITING, None, None, ""
    if not is_wanted:
        signoff.trashed_at = timezone.now()


@transaction.atomic
def take_back(plan_id: int, *, actor: Actor) -> None:
    """Take a version out of sign-off, to change it again.

    Raises: NotFound, AccessDenied, Conflict("plan.not_in_sign_off").
    """
    with change(InformationPlan, plan_id, action="take_back", actor=actor) as work:
        if work.record.state != PlanState.SIGN_OFF:
            raise Conflict("plan.not_in_sign_off", "This version is not in sign-off.")
        work.record.state = PlanState.DRAFT


@transaction.atomic
def sign_off(signoff_id: int, *, is_agreed: bool, comment: str, actor: Actor) -> Signoff:
    """Say for a unit whether it agrees with a version; it can be said anew until the version is published.

    Raises: NotFound, AccessDenied, Conflict("plan.not_in_sign_off"), RuleViolation("signoff.comment") for an objection
    without a word why.
    """
    words = comment.strip()[:LONGEST_COMMENT]
    if not is_agreed and not words:
        raise RuleViolation("signoff.comment", "Say what should be different.", field="comment")
    with change(Signoff, signoff_id, action="sign_off", actor=actor) as work:
        if plan_of(work.record.plan_id, actor).state != PlanState.SIGN_OFF:
            raise Conflict("plan.not_in_sign_off", "This version is not in sign-off.")
        work.record.state = SignoffState.AGREED if is_agreed else SignoffState.OBJECTED
        work.record.signed_by_id = own_id(actor)
        work.record.signed_at = timezone.now()
        work.record.comment = words
    return work.record


@transaction.atomic
def publish_plan(plan_id: int, *, actor: Actor) -> InformationPlan:
    """Put a version in force in the place of the one before, and tell those for whom it counts, who confirm once.

    Raises: NotFound, AccessDenied, Conflict("plan.not_in_sign_off"), RuleViolation("plan.unsigned").
    """
    former = plan_of(plan_id, actor)
    reached = grant(actor, InformationPlan, Action.EDIT).queryset()
    known = reached.filter(state=PlanState.PUBLISHED, product_line=former.product_line, unit_id=former.unit_id)
    require_publishable(former.state, signoffs=[item.state for item in signoffs_of(plan_id, actor)])
    for other in known:
        with change(InformationPlan, other.pk, action="supersede", actor=actor) as replaced:
            replaced.record.state = PlanState.SUPERSEDED
    with change(InformationPlan, plan_id, action="publish", actor=actor) as work:
        require_publishable(work.record.state, signoffs=[item.state for item in signoffs_of(plan_id, actor)])
        work.record.state = PlanState.PUBLISHED
        work.record.published_at = timezone.now()
        work.publish(PlanPublished(plan_id=plan_id))
    told = _readers(work.record)
    receipts = (BriefingReceipt(plan_id=plan_id, user_id=user_id) for user_id in told)
    BriefingReceipt.objects.bulk_create(receipts, ignore_conflicts=True)
    publish(PeopleAsked(topic=PLAN_BRIEFING, subject_id=plan_id, user_ids=told, by_id=actor.user_id))
    return work.record


def _readers(plan: InformationPlan) -> tuple[int, ...]:
    """Who is told of a version in force, by id: everybody, or those of its department and below."""
    paths = unit_paths() if plan.unit_id is not None else {}
    found = active_people()
    return tuple(
        person.id for person in found if plan.unit_id is None or plan.unit_id in paths.get(person.unit_id or 0, ())
    )


@transaction.atomic
def confirm_briefing(plan_id: int, *, actor: Actor) -> bool:
    """Say that one has read a published version; once. Returns whether it was new. Raises: NotFound."""
    plan_of(plan_id, actor)
    begin_entry(actor, action="confirm_briefing", object_key="information_plan", record_id=plan_id)
    rows = BriefingReceipt.objects.filter(plan_id=plan_id, user_id=own_id(actor), confirmed_at__isnull=True)
    return bool(rows.update(confirmed_at=timezone.now()))
