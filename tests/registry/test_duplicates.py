"""Pairs of customers that may be one: found, decided, taken back; nobody decides what he does not see."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from guanxi.customers.commands import add_contact_point, create_account, edit_account
from guanxi.customers.models import Account, ContactPoint
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.rules import FieldAccess
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.stewardship import commands
from guanxi.stewardship.adapters.scanning import scan_base
from guanxi.stewardship.choices import Evidence, TwinState
from guanxi.stewardship.commands.duplicates import REASON
from guanxi.stewardship.models import Twin
from guanxi.stewardship.queries.duplicates import decision_of, twin_rows
from tests.cast import Cast, SignIn

KEPT, MERGED = "岚川精密仪器（苏州）有限公司", "嵐川精密仪器(苏州)公司"


def customer(name: str, phone: str, *, actor: Actor, kind: str = "organisation") -> Account:
    account = create_account({"kind": kind, "name": name, "city": "苏州"}, actor=actor)
    if phone:
        add_contact_point(ContactPoint(account=account, type="mobile", value=phone), actor=actor)
    return account


def make_stewards() -> None:
    """Staff decide of pairs as well."""
    rows: dict[tuple[str, str], object] = {("account", action): "owner" for action in ("view", "edit", "delete")}
    rows |= {("twin", action): "everyone" for action in ("view", "edit")}
    fields = {("*", "reach"): int(FieldAccess.WRITE)}
    define_role("staff", name="Staff", rows=rows, fields=fields, actor=system_actor("Tests"))


@pytest.fixture
def twin(cast: Cast) -> Twin:
    """A pair of an account of Alice's and one of Charlie's."""
    first = customer(KEPT, "13801346021", actor=cast.alice)
    second = customer(MERGED, "13801346021", actor=cast.dora)
    found: Twin = unscoped(Twin, reason=REASON).create(
        object_key="account",
        first_id=first.pk,
        second_id=second.pk,
        weight=6.0,
        reasons=[["same_phone", 8.0], ["same_name", 4.0]],
    )
    return found


def state_of(twin: Twin) -> str:
    return str(unscoped(Twin, reason=REASON).get(pk=twin.pk).state)


@pytest.mark.django_db(transaction=True)
def test_the_scan_finds_what_is_written_otherwise_and_not_what_is_another_firm(cast: Cast) -> None:
    first = customer(KEPT, "13801346021", actor=cast.dora)
    second = customer(MERGED, "13801346021", actor=cast.dora)
    customer("岚州精密仪器（苏州）有限公司", "13801346029", actor=cast.dora)
    customer("王伟", "", actor=cast.dora, kind="person")
    customer("王伟", "", actor=cast.dora, kind="person")
    for place in range(40):
        customer(f"{'东南西北中'[place % 5]}{'海山河江湖星月云'[place % 8]}机械{place}有限公司", "", actor=cast.dora)
    assert scan_base() == 1
    (row,) = twin_rows(cast.dora, today=timezone.localdate())
    assert {row.names[0], row.names[1]} == {KEPT, MERGED}
    assert {reason.evidence for reason in row.reasons} >= {Evidence.SAME_NAME, Evidence.SAME_PHONE}
    commands.part_twin(row.id, actor=cast.dora)
    scan_base()
    assert state_of(unscoped(Twin, reason=REASON).get()) == TwinState.DIFFERENT
    assert (first.pk, second.pk) == unscoped(Twin, reason=REASON).values_list("first_id", "second_id").get()


def test_a_pair_is_merged_with_the_chosen_values_and_separated_again(twin: Twin, cast: Cast) -> None:
    decision = decision_of(twin.pk, cast.dora)
    ids = (decision.kept.pk, decision.merged.pk)
    versions = dict(unscoped(Account, reason=REASON).filter(pk__in=ids).values_list("pk", "version"))
    commands.merge_twin(twin.pk, keep_id=twin.first_id, taken=["name"], versions=versions, actor=cast.dora)
    rows = unscoped(Account, reason=REASON)
    assert rows.get(pk=twin.first_id).name == MERGED
    assert rows.get(pk=twin.second_id).trashed_at is not None
    assert (state_of(twin), twin_rows(cast.dora, today=timezone.localdate())) == (TwinState.MERGED, ())
    with pytest.raises(Conflict):
        commands.part_twin(twin.pk, actor=cast.dora)
    commands.reopen_twin(twin.pk, actor=cast.dora)
    assert rows.get(pk=twin.first_id).name == KEPT
    assert rows.get(pk=twin.second_id).trashed_at is None
    assert state_of(twin) == TwinState.OPEN


def test_who_sees_one_of_the_records_alone_sees_and_decides_nothing(twin: Twin, cast: Cast, sign_in: SignIn) -> None:
    make_stewards()
    alice = actor_by_user_id(cast.alice.user_id or 0)
    assert twin_rows(alice, today=timezone.localdate()) == ()
    with pytest.raises(NotFound):
        decision_of(twin.pk, alice)
    acts: tuple[Callable[[], object], ...] = (
        lambda: commands.part_twin(twin.pk, actor=alice),
        lambda: commands.merge_twin(twin.pk, keep_id=twin.first_id, taken=[], actor=alice),
        lambda: commands.reopen_twin(twin.pk, actor=alice),
    )
    for act in acts:
        with pytest.raises(NotFound):
            act()
    with pytest.raises(AccessDenied):
        commands.part_twin(twin.pk, actor=cast.bob)
    assert state_of(twin) == TwinState.OPEN
    assert sign_in(cast.alice).get(f"/steward/?entry={twin.pk}").status_code == 404
    assert sign_in(cast.bob).get("/steward/").status_code == 403


def test_the_desk_shows_the_pair_and_answers_with_the_next(twin: Twin, cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.dora)
    page = client.get("/steward/").content.decode()
    assert all(words in page for words in (KEPT, MERGED, "Same phone number"))
    answer = client.post(f"/steward/pairs/{twin.pk}/", {"do": "later"}, headers={"HX-Request": "true"})
    assert "Nothing is waiting" in answer.content.decode()
    soon = timezone.localdate() + timedelta(days=7)
    assert [row.id for row in twin_rows(cast.dora, today=soon)] == [twin.pk]
    client.post(f"/steward/pairs/{twin.pk}/reopen/")
    values = {"do": "merge", "keep": twin.first_id, "take:name": "kept", "take:owner": "kept"}
    client.post(f"/steward/pairs/{twin.pk}/", values)
    assert state_of(twin) == TwinState.MERGED
    assert MERGED in client.get("/steward/decided/").content.decode()


def test_who_types_a_name_is_told_of_those_like_it_and_of_foreign_ones_only_that_they_are_there(
    cast: Cast, sign_in: SignIn
) -> None:
    customer(KEPT, "", actor=cast.alice)
    customer("中国移动通信集团广东有限公司", "", actor=cast.alice)
    theirs = {"owner_id": cast.charlie.user_id, "unit_id": cast.charlie.unit_id}
    edit_account(customer("蓝川精密仪器公司", "", actor=cast.dora).pk, theirs, actor=cast.dora)
    client = sign_in(cast.alice)

    def told(**typed: str) -> str:
        return client.post("/objects/account/alike/", {"kind": "organisation", **typed}).content.decode()

    page = told(name="嵐川精密仪器股份有限公司")
    assert KEPT in page
    assert "Same name but for its legal form" in page
    assert "One that you do not see" in page
    assert "Charlie" in page
    assert "蓝川" not in page
    assert KEPT in told(name="岚川精蜜仪器")
    assert KEPT in told(name="岚川精")
    assert told(name="岚州机械").strip() == ""
    assert told(name="集团").strip() == ""
    define_role("staff", name="Staff", rows={("account", "view"): "owner"}, fields={}, actor=system_actor("Tests"))
    assert client.post("/objects/account/alike/", {"name": KEPT}).status_code == 403


def test_an_official_number_finds_its_customer_by_its_token_alone(cast: Cast, sign_in: SignIn) -> None:
    account = customer(KEPT, "", actor=cast.dora)
    edit_account(account.pk, {"tax_id": "91320594MA1XK7QW5P"}, actor=cast.dora)
    client = sign_in(cast.dora)
    page = client.post("/objects/account/alike/", {"name": "别的名称", "tax_id": "91320594MA1XK7QW5P"}).content.decode()
    assert "Same tax id" in page
    assert "looks like" not in client.post("/objects/account/alike/", {"tax_id": "91320594"}).content.decode()
