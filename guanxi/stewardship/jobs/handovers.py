"""What handovers do in the background: handing over, taking back, the check after a month."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from guanxi.kernel.errors import AccessDenied
from guanxi.platform.access.policy import use_policy
from guanxi.platform.accounts.queries import people
from guanxi.platform.jobs.progress import RunCancelled, running, start_run
from guanxi.platform.jobs.queue import periodic, task
from guanxi.stewardship.commands.handovers import HAND_JOB, UNDO_JOB, move_items, stop_moving, write_undo
from guanxi.stewardship.commands.signing import check_case
from guanxi.stewardship.models.handovers import CaseState, HandoverCase
from guanxi.stewardship.queries.handovers import cases_to_check, unfinished_cases

CHECK_JOB = "stewardship.check_handover"
STALE = timedelta(minutes=10)


@task(HAND_JOB)
def hand_customers_over(run_id: int, case_id: int) -> None:
    """Hand over what is planned, block by block; a person may stop it between two blocks and go on later."""
    with running(run_id) as progress:
        try:
            if HandoverCase.objects.filter(pk=case_id, state=CaseState.HANDING, run_id=run_id).exists():
                move_items(case_id, progress)
        except RunCancelled:
            stop_moving(case_id)
            raise


@task(UNDO_JOB)
def take_customers_back(run_id: int, case_id: int) -> None:
    """Take a handover back, block by block."""
    with running(run_id) as progress:
        if HandoverCase.objects.filter(pk=case_id, state=CaseState.UNDOING).exists():
            write_undo(case_id, progress)


@task(CHECK_JOB)
def check_handover(run_id: int, case_id: int) -> None:
    """Note with whom the new owners spoke; who leads the handover is told when it is done."""
    with running(run_id) as progress:
        _spoken, items = check_case(case_id)
        progress.expect(items)
        progress.advance(items)


@periodic("stewardship.go_on_handing", cron="*/10 * * * *")
def go_on(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Go on with handovers whose run died."""
    use_policy(None)
    for case in unfinished_cases(timezone.now() - STALE):
        try:
            write_undo(case.pk) if case.state == CaseState.UNDOING else move_items(case.pk)
        except AccessDenied:
            continue  # who asked for it may not do it any more: the case says where it stands


@periodic("stewardship.check_handovers", cron="20 1 * * *")
def check_handovers(timestamp: int) -> None:  # noqa: ARG001  # the schedule's signature
    """Check the handovers whose thirty days are over."""
    cases = cases_to_check(timezone.now())
    known = people({user_id for case in cases for user_id in (case.person_id, case.created_by_id)})
    for case in cases:
        language = known[case.created_by_id].language if case.created_by_id in known else "zh-hans"
        with override(language):
            title = _("Check after thirty days: handover from %(name)s") % {"name": known[case.person_id].name}
            start_run(CHECK_JOB, title=title, started_by_id=case.created_by_id, arguments={"case_id": case.pk})
