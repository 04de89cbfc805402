from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from django.db import connection
from django.utils import timezone

from guanxi.customers.models import Account
from guanxi.platform.api import idempotency, resources
from guanxi.platform.api.models import StoredAnswer
from guanxi.platform.api.writing import create_record
from tests.api.conftest import ACCOUNTS, Answer, Caller, NewAccount, address_of, code_of
from tests.cast import Cast

NEW = {"kind": "organisation", "name": "岚川精密仪器"}


def test_the_same_request_is_done_once_and_answered_alike(alice: Caller) -> None:
    first, again = (alice.post(ACCOUNTS, NEW, Idempotency_Key="k1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert {name: again.headers[name] for name in ("Location", "ETag", "Content-Type", "Cache-Control")} == {
        name: first.headers[name] for name in ("Location", "ETag", "Content-Type", "Cache-Control")
    }
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    assert Account._base_manager.count() == 1


def test_a_change_is_done_once(alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    for _ in range(2):
        answer = alice.patch(address_of(account), {"version": 1, "city": "苏州"}, Idempotency_Key="k1")
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
    rows = {"rows": [NEW]}
    first, again = (alice.post(f"{ACCOUNTS}/bulk", rows, Idempotency_Key="k2") for _ in range(2))
    assert first.json() == again.json()
    assert Account._base_manager.count() == 2


def test_a_key_belongs_to_one_request(alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    alice.post(ACCOUNTS, NEW, Idempotency_Key="k1")
    for answer in (
        alice.post(ACCOUNTS, {**NEW, "name": "Other"}, Idempotency_Key="k1"),
        alice.patch(address_of(account), {"version": 1}, Idempotency_Key="k1"),
    ):
        assert (answer.status_code, code_of(answer)) == (422, "idempotency.reused")
    assert Account._base_manager.count() == 2


def test_a_key_belongs_to_one_token(alice: Caller, dora: Caller) -> None:
    for caller in (alice, dora):
        assert caller.post(ACCOUNTS, NEW, Idempotency_Key="k1").status_code == 201
    assert Account._base_manager.count() == 2


def test_what_was_refused_is_looked_at_again(alice: Caller, new_account: NewAccount) -> None:
    account = new_account()
    late = {"version": 2, "city": "苏州"}
    assert alice.patch(address_of(account), late, Idempotency_Key="k1").status_code == 409
    assert alice.patch(address_of(account), {"version": 1, "city": "上海"}).status_code == 200
    assert alice.patch(address_of(account), late, Idempotency_Key="k1").status_code == 200


def test_an_answer_is_kept_for_a_day(alice: Caller) -> None:
    alice.post(ACCOUNTS, NEW, Idempotency_Key="k1")
    StoredAnswer.objects.update(at=timezone.now() - timedelta(hours=24, minutes=1))
    alice.post(ACCOUNTS, NEW, Idempotency_Key="k1")
    assert Account._base_manager.count() == 2
    StoredAnswer.objects.update(at=timezone.now() - timedelta(hours=26))
    alice.post(ACCOUNTS, NEW, Idempotency_Key="k2")
    assert [row.key for row in StoredAnswer.objects.all()] == ["k2"]


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "键"])
def test_a_key_that_is_none_is_refused(key: str, alice: Caller) -> None:
    assert code_of(alice.post(ACCOUNTS, NEW, Idempotency_Key=key)) == "idempotency.key"
    assert Account._base_manager.count() == 0


def test_a_process_that_dies_half_way_leaves_nothing_behind(alice: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(*arguments: object, **values: object) -> None:
        create_record(*arguments, **values)  # type: ignore[arg-type]  # passed on as they came
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(resources, "create_record", killed)
        with pytest.raises(KeyboardInterrupt):
            alice.post(ACCOUNTS, NEW, Idempotency_Key="k1")
    assert (Account._base_manager.count(), StoredAnswer.objects.count()) == (0, 0)
    assert alice.post(ACCOUNTS, NEW, Idempotency_Key="k1").status_code == 201


def asked_twice(question: Callable[[], Answer]) -> list[Answer]:
    """The answers to one question that two threads ask at once."""

    def ask() -> Answer:
        try:
            return question()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        return [running.result() for running in (threads.submit(ask), threads.submit(ask))]


@pytest.fixture
def simultaneous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be created before two requests have come for the same key."""
    both_came, come, claim = Event(), count(1), idempotency._is_claimed

    def claimed(*arguments: str) -> bool:
        if next(come) == 2:
            both_came.set()
        return claim(*arguments)

    def created(*arguments: object, **named: object) -> object:
        assert both_came.wait(timeout=10)
        return create_record(*arguments, **named)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(idempotency, "_is_claimed", claimed)
    monkeypatch.setattr(resources, "create_record", created)


@pytest.mark.django_db(transaction=True)
def test_of_two_that_arrive_at_once_one_is_done(cast: Cast, calling: Callable[..., Caller], simultaneous: None) -> None:
    token = calling(cast.alice).token
    answers = asked_twice(lambda: Caller(token).post(ACCOUNTS, NEW, Idempotency_Key="k1"))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 1
    assert Account._base_manager.count() == 1
