"""Erasing a person, handing customers over and signing for them, killed before each write, end as undisturbed work."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from guanxi.care.models import QueueRow
from guanxi.customers.commands import create_account
from guanxi.customers.models import Account
from guanxi.ledger.datasets import FACTS
from guanxi.platform.access.grant import unscoped
from guanxi.platform.access.models import Share
from guanxi.platform.accounts.models import User
from guanxi.platform.accounts.queries import actor_by_user_id, system_actor
from guanxi.platform.audit.models import AuditEntry
from guanxi.platform.events.models import OutboxEvent
from guanxi.platform.jobs.models import JobRun
from guanxi.platform.lake.refresh import refresh_dataset
from guanxi.platform.objects.erasing import REASON
from guanxi.stewardship import commands
from guanxi.stewardship.adapters import erasing
from guanxi.stewardship.choices import RequestState
from guanxi.stewardship.commands import Terms, handovers, open_case, sign_item, split_case
from guanxi.stewardship.jobs import handovers as handover_jobs
from guanxi.stewardship.jobs import privacy as privacy_jobs
from guanxi.stewardship.models import HandoverCase, HandoverItem, SubjectRequest
from guanxi.stewardship.models.handovers import CaseState
from guanxi.stewardship.tests.conftest import new_team
from guanxi.stewardship.tests.test_handovers import own
from guanxi.stewardship.tests.test_privacy import beside, facts_of, found_in_files, found_in_tables, person
from tests.cast import new_cast
from tests.killing import require_same_end

TODAY = timezone.localdate()
NOW = timedelta(0)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, settings: Any) -> None:
    """Files, lake and list of erasures in a folder of the test's own."""
    settings.DATA_FOLDER, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    settings.LAKE_FOLDER = tmp_path / "lake"
    settings.LAKE_FOLDER.mkdir()


def person_to_erase() -> None:
    """A person who stands wherever a user can write him, with files and a lake, whom two people want erased."""
    cast = new_cast()
    account = person(cast.dora)
    facts_of(account, cast.dora)
    beside(account, cast)
    refresh_dataset(FACTS)
    request = commands.erase_subject("account", account.pk, reason="", actor=cast.dora)
    commands.approve_erasure(request.pk, actor=system_actor("Second administrator"))


def erase() -> None:
    """The job of erasing."""
    request = unscoped(SubjectRequest, reason=REASON).get()
    privacy_jobs.erase(request.run_id or 0, request.pk)


@pytest.mark.django_db(transaction=True)
def test_erasing_killed_before_each_write_ends_as_erasing_that_was_not(tmp_path: Path) -> None:
    require_same_end(person_to_erase, erase, erase, folder=tmp_path, step=8)
    assert unscoped(SubjectRequest, reason=REASON).get().state == RequestState.DONE
    assert (list(found_in_tables()), list(found_in_files())) == ([], [])
    lines = (tmp_path / erasing.FILE_NAME).read_text(encoding="utf-8").splitlines()
    assert len({json.loads(line)["id"] for line in lines}) == len(lines) == 1


def case_to_hand() -> None:
    """Six customers of Alice's, split between Erin and Finn, whom the lead has begun to hand over."""
    cast = new_cast()
    team = new_team(cast)
    for place in range(6):
        account = create_account({"kind": "organisation", "name": f"客户{place}"}, actor=cast.alice)
        row = QueueRow(account=account, user_id=own(cast.alice), day=TODAY, rank=place + 1, reason="cadence")
        unscoped(QueueRow, reason=REASON).bulk_create([row])
    terms = Terms(reason="leaving", last_day=TODAY, reads_until=TODAY + timedelta(days=10))
    case = open_case(own(cast.alice), terms=terms, actor=team.lead)
    split_case(case.pk, receivers=[(own(team.erin), None), (own(team.finn), None)], method="load", actor=team.lead)
    handovers.AT_ONCE = 2
    commands.hand_over(case.pk, title="Handing over", actor=team.lead)


def hand() -> None:
    """The job of the case, in blocks of two customers."""
    handovers.BLOCK, case = 2, HandoverCase.objects.get()
    for run in JobRun.objects.all():
        is_undo = run.job_name == handovers.UNDO_JOB
        (handover_jobs.take_customers_back if is_undo else handover_jobs.hand_customers_over)(run.pk, case.pk)


def hand_on() -> None:
    """The schedule that looks for handovers that stand still, which does not wait here; then the job, begun again."""
    handovers.BLOCK, handover_jobs.STALE = 2, NOW
    handover_jobs.go_on(0)
    hand()


@pytest.mark.django_db(transaction=True)
def test_a_handover_killed_before_each_write_ends_as_one_that_was_not(tmp_path: Path) -> None:
    require_same_end(case_to_hand, hand, hand_on, folder=tmp_path, step=4)
    assert AuditEntry.objects.get(action="hand_over").record_count == 6
    assert OutboxEvent.objects.filter(name="platform.records_assigned").count() == 2
    assert Share.objects.filter(ends_at__isnull=False).count() == 6
    alice = User.objects.get(email="alice@example.com")
    assert not unscoped(QueueRow, reason=REASON).filter(user=alice).exists()


def case_to_take_back() -> None:
    """A case that passed and that the lead has begun to take back."""
    case_to_hand()
    case = HandoverCase.objects.get()
    handovers.BLOCK = 2
    handovers.move_items(case.pk)
    lead = User.objects.get(email="lead@example.com")
    commands.undo_handover(case.pk, title="", actor=actor_by_user_id(lead.pk))


@pytest.mark.django_db(transaction=True)
def test_taking_a_handover_back_killed_before_each_write_ends_as_one_that_was_not(tmp_path: Path) -> None:
    require_same_end(case_to_take_back, hand, hand_on, folder=tmp_path, step=4)
    assert set(unscoped(Account, reason=REASON).values_list("owner__email", flat=True)) == {"alice@example.com"}
    assert set(HandoverItem.objects.values_list("state", flat=True)) == {"undone"}


def case_to_sign() -> None:
    """A case that passed."""
    case_to_hand()
    handovers.BLOCK = 500
    handovers.move_items(HandoverCase.objects.get().pk)


def sign() -> None:
    """Both receivers sign for all that passed to them, as people do again who got no answer."""
    for item in HandoverItem.objects.order_by("pk"):
        sign_item(item.pk, actor=actor_by_user_id(item.receiver_id or 0))


@pytest.mark.django_db(transaction=True)
def test_signing_killed_before_each_write_signs_for_each_customer_once(tmp_path: Path) -> None:
    require_same_end(case_to_sign, sign, sign, folder=tmp_path)
    assert AuditEntry.objects.filter(action="sign_handover").count() == 6
    assert HandoverCase.objects.get().state == CaseState.CONFIRMED
