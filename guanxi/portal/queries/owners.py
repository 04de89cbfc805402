"""Who looks after the next customer that a form brings."""

from dataclasses import dataclass

from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import Person, active_people, unit_paths
from guanxi.portal.choices import OwnerWay
from guanxi.portal.models import Submission, WebForm
from guanxi.portal.queries.submissions import HELD_REASON


@dataclass(frozen=True, slots=True)
class NextOwner:
    """The owner and the department of a new customer; None where nobody."""

    user_id: int | None
    unit_id: int | None


def next_owner(form: WebForm) -> NextOwner:
    """The owner by the rule of the form. At most four queries.

    In turn: the person of the department, or of those below it, who stands after the last one who got a customer.
    """
    people = active_people()
    if form.owner_way == OwnerWay.FIXED:
        found = next((person for person in people if person.id == form.owner_id), None)
        return NextOwner(found.id, found.unit_id) if found else NextOwner(None, form.unit_id)
    if form.owner_way == OwnerWay.POOL or form.unit_id is None:
        return NextOwner(None, form.unit_id)
    paths = unit_paths()
    members = [person for person in people if form.unit_id in paths.get(person.unit_id or 0, ())]
    if not members:
        return NextOwner(None, form.unit_id)
    chosen = _after(members, last=_last_of(form))
    return NextOwner(chosen.id, chosen.unit_id)


def _last_of(form: WebForm) -> int:
    rows = unscoped(Submission, reason=HELD_REASON).filter(form=form, assigned_to__isnull=False)
    return rows.order_by("-pk").values_list("assigned_to", flat=True).first() or 0


def _after(members: list[Person], *, last: int) -> Person:
    return next((person for person in members if person.id > last), members[0])
