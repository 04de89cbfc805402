"""A version's way and its page: who may do what, and what stays as it was when it is refused."""

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.planning.choices import MarketStage, PlanState
from guanxi.planning.commands import (
    Scope,
    begin_draft,
    confirm_briefing,
    publish_plan,
    restore_items,
    retire_items,
    set_market_phase,
    set_need,
    sign_off,
    start_ready_plan,
    submit_plan,
)
from guanxi.planning.models import InformationItem, InformationPlan
from guanxi.planning.queries.plans import (
    items_of,
    open_receipt,
    plan_of,
    plan_versions,
    receipt_counts,
    signoffs_of,
    version_items,
)
from guanxi.planning.queries.sources import binding_choices
from guanxi.planning.rules import NeedKey, compared
from guanxi.planning.tests.conftest import TODAY, put_in_force
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor, unit_names
from tests.cast import Cast, SignIn

HTMX = {"HX-Request": "true"}


def with_sight(cast: Cast) -> Cast:
    """The cast, whose managers see the plan and sign for their unit."""
    rows: dict[tuple[str, str], object] = {
        ("account", "view"): "unit_and_below",
        ("plan_signoff", "edit"): "unit_and_below",
        ("*", "view"): "everyone",
    }
    define_role("manager", name="Manager", rows=rows, fields={}, actor=system_actor("Tests"))

    def again(actor: Actor) -> Actor:
        return actor_by_user_id(actor.user_id or 0, surface=actor.surface)

    return Cast(again(cast.alice), again(cast.bob), again(cast.charlie), again(cast.dora), cast.token)


def named(plan: InformationPlan, cast: Cast) -> dict[str, InformationItem]:
    return {item.key: item for item in items_of(plan.pk, cast.dora)}


def test_the_ready_plan_is_started_once(draft: InformationPlan, cast: Cast) -> None:
    assert (draft.state, len(items_of(draft.pk, cast.dora))) == (PlanState.DRAFT, 41)
    with pytest.raises(Conflict, match="already"):
        start_ready_plan(TODAY, actor=cast.dora)


def test_who_may_not_edit_the_plan_changes_nothing(draft: InformationPlan, cast: Cast) -> None:
    seeing = with_sight(cast)
    item = named(draft, cast)["mobile"]
    for verb in (
        lambda: set_need(item.pk, need=NeedKey("sales"), value="needed", actor=seeing.bob),
        lambda: retire_items([item.pk], actor=seeing.bob),
        lambda: submit_plan(draft.pk, unit_ids=[cast.dora.unit_id or 0], due_on=None, actor=seeing.bob),
        lambda: begin_draft(draft.pk, today=TODAY, actor=seeing.bob),
    ):
        with pytest.raises(AccessDenied):
            verb()
    after = named(draft, cast)["mobile"]
    assert (after.version, after.needs, after.is_retired) == (item.version, item.needs, False)


def test_a_version_counts_when_every_unit_agreed(draft: InformationPlan, cast: Cast) -> None:
    seeing = with_sight(cast)
    bob, charlie, dora = seeing.bob, seeing.charlie, seeing.dora
    submit_plan(draft.pk, unit_ids=[bob.unit_id or 0, charlie.unit_id or 0], due_on=TODAY, actor=dora)
    east, west = signoffs_of(draft.pk, dora)
    with pytest.raises(AccessDenied):
        sign_off(west.pk, is_agreed=True, comment="", actor=bob)
    sign_off(east.pk, is_agreed=True, comment="", actor=bob)
    with pytest.raises(RuleViolation, match="what should be different"):
        sign_off(west.pk, is_agreed=False, comment=" ", actor=charlie)
    sign_off(west.pk, is_agreed=False, comment="少问一项", actor=charlie)
    with pytest.raises(RuleViolation, match="agreed yet: 1"):
        publish_plan(draft.pk, actor=dora)
    assert plan_of(draft.pk, dora).state == PlanState.SIGN_OFF
    sign_off(west.pk, is_agreed=True, comment="", actor=charlie)
    assert publish_plan(draft.pk, actor=dora).state == PlanState.PUBLISHED


def test_a_published_version_is_changed_by_its_next_one(published: InformationPlan, cast: Cast) -> None:
    item = named(published, cast)["hobby"]
    with pytest.raises(Conflict, match="Only a draft"):
        set_need(item.pk, need=NeedKey("sales"), value="must", actor=cast.dora)
    draft = begin_draft(published.pk, today=TODAY, actor=cast.dora)
    with pytest.raises(Conflict):
        begin_draft(published.pk, today=TODAY, actor=cast.dora)
    fresh = named(draft, cast)
    set_need(fresh["hobby"].pk, need=NeedKey("sales"), value="must", actor=cast.dora)
    retire_items([fresh["website"].pk], actor=cast.dora)
    found = compared(version_items(items_of(published.pk, cast.dora)), version_items(items_of(draft.pk, cast.dora)))
    assert {(row.key, row.change, row.fields) for row in found} == {
        ("hobby", "changed", ("needs",)),
        ("website", "removed", ()),
    }
    put_in_force(draft, cast.dora)
    assert plan_of(published.pk, cast.dora).state == PlanState.SUPERSEDED


def test_what_is_collected_no_more_is_taken_up_again(published: InformationPlan, cast: Cast) -> None:
    item = named(published, cast)["website"]
    assert (retire_items([item.pk], actor=cast.dora), retire_items([item.pk], actor=cast.dora)) == ([item.pk], [])
    assert restore_items([item.pk], actor=cast.dora) == [item.pk]
    assert not named(published, cast)["website"].is_retired


def test_each_person_confirms_a_briefing_once(published: InformationPlan, cast: Cast) -> None:
    alice = with_sight(cast).bob
    assert open_receipt(alice.user_id or 0, published.pk)
    assert (confirm_briefing(published.pk, actor=alice), confirm_briefing(published.pk, actor=alice)) == (True, False)
    assert receipt_counts(published.pk)[0] == 1


def test_the_page_has_a_cell_for_each_need_and_takes_one_back(
    draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    client: Client = sign_in(cast.dora)
    page = client.get(reverse("plan"))
    assert (page.status_code, page.content.count(b"mx-cell")) == (200, 41 * 5)
    item = named(draft, cast)["short_name"]
    answer = client.post(f"{reverse('set_need', args=[item.pk])}?audience=sales&to=must", headers=HTMX)
    assert named(draft, cast)["short_name"].needs["sales||"] == "must"
    client.post(json.loads(answer.headers["HX-Trigger"])["toast"]["undo"], headers=HTMX)
    assert "sales||" not in named(draft, cast)["short_name"].needs


@pytest.mark.parametrize("value", ["much", "needed"])
def test_an_unknown_audience_or_importance_is_refused(
    value: str, draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    item = named(draft, cast)["short_name"]
    audience = "sales" if value == "much" else "nobody"
    answer = sign_in(cast.dora).post(f"{reverse('set_need', args=[item.pk])}?audience={audience}&to={value}")
    assert (answer.status_code, named(draft, cast)["short_name"].needs) == (422, item.needs)


def test_who_only_sees_the_plan_finds_no_way_to_change_it(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    seeing = with_sight(cast)
    client = sign_in(seeing.bob)
    page = client.get(reverse("plan"))
    assert (page.status_code, b"mx-cell" in page.content) == (200, False)
    item = named(draft, cast)["mobile"]
    assert client.post(f"{reverse('set_need', args=[item.pk])}?audience=sales&to=needed").status_code == 403
    assert sign_in(cast.alice).get(reverse("plan")).status_code == 403


def test_the_matrix_costs_the_same_for_any_number_of_items(
    draft: InformationPlan, cast: Cast, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = sign_in(cast.dora)
    client.get(reverse("plan"))
    with django_assert_max_num_queries(14):  # type: ignore[attr-defined]  # a context manager
        client.get(reverse("plan"))


def test_the_list_of_those_who_miss_something_tells_nothing_of_hidden_fields(
    published: InformationPlan, cast: Cast, new_account: Callable[..., Account], sign_in: SignIn
) -> None:
    new_account("甲公司")
    from_plan = named(published, cast)["tax_id"].binding_id
    page = sign_in(cast.bob).get(f"{reverse('account_list')}?missing={from_plan}")
    assert (page.status_code, "甲公司" in page.content.decode()) == (200, False)


def test_a_version_for_a_department_is_begun_from_that_of_the_house(published: InformationPlan, cast: Cast) -> None:
    west = cast.charlie.unit_id or 0
    set_market_phase(MarketStage.MATURITY, product_line="", unit_id=west, from_on=TODAY, actor=cast.dora)
    draft = begin_draft(
        published.pk, scope=Scope(unit_id=west), item_keys=["mobile", "hobby"], today=TODAY, actor=cast.dora
    )
    assert (draft.unit_id, draft.number, draft.former_id) == (west, 1, published.pk)
    assert (draft.state, draft.stage, set(named(draft, cast))) == ("draft", "maturity", {"mobile", "hobby"})
    everything = begin_draft(published.pk, today=TODAY, actor=cast.dora)
    assert (everything.unit_id, everything.number, everything.stage) == (None, 2, "growth")
    with pytest.raises(Conflict, match="worked on already"):
        begin_draft(published.pk, scope=Scope(unit_id=west), today=TODAY, actor=cast.dora)
    with pytest.raises(RuleViolation, match="no such department"):
        begin_draft(published.pk, scope=Scope(unit_id=10**9), today=TODAY, actor=cast.dora)
    with pytest.raises(AccessDenied):
        begin_draft(published.pk, scope=Scope("pumps", west), today=TODAY, actor=with_sight(cast).bob)
    assert len(plan_versions(cast.dora)) == 3


def test_a_version_of_a_department_counts_beside_that_of_the_house_and_is_read_there(
    published: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    seeing = with_sight(cast)
    west, client = seeing.charlie.unit_id or 0, sign_in(seeing.dora)
    address = reverse("begin_plan_elsewhere", args=[published.pk])
    assert address in client.get(reverse("plan")).content.decode()
    shown = client.get(address).content.decode()
    groups = [item.group_zh for item in items_of(published.pk, cast.dora)]
    assert shown.count(" checked") == len(set(groups))
    for nobody in ("", "999999"):
        refused = client.post(address, {"unit": nobody, "groups": groups[:1]})
        assert (refused.status_code, len(plan_versions(cast.dora))) == (422, 1)
    pumps = client.post(address, {"unit": "house", "product_line": " pumps ", "groups": groups[:1]})
    assert (pumps.status_code, [plan.product_line for plan in plan_versions(cast.dora)]) == (303, ["", "pumps"])
    begun = client.post(address, {"unit": west, "groups": groups[:1]})
    draft = next(plan for plan in plan_versions(cast.dora) if plan.unit_id == west)
    assert (begun.status_code, begun.headers["Location"]) == (303, f"{reverse('plan')}?version={draft.pk}")
    assert len(items_of(draft.pk, cast.dora)) == groups.count(groups[0])
    page = client.get(begun.headers["Location"]).content.decode()
    assert ("These versions in force count here too" in page, f"?version={published.pk}" in page) == (True, True)
    units = client.get(reverse("submit_plan", args=[draft.pk])).content.decode()
    assert re.findall(r'value="(\d+)"[^>]*checked', units) == [str(west)]
    submit_plan(draft.pk, unit_ids=[west], due_on=None, actor=seeing.dora)
    (asked,) = signoffs_of(draft.pk, seeing.dora)
    sign_off(asked.pk, is_agreed=True, comment="", actor=seeing.charlie)
    publish_plan(draft.pk, actor=seeing.dora)
    assert plan_of(published.pk, cast.dora).state == PlanState.PUBLISHED
    assert open_receipt(seeing.charlie.user_id or 0, draft.pk)
    assert not open_receipt(seeing.bob.user_id or 0, draft.pk)


def test_who_may_not_begin_a_version_finds_no_way_to_it(
    published: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    client, address = sign_in(with_sight(cast).bob), reverse("begin_plan_elsewhere", args=[published.pk])
    assert address not in client.get(reverse("plan")).content.decode()
    assert client.post(address, {"unit": cast.charlie.unit_id}).status_code == 403
    assert len(plan_versions(cast.dora)) == 1


def test_two_scopes_are_told_apart_by_their_department(published: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    west = cast.charlie.unit_id or 0
    draft = begin_draft(published.pk, scope=Scope(unit_id=west), today=TODAY, actor=cast.dora)
    page = sign_in(cast.dora).get(f"{reverse('plan')}?version={draft.pk}").content.decode()
    assert "Compare with its origin" in page
    assert page.count(f"{TODAY.year}, version 1 · {unit_names()[west]}") == 1


def test_kinds_of_facts_are_offered_in_the_language_of_the_reader(db: None) -> None:
    with translation.override("zh-hans"):
        offered = {value: str(label) for _group, rows in binding_choices() for value, label in rows}
    assert (offered["fact:interaction:call"], offered["fact:interaction:visit"]) == ("通话", "拜访")
