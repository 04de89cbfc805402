"""A version's way and its page: who may do what, and what stays as it was when it is refused."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, RuleViolation
from guanxi.planning.choices import PlanState
from guanxi.planning.commands import (
    begin_draft,
    confirm_briefing,
    publish_plan,
    restore_items,
    retire_items,
    set_need,
    sign_off,
    start_ready_plan,
    submit_plan,
)
from guanxi.planning.models import InformationItem, InformationPlan
from guanxi.planning.queries.plans import items_of, open_receipt, plan_of, receipt_counts, signoffs_of, version_items
from guanxi.planning.queries.sources import binding_choices
from guanxi.planning.rules import NeedKey, compared
from guanxi.planning.tests.conftest import TODAY, put_in_force
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
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


def test_kinds_of_facts_are_offered_in_the_language_of_the_reader(db: None) -> None:
    with translation.override("zh-hans"):
        offered = {value: str(label) for _group, rows in binding_choices() for value, label in rows}
    assert (offered["fact:interaction:call"], offered["fact:interaction:visit"]) == ("通话", "拜访")
