"""The list of customers in every order: each customer once, those without an index last, over several pages."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from guanxi.care.tests.conftest import World
from guanxi.customers.commands.indexing import index_accounts
from guanxi.customers.models import Account
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.models import User
from guanxi.platform.objects import listing
from guanxi.platform.ui import lists
from guanxi.value.models import ValueIndex

REASON = "demo: the demo company is made by the system"
Browse = Callable[[User], Client]


@pytest.fixture
def names(world: World, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Five customers, two of which have no index yet; a page shows two."""
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    for place, name in enumerate("甲乙丙丁戊"):
        account = world.customer(name * 2, index_value=50.0 + place, index_before=50.0, margin=100.0 * place)
        index_accounts([account.pk])
    unscoped(ValueIndex, reason=REASON).filter(account__name__in=["甲甲", "戊戊"]).delete()
    return [name * 2 for name in "甲乙丙丁戊"]


def shown(client: Client, address: str) -> list[str]:
    """The names on all pages of a list."""
    found: list[str] = []
    while address:
        page = client.get(address).content.decode()
        found += re.findall(r'class="clip nm who"[^>]*>([^<]+)<', page)
        more = re.search(r'href="(\?[^"]*)" rel="next"', page)
        address = "/accounts/" + more.group(1).replace("&amp;", "&") if more else ""
    return found


@pytest.mark.parametrize("sort", ["index", "change", "margin"])
@pytest.mark.parametrize("extra", ["", "&kind=person", "&q=1381"])
def test_each_customer_stands_once_and_those_without_an_index_last(
    sort: str, extra: str, names: list[str], world: World, browse: Browse
) -> None:
    client = browse(world.bob)
    rising = shown(client, f"/accounts/?sort={sort}{extra}")
    falling = shown(client, f"/accounts/?sort=-{sort}{extra}")
    assert rising == ["乙乙", "丙丙", "丁丁", "甲甲", "戊戊"]
    assert falling == ["丁丁", "丙丙", "乙乙", "甲甲", "戊戊"]


def test_very_many_matches_are_listed_in_the_same_order(
    names: list[str], world: World, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browse(world.bob)
    few = shown(client, "/accounts/?q=1381&sort=-index")
    monkeypatch.setattr(listing, "FOUND_CAP", 1)
    assert shown(client, "/accounts/?q=1381&sort=-index") == few == ["丁丁", "丙丙", "乙乙", "甲甲", "戊戊"]


def test_a_changed_right_changes_the_list_at_once(names: list[str], world: World, browse: Browse) -> None:
    client = browse(world.alice)
    assert len(shown(client, "/accounts/?sort=name&owner=me")) == len(names)
    stranger = world.customer("己己", owner=world.charlie)
    assert stranger.name not in shown(client, "/accounts/?sort=name&owner=me")
    assert shown(client, "/accounts/?sort=name&owner=nobody") == []


@pytest.mark.parametrize("cap", [0, 10])
def test_what_lies_in_the_trash_is_not_counted(
    cap: int, names: list[str], world: World, browse: Browse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "TRASH_CAP", cap)
    unscoped(Account, reason=REASON).filter(name="丙丙").update(trashed_at=timezone.now())
    page = browse(world.bob).get("/accounts/?q=1381").content.decode()
    assert '<span id="list-count">4</span>' in page
