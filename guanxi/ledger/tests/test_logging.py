"""The pages that log a contact and take it back: once each, by who did it, whatever is sent."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import RuleViolation
from guanxi.ledger.commands import NewFact, ingest_rows, keep_promise, log_fact, take_back_fact
from guanxi.ledger.models import Fact
from guanxi.ledger.queries import facts_of_account
from guanxi.ledger.queries.promises import open_promises
from guanxi.ledger.tests.conftest import Cast, purchase
from tests.cast import SignIn

HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_a_form_sent_again_a_moment_later_logs_once(
    headers: dict[str, str],
    cast: Cast,
    owned_account_id: int,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, values = sign_in(cast.alice), {"sub_kind": "call", "note": "Back on Monday", "once": "5f0d"}
    moments = [datetime(2026, 3, 2, 12, 0, second, tzinfo=UTC) for second in (1, 2)]
    for moment in moments:
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert client.post(f"/accounts/{owned_account_id}/log/", values, headers=headers).status_code in {200, 303}
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert row.occurred_at == moments[0]
    assert client.post(f"/accounts/{owned_account_id}/log/", {**values, "note": "Other words"}).status_code == 409


def test_a_form_cannot_take_the_number_of_another_act(cast: Cast, owned_account_id: int, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    assert client.post(f"/accounts/{owned_account_id}/log/", {"once": "queue-7-1"}).status_code == 303
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert not row.source_id.startswith("queue-")
    assert client.post(f"/accounts/{owned_account_id}/log/", {"once": "queue-7-1"}).status_code == 303
    other = sign_in(cast.bob).post(f"/accounts/{owned_account_id}/log/", {"once": "queue-7-1"})
    assert other.status_code == 303
    assert Fact._base_manager.count() == 2


@pytest.mark.parametrize(
    "values",
    [
        {"sub_kind": "nonsense"},
        {"sub_kind": "\x00"},
        {"note": "a\x00b"},
        {"once": "a\x00b"},
        {"sub_kind": "buy"},
    ],
    ids=str,
)
def test_nonsense_is_refused_or_ignored_and_breaks_nothing(
    values: dict[str, str], cast: Cast, owned_account_id: int, sign_in: SignIn
) -> None:
    answer = sign_in(cast.alice).post(f"/accounts/{owned_account_id}/log/", {"sub_kind": "call", **values})
    assert answer.status_code in {303, 422}
    assert Fact._base_manager.count() == (answer.status_code == 303)


@pytest.mark.parametrize("sub_kind", ["gift_given", "material_posted"])
def test_what_is_given_is_not_logged_past_its_limits(
    sub_kind: str, cast: Cast, owned_account_id: int, sign_in: SignIn
) -> None:
    values = {"sub_kind": sub_kind, "note": "A gold watch"}
    answer = sign_in(cast.alice).post(f"/accounts/{owned_account_id}/log/", values)
    assert (answer.status_code, Fact._base_manager.count()) == (422, 0)


def test_who_logged_takes_it_back_within_reach_and_nobody_else(
    cast: Cast, owned_account_id: int, sign_in: SignIn
) -> None:
    sign_in(cast.alice).post(f"/accounts/{owned_account_id}/log/", {"sub_kind": "call"})
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert sign_in(cast.bob).post(f"/facts/{row.id}/void/").status_code == 403
    assert sign_in(cast.charlie).post(f"/facts/{row.id}/void/").status_code == 404
    assert [fact.id for fact in facts_of_account(cast.alice, owned_account_id).rows] == [row.id]
    for _ in range(2):
        assert sign_in(cast.alice).post(f"/facts/{row.id}/void/").status_code == 204
    assert facts_of_account(cast.alice, owned_account_id).rows == ()
    assert Fact._base_manager.count() == 2


def test_what_a_system_captured_is_not_taken_back_as_a_slip(
    cast: Cast, owned_account_id: int, system: Actor, sign_in: SignIn
) -> None:
    ingest_rows([purchase("1", user_id=cast.alice.user_id)], source="till", actor=system)
    (row,) = facts_of_account(cast.alice, owned_account_id).rows
    assert sign_in(cast.alice).post(f"/facts/{row.id}/void/").status_code == 403
    assert len(facts_of_account(cast.alice, owned_account_id).rows) == 1


def test_a_promise_stands_on_top_until_it_is_kept_and_again_when_that_is_taken_back(
    cast: Cast, owned_account_id: int, sign_in: SignIn
) -> None:
    client, card = sign_in(cast.alice), f"/accounts/{owned_account_id}/"
    said = {"sub_kind": "call", "promise": "Send the sample", "due_on": "2026-12-01", "once": "p"}
    assert client.post(f"{card}log/", said).status_code == 303
    (promise,) = open_promises(cast.alice, owned_account_id)
    assert (promise.words, str(promise.due_on)) == ("Send the sample", "2026-12-01")
    address = reverse("promise_kept", args=[promise.fact_id])
    assert address in client.get(card).content.decode()
    assert sign_in(cast.charlie).post(address).status_code == 404
    assert len(open_promises(cast.alice, owned_account_id)) == 1
    assert client.post(address).status_code == 303
    assert open_promises(cast.alice, owned_account_id) == ()
    kept_id = keep_promise(promise.fact_id, actor=cast.alice)
    take_back_fact(kept_id, reason="slip", actor=cast.alice)
    assert open_promises(cast.alice, owned_account_id) == (promise,)
    assert keep_promise(promise.fact_id, actor=cast.alice) != kept_id
    assert open_promises(cast.alice, owned_account_id) == ()


def test_a_day_that_is_none_is_refused_and_nothing_is_logged(
    cast: Cast, owned_account_id: int, sign_in: SignIn
) -> None:
    said = {"sub_kind": "call", "promise": "Send the sample", "due_on": "soon"}
    assert sign_in(cast.alice).post(f"/accounts/{owned_account_id}/log/", said).status_code == 422
    assert open_promises(cast.alice, owned_account_id) == ()


def test_nothing_is_kept_that_was_not_promised(cast: Cast, owned_account_id: int) -> None:
    fact_id = log_fact(owned_account_id, fact=NewFact("interaction", "call", timezone.now()), once="", actor=cast.alice)
    with pytest.raises(RuleViolation) as refusal:
        keep_promise(fact_id, actor=cast.alice)
    assert refusal.value.code == "promise.none"
