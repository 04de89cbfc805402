"""A small company with the ready plan in force."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from django.utils import timezone
from django.utils.translation import override

from guanxi.kernel.actor import Actor
from guanxi.planning.commands import publish_plan, sign_off, start_ready_plan, submit_plan
from guanxi.planning.models import InformationPlan
from guanxi.planning.queries.plans import signoffs_of
from tests.cast import Cast

TODAY = date(2026, 11, 23)


def put_in_force(plan: InformationPlan, actor: Actor) -> InformationPlan:
    """Submit a draft to the actor's own unit, agree for it, and publish."""
    assert actor.unit_id is not None
    submit_plan(plan.pk, unit_ids=[actor.unit_id], due_on=None, actor=actor)
    for signoff in signoffs_of(plan.pk, actor):
        sign_off(signoff.pk, is_agreed=True, comment="", actor=actor)
    return publish_plan(plan.pk, actor=actor)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What no page asks for speaks English, in which sentences are compared."""
    with override("en"):
        yield


@pytest.fixture
def draft(cast: Cast) -> InformationPlan:
    """The ready plan as a draft."""
    return start_ready_plan(timezone.localdate(), actor=cast.dora)


@pytest.fixture
def published(draft: InformationPlan, cast: Cast) -> InformationPlan:
    """The ready plan in force."""
    return put_in_force(draft, cast.dora)


Publish = Callable[[InformationPlan, Actor], InformationPlan]
