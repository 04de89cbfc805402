"""Conditions, columns, sums and saved views of a list: what they find, and that they betray nothing."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.errors import RuleViolation
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.objects.commands import choose_view, save_view
from guanxi.platform.objects.conditions import Condition, Group, Operator, Where, parse_where, where_text
from guanxi.platform.objects.queries import views_of
from guanxi.value.models import ValueIndex
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON, TAX_ID, MakeAccounts, Secret

NAMES = re.compile(r'class="clip nm who"[^>]*>([^<]+)<')


@pytest.fixture
def accounts(cast: Cast, new_account: Callable[..., Account]) -> dict[str, Account]:
    """Four accounts of Alice's that differ in city, kind and day."""
    return {
        "甲": new_account("甲", city="苏州", industry="Steel 100%", since_on="2020-05-01"),
        "乙": new_account("乙", city="杭州", kind="person", since_on="2024-01-31"),
        "丙": new_account("丙", city="Suzhou", industry="steel"),
        "丁": new_account("丁", relation_id="media"),
    }


def listed(client: Client, where: object = "", **more: str) -> list[str]:
    """The names on the first page of a list with these conditions."""
    text = where if isinstance(where, str) else json.dumps(where)
    answer = client.get("/accounts/?" + urlencode({"where": text, "sort": "name", **more}))
    assert answer.status_code == 200, answer.content.decode()[:2000]
    return sorted(NAMES.findall(answer.content.decode()))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (["city", "is", "苏州"], "甲"),
        (["city", "is_not", "苏州"], "丁丙乙"),
        (["city", "contains", "zho"], "丙"),
        (["industry", "starts", "STEEL"], "丙甲"),
        (["industry", "contains", "100%"], "甲"),
        (["industry", "contains", "_"], ""),
        (["city", "empty"], "丁"),
        (["city", "filled"], "丙乙甲"),
        (["kind", "is", "person"], "乙"),
        (["kind", "is_not", "person"], "丁丙甲"),
        (["relation", "is", "media", "customer"], "丁丙乙甲"),
        (["since_on", "before", "2024-01-31"], "甲"),
        (["since_on", "after", "2020-05-01"], "乙"),
        (["since_on", "is", "2024-01-31"], "乙"),
        (["since_on", "longer_ago", "100"], "乙甲"),
        (["since_on", "empty"], "丁丙"),
        (["created_at", "in_last", "1"], "丁丙乙甲"),
        (["created_at", "longer_ago", "1"], ""),
        (["created_at", "within", "this_year"], "丁丙乙甲"),
        (["created_at", "within", "this_week"], "丁丙乙甲"),
        (["created_at", "within", "next_month"], ""),
        (["any", ["city", "is", "杭州"], ["relation", "is", "media"]], "丁乙"),
        (["all", ["kind", "is", "organisation"], ["any", ["city", "is", "苏州"], ["city", "empty"]]], "丁甲"),
        (["grade", "empty"], "丁丙乙甲"),
        (["grade", "is", "S"], ""),
    ],
)
def test_conditions_find_what_they_say(
    where: list[Any], found: str, accounts: dict[str, Account], cast: Cast, sign_in: SignIn
) -> None:
    assert listed(sign_in(cast.alice), where) == sorted(found)


@pytest.mark.parametrize(
    "where",
    [
        "{}",
        "[",
        '["city"]',
        '["nothing","is","1"]',
        '["owner__password","is","1"]',
        '["password","is","1"]',
        '["kind","contains","per"]',
        '["since_on","before","soon"]',
        '["since_on","longer_ago","-1"]',
        '["since_on","longer_ago","999999999"]',
        '["owner","is","1 OR 1=1"]',
        '["city","is"]',
        '["city","is","a","b"]',
        '["city","is",["a"]]',
        '["index","at_least","NaN"]',
        '["index","at_least","1e400"]',
        '["city","is","\\u0000"]',
        '["all"]',
        '["all",["all",["all",["all",["all",["city","empty"]]]]]]',
    ],
)
def test_what_is_no_condition_is_refused_in_words(
    where: str, accounts: dict[str, Account], cast: Cast, sign_in: SignIn
) -> None:
    client = sign_in(cast.alice)
    answer = client.get("/accounts/?" + urlencode({"where": where}))
    assert answer.status_code == 422
    assert "The list cannot be filtered like this." in answer.content.decode()


@pytest.mark.parametrize("text", ["'; DROP TABLE customers_account; --", "%s", "{}", "\\", "' OR ''='"])
def test_values_are_never_sql(text: str, accounts: dict[str, Account], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    assert listed(client, ["city", "is", text]) == []
    assert listed(client, ["city", "is_not", text]) == sorted(accounts)


def test_a_field_that_is_hidden_or_masked_betrays_nothing(secret: Secret, cast: Cast, sign_in: SignIn) -> None:
    for actor in (cast.alice, cast.bob):  # masked for Alice, hidden for Bob
        client = sign_in(actor)
        refused = client.get("/accounts/?" + urlencode({"where": json.dumps(["tax_id", "is", TAX_ID])}))
        assert refused.status_code == 422
        for address in ("?cols=name,tax_id", "?sort=tax_id", "?group=tax_id", "?sort=-tax_id&cols=tax_id"):
            page = client.get("/accounts/" + address)
            assert page.status_code == 200, address
            assert TAX_ID not in page.content.decode(), address
    everything = sign_in(cast.dora).get("/accounts/?cols=name,tax_id").content.decode()
    assert TAX_ID in everything


def test_sums_count_only_what_the_person_sees(accounts: dict[str, Account], cast: Cast, sign_in: SignIn) -> None:
    edit_account(accounts["丁"].pk, {"city": "苏州"}, actor=cast.alice)
    page = sign_in(cast.alice).get("/accounts/?group=city").content.decode()
    rows = re.findall(r'<td><a href="[^"]*">([^<]*)</a></td>\s*<td class="r num">([^<]*)</td>', page)
    assert rows[0] == ("苏州", "2")
    assert sorted(rows) == [("Suzhou", "1"), ("杭州", "1"), ("苏州", "2")]
    assert (
        re.findall(r'<td><a href="[^"]*">', sign_in(cast.charlie).get("/accounts/?group=city").content.decode()) == []
    )


def test_a_sum_opens_its_records(accounts: dict[str, Account], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    page = client.get("/accounts/?group=kind").content.decode()
    address = re.search(r'<td><a href="([^"]*)">Person</a>', page)
    assert address is not None
    opened = client.get("/accounts/" + address.group(1).replace("&amp;", "&")).content.decode()
    assert NAMES.findall(opened) == ["乙"]


def test_the_builder_leads_from_rows_to_a_list(accounts: dict[str, Account], cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.alice)
    builder = "/objects/account/filter/"
    form = {"f0": "city", "o0": "is", "v0": "苏州", "g0": "0", "f1": "kind", "v1": "person", "g1": "1", "j1": "any"}
    shown = client.get(builder, {**form, "do": "add.1"}).content.decode()
    assert shown.count('name="f') == 3
    assert client.get(builder, {**form, "do": "remove.1"}).content.decode().count('name="f') == 1
    counted = client.get(builder, {**form, "do": "count"}).content.decode()
    assert "0 match" in counted
    answer = client.get(builder, {**form, "do": "apply", "j0": "any", "sort": "name"})
    assert answer.status_code == 303
    assert NAMES.findall(client.get(answer.headers["Location"]).content.decode()) == ["甲", "乙"]


def test_several_keys_sort_one_after_the_other(accounts: dict[str, Account], cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.alice).get("/accounts/?sort=kind,-name").content.decode()
    names = [account.name for account in grant(cast.alice, Account).queryset().order_by("kind", "-name_key")]
    assert NAMES.findall(page) == names


def conditions() -> st.SearchStrategy[Where]:
    """Conditions of every shape."""
    single = st.builds(
        Condition,
        st.text(max_size=8),
        st.sampled_from(Operator),
        st.lists(
            st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=9), max_size=3
        ).map(tuple),
    ).filter(lambda item: item.field not in {"all", "any"})
    one = st.one_of(single, st.builds(Group, st.booleans(), st.lists(single, min_size=1, max_size=3).map(tuple)))
    return st.one_of(single, st.builds(Group, st.booleans(), st.lists(one, min_size=1, max_size=3).map(tuple)))


@given(conditions())
def test_conditions_survive_their_address(where: Where) -> None:
    assert parse_where(where_text(where)) == where


def test_forty_conditions_are_enough() -> None:
    parts = [["city", "empty"]] * 41
    with pytest.raises(RuleViolation):
        parse_where(json.dumps(["any", *parts]))


def test_a_view_is_kept_shared_and_opened_first(
    accounts: dict[str, Account], cast: Cast, sign_in: SignIn, make_accounts: MakeAccounts
) -> None:
    client = sign_in(cast.bob)
    query = urlencode({"sort": "name", "where": '["city","is","苏州"]'})
    kept = {"name": "Suzhou", "audience": "unit", "is_pinned": "on", "is_default": "on", "query": query}
    answer = client.post("/objects/account/views/new/?" + query, kept)
    assert answer.status_code == 303
    assert client.post("/objects/account/views/new/", kept).status_code == 422
    first = client.get("/accounts/")
    assert first.status_code == 302
    assert NAMES.findall(client.get(first.headers["Location"]).content.decode()) == ["甲"]
    assert [row.name for row in views_of("account", cast.alice)] == ["Suzhou"]
    assert views_of("account", cast.charlie) == ()
    assert sign_in(cast.alice).get("/accounts/").status_code == 200


def test_only_who_made_a_view_changes_it(cast: Cast, sign_in: SignIn) -> None:
    view_id = save_view("account", name="Mine", query="sort=name", audience="all", actor=cast.alice)
    private = save_view("account", name="Private", query="sort=name", actor=cast.alice)
    client = sign_in(cast.bob)
    address = f"/objects/account/views/{view_id}/"
    client.post(address, {"name": "Taken", "audience": "me", "is_pinned": "on"})
    assert client.post(f"{address}remove/").status_code == 403
    assert client.get(f"/objects/account/views/{private}/").status_code == 404
    assert client.post(f"/objects/account/views/{private}/remove/").status_code == 404
    (row,) = views_of("account", cast.bob)
    assert (row.name, row.audience, row.is_pinned, row.is_own) == ("Mine", "all", True, False)
    assert sign_in(cast.alice).post(f"{address}remove/").status_code == 303
    assert views_of("account", cast.bob) == ()


def test_one_view_opens_first(cast: Cast) -> None:
    ids = [save_view("account", name=name, query="sort=name", actor=cast.alice) for name in "ab"]
    for view_id in ids:
        choose_view(view_id, is_pinned=False, is_default=True, actor=cast.alice)
    assert [row.is_default for row in views_of("account", cast.alice)] == [False, True]


def test_a_contributed_column_of_hidden_numbers_sorts_nothing(
    cast: Cast, sign_in: SignIn, make_accounts: MakeAccounts
) -> None:
    first, second, third = make_accounts(3)
    for account, margin in ((first, 5.0), (second, 9.0), (third, 1.0)):
        unscoped(ValueIndex, reason=REASON).filter(pk=account.pk).update(margin_12_months=margin)
    by_margin, by_id = [account.name for account in (second, first, third)], [first.name, second.name, third.name]
    orders = {
        actor.name: NAMES.findall(sign_in(actor).get("/accounts/?sort=-margin").content.decode())
        for actor in (cast.dora, cast.bob)
    }
    assert orders == {cast.dora.name: by_margin, cast.bob.name: by_id}
    refused = sign_in(cast.bob).get("/accounts/?" + urlencode({"where": '["margin","at_least","5"]'}))
    assert refused.status_code == 422
    assert "Margin, 12 months" not in sign_in(cast.bob).get("/accounts/?group=kind").content.decode()
