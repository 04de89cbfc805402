"""The demo company: what a newcomer finds at the first sign-in, made by the ordinary ways in."""

import pytest
from django.utils import timezone

from guanxi.care.choices import RowState
from guanxi.care.queries import queue_rows
from guanxi.kernel.actor import Actor
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.events.models import Delivery
from guanxi.project.demo import business, retail
from guanxi.project.demo.load import WORKED_OUT, load_demo
from guanxi.project.demo.sign_in import DOMAIN, PEOPLE, sign_in_lines
from guanxi.stewardship.queries.gifts import gift_year

FIRMS = 120


def who(name: str) -> Actor:
    return actor_by_user_id(User.objects.get(email=f"{name}@{DOMAIN}").pk)


@pytest.mark.django_db(transaction=True)
def test_the_first_queue_is_the_one_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(business, "FIRMS", FIRMS)
    monkeypatch.setattr(retail, "data_folder", lambda: None)
    steps: list[str] = []
    loaded = load_demo(actor=system_actor("Demo"), report=steps.append, count=lambda done, total: None)
    assert (loaded.accounts, loaded.has_retail) == (FIRMS, False)
    assert loaded.facts > FIRMS
    rows = [
        row
        for person in PEOPLE
        for row in queue_rows(who(person.email), timezone.localdate(), states=[RowState.OPEN, RowState.LATER])
    ]
    overdue = [row.evidence for row in rows if row.reason == "overdue"]
    assert overdue
    assert all("days" in evidence for evidence in overdue)
    assert any("strategy" in row.evidence for row in rows)
    found = gift_year(who("su.yun"), timezone.localdate().year)
    assert len(found.budgets) == 3
    assert any(receiver.is_at_limit for receiver in found.receivers)
    settled = Delivery.objects.filter(reaction__in=WORKED_OUT)
    assert settled.filter(reaction="care.note_recorded").count() > 1
    assert steps[-5:] == ["Today's queues", "Pools", "Information plan", "Steward's desk", "Handovers"]


def test_everybody_who_can_sign_in_is_named() -> None:
    text = "\n".join(sign_in_lines())
    assert all(f"{person.email}@{DOMAIN}" in text for person in PEOPLE)
