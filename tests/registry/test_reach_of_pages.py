"""Over random houses, rules and shares: no page, file, number or message tells of what the person must not see.

Each record of an object that people made has a name found nowhere else, and an amount that is a digit of its own: every
sum says exactly which records are in it.
"""

import io
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.cache import caches
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as extent
from hypothesis import strategies as st

from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.platform.access.grant import may, unscoped
from guanxi.platform.access.policy import use_policy
from guanxi.platform.access.rules import Action
from guanxi.platform.accounts.commands import create_token, define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id, own_id, people, system_actor
from guanxi.platform.collaboration.commands.comments import add_comment
from guanxi.platform.customfields.models import CustomRecord, CustomRollUp, RollUpFunction
from guanxi.platform.objects.registry import required_verbs
from guanxi.platform.objects.roll_up_commands import make_roll_up
from guanxi.platform.objects.spec import ObjectSpec
from tests.cast import Cast, signed_in
from tests.platform.test_reach_properties import REASON, Town, reached, share_all, shares, town
from tests.registry.contracts import fresh

HTMX = {"HX-Request": "true"}
ENDS = date(2026, 5, 12)
PARTS = ("", "preview/", "panels/fields/", "panels/comments/", "history/", "comments/", "documents/", "sharing/")
LANE = r'data-lane="draft".*?<span class="num t3 sm">(\d+)</span><b class="num sm push">([^<]*)<'
words = st.sampled_from(["everyone", "nobody", "owner", "unit", "unit_and_below", "shared", "team"])
plain_rules = st.recursive(
    words, lambda inner: st.builds(lambda parts: {"any_of": parts}, st.lists(inner, max_size=3)), max_leaves=4
)
owned = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1)), min_size=4, max_size=4)


def name_of(place: int) -> str:
    return f"Quartz{'abcd'[place]}"


def told_in(text: str) -> set[int]:
    """The places of the records of which a text tells."""
    return {place for place in range(4) if name_of(place) in text}


def digits(text: str) -> str:
    """The whole number of an amount, its decimals aside."""
    return re.sub(r"\D", "", re.sub(r"\.\d\d\b", "", text))


@pytest.mark.django_db
@extent(
    max_examples=10,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # making a failure smaller takes many minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parents=st.lists(st.integers(0, 3), min_size=4, max_size=4),
    place=st.integers(0, 3),
    owners=owned,
    view=plain_rules,
    shared=shares,
)
def test_no_surface_tells_of_more(
    contract: ObjectSpec,
    new_account: Callable[..., Account],
    cast: Cast,
    parents: list[int],
    place: int,
    owners: list[tuple[int, int, int]],
    view: Any,
    shared: list[tuple[int, bool, int, bool, bool, int]],
) -> None:
    caches["process"].clear()  # it knows the colleagues of the house before
    with transaction.atomic():
        rows: dict[tuple[str, str], object] = {("account", "view"): "everyone"}
        rows |= {(contract.key, action): view for action in ("view", "export")}
        define_role("staff", name="Staff", rows=rows, fields={}, actor=system_actor("Tests"))
        house = town(parents, place, owners, system_actor("Tests"))
        account = new_account("Blue Harbour")
        made = records_of(contract, account, house, cast)
        share_all(shared, house, made, key=contract.key)
        use_policy(None)
        person = actor_by_user_id(own_id(house.person))
        expected = {at for at, record in enumerate(made) if reached(view, record, house, Action.VIEW, key=contract.key)}
        tell_everybody(contract, made, person, cast)
        client = signed_in(person)
        if may(person, contract.model, Action.VIEW):
            lists_agree(client, contract, expected)
            files_agree(client, contract, expected)
            records_agree(client, contract, made, expected)
            programs_agree(person, contract, account, expected)
        else:
            assert expected == set()
            assert {client.get(f"{contract.list_url}{record.pk}/").status_code for record in made} == {403}
            assert client.get(contract.list_url).status_code == 403
        beside_agrees(client, contract, account, expected)
        transaction.set_rollback(True)


def records_of(contract: ObjectSpec, account: Account, house: Town, cast: Cast) -> list[Any]:
    """Four contracts of one customer, owned as the accounts of the house are; the customer sums up their amounts."""
    dora = fresh(cast.dora)
    total = CustomRollUp(object_key="account", name_zh="总额", name_en="Total", function=RollUpFunction.SUM)
    total.source, total.link, total.field = contract.key, "x_customer", "x_amount"
    make_roll_up(total, actor=dora)
    made = []
    for at, like in enumerate(house.accounts):
        given = {
            "name": name_of(at),
            "custom__l_x_customer": account.pk,
            "custom__t_x_stage": "draft",
            "custom__n_x_amount": 10**at,
            "custom__d_x_ends": ENDS,
        }
        record = required_verbs(contract).create(given, actor=fresh(cast.dora))
        rows = unscoped(CustomRecord, reason=REASON).filter(pk=record.pk)
        rows.update(owner_id=like.owner_id, unit_id=like.unit_id)
        made.append(rows.get())
    return made


def tell_everybody(contract: ObjectSpec, made: Iterable[Any], person: Actor, cast: Cast) -> None:
    """A colleague who sees everything mentions the person beside each record."""
    name = people([own_id(person)])[own_id(person)].name
    for record in made:
        add_comment(contract.key, record.pk, text=f"@{name} look at {record.name}", actor=fresh(cast.dora))


def lists_agree(client: Client, contract: ObjectSpec, expected: set[int]) -> None:
    """List, search, calendar, sums of groups and of lanes."""
    url = contract.list_url
    for address in (url, f"{url}?q=quartz", f"{url}calendar/?month=2026-05", f"{url}board/"):
        assert told_in(client.get(address).content.decode()) == expected
    total = str(sum(10**at for at in expected))
    board = client.get(f"{url}board/").content.decode()
    lane = re.search(
        r'data-lane="draft".*?<span class="num t3 sm">(\d+)</span><b class="num sm push">([^<]*)<', board, re.S
    )
    assert lane is not None
    assert (int(lane[1]), digits(lane[2]) or "0") == (len(expected), total)
    groups = client.get(f"{url}?group=x_stage&cols=name,x_amount").content.decode()
    rows = re.findall(r'<td class="r num">(\d+)</td><td class="share">.*?</td><td class="r num">([^<]*)</td>', groups)
    assert [(int(count), digits(amount)) for count, amount in rows] == ([(len(expected), total)] if expected else [])


def files_agree(client: Client, contract: ObjectSpec, expected: set[int]) -> None:
    """Both kinds of exported files."""
    lines = b"".join(client.get(f"/objects/{contract.key}/export/?format=csv")).decode()
    assert told_in(lines) == expected
    book = io.BytesIO(b"".join(client.get(f"/objects/{contract.key}/export/?format=xlsx")))
    cells = openpyxl.load_workbook(book).worksheets[0].values
    assert told_in(str(list(cells))) == expected


def records_agree(client: Client, contract: ObjectSpec, made: list[Any], expected: set[int]) -> None:
    """Every page of one record is there, or is not and says nothing."""
    for at, record in enumerate(made):
        url = f"/objects/{contract.key}/{record.pk}/"
        for part in (
            "",
            "preview/",
            "panels/fields/",
            "panels/comments/",
            "history/",
            "comments/",
            "documents/",
            "sharing/",
        ):
            answer = client.get(url + part, headers=HTMX if part else {})
            if at in expected:
                assert answer.status_code == 200, part
            else:
                assert answer.status_code == 404, part
                assert told_in(answer.content.decode()) == set(), part
        changing = client.post(f"{url}fields/x_amount/", {"x_amount": "5", "version": "1"}, headers=HTMX)
        assert changing.status_code == (403 if at in expected else 404)
        assert told_in(changing.content.decode()) <= expected


def beside_agrees(client: Client, contract: ObjectSpec, account: Account, expected: set[int]) -> None:
    """What stands beside the customer that all records lead to, and what the person was told."""
    card = client.get(f"/accounts/{account.pk}/").content.decode()
    assert told_in(card) == expected
    line = re.search(r'id="field-x_total".*?class="fld-text[^>]*>([^<]*)<', card, re.S)
    if line is not None:
        assert (digits(line[1]) or "0") == str(sum(10**at for at in expected))
    assert told_in(client.get("/notifications/").content.decode()) == expected
    for address in (f"/objects/{contract.key}/names/?x=Quartz", "/palette/?q=quartz"):
        assert told_in(client.get(address, headers=HTMX).content.decode()) == expected


def programs_agree(person: Actor, contract: ObjectSpec, account: Account, expected: set[int]) -> None:
    """The API: the list, the sum on the customer, and a refusal that names nothing."""
    secret = create_token(User.objects.get(pk=own_id(person)), name="t", actor=person)
    caller = Client(headers={"Authorization": f"Bearer {secret}"})
    listed = caller.get(f"/api/v1/{contract.api_name}?limit=100&expand=x_customer")
    assert told_in(listed.content.decode()) == expected
    total = caller.get(f"/api/v1/accounts/{account.pk}").json().get("x_total")
    assert float(total or 0) == sum(10**at for at in expected)
