"""Communication strategies of classes: what they do to intervals, to Today and to the card."""

from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.core.cache import caches
from django.test import Client

from guanxi.care.analyses.filling import preferred_channels
from guanxi.care.choices import CadenceReason
from guanxi.care.commands import set_account_cadence, set_cadence
from guanxi.care.commands.strategies import set_strategy
from guanxi.care.models import ContactState
from guanxi.care.reactions import follow_classes
from guanxi.care.rules import Cadence, CadenceOverrides, reasoned_cadence
from guanxi.care.tests.conftest import REASON, World, days_before
from guanxi.care.tests.test_commands import called, planned
from guanxi.customers.commands import add_account_class, edit_account_class, set_classification
from guanxi.customers.events import PartChanged
from guanxi.customers.models import Account, AccountClass, Classification, ClassStrategy, ContactPoint
from guanxi.customers.rules import Strategy, strategy_in_force
from guanxi.engagement.choices import CHANNELS
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.platform.access.grant import unscoped
from guanxi.platform.accounts.commands import define_role
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import system_actor

Browse = Callable[[User], Client]
TIERS = (("strategic", "战略客户", "Strategic"), ("spot", "零散客户", "Occasional"))
pytestmark = pytest.mark.usefixtures("today")


@pytest.fixture
def tier(world: World) -> Classification:
    """A scheme of two classes."""
    made = set_classification(("tier", "战略分级", "Strategic tier"), classes=TIERS, actor=system_actor())
    caches["process"].clear()
    return made


def strategy(tier: Classification, key: str = "strategic", **values: object) -> Strategy:
    given: dict[str, object] = {
        "ideal_days": 10,
        "maximum_days": 15,
        "channels": ("visit", "phone"),
        "contacted_by": "manager",
        "tone": "先谈产线",
        "offer": "带上试样方案",
        **values,
    }
    return Strategy(tier.pk, key, **given)  # type: ignore[arg-type]  # the values of a test


def sorted_into(account: Account, tier: Classification, key: str = "strategic") -> AccountClass:
    entry = AccountClass(account=account, classification=tier, class_key=key)
    return add_account_class(entry, actor=system_actor())


def test_the_interval_of_a_class_stands_between_the_customers_own_and_the_grades() -> None:
    of_class = CadenceOverrides(grades={"A": Cadence(40, 50)}, classes={1: Cadence(10, 15)})
    assert reasoned_cadence("A", rhythm_days=0, overrides=of_class, account_id=1) == (
        Cadence(10, 15),
        CadenceReason.CLASS,
    )
    assert reasoned_cadence("A", rhythm_days=0, overrides=of_class, account_id=2) == (
        Cadence(40, 50),
        CadenceReason.GRADE,
    )
    assert reasoned_cadence("A", rhythm_days=8, overrides=of_class, account_id=1) == (
        Cadence(8, 12),
        CadenceReason.RHYTHM,
    )
    own = CadenceOverrides(accounts={1: Cadence(99, 100)}, classes={1: Cadence(10, 15)})
    assert reasoned_cadence("A", rhythm_days=8, overrides=own, account_id=1) == (Cadence(99, 100), CadenceReason.OWN)


def test_of_several_strategies_the_one_that_wants_most_contact_holds() -> None:
    def of(scheme_id: int, ideal: int | None) -> Strategy:
        return Strategy(scheme_id, "k", ideal, ideal, (), "owner", "", "")

    assert strategy_in_force([]) is None
    assert strategy_in_force([of(1, None), of(2, 30), of(3, 10)]) == of(3, 10)
    assert strategy_in_force([of(2, 10), of(1, 10)]) == of(1, 10)
    assert strategy_in_force([of(2, None), of(1, None)]) == of(1, None)


def test_the_first_preferred_channel_that_may_be_used_is_taken() -> None:
    usable = (CHANNELS["phone"], CHANNELS["mail"])
    assert preferred_channels(usable, ("visit", "mail", "phone")) == (CHANNELS["mail"],)
    assert preferred_channels(usable, ("visit",)) == usable
    assert preferred_channels(usable, ()) == usable


def test_today_follows_the_strategy_and_says_its_words(world: World, tier: Classification, browse: Browse) -> None:
    account = world.customer("周砚秋", margin=900_000.0)
    point = ContactPoint(account=account, type="address", value="苏州", normalised="苏州", consent="given")
    unscoped(ContactPoint, reason=REASON).bulk_create([point])
    called(account, 12)
    assert planned(world) == []
    sorted_into(account, tier)
    set_strategy(strategy(tier), actor=system_actor())
    (row,) = planned(world)
    assert (row.reason, row.channel) == ("overdue", "visit")
    assert (row.evidence["days"], row.evidence["ideal"], row.evidence["maximum"]) == (12, 10, 15)
    page = browse(world.alice).get("/").content.decode()
    assert "带上试样方案" in page
    assert "Strategy for “Strategic”: 先谈产线 · 带上试样方案 · The manager makes this contact." in page
    assert "12 days; wanted every 10, limit 15" in page


def test_without_a_usable_preferred_channel_the_best_other_one_is_proposed(world: World, tier: Classification) -> None:
    account = world.customer("周砚秋")
    called(account, 12)
    sorted_into(account, tier)
    set_strategy(strategy(tier, channels=("visit", "mail")), actor=system_actor())
    (row,) = planned(world)
    assert row.channel == "phone"


def test_the_card_shows_the_strategy_and_why_the_interval_is_what_it_is(
    world: World, tier: Classification, browse: Browse
) -> None:
    account = world.customer("周砚秋")
    called(account, 12)
    sorted_into(account, tier)
    set_strategy(strategy(tier), actor=system_actor())
    planned(world)
    client = browse(world.alice)
    card = client.get(f"/accounts/{account.pk}/").content.decode()
    assert "Wanted every 10 days, at the latest after 15" in card
    assert "By the strategy of the class" in card
    assert "Strategy for “Strategic” in “Strategic tier”" in card
    assert "Visit → Phone" in card
    set_account_cadence(account.pk, cadence=Cadence(30, 40), actor=world.actor(world.alice))
    assert "Set for this customer" in client.get(f"/accounts/{account.pk}/").content.decode()
    form = client.get(f"/accounts/{account.pk}/cadence/").content.decode()
    assert "it would be every 10 days, at the latest after 15" in form


def test_another_class_moves_the_next_contact_at_once(world: World, tier: Classification) -> None:
    account = world.customer("周砚秋")
    called(account, 5)
    entry = sorted_into(account, tier)
    set_strategy(strategy(tier), actor=system_actor())
    set_strategy(strategy(tier, "spot", ideal_days=100, maximum_days=120), actor=system_actor())
    follow_classes(_changed(entry), uuid4())
    assert _state(account).due_on == date(2026, 11, 28)
    edit_account_class(entry.pk, {"class_key": "spot"}, actor=system_actor())
    follow_classes(_changed(entry), uuid4())
    assert _state(account).due_on == date(2027, 2, 26)
    assert days_before(5).date() == date(2026, 11, 18)


def _changed(entry: AccountClass) -> PartChanged:
    ids = (entry.account_id,)
    return PartChanged(account_ids=ids, part="account_class", record_ids=(entry.pk,), action="edit_account_class")


def _state(account: Account) -> ContactState:
    return unscoped(ContactState, reason=REASON).get(pk=account.pk)


def test_a_strategy_that_says_nothing_or_contradicts_itself_is_refused(tier: Classification) -> None:
    for values, code in (
        ({"maximum_days": None}, "strategy.interval"),
        ({"ideal_days": 20}, "cadence.order"),
        ({"ideal_days": 0}, "cadence.range"),
        ({"channels": ("pigeon",)}, "channel.unknown"),
        ({"channels": ("phone", "phone")}, "strategy.channels"),
        (
            {"ideal_days": None, "maximum_days": None, "channels": (), "tone": "", "offer": ""},
            "strategy.empty",
        ),
    ):
        with pytest.raises(RuleViolation) as refused:
            set_strategy(strategy(tier, **values), actor=system_actor())
        assert refused.value.code == code
    with pytest.raises(NotFound):
        set_strategy(strategy(tier, "nothing"), actor=system_actor())
    assert unscoped(ClassStrategy, reason=REASON).count() == 0


def test_who_may_not_set_strategies_reads_them_alone(world: World, tier: Classification, browse: Browse) -> None:
    set_strategy(strategy(tier), actor=system_actor())
    with pytest.raises(AccessDenied):
        set_strategy(strategy(tier, tone="anders"), actor=world.actor(world.alice))
    client = browse(world.alice)
    page = client.get("/classes/").content.decode()
    assert "先谈产线" in page
    assert f"/classes/{tier.pk}/strategy/" not in page
    assert client.get(f"/classes/{tier.pk}/strategy/strategic/").status_code == 403
    assert unscoped(ClassStrategy, reason=REASON).get().tone == "先谈产线"


def test_the_form_sets_changes_and_takes_away(world: World, tier: Classification, browse: Browse) -> None:
    rows = {("class_strategy", action): "everyone" for action in ("view", "create", "edit")}
    rows |= {("account", action): "unit_and_below" for action in ("view", "edit")}
    define_role("manager", name="Manager", rows=rows, fields={}, actor=system_actor())
    client, url = browse(world.bob), f"/classes/{tier.pk}/strategy/strategic/"
    typed = {"ideal_days": "14", "maximum_days": "21", "channel_1": "visit", "channel_2": "", "contacted_by": "owner"}
    assert client.post(url, {**typed, "version": "0"}).status_code == 303
    known = unscoped(ClassStrategy, reason=REASON).get()
    assert (known.ideal_days, known.channels, known.contacted_by) == (14, ["visit"], "owner")
    refused = client.post(url, {**typed, "ideal_days": "30", "version": str(known.version)})
    assert refused.status_code == 422
    stale = client.post(url, {**typed, "tone": "kurz", "version": "99"})
    assert stale.status_code == 422
    assert "Somebody changed this record while you edited." in stale.content.decode()
    assert client.post(url, {"remove": "1", "version": str(known.version)}).status_code == 303
    assert unscoped(ClassStrategy, reason=REASON).get().trashed_at is not None
    caches["process"].clear()
    assert "No strategy: grade and own rhythm decide." in client.get("/classes/").content.decode()
    assert client.post(url, typed).status_code == 303
    assert unscoped(ClassStrategy, reason=REASON).get().trashed_at is None
    with pytest.raises(Conflict):
        set_strategy(strategy(tier), version=1, actor=system_actor())


def test_the_grades_interval_counts_where_the_strategy_names_none(world: World, tier: Classification) -> None:
    account = world.customer("周砚秋")
    called(account, 5)
    sorted_into(account, tier)
    set_cadence("A", cadence=Cadence(9, 12), actor=system_actor())
    set_strategy(strategy(tier, ideal_days=None, maximum_days=None), actor=system_actor())
    planned(world)
    assert (_state(account).ideal_days, _state(account).maximum_days) == (9, 12)
