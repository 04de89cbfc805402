"""Legal holds keep customers from every way of going; restrictions keep people out of queues."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guanxi.care.commands import plan_day
from guanxi.care.models import QueueRow
from guanxi.customers.commands import add_contact, add_contact_point, trash_account
from guanxi.customers.facade import main_contacts, reach_points
from guanxi.customers.models import Account, Contact, ContactPoint
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.queries import system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.commands import deliver
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.objects.erasing import REASON
from guanxi.platform.objects.merging import Pair, merge_records
from guanxi.platform.objects.registry import listed_object
from guanxi.platform.objects.removal import consequences, remove_for_good
from guanxi.platform.objects.restraints import restrained_ids
from guanxi.platform.records.events import RecordsRestrained
from guanxi.stewardship import commands
from guanxi.stewardship.adapters.erasing import write_erasure
from guanxi.stewardship.adapters.retaining import retain
from guanxi.stewardship.choices import RequestKind, RequestState
from guanxi.stewardship.commands.privacy import NewRequest
from guanxi.stewardship.models import LegalHold, Restriction, SubjectRequest
from guanxi.stewardship.tests.test_retention import TODAY, aged, in_force, in_use, terms
from tests.cast import Cast, SignIn

LATER = timezone.localdate() + timedelta(days=200)


def held(account: Account, cast: Cast, reason: str = "Lawsuit 4711") -> LegalHold:
    """A hold that Dora placed."""
    return commands.place_hold(account.pk, until_on=LATER, reason=reason, actor=cast.dora)


def test_a_held_customer_survives_trash_emptying_request_and_rule(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    kept, gone = new_account("留"), new_account("走")
    contact = add_contact(Contact(account=kept, family_name="王", given_name="磊"), actor=cast.alice)
    hold = held(kept, cast)
    for key, record_id in (("account", kept.pk), ("contact", contact.pk)):
        request = commands.erase_subject(key, record_id, reason="", actor=cast.dora)
        with pytest.raises(Conflict) as refusal:
            commands.approve_erasure(request.pk, actor=system_actor("Second"))
        assert (refusal.value.code, "Test Dora" in str(refusal.value)) == ("record.held", True)
        assert "4711" not in str(refusal.value)
        assert unscoped(SubjectRequest, reason=REASON).get(pk=request.pk).state == RequestState.OPEN
        commands.answer_request(request.pk, is_refused=True, actor=cast.dora)
    aged(kept, gone)
    in_force(terms(), cast)
    (run,) = retain(TODAY)
    assert (run.gone, run.held, in_use()) == (1, 1, ["留"])
    trash_account(kept.pk, actor=cast.dora)
    told = consequences(listed_object("account"), [kept.pk, gone.pk], actor=cast.dora)
    assert (told.going, [item.count for item in told.held]) == (1, [1])
    assert "Test Dora" in str(told.held[0].reason)
    done = remove_for_good("account", [kept.pk, gone.pk], title="", actor=cast.dora)
    assert (done.removed, done.kept) == (1, 1)
    commands.release_hold(hold.pk, actor=cast.dora)
    assert remove_for_good("account", [kept.pk], title="", actor=cast.dora).removed == 1
    deeds = AuditEntry.objects.filter(object_key="legal_hold").order_by("at").values_list("action", flat=True)
    assert list(deeds) == ["place_hold", "release_hold"]


def test_a_hold_is_for_a_day_to_come_and_a_reason(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    with pytest.raises(RuleViolation):
        commands.place_hold(account.pk, until_on=timezone.localdate() - timedelta(days=1), reason="x", actor=cast.dora)
    with pytest.raises(RuleViolation):
        commands.place_hold(account.pk, until_on=LATER, reason=" ", actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        with pytest.raises((AccessDenied, NotFound)):
            commands.place_hold(account.pk, until_on=LATER, reason="x", actor=actor)
    assert unscoped(LegalHold, reason=REASON).count() == 0


def test_a_hold_stays_past_its_day_and_goes_over_with_a_merge(cast: Cast, new_account: Callable[..., Account]) -> None:
    kept, merged = new_account("甲"), new_account("乙")
    hold = held(merged, cast)
    unscoped(LegalHold, reason=REASON).filter(pk=hold.pk).update(until_on=date(2020, 1, 1))
    merge_records("account", Pair(kept.pk, merged.pk), taken=(), actor=cast.dora)
    for account in (kept, merged):
        request = commands.erase_subject("account", account.pk, reason="", actor=cast.dora)
        with pytest.raises(Conflict):
            commands.approve_erasure(request.pk, actor=system_actor("Second"))


@pytest.mark.django_db(transaction=True)
def test_who_is_being_erased_cannot_be_held_any_more(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    contact = add_contact(Contact(account=account, family_name="王", given_name="磊"), actor=cast.alice)
    request = commands.erase_subject("contact", contact.pk, reason="", actor=cast.dora)
    commands.approve_erasure(request.pk, actor=system_actor("Second"))
    with pytest.raises(Conflict) as refusal:
        held(account, cast)
    assert refusal.value.code == "hold.erased"
    write_erasure(request.pk)
    assert held(account, cast).released_at is None


def test_only_who_sees_the_customer_releases_a_hold_once(cast: Cast, new_account: Callable[..., Account]) -> None:
    hold = held(new_account(), cast)
    with pytest.raises(AccessDenied):
        commands.release_hold(hold.pk, actor=cast.alice)
    commands.release_hold(hold.pk, actor=cast.dora)
    with pytest.raises(Conflict):
        commands.release_hold(hold.pk, actor=cast.dora)


def queued() -> list[int]:
    """The customers who wait in queues."""
    return sorted(unscoped(QueueRow, reason=REASON).values_list("account_id", flat=True))


def test_who_must_not_be_used_leaves_the_queue_and_stays_out(cast: Cast, new_account: Callable[..., Account]) -> None:
    left, kept = new_account("甲"), new_account("乙")
    today = timezone.localdate()
    plan_day(today, actor=system_actor("Tests"))
    assert queued() == [left.pk, kept.pk]
    restriction = commands.restrict(left.pk, None, reason="", actor=cast.alice)
    deliver_restraints()
    assert queued() == [kept.pk]
    plan_day(today, actor=system_actor("Tests"))
    assert queued() == [kept.pk]
    with pytest.raises(AccessDenied):
        commands.lift_restriction(restriction.pk, actor=cast.alice)
    commands.lift_restriction(restriction.pk, actor=cast.dora)
    plan_day(today, actor=system_actor("Tests"))
    assert queued() == [left.pk, kept.pk]


def test_a_contact_who_must_not_be_used_is_neither_called_nor_named(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account()
    contact = add_contact(Contact(account=account, family_name="王", given_name="磊", is_main=True), actor=cast.alice)
    point = ContactPoint(account=account, contact=contact, type="mobile", value="13800136021")
    add_contact_point(point, actor=cast.alice)
    assert [len(points) for points in reach_points().values()] == [1]
    assert set(main_contacts([account.pk], cast.alice)) == {account.pk}
    commands.restrict(account.pk, contact.pk, reason="", actor=cast.alice)
    assert (reach_points(), main_contacts([account.pk], cast.alice)) == ({}, {})
    assert (restrained_ids("account"), restrained_ids("contact")) == (frozenset(), frozenset({contact.pk}))


def test_contacts_of_a_restricted_customer_are_restrained_too(cast: Cast, new_account: Callable[..., Account]) -> None:
    account = new_account()
    contact = add_contact(Contact(account=account, family_name="王", given_name="磊"), actor=cast.alice)
    commands.restrict(account.pk, None, reason="", actor=cast.alice)
    assert (restrained_ids("account"), restrained_ids("contact")) == (frozenset({account.pk}), frozenset({contact.pk}))


def test_answering_who_asks_for_no_further_use_restricts_and_refusing_does_not(
    cast: Cast, new_account: Callable[..., Account]
) -> None:
    for is_refused, expected in ((True, 0), (False, 1)):
        account = new_account()
        new = NewRequest("account", account.pk, RequestKind.RESTRICT, timezone.localdate())
        request = commands.enter_request(new, actor=cast.dora)
        commands.answer_request(request.pk, is_refused=is_refused, actor=cast.dora)
        found = unscoped(Restriction, reason=REASON).filter(account=account.pk)
        assert list(found.values_list("request_id", flat=True)) == [request.pk] * expected
    again = commands.restrict(account.pk, None, reason="", actor=cast.alice)
    assert again.request_id == request.pk


def test_the_card_shows_and_changes_both(cast: Cast, new_account: Callable[..., Account], sign_in: SignIn) -> None:
    account = new_account()
    dora, alice = sign_in(cast.dora), sign_in(cast.alice)
    card = reverse("account_card", args=[account.pk])
    assert "Do not use" not in alice.get(card).content.decode()
    hold = reverse("place_hold", args=[account.pk])
    assert dora.post(hold, {"reason": "Lawsuit 4711", "until_on": "2020-01-01"}).status_code == 422
    assert dora.post(hold, {"reason": "Lawsuit 4711", "until_on": LATER.isoformat()}).status_code == 303
    assert alice.post(hold, {"reason": "x", "until_on": LATER.isoformat()}).status_code == 403
    restrict = reverse("restrict", args=["account", account.pk])
    assert sign_in(cast.charlie).post(restrict, {"reason": ""}).status_code == 404
    assert alice.post(restrict, {"reason": "Called us"}).status_code == 303
    page = alice.get(card).content.decode()
    assert ("Do not use" in page, "4711" in page) == (True, False)
    assert "Lawsuit 4711" in dora.get(card).content.decode()
    assert "Lawsuit 4711" in dora.get(reverse("retention")).content.decode()
    lift = reverse("lift_restriction", args=[unscoped(Restriction, reason=REASON).get().pk])
    assert (alice.post(lift).status_code, dora.post(lift).status_code) == (403, 303)
    release = reverse("release_hold", args=[unscoped(LegalHold, reason=REASON).get().pk])
    assert (alice.post(release).status_code, dora.post(release).status_code) == (403, 303)
    page = dora.get(card).content.decode()
    assert ("Do not use" in page, "4711" in page) == (False, False)


def deliver_restraints() -> None:
    """Deliver to care that records are restrained."""
    for event in OutboxEvent.objects.filter(name=RecordsRestrained.name):
        deliver(event.pk, reaction_key="care.leave_when_restrained")
