"""Handovers from the first step to the last: rights, moving, going on after a crash, undo, signing, the check."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.ledger.facade import NewFact, record_fact
from guanxi.platform.access.grant import may_act_on
from guanxi.platform.access.models import Share
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from guanxi.stewardship.commands import (
    Terms,
    check_case,
    give_items,
    hand_over,
    hand_over_account,
    mark_told,
    open_case,
    refuse_item,
    sign_item,
    sign_items,
    split_case,
    undo_handover,
)
from guanxi.stewardship.commands import handovers as verbs
from guanxi.stewardship.models import HandoverCase, HandoverItem
from guanxi.stewardship.queries.handovers import Chosen, cases_of, item_for
from guanxi.stewardship.tests.conftest import Team
from tests.cast import Cast, SignIn

TODAY = timezone.localdate()
TERMS = Terms(reason="leaving", last_day=TODAY, reads_until=TODAY + timedelta(days=10))
Prepared = Callable[[], HandoverCase]


def own(actor: Actor) -> int:
    """The id of a person of the cast."""
    assert actor.user_id is not None
    return actor.user_id


@pytest.fixture
def prepared(accounts: list[Account], cast: Cast, team: Team) -> HandoverCase:
    """Alice's six customers, split between Erin and Finn."""
    del accounts
    case = open_case(own(cast.alice), terms=TERMS, actor=team.lead)
    split_case(case.pk, receivers=[(own(team.erin), None), (own(team.finn), None)], method="load", actor=team.lead)
    return case


def owners() -> list[int | None]:
    """Who looks after the customers, in their order."""
    return list(Account._base_manager.order_by("pk").values_list("owner_id", flat=True))


def states(case: HandoverCase) -> list[str]:
    """Where the customers of a case stand, in their order."""
    return list(HandoverItem.objects.filter(case=case).order_by("account_id").values_list("state", flat=True))


def test_every_customer_passes_once_under_one_audit_entry(
    prepared: HandoverCase, accounts: list[Account], cast: Cast, team: Team
) -> None:
    case = hand_over(prepared.pk, title="", actor=team.lead)
    assert sorted(owner or 0 for owner in owners()) == sorted([own(team.erin), own(team.finn)] * 3)
    assert states(case) == ["moved"] * 6
    entry = AuditEntry.objects.get(action="hand_over")
    assert (str(entry.pk), entry.record_count, entry.user_id) == (case.entry_ids[0], 6, own(team.lead))
    told = OutboxEvent.objects.filter(name="platform.records_assigned").values_list("payload", flat=True)
    assert sorted((event["owner_id"], event["count"]) for event in told) == [(own(team.erin), 3), (own(team.finn), 3)]
    kept = Share.objects.filter(user_id=cast.alice.user_id, may_edit=False, record_id__in=[a.pk for a in accounts])
    assert kept.count() == 6
    assert all(share.ends_at is not None for share in kept)


def test_only_who_may_hand_over_reaches_a_case(prepared: HandoverCase, cast: Cast, team: Team) -> None:
    for stranger in (team.wren, cast.charlie, cast.alice, team.erin):
        with pytest.raises((NotFound, AccessDenied)):
            hand_over(prepared.pk, title="", actor=stranger)
        assert cases_of(stranger) == ()
    with pytest.raises(AccessDenied):
        open_case(own(cast.alice), terms=TERMS, actor=team.wren)
    assert set(owners()) == {own(cast.alice)}
    assert HandoverCase.objects.count() == 1
    assert [line.case.pk for line in cases_of(cast.dora)] == [prepared.pk]


def test_pages_say_not_found_to_strangers_and_forbidden_to_who_may_not_hand_over(
    prepared: HandoverCase, cast: Cast, team: Team, sign_in: SignIn
) -> None:
    address = f"/handovers/{prepared.pk}/"
    assert sign_in(team.wren).get(address).status_code == 404
    assert sign_in(team.wren).post(f"{address}hand-over/").status_code == 404
    assert sign_in(team.erin).get(address).status_code == 403
    assert set(owners()) == {own(cast.alice)}
    page = sign_in(team.lead).get(address)
    assert page.status_code == 200
    assert "Hand over 6 customers" in page.content.decode()


def test_the_number_of_queries_does_not_depend_on_the_number_of_customers(
    prepared: HandoverCase,
    new_account: Callable[..., Account],
    cast: Cast,
    team: Team,
    django_assert_max_num_queries: Callable[[int], object],
    sign_in: SignIn,
) -> None:
    client = sign_in(team.lead)
    client.get(f"/handovers/{prepared.pk}/")
    for place in range(20):
        account = new_account(f"又一家{place}")
        HandoverItem.objects.create(
            case=prepared, account=account, held_by_id=own(cast.alice), receiver_id=own(team.erin)
        )
    with django_assert_max_num_queries(30):  # type: ignore[attr-defined]  # a context manager of the plugin
        client.get(f"/handovers/{prepared.pk}/")


def test_a_run_that_died_goes_on_where_it_stood(
    prepared: HandoverCase, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "BLOCK", 2)
    monkeypatch.setattr(verbs, "AT_ONCE", 0)
    hand_over(prepared.pk, title="Handing over", actor=team.lead)
    passing, calls = verbs._pass, iter(range(10))

    def dying(*args: object, **kwargs: object) -> object:
        if next(calls) == 3:
            raise ConnectionError
        return passing(*args, **kwargs)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(verbs, "_pass", dying)
    with pytest.raises(ConnectionError):
        verbs.move_items(prepared.pk)
    moved = states(prepared).count("moved")
    assert 0 < moved < 6
    assert sum(owner in (own(team.erin), own(team.finn)) for owner in owners()) == moved
    monkeypatch.setattr(verbs, "_pass", passing)
    assert verbs.move_items(prepared.pk) == 6 - moved
    assert states(prepared) == ["moved"] * 6
    assert verbs.move_items(prepared.pk) == 0
    assert AuditEntry.objects.get(action="hand_over").record_count == 6
    assert OutboxEvent.objects.filter(name="platform.records_assigned").count() == 2


def test_a_lost_right_stops_the_run(
    prepared: HandoverCase, cast: Cast, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "AT_ONCE", 0)
    hand_over(prepared.pk, title="Handing over", actor=team.lead)
    monkeypatch.setattr(verbs, "actors_by_user_id", lambda _ids: {})
    with pytest.raises(AccessDenied):
        verbs.move_items(prepared.pk)
    assert set(owners()) == {own(cast.alice)}


def test_a_customer_that_has_another_owner_meanwhile_is_left_alone(
    prepared: HandoverCase, accounts: list[Account], cast: Cast, team: Team
) -> None:
    edit_account(accounts[0].pk, {"owner_id": own(cast.bob)}, actor=cast.dora)
    hand_over(prepared.pk, title="", actor=team.lead)
    assert owners()[0] == own(cast.bob)
    assert states(prepared) == ["left", *["moved"] * 5]


def test_undo_gives_all_back_and_keeps_what_was_changed_since(
    prepared: HandoverCase, accounts: list[Account], cast: Cast, team: Team
) -> None:
    hand_over(prepared.pk, title="", actor=team.lead)
    edit_account(accounts[0].pk, {"owner_id": own(cast.bob)}, actor=cast.dora)
    edit_account(accounts[1].pk, {"city": "昆山"}, actor=cast.dora)
    case = undo_handover(prepared.pk, title="", actor=team.lead)
    assert owners() == [own(cast.bob), *[own(cast.alice)] * 5]
    assert Account._base_manager.get(pk=accounts[1].pk).city == "昆山"
    assert (case.state, case.kept, states(case)) == ("undone", 1, ["left", *["undone"] * 5])
    assert set(Account._base_manager.values_list("unit_id", flat=True)) == {cast.alice.unit_id}
    with pytest.raises(Conflict):
        undo_handover(prepared.pk, title="", actor=team.lead)


def test_undo_ends_after_thirty_days(prepared: HandoverCase, team: Team) -> None:
    hand_over(prepared.pk, title="", actor=team.lead)
    HandoverCase.objects.update(handed_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Conflict):
        undo_handover(prepared.pk, title="", actor=team.lead)
    assert states(prepared) == ["moved"] * 6


def test_a_receiver_signs_and_keeps_the_brief_and_the_case_is_confirmed(
    prepared: HandoverCase, team: Team, sign_in: SignIn
) -> None:
    hand_over(prepared.pk, title="", actor=team.lead)
    first = HandoverItem.objects.filter(receiver=own(team.erin)).order_by("pk")[0]
    page = sign_in(team.erin).get(f"/handovers/customers/{first.pk}/")
    assert page.status_code == 200
    sign_item(first.pk, actor=team.erin)
    first.refresh_from_db()
    assert first.brief is not None
    assert (first.state, first.brief["name"]) == ("accepted", first.account.name)
    for actor in (team.erin, team.finn):
        sign_items(HandoverItem.objects.values_list("pk", flat=True), actor=actor)
    prepared.refresh_from_db()
    assert prepared.state == "confirmed"


def test_a_brief_is_read_by_its_receiver_and_who_leads_alone(
    prepared: HandoverCase, cast: Cast, team: Team, sign_in: SignIn
) -> None:
    item = HandoverItem.objects.filter(receiver=own(team.erin)).order_by("pk")[0]
    with pytest.raises(NotFound):
        item_for(team.erin, item.pk)
    hand_over(prepared.pk, title="", actor=team.lead)
    assert item_for(team.lead, item.pk).pk == item.pk
    for stranger in (team.finn, team.wren, cast.alice, cast.charlie):
        assert sign_in(stranger).get(f"/handovers/customers/{item.pk}/").status_code == 404
        assert sign_in(stranger).post(f"/handovers/customers/{item.pk}/sign/").status_code == 404
    with pytest.raises(AccessDenied):
        sign_item(item.pk, actor=team.lead)
    assert states(prepared) == ["moved"] * 6


def test_what_is_refused_goes_back_to_who_leads_and_on_to_somebody_else(prepared: HandoverCase, team: Team) -> None:
    hand_over(prepared.pk, title="", actor=team.lead)
    item = HandoverItem.objects.filter(receiver=own(team.erin)).order_by("pk")[0]
    with pytest.raises(RuleViolation):
        refuse_item(item.pk, reason=" ", actor=team.erin)
    refuse_item(item.pk, reason="竞争对手的亲属", actor=team.erin)
    give_items(prepared.pk, item_ids=[item.pk], chosen=Chosen(), receiver_id=own(team.finn), actor=team.lead)
    hand_over(prepared.pk, title="", actor=team.lead)
    item.refresh_from_db()
    assert (item.state, item.receiver_id) == ("moved", own(team.finn))
    assert Account._base_manager.get(pk=item.account_id).owner_id == own(team.finn)
    undo_handover(prepared.pk, title="", actor=team.lead)
    assert own(team.finn) not in owners()
    assert own(team.erin) not in owners()


def test_after_a_month_it_is_known_who_was_contacted(prepared: HandoverCase, cast: Cast, team: Team) -> None:
    hand_over(prepared.pk, title="", actor=team.lead)
    mine = HandoverItem.objects.filter(receiver=own(team.erin)).order_by("pk")
    call = NewFact("interaction", "call", timezone.now(), channel="phone")
    record_fact(mine[0].account_id, fact=call, actor=team.erin)
    incoming = NewFact("interaction", "mail_received", timezone.now(), channel="mail")
    record_fact(mine[1].account_id, fact=incoming, actor=team.erin)
    record_fact(mine[2].account_id, fact=call, actor=cast.dora)
    assert check_case(prepared.pk) == (1, 6)
    assert check_case(prepared.pk) == (1, 6)
    prepared.refresh_from_db()
    assert prepared.state == "checked"
    assert [item.contacted_at is not None for item in mine.all()] == [True, False, False]


def test_the_customer_is_told_once_and_the_ledger_knows(prepared: HandoverCase, team: Team) -> None:
    hand_over(prepared.pk, title="", actor=team.lead)
    item = HandoverItem.objects.filter(receiver=own(team.erin)).order_by("pk")[0]
    for _again in range(2):
        mark_told(item.pk, channel="mail", text="您好", actor=team.erin)
    item.refresh_from_db()
    assert item.message == "sent"
    assert check_case(prepared.pk) == (1, 6)
    with pytest.raises(AccessDenied):
        mark_told(item.pk, channel="mail", text="您好", actor=team.lead)


def test_one_customer_is_handed_over_on_its_own(accounts: list[Account], cast: Cast, team: Team) -> None:
    case = hand_over_account(accounts[0].pk, receiver_id=own(team.erin), terms=TERMS, actor=team.lead)
    assert owners()[0] == own(team.erin)
    assert states(case) == ["moved"]
    seen = Account._base_manager.get(pk=accounts[0].pk)
    assert may_act_on(team.erin, seen, Action.VIEW)
    assert Share.objects.get(record_id=seen.pk).user_id == cast.alice.user_id
    with pytest.raises(AccessDenied):
        hand_over_account(accounts[1].pk, receiver_id=own(team.erin), terms=TERMS, actor=cast.alice)
    with pytest.raises(NotFound):
        hand_over_account(accounts[1].pk, receiver_id=own(team.erin), terms=TERMS, actor=team.wren)
    assert owners()[1] == own(cast.alice)


def test_nobody_hands_over_to_the_leaver_or_to_nobody(prepared: HandoverCase, cast: Cast, team: Team) -> None:
    for receivers in ([], [(own(cast.alice), None)], [(10**9, None)]):
        with pytest.raises(RuleViolation):
            split_case(prepared.pk, receivers=receivers, method="load", actor=team.lead)
    split_case(prepared.pk, receivers=[(own(team.erin), 2)], method="load", actor=team.lead)
    with pytest.raises(RuleViolation):
        hand_over(prepared.pk, title="", actor=team.lead)
    assert set(owners()) == {own(cast.alice)}
