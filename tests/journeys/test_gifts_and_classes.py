"""The pages of gifts, classes and types of relationship: usable wide and on a phone, light and dark."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.cache import caches
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from guanxi.care.commands.strategies import set_strategy
from guanxi.customers.choices import RELATIONSHIP_TYPES
from guanxi.customers.commands import add_account_class, set_classification, set_relationship_types
from guanxi.customers.facade import Strategy
from guanxi.customers.models import Account, AccountClass
from guanxi.platform.accounts.models import OrgUnit
from guanxi.platform.accounts.queries import system_actor
from guanxi.stewardship.commands.gifts import NewGiving, give, set_gift_budget, set_gift_limit
from tests.cast import Cast
from tests.journeys.conftest import Visit, faults_of


@pytest.fixture
def places(cast: Cast, new_account: Callable[..., Account]) -> tuple[int, int]:
    """A scheme, and a customer in a class of it with a strategy and with a gift at the limit."""
    set_relationship_types(RELATIONSHIP_TYPES)
    scheme = set_classification(
        ("tier", "战略分级", "Strategic tier of the customers of the house"),
        classes=(("strategic", "战略客户", "Strategic"), ("spot", "零散客户", "Occasional")),
        actor=cast.dora,
    )
    caches["process"].clear()
    account = new_account("岚川精密仪器")
    add_account_class(AccountClass(account=account, classification=scheme, class_key="strategic"), actor=cast.alice)
    strategy = Strategy(scheme.pk, "strategic", 14, 21, ("visit", "phone"), "manager", "brief", "a trial")
    set_strategy(strategy, actor=system_actor("Tests"))
    today = timezone.localdate()
    set_gift_limit({"relation": "", "per_gift": Decimal(500), "per_year": Decimal(500)}, actor=cast.dora)
    set_gift_budget(OrgUnit.objects.get(name="East").pk, year=today.year, amount=Decimal(900), actor=cast.dora)
    give(account.pk, NewGiving(is_gift=True, item="Tea", worth=Decimal(500), given_on=today), actor=cast.alice)
    return scheme.pk, account.pk


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (360, "dark")])
def test_axe_finds_nothing_grave(
    width: int, theme: str, visit: Visit, live_server: LiveServer, places: tuple[int, int]
) -> None:
    scheme_id, account_id = places
    page = visit(who="dora", width=width)
    found: list[str] = []
    for address in (
        "/gifts/",
        "/gifts/budgets/new/",
        "/gifts/limits/new/",
        f"/accounts/{account_id}/",
        f"/accounts/{account_id}/gifts/new/",
        "/classes/",
        f"/classes/{scheme_id}/differences/",
        f"/classes/{scheme_id}/strategy/strategic/",
        "/settings/relationship-types/",
        "/settings/relationship-types/new/",
    ):
        page.goto(live_server.url + address)
        page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        found += [f"{address}: {fault}" for fault in faults_of(page)]
    assert found == []
