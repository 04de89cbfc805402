"""The pages of the questionnaire and of needs by party and phase: what they show, take and refuse."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guanxi.planning.commands import ItemAnswer
from guanxi.planning.models import InformationPlan, NeedsRound
from guanxi.planning.queries.needs import rounds_of, said_in, sheets_of
from guanxi.planning.queries.plans import items_of
from guanxi.planning.tests.test_needs_rounds import answer, item_named, opened, sheet_of
from guanxi.planning.tests.test_plan import HTMX, with_sight
from tests.cast import Cast, SignIn

TODAY = timezone.localdate()


def sheet_url(held: NeedsRound, cast: Cast) -> str:
    return reverse("needs_sheet", args=[sheet_of(held, cast.alice).pk])


def test_a_planner_opens_a_round_on_the_form(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    client: Client = sign_in(cast.dora)
    empty = client.get(reverse("plan_rounds", args=[draft.pk]))
    assert b"Nobody was asked yet" in empty.content
    address = reverse("open_round", args=[draft.pk])
    values: dict[str, object] = {
        "introduction": "Why",
        "closes_on": TODAY + timedelta(days=3),
        "parties": ["customer"],
        "roles": ["staff"],
        "asked_as": ["user"],
        "audience": "",
    }
    refused = client.post(address, values)
    assert (refused.status_code, rounds_of(draft.pk, cast.dora)) == (422, ())
    assert "The role of these people is no audience" in refused.content.decode()
    assert 'name="roles" value="staff" class="ck" id="id_roles_' in refused.content.decode()
    done = client.post(address, {**values, "audience": "sales"})
    (held,) = rounds_of(draft.pk, cast.dora)
    assert (done.status_code, done.headers["Location"]) == (303, reverse("needs_round", args=[held.pk]))
    assert [sheet.user_id for sheet in sheets_of(held.pk)] == [cast.alice.user_id]


def test_the_rounds_of_a_plan_are_for_who_may_change_it(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    held = opened(draft, cast)
    seeing = with_sight(cast)
    client = sign_in(seeing.bob)
    for name, ident in (("plan_rounds", draft.pk), ("needs_round", held.pk), ("take_over_needs", held.pk)):
        assert client.get(reverse(name, args=[ident])).status_code == 403, name
    assert client.post(reverse("close_round", args=[held.pk])).status_code == 403
    assert reverse("plan_rounds", args=[draft.pk]).encode() not in client.get(reverse("plan")).content
    assert rounds_of(draft.pk, cast.dora)[0].closed_at is None


def test_who_is_asked_answers_without_any_right_on_the_plan(
    draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    held = opened(draft, cast)
    mobile = item_named(draft, cast, "mobile")
    client, address = sign_in(cast.alice), sheet_url(held, cast)
    assert client.get(reverse("plan")).status_code == 403
    page = client.get(address).content.decode()
    assert ("Why we ask" in page, f'name="{mobile.pk}-need"' in page) == (True, True)
    posted = {"party": "customer", "version": "1", f"{mobile.pk}-row": "1", f"{mobile.pk}-need": "must"}
    saved = client.post(address, {**posted, "go": "media", "wishes": "one\n\ntw\x00o"})
    assert (saved.status_code, parse_qs(urlsplit(saved.headers["Location"]).query)) == (303, {"party": ["media"]})
    assert said_in(held.pk) == ()
    handed = client.post(address, {**posted, "version": "2", "hand_in": "1", "wishes": "one\ntwo"})
    assert handed.headers["Location"] == reverse("own_needs")
    assert [(row.item_id, row.party, row.need) for row in said_in(held.pk)] == [(mobile.pk, "customer", "must")]
    assert sheet_of(held, cast.alice).wishes == ["one", "two"]
    assert b"handed in" in client.get(reverse("own_needs")).content
    for other in (cast.bob, cast.dora):
        assert sign_in(other).get(address).status_code == 404


def test_a_wrong_answer_loses_nothing(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    held = opened(draft, cast)
    mobile = item_named(draft, cast, "mobile")
    client, address = sign_in(cast.alice), sheet_url(held, cast)
    posted = {
        "party": "customer",
        "version": "1",
        f"{mobile.pk}-row": "1",
        f"{mobile.pk}-need": "needed",
        f"{mobile.pk}-decision": "Whom to call first",
        f"{mobile.pk}-fresh_days": "soon",
        "wishes": "something",
    }
    refused = client.post(address, posted)
    page = refused.content.decode()
    assert (refused.status_code, sheet_of(held, cast.alice).version) == (422, 1)
    assert ("Enter a whole number" in page, 'value="soon"' in page, "Whom to call first" in page) == (True,) * 3
    assert ("something" in page, f'name="{mobile.pk}-need" value="needed" checked' in " ".join(page.split())) == (
        True,
        True,
    )


def test_a_second_window_is_told_of_the_first_and_can_save_then(
    draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    held = opened(draft, cast)
    client, address = sign_in(cast.alice), sheet_url(held, cast)
    client.post(address, {"party": "customer", "version": "1", "wishes": "first"})
    refused = client.post(address, {"party": "customer", "version": "1", "wishes": "second"})
    assert (refused.status_code, sheet_of(held, cast.alice).wishes) == (422, ["first"])
    assert 'name="version" value="2"' in refused.content.decode()
    client.post(address, {"party": "customer", "version": "2", "wishes": "second"})
    assert sheet_of(held, cast.alice).wishes == ["second"]


def test_a_closed_round_is_read_and_not_written(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    held = opened(draft, cast)
    answer(held, cast.alice, [], wishes=["kept"])
    planner = sign_in(cast.dora)
    planner.post(reverse("close_round", args=[held.pk]))
    client, address = sign_in(cast.alice), sheet_url(held, cast)
    page = client.get(address).content.decode()
    assert ("This round is closed" in page, "kept" in page, "Save the changes" in page) == (True, True, False)
    refused = client.post(address, {"party": "customer", "wishes": "more"})
    assert (refused.status_code, sheet_of(held, cast.alice).wishes) == (422, ["kept"])
    assert b"kept" in planner.get(reverse("needs_round", args=[held.pk])).content


def test_the_planner_sees_what_would_change_and_takes_what_is_ticked(
    draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    held = opened(draft, cast)
    item = item_named(draft, cast, "short_name")
    answer(held, cast.alice, [ItemAnswer(item.pk, "customer", need="must", fresh_days=30)], wishes=["Expansion"])
    client = sign_in(cast.dora)
    summary = client.get(reverse("needs_round", args=[held.pk])).content.decode()
    assert ("Expansion" in summary, "needed, but nobody collects it" in summary) == (True, True)
    assert b"Alice" in client.get(reverse("said_of_item", args=[held.pk, item.pk])).content
    address = reverse("take_over_needs", args=[held.pk])
    keys = [f"{item.pk}:needs:sales|customer|", f"{item.pk}:limit_days"]
    page = client.get(f"{address}?item={item.pk}").content.decode()
    assert [f'value="{key}"' in page for key in keys] == [True, True]
    shown = {f"former:{keys[0]}": "", f"value:{keys[0]}": "must", f"former:{keys[1]}": "", f"value:{keys[1]}": "30"}
    moved = client.post(address, {**shown, "take": keys, f"value:{keys[1]}": "20"})
    assert (moved.status_code, item_named(draft, cast, "short_name").version) == (422, item.version)
    done = client.post(address, {**shown, "take": keys[:1]})
    after = item_named(draft, cast, "short_name")
    assert (done.status_code, after.needs["sales|customer|"], after.limit_days) == (303, "must", item.limit_days)
    told = client.get(reverse("plan_item", args=[item.pk])).content.decode()
    back = told.partition('action="/plan/rounds/give-back/')[2].partition('"')[0].replace("&amp;", "&")
    assert client.post(f"{reverse('give_back_needs')}{back}").status_code == 303
    assert item_named(draft, cast, "short_name").needs == item.needs


def test_pages_cost_the_same_for_any_number_of_answers(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    held = opened(draft, cast)
    items = items_of(draft.pk, cast.dora)
    planner, asked = sign_in(cast.dora), sign_in(cast.alice)
    addresses = [
        (planner, reverse("needs_round", args=[held.pk])),
        (planner, reverse("take_over_needs", args=[held.pk])),
        (planner, reverse("said_of_item", args=[held.pk, items[0].pk])),
        (asked, sheet_url(held, cast)),
    ]
    counts = []
    for actor, most in ((cast.alice, 1), (cast.bob, 30)):
        said = [ItemAnswer(item.pk, "customer", need="must", fresh_days=5, way="form") for item in items[:most]]
        answer(held, actor, said, wishes=["something"])
        found = []
        for client, address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[1]) <= 20


def test_changing_the_purpose_saves_what_was_typed(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    held = opened(draft, cast)
    saved = sign_in(cast.alice).post(
        f"{sheet_url(held, cast)}?purpose=talk", {"party": "media", "purpose": "classify", "wishes": "kept"}
    )
    assert parse_qs(urlsplit(saved.headers["Location"]).query) == {"party": ["media"], "purpose": ["classify"]}
    assert sheet_of(held, cast.alice).wishes == ["kept"]


def test_needs_are_set_by_party_and_phase_on_a_grid(draft: InformationPlan, cast: Cast, sign_in: SignIn) -> None:
    item = item_named(draft, cast, "short_name")
    client, address = sign_in(cast.dora), reverse("plan_item_needs", args=[item.pk])
    page = client.get(f"{address}?party=customer")
    assert (page.status_code, page.content.count(b"<select")) == (200, 25)
    posted = {"party": "customer", "version": str(item.version), "sales|": "must", "sales|decline": "not"}
    assert client.post(address, posted).headers["Location"] == f"{address}?party=customer"
    after = item_named(draft, cast, "short_name")
    added = {"sales|customer|": "must", "sales|customer|decline": ""}
    assert after.needs == {**item.needs, **added}
    stale = client.post(address, {**posted, "sales|": ""})
    assert (stale.status_code, item_named(draft, cast, "short_name").needs) == (422, after.needs)
    wrong = client.post(address, {"party": "customer", "version": str(after.version), "sales|": "very"})
    assert (wrong.status_code, item_named(draft, cast, "short_name").version) == (422, after.version)
    again = {"party": "customer", "version": str(after.version), "sales|": "", "sales|decline": ""}
    client.post(address, again)
    assert item_named(draft, cast, "short_name").needs == item.needs


@pytest.mark.parametrize(
    ("shown", "key"),
    [
        ({}, "sales||"),
        ({"party": "media"}, "sales|media|"),
        ({"party": "media", "stage": "decline"}, "sales|media|decline"),
    ],
)
def test_the_matrix_sets_the_need_that_it_shows(
    shown: dict[str, str], key: str, draft: InformationPlan, cast: Cast, sign_in: SignIn
) -> None:
    item = item_named(draft, cast, "short_name")
    client = sign_in(cast.dora)
    address = reverse("set_need", args=[item.pk])
    query = "&".join(f"{name}={value}" for name, value in {**shown, "audience": "sales", "to": "must"}.items())
    done = client.post(f"{address}?{query}", headers=HTMX)
    assert item_named(draft, cast, "short_name").needs == {**item.needs, key: "must"}
    undo = done.headers["HX-Trigger"].partition('"undo": "')[2].partition('"')[0]
    client.post(undo, headers=HTMX)
    assert item_named(draft, cast, "short_name").needs == item.needs
    matrix = client.get(reverse("plan"), shown)
    assert matrix.status_code == 200
