"""What answers say of items, held against figures made by hand; no database."""

from guanxi.planning.analyses.needs import Drafted, Proposal, Said, contradictions, proposals, summed
from guanxi.planning.rules import NeedKey, deciding_key, importance, pressed_key, with_grid, with_importance

CITY, MOBILE = 1, 2
DRAFT = Drafted(CITY, {"sales||": "needed"}, 365, "typed", "", "Where to send whom")


def test_the_strongest_need_and_the_shortest_limit_count() -> None:
    said = (
        Said(10, "sales", CITY, "customer", need="needed", fresh_days=90),
        Said(11, "sales", CITY, "customer", need="must", fresh_days=30),
        Said(12, "service", CITY, "customer", need="not"),
    )
    assert proposals([DRAFT], said, stage="growth") == (
        Proposal(CITY, "needs:sales|customer|", "needed", "must", (11,), is_more=True),
        Proposal(CITY, "limit_days", "365", "30", (11,), is_more=True),
    )


def test_what_asks_for_less_is_marked_as_such() -> None:
    said = (Said(10, "sales", CITY, "customer", need="not"), Said(11, "sales", CITY, "media", need="needed"))
    (found,) = proposals([DRAFT], said, stage="growth")
    assert (found.value, found.is_more, found.sheet_ids) == ("", False, (10,))


def test_the_easiest_way_that_is_offered_is_proposed_and_a_harder_one_is_not() -> None:
    said = (Said(10, "sales", CITY, "customer", way="form"), Said(11, "sales", CITY, "customer", way="import"))
    (found,) = proposals([DRAFT], said, stage="growth")
    assert (found.name, found.former, found.value, found.sheet_ids) == ("way", "typed", "form", (10,))
    by_itself = Drafted(CITY, {}, None, "automatic", "", "")
    assert proposals([by_itself], said, stage="growth") == ()


def test_decisions_are_added_in_their_language_once() -> None:
    said = (
        Said(10, "sales", CITY, "customer", need="needed", decision="派谁上门"),
        Said(11, "sales", CITY, "customer", need="needed", decision="派谁上门"),
        Said(12, "sales", CITY, "customer", need="needed", decision="Where to open a shop"),
        Said(13, "sales", CITY, "customer", need="needed", decision="Where to send whom"),
    )
    found = {row.name: row.value for row in proposals([DRAFT], said, stage="growth")}
    assert found == {"decision_zh": "派谁上门", "decision_en": "Where to send whom; Where to open a shop"}


def test_a_decision_that_does_not_fit_any_more_is_left_out() -> None:
    full = Drafted(CITY, {}, None, "typed", "字" * 199, "")
    assert proposals([full], [Said(10, "sales", CITY, "customer", decision="派谁上门")], stage="growth") == ()


def test_persons_are_counted_by_their_strongest_need() -> None:
    found = summed(
        (
            Said(10, "sales", CITY, "customer", need="not"),
            Said(10, "sales", CITY, "media", need="must"),
            Said(11, "service", CITY, "customer", need="not", is_never_used=True),
            Said(11, "service", MOBILE, "customer", kept_days=60),
        )
    )
    city = found[CITY]
    assert (city.must, city.needed, city.refused, city.never_used) == (1, 0, 1, 1)
    assert city.needs == (
        ("sales", "customer", "not", 1),
        ("sales", "media", "must", 1),
        ("service", "customer", "not", 1),
    )
    assert (found[MOBILE].is_needed, found[MOBILE].kept_days) == (False, 60)


def test_what_does_not_fit_together_is_told() -> None:
    mobile = Drafted(MOBILE, {}, None, "typed", "", "")
    everybody = ("user", "collector", "keeper")
    needed = summed([Said(10, "sales", CITY, "customer", need="must", fresh_days=7, kept_days=30)])
    assert contradictions([DRAFT], needed, asked_as=everybody) == (("uncollected", CITY), ("too_old", CITY))
    assert contradictions([DRAFT], needed, asked_as=("user", "keeper")) == (("too_old", CITY),)
    idle = summed([Said(10, "sales", MOBILE, "customer", way="typed"), Said(11, "sales", MOBILE, "media", need="not")])
    assert contradictions([DRAFT, mobile], idle, asked_as=everybody) == (("unneeded", MOBILE),)


def test_a_need_is_set_where_it_is_seen() -> None:
    needs = {"sales||": "needed", "sales|customer|growth": "must"}
    assert deciding_key(needs, "sales", party="customer", stage="growth") == NeedKey("sales", "customer", "growth")
    assert deciding_key(needs, "sales", party="media", stage="growth") == NeedKey("sales", "media")
    changed = with_importance(needs, NeedKey("sales", "customer", "growth"), "needed", stage="growth")
    assert changed == {"sales||": "needed"}
    by_phase = {"sales||": "needed", "sales||growth": "must"}
    after = with_importance(by_phase, NeedKey("sales", "customer"), "needed", stage="growth")
    assert importance(after, "sales", party="customer", stage="growth") == "needed"


def test_a_cell_sets_the_most_general_need_that_is_seen_on_its_page() -> None:
    def key(needs: dict[str, str], *, for_party: bool = False, for_stage: bool = False) -> str:
        return pressed_key(
            needs, "sales", party="customer", stage="growth", for_party=for_party, for_stage=for_stage
        ).text

    assert key({}) == "sales||"
    assert key({}, for_party=True) == "sales|customer|"
    assert key({}, for_stage=True) == "sales||growth"
    assert key({"sales|customer|": "must"}) == "sales|customer|"
    assert key({"sales|customer|": "must"}, for_stage=True) == "sales|customer|growth"
    assert key({"sales|customer|growth": "must"}, for_party=True) == "sales|customer|growth"


def test_a_grid_replaces_what_it_names_and_nothing_else() -> None:
    needs = {"sales||": "must", "sales||growth": "needed", "service||": "must"}
    grid = {NeedKey("sales"): "", NeedKey("sales", "", "growth"): None, NeedKey("sales", "media"): ""}
    assert with_grid(needs, grid) == {"service||": "must", "sales|media|": ""}
