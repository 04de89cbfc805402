from uuid import uuid4

from guanxi.customers.events import ExternalKeysAdded
from guanxi.customers.models import ExternalKey
from guanxi.kernel.actor import Actor
from guanxi.ledger.commands import Ingested, adopt_waiting_facts, ingest_rows
from guanxi.ledger.models import Fact, WaitingFact
from guanxi.ledger.reactions import adopt_when_known
from guanxi.ledger.tests.conftest import purchase
from guanxi.platform.events.models import OutboxEvent


def wait_for(key: str, *, actor: Actor, source_id: str = "1", **values: object) -> None:
    row = purchase(source_id, account_key=key, payload={"note": "waits\nlong"}, place="a\tb", **values)
    assert ingest_rows([row], source="till", actor=actor).counts.waiting == 1


def know(key: str, account_id: int) -> None:
    ExternalKey.objects.create(system="card", key=key, account_id=account_id)


def test_a_fact_is_adopted_when_its_key_arrives(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system)
    wait_for("C8", actor=system, source_id="2")
    know("C9", account_ids[2])
    adopt_when_known(ExternalKeysAdded(system="card", keys=("C9",)), uuid4())
    (fact,) = Fact._base_manager.all()
    assert (fact.account_id, fact.source_id, fact.place) == (account_ids[2], "1", "a\tb")
    assert fact.payload == {"note": "waits\nlong"}
    assert list(WaitingFact.objects.values_list("key", flat=True)) == ["C8"]


def test_an_adopted_fact_is_the_one_a_replay_finds(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system, quantity="2.5")
    know("C9", account_ids[2])
    assert adopt_waiting_facts("card", actor=system) == 1
    row = purchase("1", account_key="C9", payload={"note": "waits\nlong"}, place="a\tb", quantity="2.5")
    assert ingest_rows([row], source="till", actor=system).counts == Ingested(1, 0, 1, 0, 0, 0)


def test_adoption_tells_others(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system)
    know("C9", account_ids[2])
    adopt_waiting_facts("card", keys=["C9"], actor=system)
    (event,) = OutboxEvent.objects.filter(name="ledger.facts_recorded")
    assert event.payload["account_ids"] == [account_ids[2]]


def test_adopting_again_does_nothing(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system)
    know("C9", account_ids[2])
    assert adopt_waiting_facts("card", actor=system) == 1
    assert adopt_waiting_facts("card", actor=system) == 0
    assert Fact._base_manager.count() == 1


def test_a_key_of_another_system_adopts_nothing(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system)
    ExternalKey.objects.create(system="shop", key="C9", account_id=account_ids[2])
    assert adopt_waiting_facts("shop", actor=system) == 0
    assert WaitingFact.objects.count() == 1


def test_what_would_be_refused_now_keeps_waiting(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system)
    WaitingFact.objects.update(row={**WaitingFact.objects.get().row, "product": "GONE"})
    know("C9", account_ids[2])
    assert adopt_waiting_facts("card", actor=system) == 0
    assert WaitingFact.objects.count() == 1


def test_a_key_that_arrived_unnoticed_is_found_with_the_next_run(account_ids: tuple[int, ...], system: Actor) -> None:
    wait_for("C9", actor=system)
    know("C9", account_ids[2])
    row = purchase("1", account_key="C9", payload={"note": "waits\nlong"}, place="a\tb")
    ingest_rows([row], source="till", actor=system)
    assert Fact._base_manager.count() == 1
    assert WaitingFact.objects.count() == 0
