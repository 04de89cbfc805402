"""A cell of a list is changed in place: with the rights of the person, told of a conflict, and counted exactly."""

from collections.abc import Callable

import pytest

from guanxi.customers.commands import edit_account
from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.objects.commands import choose_view, save_view
from guanxi.platform.ui import lists
from tests.cast import Cast, SignIn
from tests.registry.conftest import REASON

HTMX = {"HX-Request": "true"}


def _city(account: Account) -> str:
    return unscoped(Account, reason=REASON).get(pk=account.pk).city


def test_a_cell_answers_with_what_its_column_shows(
    sign_in: SignIn, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器", city="苏州")
    client = sign_in(cast.alice)
    answer = client.post(
        f"/objects/account/{account.pk}/fields/city/?place=cell", {"city": "<b>无锡", "version": "1"}, headers=HTMX
    )
    assert answer.status_code == 200
    assert answer.content.decode() == "<span>&lt;b&gt;无锡</span>"
    assert "undo" in answer.headers["HX-Trigger"]
    assert _city(account) == "<b>无锡"


def test_a_conflict_in_a_cell_shows_both_values_and_changes_nothing(
    sign_in: SignIn, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器", city="苏州")
    edit_account(account.pk, {"city": "杭州"}, actor=cast.dora)
    answer = sign_in(cast.alice).post(
        f"/objects/account/{account.pk}/fields/city/?place=cell", {"city": "无锡", "version": "1"}, headers=HTMX
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "杭州" in text
    assert 'value="无锡"' in text
    assert "Keep mine" in text
    assert _city(account) == "杭州"


def test_who_may_not_see_or_change_a_field_gets_no_cell_of_it(
    sign_in: SignIn, cast: Cast, new_account: Callable[..., Account]
) -> None:
    account = new_account("岚川精密仪器", city="苏州")
    address = f"/objects/account/{account.pk}/fields/city/?place=cell"
    assert sign_in(cast.charlie).post(address, {"city": "无锡"}, headers=HTMX).status_code == 404
    masked = f"/objects/account/{account.pk}/fields/tax_id/?place=cell"
    assert sign_in(cast.alice).get(masked, headers=HTMX).status_code == 403
    assert sign_in(cast.bob).get(masked, headers=HTMX).status_code == 404
    assert _city(account) == "苏州"
    page = sign_in(cast.alice).get("/accounts/?cols=name,city,tax_id").content.decode()
    assert 'data-field="city"' in page
    assert 'data-field="tax_id"' not in page


def test_counts_are_exact_on_demand_and_those_of_views_are_the_readers_own(
    sign_in: SignIn, cast: Cast, new_account: Callable[..., Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_SIZE", 1)
    monkeypatch.setattr(lists, "COUNT_CAP", 2)
    for name in ("岚川", "云杉", "启辰"):
        new_account(name, city="苏州")
    client = sign_in(cast.alice)
    assert "more than 2" in client.get("/accounts/?sort=name").content.decode()
    assert '<span id="list-count">3</span>' in client.get("/accounts/?sort=name&count=exact").content.decode()
    everybody = save_view("account", name="苏州", query="q=xx&sort=name", audience="all", actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        choose_view(everybody, is_pinned=True, is_default=False, actor=actor)
    edited = save_view("account", name="全部", query="sort=name", audience="all", actor=cast.dora)
    for actor in (cast.alice, cast.charlie):
        choose_view(edited, is_pinned=True, is_default=False, actor=actor)
    counts = client.get("/objects/account/views/counts/", headers=HTMX).content.decode()
    assert f'id="view-count-{edited}" hx-swap-oob="true">3</span>' in counts
    counts = sign_in(cast.charlie).get("/objects/account/views/counts/", headers=HTMX).content.decode()
    assert f'id="view-count-{edited}" hx-swap-oob="true">0</span>' in counts
