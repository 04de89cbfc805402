"""Outside sources: what they are asked and told, what they propose, what is taken, refused and filled by itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.core.cache import caches

from guanxi.customers.facade import edit_account
from guanxi.customers.models import Account
from guanxi.kernel.actor import Actor
from guanxi.kernel.errors import AccessDenied, Conflict, NotFound, RuleViolation
from guanxi.ledger.adapters import enrichers as asking
from guanxi.ledger.adapters.addresses import PRIVATE_ADDRESSES
from guanxi.ledger.adapters.enrichers import Question, RestEnricher, register_enricher
from guanxi.ledger.adapters.json_service import Patience
from guanxi.ledger.analyses.enrichment import domain_of, leaves
from guanxi.ledger.choices import ProposalState, QuestionState
from guanxi.ledger.commands.enriching import (
    LookedUp,
    begin_question,
    keep_answer,
    look_up,
    refuse_proposals,
    reopen_proposals,
    take_proposals,
)
from guanxi.ledger.commands.enrichment_sources import create_source, edit_source, remove_source, try_source
from guanxi.ledger.models import EnrichmentProposal, EnrichmentQuestion, EnrichmentSource
from guanxi.ledger.queries.enrichment import open_proposals
from guanxi.ledger.tests.servers import Register, register_service
from guanxi.platform.access.grant import grant, unscoped
from guanxi.platform.access.rules import Action
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.objects import restraints
from guanxi.platform.objects.restraints import Hold
from guanxi.platform.objects.spec import Label
from guanxi.platform.preferences.registry import set_preference
from tests.cast import Cast, SignIn
from tests.cast import cast as cast

Maker = Callable[..., Account]
TAX_ID = "91310115MA1H8UNWXR"
REASON = "enrichment: outside sources are set up for the house, whoever asks them"
MAPPING = [
    ["data.0.industry", "industry", False],
    ["data.0.office.city", "city", True],
    ["data.0.founded", "since_on", False],
    ["data.0.staff", "size", False],
]
FIRM = {"industry": "精密仪器", "office": {"city": "苏州"}, "founded": "2009-05-04", "staff": "100–499"}


@dataclass(frozen=True, slots=True)
class House:
    """A register, the source that stands for it, and a firm of Alice's."""

    register: Register
    source: EnrichmentSource
    account: Account


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No source is waited for between two tries, and nothing is known from another test."""
    patient = RestEnricher(patience=Patience(tries=3, pause=lambda _seconds: None))
    monkeypatch.setitem(asking._enrichers, "rest", patient)
    caches["process"].clear()


@pytest.fixture
def house(cast: Cast, new_account: Maker) -> Iterator[House]:
    """A register that knows Alice's firm, asked by its registration number."""
    with register_service() as register:
        register.answers[f"/firms/{TAX_ID}"] = {"data": [FIRM]}
        values = {
            "name": "工商登记",
            "address": f"{register.address}/firms/{{value}}",
            "asked_by": "tax_id",
            "header": "X-Key",
            "secret": "s3cret",
            "mapping": MAPPING,
        }
        source = create_source(values, actor=cast.dora)
        account = new_account("岚川精密仪器", industry="仪器")
        edit_account(account.pk, {"tax_id": TAX_ID}, actor=cast.dora)
        yield House(register, source, account)


def asked(house: House, actor: Actor, *, run_id: int | None = None) -> LookedUp:
    """Ask about the firm."""
    return look_up([house.account.pk], run_id=run_id, report=lambda _steps: None, actor=actor)


def present(house: House, actor: Actor) -> Account:
    """The firm as it stands."""
    return grant(actor, Account).get(house.account.pk)


def states(house: House) -> dict[str, str]:
    """What became of each proposal, by field."""
    rows = unscoped(EnrichmentProposal, reason=REASON).filter(account=house.account.pk)
    return dict(rows.values_list("field", "state"))


def test_a_question_is_on_record_before_the_answer_becomes_proposals(cast: Cast, house: House) -> None:
    found = asked(house, cast.dora)
    assert (found.asked, found.proposed, found.filled, found.failed) == (1, 3, 1, 0)
    assert (house.register.asked, house.register.secrets) == ([f"/firms/{TAX_ID}"], ["s3cret"])
    question = EnrichmentQuestion.objects.get()
    assert (str(question.sent), question.host, question.user_id, question.state) == (
        TAX_ID,
        "127.0.0.1",
        cast.dora.user_id,
        QuestionState.ANSWERED,
    )
    entry = AuditEntry.objects.get(action="ask_source")
    assert (entry.record_id, entry.reason) == (house.account.pk, "工商登记 · 127.0.0.1")
    assert states(house) == {"industry": "open", "city": "taken", "since_on": "open", "size": "open"}
    firm = present(house, cast.dora)
    assert (firm.industry, firm.city, firm.size, firm.since_on) == ("仪器", "苏州", "", None)


def test_a_blank_is_filled_in_the_name_of_the_source(cast: Cast, house: House) -> None:
    asked(house, cast.dora)
    entry = AuditEntry.objects.get(action="fill_blank")
    assert (entry.actor_name, entry.surface, entry.user_id) == ("工商登记", "connector", cast.dora.user_id)


def test_what_somebody_typed_or_emptied_is_never_written_over(cast: Cast, house: House) -> None:
    edit_account(house.account.pk, {"city": "上海"}, actor=cast.alice)
    assert asked(house, cast.dora).filled == 0
    assert (present(house, cast.dora).city, states(house)["city"]) == ("上海", "open")
    (row,) = [row for row in open_proposals(house.account.pk, cast.dora) if row.field == "city"]
    take_proposals(house.account.pk, [row.pk], actor=cast.dora)
    edit_account(house.account.pk, {"city": ""}, actor=cast.alice)
    assert asked(house, cast.dora).filled == 0
    assert (present(house, cast.dora).city, states(house)["city"]) == ("", "taken")


def test_a_value_is_taken_with_its_source_and_given_back(cast: Cast, house: House) -> None:
    asked(house, cast.dora)
    rows = {row.field: row.pk for row in open_proposals(house.account.pk, cast.dora)}
    ids = [rows["industry"], rows["since_on"]]
    assert take_proposals(house.account.pk, ids, version=present(house, cast.dora).version, actor=cast.dora) == tuple(
        ids
    )
    firm = present(house, cast.dora)
    assert (firm.industry, str(firm.since_on), firm.size) == ("精密仪器", "2009-05-04", "")
    entry = AuditEntry.objects.get(action="take_proposal", object_key="account")
    assert (entry.actor_name, entry.surface, entry.user_id) == ("工商登记", "connector", cast.dora.user_id)
    decided = unscoped(EnrichmentProposal, reason=REASON).get(pk=rows["industry"])
    assert (decided.state, decided.decided_by_id) == (ProposalState.TAKEN, cast.dora.user_id)
    assert reopen_proposals(house.account.pk, ids, actor=cast.dora) == 2
    again = present(house, cast.dora)
    assert (again.industry, again.since_on, states(house)["industry"]) == ("仪器", None, "open")


def test_what_changed_since_it_was_taken_is_not_given_back(cast: Cast, house: House) -> None:
    asked(house, cast.dora)
    (row,) = [row for row in open_proposals(house.account.pk, cast.dora) if row.field == "industry"]
    take_proposals(house.account.pk, [row.pk], actor=cast.dora)
    edit_account(house.account.pk, {"industry": "光学"}, actor=cast.alice)
    reopen_proposals(house.account.pk, [row.pk], actor=cast.dora)
    assert present(house, cast.dora).industry == "光学"


def test_a_page_that_is_behind_takes_nothing(cast: Cast, house: House) -> None:
    asked(house, cast.dora)
    seen = present(house, cast.dora).version
    edit_account(house.account.pk, {"industry": "光学"}, actor=cast.alice)
    ids = [row.pk for row in open_proposals(house.account.pk, cast.dora)]
    with pytest.raises(Conflict):
        take_proposals(house.account.pk, ids, version=seen, actor=cast.dora)
    assert (present(house, cast.dora).industry, states(house)["industry"]) == ("光学", "open")


def test_what_was_refused_comes_again_only_when_the_source_says_something_else(cast: Cast, house: House) -> None:
    asked(house, cast.dora)
    (row,) = [row for row in open_proposals(house.account.pk, cast.dora) if row.field == "industry"]
    assert refuse_proposals(house.account.pk, [row.pk], actor=cast.dora) == (row.pk,)
    assert asked(house, cast.dora).proposed == 0
    assert states(house)["industry"] == "refused"
    house.register.answers[f"/firms/{TAX_ID}"] = {"data": [{**FIRM, "industry": "激光"}]}
    assert asked(house, cast.dora).proposed == 1
    assert states(house)["industry"] == "open"
    house.register.answers[f"/firms/{TAX_ID}"] = {"data": [{"industry": "仪器"}]}
    asked(house, cast.dora)
    assert states(house)["industry"] == "same"


def test_who_may_not_read_what_is_sent_sends_nothing(cast: Cast, house: House) -> None:
    found = asked(house, cast.alice)
    assert (found.asked, found.passed_over, house.register.asked) == (0, 1, [])
    with pytest.raises(RuleViolation) as refused:
        begin_question(house.source.pk, house.account.pk, run_id=None, actor=cast.alice)
    assert refused.value.code == "enrichment.field"
    with pytest.raises(NotFound):
        begin_question(house.source.pk, house.account.pk, run_id=None, actor=cast.charlie)
    assert not EnrichmentQuestion.objects.exists()


def test_people_and_firms_of_which_nothing_is_known_are_not_asked_about(
    cast: Cast, house: House, new_account: Maker
) -> None:
    person, bare = new_account("周砚秋", kind="person"), new_account("无号")
    for account, code in ((person, "enrichment.person"), (bare, "enrichment.nothing")):
        with pytest.raises(RuleViolation) as refused:
            begin_question(house.source.pk, account.pk, run_id=None, actor=cast.dora)
        assert refused.value.code == code
    assert (EnrichmentQuestion.objects.count(), house.register.asked) == (0, [])


def test_who_must_not_be_used_is_not_asked_about(cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = unscoped(Account, reason=REASON).values_list("pk")
    monkeypatch.setattr(restraints, "_restraints", [lambda _key: everybody])
    with pytest.raises(RuleViolation) as refused:
        begin_question(house.source.pk, house.account.pk, run_id=None, actor=cast.dora)
    assert (refused.value.code, house.register.asked) == ("enrichment.restrained", [])


def test_a_customer_under_a_hold_is_filled_by_nobody(cast: Cast, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = Hold("法务", present(house, cast.dora).created_at.date())
    monkeypatch.setattr(restraints, "_holds", [lambda _key, ids: dict.fromkeys(ids, hold)])
    assert asked(house, cast.dora).filled == 0
    assert (present(house, cast.dora).city, states(house)["city"]) == ("", "open")


def test_a_source_is_asked_no_more_than_its_limit(cast: Cast, house: House, new_account: Maker) -> None:
    edit_source(house.source.pk, {"most_a_day": 1}, actor=cast.dora)
    other = new_account("云杉", tax_id="")
    edit_account(other.pk, {"tax_id": "91310115MA1H8UNX55"}, actor=cast.dora)
    ids = [house.account.pk, other.pk]
    found = look_up(ids, run_id=None, report=lambda _steps: None, actor=cast.dora)
    assert (found.asked, found.passed_over, len(house.register.asked)) == (1, 1, 1)
    with pytest.raises(RuleViolation) as refused:
        try_source(house.source.pk, "91310115MA1H8UNX55", actor=cast.dora)
    assert (refused.value.code, len(house.register.asked)) == ("enrichment.limit", 1)


def test_a_run_that_was_killed_asks_nobody_twice(cast: Cast, house: House) -> None:
    begin_question(house.source.pk, house.account.pk, run_id=7, actor=cast.dora)
    assert asked(house, cast.dora, run_id=7).asked == 0
    assert (house.register.asked, EnrichmentQuestion.objects.get().state) == ([], QuestionState.ASKED)
    assert asked(house, cast.dora, run_id=8).asked == 1


def test_an_answer_that_comes_twice_changes_nothing_more(cast: Cast, house: House) -> None:
    begun = begin_question(house.source.pk, house.account.pk, run_id=None, actor=cast.dora)
    assert begun is not None
    assert keep_answer(begun[0], {"data": [FIRM]}, actor=cast.dora) == (3, 1)
    assert keep_answer(begun[0], {"data": [{"industry": "激光"}]}, actor=cast.dora) == (0, 0)


def test_a_busy_source_is_asked_again_and_a_broken_one_noted(cast: Cast, house: House) -> None:
    house.register.failures = [503, 429]
    assert asked(house, cast.dora).failed == 0
    assert len(house.register.asked) == 3
    house.register.failures = [500, 500, 500]
    assert asked(house, cast.dora).failed == 1
    failed = EnrichmentQuestion.objects.get(state=QuestionState.FAILED)
    assert failed.failure["sentence"] == "The service is busy; it was asked %(tries)s times."
    house.register.answers.clear()
    assert asked(house, cast.dora).failed == 0
    assert EnrichmentQuestion.objects.filter(state=QuestionState.UNKNOWN).count() == 1


def test_what_fits_no_field_is_named_and_the_rest_goes_in(cast: Cast, house: House) -> None:
    house.register.answers[f"/firms/{TAX_ID}"] = {"data": [{**FIRM, "founded": "long ago"}]}
    assert asked(house, cast.dora).proposed == 2
    assert EnrichmentQuestion.objects.get().failure["data"] == {"fields": "data.0.founded"}
    assert "since_on" not in states(house)


def test_addresses_of_the_machine_are_never_reached(cast: Cast, house: House) -> None:
    for address in ("http://169.254.169.254/{value}", "http://[fe80::1]/{value}"):
        edit_source(house.source.pk, {"address": address, "secret": "other"}, actor=cast.dora)
        assert asked(house, cast.dora).failed == 1
    set_preference(PRIVATE_ADDRESSES, False)
    edit_source(
        house.source.pk, {"address": f"{house.register.address}/firms/{{value}}", "secret": "x"}, actor=cast.dora
    )
    assert asked(house, cast.dora).failed == 1
    assert house.register.asked == []


def test_a_source_that_leads_elsewhere_needs_its_key_again(cast: Cast, house: House) -> None:
    with pytest.raises(RuleViolation) as refused:
        edit_source(house.source.pk, {"address": "https://elsewhere.example/{value}"}, actor=cast.dora)
    assert refused.value.code == "enrichment.secret"
    kept = grant(cast.dora, EnrichmentSource, Action.ADMINISTER).get(house.source.pk)
    assert (kept.address, str(kept.secret)) == (house.source.address, "s3cret")
    remove_source(house.source.pk, actor=cast.dora)
    gone = grant(cast.dora, EnrichmentSource, Action.ADMINISTER).get(house.source.pk)
    assert (str(gone.secret), gone.is_active) == ("", False)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"address": "ftp://register.example/{value}"}, "connection.scheme"),
        ({"address": "https://{value}.example/"}, "enrichment.host"),
        ({"way": "unknown"}, "enrichment.way"),
        ({"mapping": [["a", "owner", False]]}, "enrichment.mapping"),
        ({"mapping": [["a", "city", False], ["b", "city", False]]}, "enrichment.mapping"),
    ],
)
def test_a_source_that_cannot_be_is_refused(cast: Cast, values: dict[str, object], code: str) -> None:
    sound: dict[str, object] = {"name": "登记", "address": "https://register.example/{value}"}
    with pytest.raises(RuleViolation) as refused:
        create_source({**sound, **values}, actor=cast.dora)
    assert refused.value.code == code
    with pytest.raises(AccessDenied):
        create_source(sound, actor=cast.alice)
    assert not unscoped(EnrichmentSource, reason=REASON).exists()


def test_trying_counts_as_a_question_and_proposes_nothing(cast: Cast, house: House) -> None:
    tried = try_source(house.source.pk, TAX_ID, actor=cast.dora)
    assert ("data.0.office.city", "苏州") in tried.leaves
    assert EnrichmentQuestion.objects.get().account_id is None
    assert not try_source(house.source.pk, "nobody", actor=cast.dora).is_known
    assert states(house) == {}


@dataclass(frozen=True, slots=True)
class HouseList:
    """A list of firms that the house keeps itself, as an installation adds one."""

    key: str = "house_list"
    label: Label = "House list"

    def ask(self, question: Question) -> object | None:
        """What the list says of a name."""
        return {"city": "宁波"} if question.value == "岚川精密仪器" else None


def test_an_installation_adds_a_source_in_code(cast: Cast, new_account: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_enrichers", dict(asking._enrichers))
    register_enricher(HouseList())
    with pytest.raises(ValueError, match="house_list"):
        register_enricher(HouseList())
    values = {"name": "内部名录", "way": "house_list", "asked_by": "name", "mapping": [["city", "city", True]]}
    create_source(values, actor=cast.dora)
    known, unknown = new_account("岚川精密仪器"), new_account("云杉")
    found = look_up([known.pk, unknown.pk], run_id=None, report=lambda _steps: None, actor=cast.alice)
    assert (found.asked, found.filled, found.failed) == (2, 1, 0)
    assert grant(cast.alice, Account).get(known.pk).city == "宁波"
    assert {row.host for row in EnrichmentQuestion.objects.all()} == {"house_list"}


def test_the_pages_set_up_try_look_up_and_decide(cast: Cast, house: House, sign_in: SignIn) -> None:
    browser, base = sign_in(cast.dora), "/settings/enrichment/"
    page = browser.get(f"{base}{house.source.pk}/").content.decode()
    assert ("s3cret" in page, "data.0.office.city" in page, "A password is kept." in page) == (False, True, True)
    typed = {
        "version": "1",
        "name": "工商登记",
        "way": "rest",
        "address": house.source.address,
        "asked_by": "tax_id",
        "header": "X-Key",
        "timeout_seconds": "5",
        "most_a_day": "50",
        "is_active": "on",
        "line-0-path": "data.0.industry",
        "line-0-field": "industry",
    }
    assert browser.post(f"{base}{house.source.pk}/", typed).status_code == 303
    again = browser.post(f"{base}{house.source.pk}/", typed)
    assert (again.status_code, "Somebody changed this record" in again.content.decode()) == (422, True)
    kept = grant(cast.dora, EnrichmentSource, Action.ADMINISTER).get(house.source.pk)
    assert (kept.mapping, kept.most_a_day, str(kept.secret)) == ([["data.0.industry", "industry", False]], 50, "s3cret")
    tried = browser.post(f"{base}{house.source.pk}/try/", {"words": TAX_ID}).content.decode()
    assert ("data.0.staff" in tried, "100–499" in tried) == (True, True)
    asking_page = browser.get(f"/accounts/look-up/?id={house.account.pk}").content.decode()
    assert ("127.0.0.1" in asking_page, "is told: Registration number" in asking_page) == (True, True)
    begun = browser.post("/accounts/look-up/", {"id": str(house.account.pk), "do": "yes"})
    assert begun.status_code == 303
    asked(house, cast.dora)
    card = browser.get(f"/accounts/{house.account.pk}/").content.decode()
    assert ("精密仪器" in card, "Take “Industry” from 工商登记" in card) == (True, True)
    assert f"/accounts/{house.account.pk}/" in browser.get("/accounts/?proposals=open").content.decode()
    (row,) = open_proposals(house.account.pk, cast.dora)
    answer = browser.post(f"/accounts/{house.account.pk}/proposals/decide/", {"do": f"take.{row.pk}"})
    assert (answer.status_code, present(house, cast.dora).industry) == (303, "精密仪器")
    undone = browser.post(f"/accounts/{house.account.pk}/proposals/reopen/?id={row.pk}")
    assert (undone.status_code, present(house, cast.dora).industry) == (303, "仪器")
    told = browser.get(f"{base}{house.source.pk}/questions/").content.decode()
    assert (TAX_ID in told, house.account.name in told) == (True, True)
    for address in (base, f"{base}{house.source.pk}/", f"{base}{house.source.pk}/questions/"):
        assert sign_in(cast.alice).get(address).status_code == 403
    stranger = sign_in(cast.charlie)
    assert stranger.get(f"/accounts/look-up/?id={house.account.pk}").status_code == 404
    refused = stranger.post(f"/accounts/{house.account.pk}/proposals/decide/", {"do": f"take.{row.pk}"})
    assert (refused.status_code, present(house, cast.dora).industry) == (404, "仪器")


def test_domains_and_paths() -> None:
    texts = ("https://www.Example.com/x", "example.com.cn", "no domain", "", "http://[")
    assert [domain_of(text) for text in texts] == ["example.com", "example.com.cn", "", "", ""]
    assert leaves({"a": [{"b": 1}, None], "c": "x"}) == [("a.0.b", "1"), ("a.1", "null"), ("c", "x")]
